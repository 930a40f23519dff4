"""Rules start machines by a role: as on AWS, one that trusts EventBridge and may start that machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.access.permission import Ruling, denial, verdict
from bunsui.emulator.access.principals import role_session
from bunsui.emulator.internals import inner, replace_inner
from bunsui.emulator.patches.topics import allows, facts_of

_log = logging.getLogger("bunsui.emulator")
_START = "states:StartExecution"


def let_roles_decide_what_rules_start() -> None:
    """Look at a target's role before a rule starts a machine; the emulator starts it without one."""
    from ministack.services import eventbridge

    invoke: Callable[..., None] = inner(eventbridge, "_invoke_target")

    def invoke_target(target: Mapping[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        arn, rule_arn = str(target.get("Arn", "")), str((rule or {}).get("Arn", ""))
        refusal = why_not(str(target.get("RoleArn", "")), arn, rule=rule_arn) if _is_started(arn, rule_arn) else ""
        if refusal:
            _log.warning("the rule %s could not start %s: %s", rule_arn, arn, refusal)
        else:
            invoke(target, event, rule, view)

    replace_inner(eventbridge, "_invoke_target", invoke_target)


def why_not(role_arn: str, machine: str, *, rule: str) -> str:
    """Return why the role does not let the rule of that ARN start the machine; empty where it does."""
    account = rule.split(":")[4]
    session = role_session(role_arn, "events", account=account)
    if session is None:
        return "its target has no role"
    role = _role(account, role_arn.rpartition("/")[2])
    if role is None:
        return f"there is no role {role_arn}"
    trusted, policies = role
    if not allows(trusted, "sts:AssumeRole", facts_of(rule)):
        return f"the role {role_arn} does not trust EventBridge for this rule"
    if policies is None:
        return ""  # nobody can read them, so that nobody can tell
    found = verdict(policies, _START, machine)
    return "" if found is Ruling.ALLOWED else denial(session.arn, _START, machine, found)


def _is_started(arn: str, rule: str) -> bool:
    """Tell whether a rule starts a machine; a schedule comes the same way, and has a role of its own kind."""
    return arn.split(":")[2:3] == ["states"] and rule.split(":")[2:3] == ["events"] and rule.count(":") > 4


def _role(account: str, name: str) -> tuple[object, list[Mapping[str, Any]] | None] | None:
    """Return whom a role trusts, and its policies; None where there is no such role."""
    from ministack.services import iam

    from bunsui.emulator.access.judged import policies_of

    found = inner(iam, "_roles").get_scoped(account, None, name)
    if found is None:
        return None
    trusted, policies = found["AssumeRolePolicyDocument"], policies_of(account, name)
    return json.loads(trusted) if isinstance(trusted, str) else trusted, None if policies is None else [*policies]
