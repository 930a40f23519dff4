"""The history of a pipeline as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.model.deployments.deployment import Deployment, DeploymentAct
from bunsui.model.deployments.interventions import Hold
from bunsui.services.deployments.history import DeployedVersion, PipelineHistory, SessionTally


class DeploymentPart(ShapeOf[Deployment]):
    """How the alias was led to a version."""

    id: str = member("Of the apply or the rollback in the audit trail; sorts by time.")
    act: DeploymentAct = member("applied, rolled back or released.")
    at: datetime = member("When.")
    commit: str = member("What the version was applied from, with `*` when the checkout was dirty; empty when not known.")
    who: str = member("The caller's ARN.")
    link: str = member("Address of the CI run, without credentials; empty outside CI.")
    reason: str = member("Of a rollback or a release; empty for an apply.")
    functions: tuple[str, ...] = member("ARNs of the function versions that the definition names.")
    before: str = member("ARN of the version that the alias led to before; empty for none.")


class TallyPart(ShapeOf[SessionTally]):
    """How the sessions went that began on the version while it was deployed, as they were looked at last."""

    succeeded: int = member("Succeeded.")
    failed: int = member("Failed, timed out or stopped.")
    open: int = member("Not at their end yet.")
    last_failed: str = member("The id of the last one that failed; empty for none.")


class DeployedVersionPart(ShapeOf[DeployedVersion]):
    """One time that a version was deployed."""

    version: str = member("The version's number.")
    version_arn: str = member("Its ARN.")
    is_current: bool = member("New sessions run it, as far as bunsui knows.")
    is_there: bool = member("False when the version was removed since.")
    deployment: DeploymentPart | None = member("Null for a version of which there is no record.")
    sessions: TallyPart = member()


class HoldPart(ShapeOf[Hold]):
    """A rollback that holds."""

    version: str = member("Where the pipeline is held.")
    from_version: str = member("What was rolled back.")
    since: datetime = member("Since when.")
    who: str = member("The ARN of who rolled it back.")
    reason: str = member("Why.")


class DeploymentsDocument(ShapeOf[PipelineHistory], kind="deployments"):
    """Of `history`: what was deployed of a pipeline."""

    pipeline: str = member("Its name.", of="machine.pipeline")
    hold: HoldPart | None = member("Null where nothing is held.", of="machine.hold")
    deployments: tuple[DeployedVersionPart, ...] = member("Newest first, as many as --limit allows.", of="lines")
    older: int = member("How many older ones there are.")
    counted_since: datetime | None = member("Sessions that began before were not counted; null when all were.")


def history_document(history: PipelineHistory) -> DeploymentsDocument:
    """Return the history as one JSON document."""
    return DeploymentsDocument.of(history)
