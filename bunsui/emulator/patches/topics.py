"""Rules publish to a topic only where its policy lets them: as on AWS, and without a subject."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from bunsui.emulator.internals import inner, replace_inner
from bunsui.model.wildcards import fits

_log = logging.getLogger("bunsui.emulator")
_RULE: ContextVar[str] = ContextVar("the ARN of the rule whose target is invoked", default="")
_SERVICE = "events.amazonaws.com"


def let_policies_decide_who_publishes() -> None:
    """Look into a topic's policy before a rule publishes; the emulator lets every rule publish to every topic.

    A topic without a policy of its own has one on AWS that lets its owner's callers publish, and no service.
    """
    from ministack.services import eventbridge, sns

    invoke: Callable[..., None] = inner(eventbridge, "_invoke_target")
    topic_of: Callable[[str], Mapping[str, Any] | None] = inner(sns, "_topic_by_arn_any_scope")
    publish: Callable[[str, str], object] = inner(sns, "publish_internal")
    refusals: type[Exception] = inner(sns, "SnsPublishError")

    def invoke_target(target: Mapping[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        token = _RULE.set(str((rule or {}).get("Arn", "")))
        try:
            invoke(target, event, rule, view)
        finally:
            _RULE.reset(token)

    def dispatch(arn: str, payload: str) -> None:
        topic = topic_of(arn)
        if topic is None:
            _log.warning("a rule could not publish: there is no topic %s", arn)
        elif not may_publish(_policy_of(topic), rule=_RULE.get(), topic=arn):
            _log.warning("the rule %s could not publish: the policy of the topic %s does not let it", _RULE.get(), arn)
        else:
            try:
                publish(arn, payload)
            except refusals as problem:
                _log.warning("a rule could not publish to %s: %s", arn, problem)

    replace_inner(eventbridge, "_invoke_target", invoke_target)
    replace_inner(eventbridge, "_dispatch_to_sns", dispatch)


def may_publish(policy: object, *, rule: str, topic: str) -> bool:
    """Tell whether a topic's policy lets the rule of that ARN publish."""
    return allows(policy, "sns:Publish", facts_of(rule), resource=topic)


def facts_of(rule: str) -> dict[str, str]:
    """Return what is known of a call on behalf of the rule of that ARN, by condition key in lower case."""
    return {"aws:sourcearn": rule, "aws:sourceaccount": rule.split(":")[4] if rule.count(":") > 4 else ""}


def allows(policy: object, action: str, facts: Mapping[str, str], *, resource: str = "", service: str = _SERVICE) -> bool:
    """Tell whether a policy of a resource lets a service, EventBridge when none is named, do something with it.

    `resource` is its ARN, empty where the policy names none, as that of a role's trust. A condition that is not understood
    holds for a Deny, and not for an Allow.
    """
    given = policy.get("Statement") if isinstance(policy, Mapping) else None
    statements = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, Mapping)]
    meant = [one for one in statements if _is_about(one, action, resource, service)]
    if any(one.get("Effect") == "Deny" and _holds(one, facts, unknown=True) for one in meant):
        return False
    return any(one.get("Effect") == "Allow" and _holds(one, facts, unknown=False) for one in meant)


def _policy_of(topic: Mapping[str, Any]) -> object:
    text = (topic.get("attributes") or {}).get("Policy")
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None


def _is_about(statement: Mapping[str, Any], action: str, resource: str, service: str) -> bool:
    principal = statement.get("Principal")
    named = principal if isinstance(principal, Mapping) else {"AWS": principal}
    is_meant = "*" in _listed(named.get("AWS")) or service in _listed(named.get("Service"))
    actions, resources = _listed(statement.get("Action")), _listed(statement.get("Resource"))
    is_here = not resource or _any_fits(resources, resource)
    return is_meant and _any_fits(actions, action.lower(), folds=True) and is_here


def _holds(statement: Mapping[str, Any], facts: Mapping[str, str], *, unknown: bool) -> bool:
    for operator, wanted in (statement.get("Condition") or {}).items():
        for key, values in wanted.items():
            fact = facts.get(key.lower())
            if operator not in ("ArnLike", "ArnEquals", "StringLike", "StringEquals") or fact is None:
                if not unknown:
                    return False
            elif not _any_fits(_listed(values), fact, literal=operator == "StringEquals"):
                return False
    return True


def _any_fits(patterns: Iterable[str], text: str, *, folds: bool = False, literal: bool = False) -> bool:
    if literal:
        return text in patterns
    return any(fits((one.lower() if folds else one).split("*"), text, single="?") for one in patterns)


def _listed(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [] if value is None else [str(value)]
