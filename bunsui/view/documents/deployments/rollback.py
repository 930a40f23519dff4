"""A rollback as a JSON document."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.model.deployments.deployment import Deployment, version_number
from bunsui.services.deployments.rollback import Move
from bunsui.view.documents.deployments.history import DeploymentPart


class RollbackDocument(ShapeOf[Move], kind="rollback"):
    """Of `rollback`: where new sessions were led."""

    pipeline: str = member("Its name.", of="machine.pipeline")
    from_version: str = member("The number of the version that new sessions ran before.", of=None)
    to_version: str = member("The number of the version that they run now.", of=None)
    missing_rights: tuple[tuple[str, str], ...] = member(
        "What that version's role was allowed and is not any more: pairs of action and resource."
    )
    deployment: DeploymentPart = member(of=None)


def move_document(move: Move, done: Deployment) -> RollbackDocument:
    """Return a rollback that was carried out as one JSON document."""
    return RollbackDocument.of(
        move,
        from_version=version_number(move.from_arn),
        to_version=version_number(move.to_arn),
        deployment=DeploymentPart.of(done),
    )
