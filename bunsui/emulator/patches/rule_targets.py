"""Schedules, like rules, start machines by a role: as on AWS, one that trusts their service and may start that machine."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.access.judged import WARN, Judge, has_role, trust_of
from bunsui.emulator.access.principals import role_session
from bunsui.emulator.access.requested import Need
from bunsui.emulator.internals import inner, replace_inner
from bunsui.emulator.patches.topics import allows

_log = logging.getLogger("bunsui.emulator")
_START = "states:StartExecution"


def let_roles_decide_what_is_started(judge: Judge) -> None:
    """Look at a target's role before a rule or a schedule starts a machine; the emulator starts it without one."""
    from ministack.services import eventbridge

    invoke: Callable[..., None] = inner(eventbridge, "_invoke_target")

    def invoke_target(target: Mapping[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        arn, source = str(target.get("Arn", "")), _source_of(event, str((rule or {}).get("Arn", "")))
        refusal = why_not(judge, str(target.get("RoleArn", "")), arn, source=source) if _is_started(arn, source) else ""
        if refusal:
            _log.warning("%s could not start %s: %s", source, arn, refusal)
        else:
            invoke(target, event, rule, view)

    replace_inner(eventbridge, "_invoke_target", invoke_target)


def why_not(judge: Judge, role_arn: str, machine: str, *, source: str) -> str:
    """Return why the role does not let the rule or the schedule of that ARN start the machine; empty where it does."""
    parts = source.split(":")
    account, service = parts[4], f"{parts[2]}.amazonaws.com"
    session = role_session(role_arn, parts[2], account=account)
    if session is None:
        return "its target has no role"
    name = role_arn.rpartition("/")[2]
    if not has_role(account, name):
        return f"there is no role {role_arn}"
    facts = {"aws:sourcearn": _source_in_trust(source), "aws:sourceaccount": account}
    if not allows(trust_of(account, name), "sts:AssumeRole", facts, service=service):
        refusal = f"the role {role_arn} does not trust {service} for {facts['aws:sourcearn']}"
        if judge.mode != WARN:
            return refusal
        _log.warning("%s", refusal)
    alias = machine.split(":")[7:]
    facts_of_start = {"states:statemachinequalifier": alias}
    return judge.refusal(session, Need(_START, ":".join(machine.split(":")[:7]), facts_of_start))


def _source_of(event: Mapping[str, Any], rule_arn: str) -> str:
    """Return the ARN of what fires: a schedule comes the same way as a rule, and names itself in its event."""
    if event.get("Source") == "aws.scheduler":
        return str((event.get("Resources") or [""])[0])
    return rule_arn


def _source_in_trust(source: str) -> str:
    """Return what a role's trust knows the source by: a schedule by its group (EventBridge Scheduler user guide, "Preventing
    the confused deputy problem")."""
    head, _, resource = source.partition(":schedule/")
    return f"{head}:schedule-group/{resource.partition('/')[0]}" if resource else source


def _is_started(arn: str, source: str) -> bool:
    """Tell whether a rule or a schedule starts a machine."""
    return arn.split(":")[2:3] == ["states"] and source.count(":") > 4 and source.split(":")[2] in ("events", "scheduler")
