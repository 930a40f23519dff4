"""State machines of an account in one region: listed, or described one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.objects.tags import TAG_TRACING, from_list
from bunsui.errors import Missing
from bunsui.ports.machines import DescribedMachine, ListedMachine


class AwsMachineCatalogue:
    """Implements `bunsui.ports.machines.MachineCatalogue`: one call for 1,000 machines, one for 100 tagged ones."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def machines(self) -> Sequence[ListedMachine]:
        """Return all machines, by name."""
        found = self._connection.pages("stepfunctions", "list_state_machines", "stateMachines")
        listed = (
            ListedMachine(arn=one["stateMachineArn"], name=one["name"], is_express=one["type"] == "EXPRESS") for one in found
        )
        return sorted(listed, key=lambda machine: machine.name)

    def tags(self) -> Mapping[str, Mapping[str, str]]:
        """Return the tags of machines by ARN; machines that never had any are left out."""
        found = self._connection.pages(
            "resourcegroupstaggingapi",
            "get_resources",
            "ResourceTagMappingList",
            ResourceTypeFilters=["states:stateMachine"],
        )
        return {one["ResourceARN"]: from_list(one["Tags"]) for one in found}

    def with_tag(self, key: str, value: str) -> Sequence[str]:
        """Return the ARNs of the machines that have the tag with this value, sorted."""
        found = self._connection.pages(
            "resourcegroupstaggingapi",
            "get_resources",
            "ResourceTagMappingList",
            ResourceTypeFilters=["states:stateMachine"],
            TagFilters=[{"Key": key, "Values": [value]}],
        )
        return sorted(one["ResourceARN"] for one in found)


class AwsMachineReader:
    """Implements `bunsui.ports.machines.MachineReader`: three calls a machine."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def machine(self, arn: str) -> DescribedMachine | None:
        """Return a machine with all that is read of it; None when there is none, or it is being deleted."""
        client = self._connection.reader("stepfunctions")
        try:
            with self._connection.translated("stepfunctions", "DescribeStateMachine", machine=arn):
                found: Mapping[str, Any] = client.describe_state_machine(stateMachineArn=arn)
            with self._connection.translated("stepfunctions", "ListTagsForResource", machine=arn):
                tags = from_list(client.list_tags_for_resource(resourceArn=arn)["tags"])
            with self._connection.translated("stepfunctions", "ListStateMachineAliases", machine=arn):
                aliases = client.list_state_machine_aliases(stateMachineArn=arn, maxResults=100)["stateMachineAliases"]
        except Missing:
            return None
        if found.get("status") == "DELETING":
            return None
        return _describe_machine(found, tags, [str(alias["stateMachineAliasArn"]) for alias in aliases], self._connection)


def _describe_machine(
    found: Mapping[str, Any], tags: Mapping[str, str], aliases: Sequence[str], connection: Connection
) -> DescribedMachine:
    logging = found.get("loggingConfiguration", {})
    groups = [str(one["cloudWatchLogsLogGroup"]["logGroupArn"]) for one in logging.get("destinations", ())]
    traced = bool(found.get("tracingConfiguration", {}).get("enabled", False))
    if "tracing" in connection.drops:
        traced = tags.get(TAG_TRACING) == "true"
    return DescribedMachine(
        arn=str(found["stateMachineArn"]),
        name=str(found["name"]),
        is_express=found["type"] == "EXPRESS",
        definition=str(found["definition"]),
        role_arn=str(found["roleArn"]),
        log_level=str(logging.get("level", "OFF")),
        logs_data=bool(logging.get("includeExecutionData", False)),
        log_group_arn=groups[0].removesuffix(":*") if groups else None,
        tracing=traced,
        tags=tags,
        aliases=tuple(sorted(arn.rpartition(":")[2] for arn in aliases)),
        key_arn=str(found.get("encryptionConfiguration", {}).get("kmsKeyId", "")),
    )
