"""Where a pipeline's alias leads, as far as bunsui knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.command_line import command_line
from bunsui.errors import Refused
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address, is_pipeline
from bunsui.model.deployments.deployment import Deployment, DeploymentAct, of_this_machine
from bunsui.model.deployments.interventions import Hold
from bunsui.model.resource import AppliedResource
from bunsui.project.unknown_names import unknown_name
from bunsui.refresh.ports import ReconcilePorts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedMachine:
    """A pipeline's machine in the account."""

    pipeline: str
    applied: AppliedResource
    records: Sequence[Deployment]
    """Newest first, of the machine that is there now; empty for one that an older bunsui applied last."""
    hold: Hold | None

    @property
    def arn(self) -> str:
        """The machine's ARN."""
        return self.applied.outputs["arn"]

    @property
    def alias_arn(self) -> str:
        """The ARN of its alias."""
        return self.applied.outputs["alias_arn"]

    @property
    def current(self) -> str:
        """The ARN of the version that bunsui led the alias to last."""
        if self.hold is not None:
            return self.hold.version_arn
        return self.records[0].version_arn if self.records else self.applied.outputs.get("version_arn", "")

    def record_of(self, version_arn: str) -> Deployment | None:
        """Return the record of the apply that published the version; None when nobody kept one."""
        wanted = (one for one in self.records if one.version_arn == version_arn and one.act is DeploymentAct.APPLIED)
        return next(wanted, None)


def deployed_machine(ports: ReconcilePorts, pipeline: str) -> DeployedMachine:
    """Read what the state knows of a pipeline's machine.

    Raises:
        NotFound: `unknown-pipeline`.
        Refused: it is out of service.

    """
    machines = {address.pipeline: one for address, one in ports.state.applied(MACHINE).items() if is_pipeline(address.pipeline)}
    applied = machines.get(pipeline)
    if applied is None or applied.address != Address(MACHINE, pipeline):
        summary, see = "no pipeline of that name is deployed", command_line("status")
        raise unknown_name("unknown-pipeline", summary, what="pipeline", name=pipeline, known=machines, see=see)
    if applied.retired_at is not None:
        raise Refused(
            "pipeline-retired",
            "the pipeline is out of service: nothing starts it",
            hint=f"Take it back into the repository, and apply:\n  {command_line('plan', pipeline)}",
            pipeline=pipeline,
        )
    return DeployedMachine(
        pipeline=pipeline,
        applied=applied,
        records=of_this_machine(ports.ledger.deployed.deployments(pipeline)),
        hold=ports.ledger.deployed.interventions().holds.get(pipeline),
    )
