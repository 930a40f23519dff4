"""What sending on an environment's channels needs: the resident's role gets it, and nothing beside it.

Sources: Service Authorization Reference, "AWS Systems Manager", "AWS Secrets Manager", "Amazon SNS"; KMS developer guide, "How
Parameter Store uses KMS" and "How Secrets Manager uses KMS": the keys `aws/ssm` and `aws/secretsmanager` permit whoever may
read there, another one must be permitted, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.compile.environment.alert_machine import topic_arn
from bunsui.model.alerts import Channel
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.notifications.contract import QUIET_HOURS
from bunsui.notifications.references import SSM, SecretReference, references_in
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import arn, is_arn

_SERVICES = {SSM: "ssm", "secret": "secretsmanager"}
_SUFFIX = "??????"
"""The six characters that Secrets Manager puts behind a secret's name in its ARN."""


def channel_entries(channels: Mapping[str, Channel], scope: Scope) -> dict[str, Json]:
    """Return the channels as whoever sends reads them: each topic by its ARN, all references as they are."""
    return {name: {**_entry(one, scope), **_quiet(one)} for name, one in channels.items()}


def _entry(channel: Channel, scope: Scope) -> Mapping[str, Json]:
    if channel.is_topic:
        return {"type": "sns", "topic": topic_arn(channel, scope)}
    return {key: value for key, value in channel.entry.items() if key != "secrets_key"}


def _quiet(channel: Channel) -> Mapping[str, Json]:
    return {QUIET_HOURS: channel.quiet.entry()} if channel.quiet is not None else {}


def channel_permissions(channels: Mapping[str, Channel], scope: Scope) -> tuple[Permission, ...]:
    """Return what sending on these channels needs."""
    return (*_topics(channels, scope), *_secrets(channels, scope))


def _topics(channels: Mapping[str, Channel], scope: Scope) -> Iterator[Permission]:
    topics = {topic_arn(one, scope): one.key for one in channels.values() if one.is_topic}
    if topics:
        yield Permission(actions=("sns:Publish",), resources=tuple(sorted(topics)))
    for topic, key in sorted(topics.items()):
        if key is not None:
            condition: Mapping[str, Json] = {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic}}
            yield Permission(actions=("kms:Decrypt", "kms:GenerateDataKey"), resources=(key,), condition=condition)


def _secrets(channels: Mapping[str, Channel], scope: Scope) -> Iterator[Permission]:
    found: dict[str, set[str]] = {}
    keys: dict[str, set[str]] = {}
    for channel in channels.values():
        for reference in references_in(channel.entry):
            found.setdefault(reference.store, set()).add(_place(reference, scope))
            key = channel.entry.get("secrets_key")
            if isinstance(key, str):
                keys.setdefault(key, set()).add(f"{_SERVICES[reference.store]}.{scope.region}.amazonaws.com")
    for store, action in ((SSM, "ssm:GetParameter"), ("secret", "secretsmanager:GetSecretValue")):
        if store in found:
            yield Permission(actions=(action,), resources=tuple(sorted(found[store])))
    for key, services in sorted(keys.items()):
        via: Mapping[str, Json] = {"StringEquals": {"kms:ViaService": sorted(services)}}
        yield Permission(actions=("kms:Decrypt",), resources=(key,), condition=via)


def _place(reference: SecretReference, scope: Scope) -> str:
    if reference.store == SSM:
        return arn(scope, "ssm", f"parameter/{reference.name.removeprefix('/')}")
    return reference.name if is_arn(reference.name) else arn(scope, "secretsmanager", f"secret:{reference.name}-{_SUFFIX}")
