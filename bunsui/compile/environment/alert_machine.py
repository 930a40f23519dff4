"""The machine that words the alerts of an environment: an Express machine between the rules and the topics.

A rule hands it the event of Step Functions as it came, with what the rule knows of the pipeline (`bunsui.compile.alerts`). The
machine reads the slot out of the execution's input, as the pipeline's own machine does (`bunsui.compile.start`), words the
message and publishes it. Of the input nothing leaves but that one instant, and only where it is one: an input may hold what is
secret, and a person in the console may put anything there. Whatever cannot be read, the second state publishes without a slot.

Sources: Step Functions developer guide, "Automating Step Functions event delivery with EventBridge" and "Transforming data with
JSONata"; SNS developer guide, "Managing Amazon SNS encryption keys and costs".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bunsui.compile.context import ALIAS
from bunsui.compile.policy import policy, start_permission, trust
from bunsui.kinds.naming import name_prefix
from bunsui.kinds.role import ROLE
from bunsui.kinds.state_machine import LOGGING_OFF, MACHINE
from bunsui.model.address import ALERTS, Address
from bunsui.model.alerts import Channel
from bunsui.model.names import ROLE_NAME_LIMIT, STATE_MACHINE_NAME_LIMIT, TOPIC_NAME_LIMIT, resource_name
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.time_zones import DAY_SECONDS
from bunsui.model.values import Reference, Value
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import arn, integration

PART = "_alerts"
"""Stands for a pipeline in the names of the resources; no pipeline's id begins so."""
RULES = "rules"
"""The name of the role with which EventBridge starts the machine."""
MACHINE_ADDRESS = Address(MACHINE, ALERTS)
RULES_ROLE = Address(ROLE, ALERTS, RULES)
_ROLE = Address(ROLE, ALERTS)
_WITH_SLOT, _WITHOUT_SLOT = "Tell", "Tell without the slot"
_SECONDS = 30
"""For one publication; an Express execution has five minutes for everything."""
_PASSING = ["SNS.ThrottledException", "SNS.InternalErrorException", "SNS.KMSThrottlingException", "SNS.SdkClientException"]
_SUBJECT_LIMIT = 99
_TIME = "/^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$/"
_PLAIN = "/^[A-Za-z0-9_.:\\/-]+$/"
"""What a shell takes as one word."""

_SUBJECT = f"""$substring(
  $states.input.pipeline & ' ' & $states.input.event.detail.status & ' in ' & $states.input.environment & ' of '
  & $states.input.project, 0, {_SUBJECT_LIMIT})"""

_COMMAND = f"""$arn := $states.input.event.detail.executionArn;
  $word := $contains($arn, {_PLAIN}) ? $arn : "'" & $replace($arn, "'", "'\\"'\\"'") & "'";"""

_SLOT = f"""$detail := $states.input.event.detail;
  $own := $states.input.slot;
  $untold := function($why) {{ 'not told here, since ' & $why & '; the command below tells it' }};
  $text := function($v) {{ $type($v) = 'string' ? $substring($v, 0, 1) != '<' : false }};
  $time := function($v) {{ $contains($v, {_TIME}) ? $toMillis($v) }};
  $whole := $type($detail.input) = 'string' ? $parse($detail.input);
  $given := $type($whole) = 'object' ? ($type($whole.session) = 'object' ? $whole.session : {{}}) : {{}};
  $zone := $text($given.timezone) ? $given.timezone : $own.zone;
  $table := $lookup($states.input.zones, $zone);
  $changes := $split($table, ' ');
  $minutes := function($change) {{ $number($substringAfter($change, '/')) }};
  $east := function($when, $is_local) {{
    $reduce($changes, function($east, $change) {{
      60000 * ($number($substringBefore($change, '/')) + ($is_local ? $max([$east, $minutes($change)]) : 0)) <= $when
        ? $minutes($change) : $east }}, $minutes($changes[0])) }};
  $old := $exists($given.slot_offset_days) ? false
    : $type($given.slot_offset_seconds) = 'number' ? $given.slot_offset_seconds % {DAY_SECONDS} = 0 : false;
  $days := $type($given.slot_offset_days) = 'number' ? $given.slot_offset_days
    : $old ? $given.slot_offset_seconds / {DAY_SECONDS} : $own.days;
  $seconds := $old ? 0 : $type($given.slot_offset_seconds) = 'number' ? $given.slot_offset_seconds : $own.seconds;
  $shifted := function($at) {{ (
    $local := $at + 60000 * $east($at, false) + 1000 * {DAY_SECONDS} * $days;
    ($days = 0 ? $at : $local - 60000 * $east($local, true)) + 1000 * $seconds ) }};
  $shown := function($slot) {{
    $fromMillis($slot + 60000 * $east($slot, false), '[Y0001]-[M01]-[D01] [H01]:[m01]:[s01]') & ' in ' & $zone
    & ' (' & $fromMillis($slot, '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z') & ')' }};
  $at := $text($given.scheduled_at) ? $time($given.scheduled_at) : $detail.startDate;
  $slot := $not($exists($own)) ? $untold('the input of a definition of its own names none')
    : $not($type($detail.input) = 'string') ? $untold('the input is larger than what AWS puts into its event')
    : $not($exists($table)) ? $untold('the rule does not know the time zone that the input says')
    : $text($given.slot) ? ($exists($time($given.slot)) ? $shown($time($given.slot)) : $untold('the input says no time there'))
    : $exists($at) ? $shown($shifted($at)) & ($text($given.scheduled_at) ? '' : ', by its start, since the input names none')
    : $untold('the input says no time there');"""
"""Defines `$slot`, what a message says of it. As `bunsui.compile.start.session_expression`, whose zones are written into the
machine; here the rule brings them, each as `MINUTE/EAST MINUTE/EAST …`: from which minute since 1970 on it is how many minutes
east of UTC."""

_NO_SLOT = "$slot := 'not told here; the command below tells it';"


def alert_machine(channels: Mapping[str, Channel], scope: Scope) -> dict[str, tuple[DesiredResource, ...]]:
    """Return the machine with its role and that of the rules, by what stands for a pipeline in their addresses; empty where no
    channel is."""
    direct = {name: one for name, one in channels.items() if one.is_direct}
    if not direct:
        return {}
    return {ALERTS: (_machine_role(direct, scope), _rules_role(scope), _machine(scope))}


def topic_arn(channel: Channel, scope: Scope) -> str:
    """Return the ARN of the channel's topic, whoever makes it."""
    return channel.topic or arn(scope, "sns", topic_name(channel, scope))


def topic_name(channel: Channel, scope: Scope) -> str:
    """Return the name of the topic that bunsui makes for a channel."""
    return resource_name(scope.project, scope.environment, channel.name, limit=TOPIC_NAME_LIMIT)


def _machine(scope: Scope) -> DesiredResource:
    attributes: dict[str, Value] = {
        "type": "EXPRESS",
        "definition": definition(scope),
        "role_arn": Reference(_ROLE, "arn"),
        "tracing": False,
        "alias": ALIAS,
        "logging": LOGGING_OFF,
        "tags": {},
    }
    # The rules' role is made first, so that IAM knows it everywhere when the rules use it: it cannot be seen from a rule.
    return DesiredResource(
        address=MACHINE_ADDRESS, physical_name=_machine_name(scope), attributes=attributes, depends_on=(RULES_ROLE,)
    )


def publish_permissions(channels: Mapping[str, Channel], scope: Scope) -> list[Permission]:
    """Return what publishing to the topics of the channels needs."""
    topics = {topic_arn(channel, scope): channel.key for channel in channels.values()}
    permissions = [Permission(actions=("sns:Publish",), resources=tuple(sorted(topics)))]
    for topic, key in sorted(topics.items()):
        if key is not None:
            condition = {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic}}
            uses = ("kms:Decrypt", "kms:GenerateDataKey")
            permissions.append(Permission(actions=uses, resources=(key,), condition=condition))
    return permissions


def _machine_role(channels: Mapping[str, Channel], scope: Scope) -> DesiredResource:
    permissions = publish_permissions(channels, scope)
    machine = _machine_arn(scope)
    trusted = trust("states.amazonaws.com", scope=scope, source_arns=(machine, f"{machine}:*"))
    return _role(_ROLE, scope, trusted, permissions, "Tells the channels what the rules of the environment saw")


def _rules_role(scope: Scope) -> DesiredResource:
    rules = arn(scope, "events", f"rule/{name_prefix(scope)}*")
    trusted = trust("events.amazonaws.com", scope=scope, source_arns=(rules,))
    permissions = [start_permission(_machine_arn(scope), ALIAS)]
    return _role(RULES_ROLE, scope, trusted, permissions, "Starts the machine that words the alerts of the environment")


def _role(
    address: Address, scope: Scope, trusted: dict[str, Any], permissions: list[Permission], description: str
) -> DesiredResource:
    parts = (scope.project, scope.environment, PART, *([address.name] if address.name else []))
    attributes: dict[str, Value] = {
        "path": f"/bunsui/{scope.project}/{scope.environment}/",
        "trust": trusted,
        "policy": policy(permissions),
        "boundary": scope.permissions_boundary,
        "description": description,
        "tags": {},
    }
    return DesiredResource(address=address, physical_name=resource_name(*parts, limit=ROLE_NAME_LIMIT), attributes=attributes)


def _machine_name(scope: Scope) -> str:
    return resource_name(scope.project, scope.environment, PART, limit=STATE_MACHINE_NAME_LIMIT)


def _machine_arn(scope: Scope) -> str:
    return arn(scope, "states", f"stateMachine:{_machine_name(scope)}")


def definition(scope: Scope) -> dict[str, Any]:
    """Return the machine's definition: publish with the slot; where that fails, in whatever way, without it."""
    retry = {"ErrorEquals": _PASSING, "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 4, "JitterStrategy": "FULL"}
    tell = {
        "Type": "Task",
        "Resource": integration(scope, "sns:publish"),
        "TimeoutSeconds": _SECONDS,
        "Retry": [retry],
        "Output": {},
        "End": True,
    }
    catch = {"ErrorEquals": ["States.ALL"], "Output": "{% $states.input %}", "Next": _WITHOUT_SLOT}
    return {
        "Comment": "Words the alerts of the environment: EventBridge starts it when a session failed",
        "QueryLanguage": "JSONata",
        "StartAt": _WITH_SLOT,
        "States": {
            _WITH_SLOT: {**tell, "Arguments": _arguments(_SLOT), "Catch": [catch]},
            _WITHOUT_SLOT: {**tell, "Arguments": _arguments(_NO_SLOT)},
        },
    }


def _arguments(slot: str) -> dict[str, str]:
    message = f"""(
  {slot}
  {_COMMAND}
  $facts := $states.input;
  $is_told := $substring($slot, 0, 8) != 'not told';
  $join($append([
    'Pipeline ' & $facts.pipeline & ' ended as ' & $facts.event.detail.status & ', in ' & $facts.environment & ' of '
      & $facts.project & '.',
    'Slot: ' & $slot], $append($is_told ? [] : $facts.schedules, $append([
    'Execution: ' & $facts.event.detail.name,
    'Ended: ' & $facts.event.time], $append($facts.about, [
    "The job that failed, the cause and what to do next, in the project's folder:",
    '  ' & $facts.command & ' ' & $word])))), '\\n')
)"""
    found = {"TopicArn": "$states.input.topic", "Subject": _SUBJECT, "Message": message}
    return {name: f"{{% {text} %}}" for name, text in found.items()}
