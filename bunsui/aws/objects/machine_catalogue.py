"""Lists the state machines of an account in one region."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.aws.connect import Connection
from bunsui.ports.machines import ListedMachine


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
