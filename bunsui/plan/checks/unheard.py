"""BS531: alerts that reach nobody: a topic to which nobody is subscribed, or that somebody else can close: by the policy of a
topic that is not bunsui's, by that of a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.project import LOCAL
from bunsui.kinds.alert_rule import ALERT_RULE
from bunsui.kinds.alert_topic import ALERT_TOPIC
from bunsui.kinds.role import ROLE
from bunsui.model.address import ALERTS, Address, is_pipeline
from bunsui.model.alerts import channel_of
from bunsui.plan.model import Action, Plan, ResourceChange

CODE = "BS531"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find topics without a confirmed subscription, and those that become somebody's to open."""
    role = next((change for change in plan.changes if change.address == Address(ROLE, ALERTS)), None)
    for change in plan.changes:
        if change.desired is None:
            continue
        if change.address.kind == ALERT_TOPIC:
            yield from _unsubscribed(plan, change)
            yield from _key_users(change, role)
        elif change.address.kind == ALERT_RULE and change.is_change and is_pipeline(change.address.pipeline):
            yield from _given(change, role)


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


def _key_users(change: ResourceChange, role: ResourceChange | None) -> Iterator[Diagnostic]:
    """Of a key bunsui sees no policy: one that names its users must name the role from the day on which the role publishes."""
    key = change.desired.attributes.get("encryption_key") if change.desired is not None else None
    is_new = change.action is Action.CREATE or "encryption_key" in change.diff.attributes
    begins = is_new or (role is not None and role.action is Action.CREATE)
    name = channel_of(change.address.pipeline)
    if key and begins and role is not None:
        yield Diagnostic(
            code=CODE,
            severity=Severity.INFO,
            summary=f"the key of the channel {name} must let the role {role.physical_name} use it",
            hint="It does where its policy leaves permissions to IAM; else give it kms:GenerateDataKey and kms:Decrypt there.",
            subject=str(change.address),
        )


def _given(change: ResourceChange, role: ResourceChange | None) -> Iterator[Diagnostic]:
    wanted = change.desired.attributes.get("targets") if change.desired is not None else None
    known = change.actual.attributes.get("targets") if change.actual is not None else None
    ours = {need.name for need in change.depends_on if need.kind == ALERT_TOPIC}
    by = f"the role {role.physical_name}" if role is not None else "the role of the alerts"
    for name in wanted if isinstance(wanted, Mapping) else ():
        if name not in ours and not (isinstance(known, Mapping) and name in known):
            yield Diagnostic(
                code=CODE,
                severity=Severity.INFO,
                summary=f"the topic of the channel {name} is somebody else's: neither its policy nor its key may keep {by} out",
                subject=str(change.address),
            )
