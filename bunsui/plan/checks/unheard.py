"""BS531: alerts that reach nobody: a topic to which nobody is subscribed, or whose policy bunsui does not see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.project import LOCAL
from bunsui.kinds.alert_rule import ALERT_RULE
from bunsui.kinds.alert_topic import ALERT_TOPIC
from bunsui.model.alerts import channel_of
from bunsui.plan.model import Action, Plan, ResourceChange

CODE = "BS531"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find topics without a confirmed subscription, and new targets that somebody else has to open to EventBridge."""
    for change in plan.changes:
        if change.desired is None:
            continue
        if change.address.kind == ALERT_TOPIC:
            yield from _unsubscribed(plan, change)
        elif change.address.kind == ALERT_RULE and change.is_change:
            yield from _given(change)


def _unsubscribed(plan: Plan, change: ResourceChange) -> Iterator[Diagnostic]:
    is_new = change.action is Action.CREATE
    subscribers = change.actual.subscribers if change.actual is not None else None
    if not is_new and subscribers != 0:
        return
    scope, name = plan.scope, channel_of(change.address.pipeline)
    arn = f"arn:{scope.partition}:sns:{scope.region}:{scope.account}:{change.physical_name}"
    command = f"aws sns subscribe --region {scope.region} --topic-arn {arn}"
    is_local = scope.environment == LOCAL
    yield Diagnostic(
        code=CODE,
        severity=Severity.INFO if is_new or is_local else Severity.WARNING,
        summary=f"nobody is subscribed to the channel {name}{' yet' if is_new else ', so its alerts reach nobody'}",
        hint=f"The embedded AWS sends no mail; a queue hears it:\n  {command} --protocol sqs --notification-endpoint QUEUE-ARN"
        if is_local
        else "Subscribe, then confirm by the link in the mail that AWS sends:\n"
        f"  {command} --protocol email --notification-endpoint ADDRESS",
        subject=str(change.address),
    )


def _given(change: ResourceChange) -> Iterator[Diagnostic]:
    wanted = change.desired.attributes.get("targets") if change.desired is not None else None
    known = change.actual.attributes.get("targets") if change.actual is not None else None
    for name, target in wanted.items() if isinstance(wanted, Mapping) else ():
        arn = target.get("arn") if isinstance(target, Mapping) else None
        if isinstance(arn, str) and not (isinstance(known, Mapping) and name in known):
            yield Diagnostic(
                code=CODE,
                severity=Severity.INFO,
                summary=f"the topic of the channel {name} is somebody else's: its policy must let this rule publish",
                subject=str(change.address),
            )
