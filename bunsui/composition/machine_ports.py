"""The ports of machines of others, made on a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.ports.machines import MachineCatalogue, MachineReader, StackReader, TerraformStateReader

if TYPE_CHECKING:
    from bunsui.aws.connect import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinePorts:
    """What machines there are, and what each is like."""

    catalogue: MachineCatalogue
    reader: MachineReader
    stacks: StackReader
    states: TerraformStateReader


def machine_ports(connection: Connection) -> MachinePorts:
    """Return the ports; nothing is asked yet."""
    from bunsui.aws.objects.machine_catalogue import AwsMachineCatalogue, AwsMachineReader
    from bunsui.aws.objects.stack_resources import AwsStackReader
    from bunsui.aws.objects.terraform_states import AwsTerraformStateReader

    return MachinePorts(
        catalogue=AwsMachineCatalogue(connection),
        reader=AwsMachineReader(connection),
        stacks=AwsStackReader(connection),
        states=AwsTerraformStateReader(connection),
    )
