"""Versions of state machines: what they hold, what is published beside a machine that somebody else made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.objects.machine_content import version_description
from bunsui.errors import Conflict, Missing
from bunsui.model.json import Json
from bunsui.model.resource import OWN_PREFIX, ActualResource, AppliedResource
from bunsui.ports.cloud import ResolvedResource

DEFAULT_ALIAS = "live"
_OF_BUNSUI = "bunsui "
"""Begins the description of versions that bunsui published."""


def publish_as_it_is(connection: Connection, resource: ResolvedResource, arn: str) -> str:
    """Publish what the machine has now, and return the version's ARN: the newest one, where that has it already.

    Step Functions publishes a revision once, and refuses to do it again under another description.
    """
    try:
        with connection.translated("stepfunctions", "PublishStateMachineVersion", machine=resource.physical_name):
            answer = connection.writer("stepfunctions").publish_state_machine_version(
                stateMachineArn=arn, description=version_description(resource)
            )
    except Conflict:
        if (newest := _newest_like(connection, resource, arn)) is None:
            raise
        return newest
    return str(answer["stateMachineVersionArn"])


def _newest_like(connection: Connection, resource: ResolvedResource, arn: str) -> str | None:
    """Return the machine's newest version where that is what is wanted; None where it is not, or there is none."""
    client = connection.reader("stepfunctions")
    with connection.translated("stepfunctions", "ListStateMachineVersions", machine=resource.physical_name):
        listed = client.list_state_machine_versions(stateMachineArn=arn, maxResults=1)["stateMachineVersions"]
    if not listed:
        return None
    newest = str(listed[0]["stateMachineVersionArn"])
    with connection.translated("stepfunctions", "DescribeStateMachine", machine=newest):
        version = client.describe_state_machine(stateMachineArn=newest)
    found = json.loads(version["definition"]), str(version["roleArn"])
    return newest if found == (resource.attributes["definition"], resource.attributes["role_arn"]) else None


def hand_back(connection: Connection, actual: ActualResource, before: ActualResource) -> None:
    """Remove what was published beside a machine that had nothing of the kind, then our tags.

    In this order it is ours as long as something of ours is there.
    """
    client, arn = connection.writer("stepfunctions"), actual.outputs["arn"]
    version_arn = actual.outputs.get("version_arn", "")
    try:
        if actual.attributes.get("alias") and not before.attributes.get("alias"):
            alias_arn = f"{arn}:{DEFAULT_ALIAS}"
            with connection.translated("stepfunctions", "DeleteStateMachineAlias", machine=actual.physical_name):
                client.delete_state_machine_alias(stateMachineAliasArn=alias_arn)
            _remove_own_version(connection, version_arn)
        own = sorted(key for key in actual.tags if key.startswith(OWN_PREFIX) and key not in before.tags)
        if own:
            with connection.translated("stepfunctions", "UntagResource", machine=actual.physical_name):
                client.untag_resource(resourceArn=arn, tagKeys=own)
    except Missing:
        return


def _remove_own_version(connection: Connection, version_arn: str) -> None:
    """Remove a version that bunsui published; one that was there before stays."""
    if not version_arn:
        return
    with connection.translated("stepfunctions", "DescribeStateMachine", machine=version_arn):
        version = connection.reader("stepfunctions").describe_state_machine(stateMachineArn=version_arn)
    if str(version.get("description", "")).startswith(_OF_BUNSUI):
        with connection.translated("stepfunctions", "DeleteStateMachineVersion", machine=version_arn):
            connection.writer("stepfunctions").delete_state_machine_version(stateMachineVersionArn=version_arn)


def published_content_of(machine: Mapping[str, Any]) -> tuple[Json, str]:
    """Return what decides how an execution behaves. Compared rather than revision ids: not every endpoint has them, and they
    also change when nothing did."""
    return machine["definition"], str(machine["roleArn"])


def version_if_unmoved(machine: Mapping[str, Any], applied: AppliedResource | None) -> str:
    """Return the version that was started when it was applied; empty where the machine is not as it was then, or was
    made anew since, so that its route has to be asked for."""
    version = applied.outputs.get("version_arn", "") if applied is not None else ""
    if applied is None or not version:
        return ""
    return version if content_of_version(version, machine, {version: applied}) == published_content_of(machine) else ""


def content_of_version(
    version_arn: str, machine: Mapping[str, Any], versions: Mapping[str, AppliedResource]
) -> tuple[Json, str] | None:
    """Return the content of a version that bunsui published, from what was applied: versions never change. None when it has to
    be read, as for the version of a machine that was made anew since, whose numbers begin again at 1."""
    applied = versions.get(version_arn)
    made = machine.get("creationDate")
    if applied is None or applied.written_at is None or made is None or made > applied.written_at:
        return None
    if applied.attributes.get("alias") != DEFAULT_ALIAS:
        return None  # recorded as it was found, with the alias elsewhere
    return applied.attributes["definition"], str(applied.attributes["role_arn"])
