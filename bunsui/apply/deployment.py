"""What an apply writes down of a pipeline's deployment, in one transaction with the machine's applied value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.apply.outputs import Outputs
from bunsui.errors import Refused
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.role import ROLE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address, is_pipeline
from bunsui.model.deployments.deployment import Deployment, DeploymentAct
from bunsui.model.deployments.named_versions import named_versions
from bunsui.model.json import Json
from bunsui.plan.model import Plan, ResourceChange
from bunsui.plan.references import dependencies, resolve_references
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Written
from bunsui.ports.ledger import Actor

ALIAS = "alias"
"""The machine's attribute that says where its alias leads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRecorder:
    """Makes the deployment record of one machine's change."""

    plan: Plan
    change: ResourceChange
    apply_id: str
    actor: Actor
    outputs: Outputs
    clock: Clock

    def record(self, attributes: Mapping[str, Json], written: Written, *, is_new: bool) -> Deployment | None:
        """Return the record; None where new sessions run what was applied before."""
        version_arn = written.outputs.get("version_arn", "")
        seen, applied = self.change.actual, self.change.applied
        before = seen.outputs.get("version_arn", "") if seen is not None and not is_new else ""
        is_known = applied is not None and applied.outputs.get("version_arn") == version_arn
        if not version_arn or (is_known and before == version_arn and not is_new):
            return None
        label = str(seen.attributes.get(ALIAS) or "") if seen is not None else ""
        return Deployment(
            pipeline=self.change.address.pipeline,
            id=self.apply_id,
            act=DeploymentAct.APPLIED,
            version_arn=version_arn,
            at=self.clock.now(),
            commit=self.plan.commit,
            who=self.actor.who,
            link=self.actor.link,
            functions=tuple(sorted(set(named_versions(attributes.get("definition"))))),
            code=self._code(),
            role_policy=self._role_policy(),
            before=before if before != version_arn else "",
            before_remark=label if "%" in label else "",
            is_first=is_new,
            verifies=self._verifies(),
        )

    def _verifies(self) -> bool:
        facts = self.plan.pipelines.get(self.change.address.pipeline)
        return facts is not None and facts.verify is not None

    def _code(self) -> dict[str, str]:
        desired = self.change.desired
        needs = {need for need in dependencies(desired) if need.kind == FUNCTION} if desired is not None else set()
        return {
            str(one.address): one.desired.code.digest
            for one in self.plan.changes
            if one.address in needs and one.desired is not None and one.desired.code is not None
        }

    def _role_policy(self) -> Json:
        role = Address(ROLE, self.change.address.pipeline)
        desired = next((one.desired for one in self.plan.changes if one.address == role), None)
        if desired is None or "policy" not in desired.attributes:
            return None
        try:
            return resolve_references({"policy": desired.attributes["policy"]}, self.outputs.of)["policy"]
        except Refused:  # it names what this apply leaves out
            return None


def is_deployed(address: Address) -> bool:
    """Tell whether it is the machine of a pipeline, whose deployments are recorded."""
    return address.kind == MACHINE and is_pipeline(address.pipeline)
