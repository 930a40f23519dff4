"""Alerts without anybody awake: a rule of EventBridge for each pipeline and event, a topic of SNS for each channel.

The slot is no such value: it stands in the input, which is JSON in a text, and Scheduler names what it starts. So a message
tells how the slots of the pipeline's schedules follow from their starts.

The rule matches the status events of the pipeline's machine, and writes the message. What it may take of an event are values
that AWS itself forms (ARN, name, status, time): EventBridge escapes nothing that it fills in, so a quotation mark in an error,
a cause or an input would spoil the message, and what is in them may be secret. All else is the command's to show.

Sources: Step Functions developer guide, "Automating Step Functions event delivery with EventBridge"; EventBridge user guide,
"Amazon EventBridge input transformation" and "Using resource-based policies for Amazon EventBridge".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from bunsui.command_line import Invocation, command_line
from bunsui.compile.policy import VERSION
from bunsui.compile.resources import PipelineResources
from bunsui.kinds.alert_rule import ALERT_RULE
from bunsui.kinds.alert_topic import ALERT_TOPIC
from bunsui.kinds.naming import name_prefix
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.alerts import FAILED, Channel, notified
from bunsui.model.names import RULE_NAME_LIMIT, TOPIC_NAME_LIMIT, resource_name
from bunsui.model.pipeline import Pipeline, Schedule, SlotOffset
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.time_zones import DAY_SECONDS
from bunsui.model.values import Reference, Value

STATUSES = ("FAILED", "TIMED_OUT", "ABORTED")
"""Of executions that left nothing behind, whoever ended them."""
_SOURCE = "aws.states"
_DETAIL_TYPE = "Step Functions Execution Status Change"
_PATHS: Mapping[str, str] = {
    "at": "$.time",
    "execution": "$.detail.executionArn",
    "name": "$.detail.name",
    "status": "$.detail.status",
}
_EXECUTION = "<execution>"
_UNFIT = str.maketrans({"<": "(", ">": ")", '"': "'", "\\": "/"})
"""What has a meaning in a template, and what may stand for it in an author's text."""
_LONGEST_TEXT = 200
_MOST_SCHEDULES = 5
"""That a message tells of: a template holds 8,192 characters."""


def alerts(resources: PipelineResources) -> Iterator[DesiredResource]:
    """Return the rules of a pipeline's alerts."""
    pipeline, setting = resources.pipeline, resources.setting
    names = notified(pipeline.alerts, FAILED)
    if not names:
        return
    targets: dict[str, Value] = {name: _target(setting.channels[name], pipeline, setting.scope) for name in sorted(names)}
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
        depends_on=(Address(MACHINE, pipeline.name),),
    )


def channel_topics(channels: Iterable[Channel], scope: Scope) -> dict[str, tuple[DesiredResource, ...]]:
    """Return the topics that bunsui makes for channels, by what stands for a pipeline in their addresses."""
    return {channel.owner: (_topic(channel, scope),) for channel in channels if channel.topic is None}


def _topic(channel: Channel, scope: Scope) -> DesiredResource:
    name = resource_name(scope.project, scope.environment, channel.name, limit=TOPIC_NAME_LIMIT)
    rules = f"arn:{scope.partition}:events:{scope.region}:{scope.account}:rule/{name_prefix(scope)}*"
    statement: dict[str, Any] = {
        "Sid": "alerts",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": f"arn:{scope.partition}:sns:{scope.region}:{scope.account}:{name}",
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
        "arn": channel.topic or Reference(_address(channel), "arn"),
        "paths": dict(_PATHS),
        "template": message(pipeline, scope),
    }


def message(pipeline: Pipeline, scope: Scope) -> str:
    """Return the template of a message: several texts in quotation marks, one a line, which EventBridge delivers as such."""
    command = Invocation(environment=scope.environment).complete(command_line("show", "EXECUTION"))
    about = [f"Owner: {_fit(pipeline.owner)}"] if pipeline.owner else []
    about += [f"Runbook: {_fit(pipeline.runbook)}"] if pipeline.runbook else []
    lines = [
        f"Pipeline {pipeline.name} ended as <status>, in {scope.environment} of {scope.project}.",
        "Execution: <name>",
        "Ended: <at>",
        *(_fit(text) for text in islice(_slots(pipeline), _MOST_SCHEDULES)),
        *about,
        "For the slot, the job that failed, the cause and what to do next, in the project's folder:",
        f"  {command.replace('EXECUTION', _EXECUTION)}  ",
    ]
    return "\n".join(f'"{text}"' for text in lines)


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
