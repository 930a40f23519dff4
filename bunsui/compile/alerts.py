"""Alerts without anybody awake: a rule of EventBridge for each pipeline and event, a topic of SNS for each channel.

The rule matches the status events of the pipeline's machine, and hands each to the machine that words the message
(`bunsui.compile.environment.alert_machine`), with what it knows itself: the pipeline, its owner, the channel's topic, how its
slots follow from starts. EventBridge escapes nothing that it fills into a template, so only the event as a whole stands there,
as the value of a member, and texts of authors that were made fit.

Sources: Step Functions developer guide, "Automating Step Functions event delivery with EventBridge"; EventBridge user guide,
"Amazon EventBridge input transformation" and "Using resource-based policies for Amazon EventBridge".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from bunsui.command_line import Invocation, command_line
from bunsui.compile.environment.alert_machine import MACHINE_ADDRESS, RULES_ROLE, alert_machine, topic_arn, topic_name
from bunsui.compile.policy import VERSION
from bunsui.compile.resources import PipelineResources
from bunsui.kinds.alert_rule import ALERT_RULE
from bunsui.kinds.alert_topic import ALERT_TOPIC
from bunsui.kinds.naming import name_prefix
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.alerts import FAILED, Channel, notified
from bunsui.model.names import RULE_NAME_LIMIT, resource_name
from bunsui.model.pipeline import Pipeline, Schedule, SlotOffset
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.time_zones import DAY_SECONDS, slot_in, transitions
from bunsui.model.values import Reference, Value
from bunsui.operations.integrations.arns import arn

STATUSES = ("FAILED", "TIMED_OUT", "ABORTED")
"""Of executions that left nothing behind, whoever ended them."""
_SOURCE = "aws.states"
_DETAIL_TYPE = "Step Functions Execution Status Change"
_EVENT = "<aws.events.event.json>"
"""Where EventBridge puts the event as it came; only a member's value may be it."""
_TEMPLATE_LIMIT = 8_192
"""Characters that a template of EventBridge has at most."""
_UNFIT = str.maketrans({"<": "(", ">": ")", '"': "'", "\\": "/"})
"""What has a meaning in a template or may not stand in a value there, and what may stand for it in an author's text."""
_LONGEST_TEXT = 200
_MOST_SCHEDULES = 5
"""That a message tells of which the slot is not known."""


def alerts(resources: PipelineResources) -> Iterator[DesiredResource]:
    """Return the rules of a pipeline's alerts; none where the environment's resident tells them."""
    pipeline, setting = resources.pipeline, resources.setting
    if setting.has_resident and not pipeline.is_raw:
        return
    names = sorted(name for name in notified(pipeline.alerts, FAILED) if setting.channels[name].is_direct)
    if not names:
        return
    channels = [setting.channels[name] for name in names]
    targets: dict[str, Value] = {channel.name: _target(channel, pipeline, setting.scope) for channel in channels}
    machine = Reference(resources.machine_address, "arn")
    attributes: dict[str, Value] = {
        "description": f"Tells when a session of the pipeline {pipeline.name} fails",
        "pattern": {
            "source": [_SOURCE],
            "detail-type": [_DETAIL_TYPE],
            "detail": {"stateMachineArn": [machine], "status": list(STATUSES)},
        },
        "enabled": True,
        "targets": targets,
        "tags": dict(pipeline.tags),
    }
    scope = setting.scope
    yield DesiredResource(
        address=Address(ALERT_RULE, pipeline.name, FAILED),
        physical_name=resource_name(scope.project, scope.environment, pipeline.name, FAILED, limit=RULE_NAME_LIMIT),
        attributes=attributes,
        # The topics stand in texts
        depends_on=(Address(MACHINE, pipeline.name), *(_address(channel) for channel in channels if channel.topic is None)),
    )


def channel_resources(channels: Mapping[str, Channel], scope: Scope) -> dict[str, tuple[DesiredResource, ...]]:
    """Return the topics that bunsui makes for channels and the machine that tells them, by what stands for a pipeline in their
    addresses."""
    topics = {one.owner: (_topic(one, scope),) for one in channels.values() if one.is_made}
    return {**topics, **alert_machine(channels, scope)}


def _topic(channel: Channel, scope: Scope) -> DesiredResource:
    """Return a topic. The machine's role may publish by its own policy. The rules may, too: those that an older bunsui wrote
    publish by themselves until an apply reaches their pipeline."""
    name = topic_name(channel, scope)
    rules = arn(scope, "events", f"rule/{name_prefix(scope)}*")
    statement: dict[str, Any] = {
        "Sid": "alerts",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic_arn(channel, scope),
        "Condition": {"StringEquals": {"aws:SourceAccount": scope.account}, "ArnLike": {"aws:SourceArn": rules}},
    }
    attributes: dict[str, Value] = {
        "policy": {"Version": VERSION, "Statement": [statement]},
        "encryption_key": channel.key or "",
        "tags": {},
    }
    return DesiredResource(address=_address(channel), physical_name=name, attributes=attributes)


def _address(channel: Channel) -> Address:
    return Address(ALERT_TOPIC, channel.owner, channel.name)


def _target(channel: Channel, pipeline: Pipeline, scope: Scope) -> Value:
    return {
        "arn": Reference(MACHINE_ADDRESS, "arn"),
        "role_arn": Reference(RULES_ROLE, "arn"),
        "paths": {},
        "template": facts(channel, pipeline, scope),
    }


def facts(channel: Channel, pipeline: Pipeline, scope: Scope) -> str:
    """Return the template of what the machine is given. Time zones for which there is no room are left out, those of the
    schedules first: a message then says that the slot is not known."""
    about = [f"Owner: {_fit(pipeline.owner)}"] if pipeline.owner else []
    about += [f"Runbook: {_fit(pipeline.runbook)}"] if pipeline.runbook else []
    command = Invocation(environment=scope.environment).complete(command_line("show"))
    known: dict[str, Any] = {
        "topic": topic_arn(channel, scope),
        "pipeline": pipeline.name,
        "environment": scope.environment,
        "project": scope.project,
        "command": command,
        "about": about,
        "schedules": [_fit(text) for text in islice(_slots(pipeline), _MOST_SCHEDULES)],
    }
    if pipeline.is_raw:
        return _template(known)
    own = slot_in(pipeline.timezone, pipeline.slot)
    known |= {"slot": {"zone": pipeline.timezone, "days": own.days, "seconds": own.seconds}, "zones": {}}
    for zone in dict.fromkeys((pipeline.timezone, *(one.timezone for one in pipeline.schedules))):
        more = known | {"zones": {**known["zones"], zone: _table(zone)}}
        known = more if len(_template(more)) <= _TEMPLATE_LIMIT else known
    return _template(known)


def _template(known: Mapping[str, Any]) -> str:
    return json.dumps({**known, "event": _EVENT}, ensure_ascii=False, separators=(",", ":")).replace(f'"{_EVENT}"', _EVENT)


@lru_cache(maxsize=64)
def _table(zone: str) -> str:
    """Return the changes of a time zone, as the machine reads them."""
    return " ".join(f"{at // 60_000}/{minutes}" for at, minutes in transitions(zone))


def _slots(pipeline: Pipeline) -> Iterator[str]:
    """Yield for each schedule which slot a run has that it started."""
    for schedule in pipeline.schedules:
        if schedule.enabled and pipeline.enabled:
            yield f"Slot, where the schedule {schedule.id} started it: {_slot_of(schedule, pipeline.slot)}"


def _slot_of(schedule: Schedule, own: SlotOffset) -> str:
    slot = own if schedule.slot is None else schedule.slot
    when = f"{schedule.expression} in {schedule.timezone}"
    days, hours = abs(slot.days), abs(slot.seconds)
    parts = [f"{days} day{'s' * (days != 1)} {'before' if slot.days < 0 else 'after'}"] if days else []
    parts += [f"{_time(hours)} {'before' if slot.seconds < 0 else 'after'}"] if hours else []
    return f"{' and '.join(parts)} its start of {when}" if parts else f"its start of {when}"


def _time(seconds: int) -> str:
    """Return a length of time in the largest unit of which it is a whole number."""
    units = ((DAY_SECONDS, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((size, unit) for size, unit in units if seconds % size == 0)
    return f"{seconds // size} {unit}{'s' * (seconds != size)}"


def _fit(text: str) -> str:
    """Return an author's text so that it stands in a template as nothing but text."""
    shown = "".join(character for character in " ".join(text.split()) if character.isprintable())
    return shown[:_LONGEST_TEXT].translate(_UNFIT)
