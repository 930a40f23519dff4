"""Documents of what is deployed, as the commands make them, with all that they may hold."""

from __future__ import annotations

from datetime import UTC, datetime

from bunsui.codec.shape import Shape
from bunsui.model.address import parse_address
from bunsui.model.deployments.deployment import Deployment, DeploymentAct
from bunsui.model.deployments.interventions import Hold, Pause
from bunsui.model.resource import AppliedResource
from bunsui.services.deployments.history import DeployedVersion, PipelineHistory, SessionTally
from bunsui.services.deployments.pause import PauseOutcome, Switched
from bunsui.services.deployments.rollback import Move
from bunsui.services.deployments.standing import DeployedMachine
from bunsui.view.documents.deployments.history import history_document
from bunsui.view.documents.deployments.pause import PauseDocument
from bunsui.view.documents.deployments.rollback import move_document

WHO = "arn:aws:sts::111122223333:assumed-role/deploy/mika"
AT = datetime(2026, 1, 31, 3, 10, tzinfo=UTC)
ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop--prod--daily"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:shop--prod--daily--load:4"


def a_deployment(number: int, act: DeploymentAct = DeploymentAct.APPLIED) -> Deployment:
    return Deployment(
        pipeline="daily",
        id=f"01KBH3X2J4ABCDEFGHJKMNPQR{number}",
        act=act,
        version_arn=f"{ARN}:{number}",
        at=AT,
        commit="0123abc",
        who=WHO,
        link="https://ci.example/runs/7",
        reason="" if act is DeploymentAct.APPLIED else "totals doubled",
        functions=(FUNCTION,),
        before=f"{ARN}:{number - 1}",
    )


def a_machine() -> DeployedMachine:
    hold = Hold(
        pipeline="daily",
        id="01KBH3X2J4ABCDEFGHJKMNPQR9",
        version_arn=f"{ARN}:4",
        from_version_arn=f"{ARN}:5",
        since=AT,
        who=WHO,
        reason="totals doubled",
    )
    applied = AppliedResource(
        address=parse_address("state_machine.daily"),
        physical_name="shop--prod--daily",
        attributes={},
        outputs={"arn": ARN, "alias_arn": f"{ARN}:live", "version_arn": f"{ARN}:5"},
        revision="1",
        written_at=AT,
    )
    return DeployedMachine(pipeline="daily", applied=applied, records=(a_deployment(5), a_deployment(4)), hold=hold)


def a_history() -> Shape:
    lines = (
        DeployedVersion(
            version_arn=f"{ARN}:4",
            deployment=a_deployment(4, DeploymentAct.ROLLED_BACK),
            is_current=True,
            is_there=True,
            sessions=SessionTally(succeeded=2, failed=1, open=1, last_failed="01KBH3X2J4ABCDEFGHJKMNPQRT"),
        ),
        DeployedVersion(version_arn=f"{ARN}:3", deployment=None, is_current=False, is_there=False, sessions=SessionTally()),
    )
    return history_document(PipelineHistory(machine=a_machine(), lines=lines, older=3, counted_since=AT))


def a_rollback() -> Shape:
    move = Move(
        machine=a_machine(),
        act=DeploymentAct.ROLLED_BACK,
        from_arn=f"{ARN}:5",
        to_arn=f"{ARN}:4",
        functions=(FUNCTION,),
        missing_rights=(("s3:GetObject", "arn:aws:s3:::lake/*"),),
    )
    return move_document(move, a_deployment(4, DeploymentAct.ROLLED_BACK))


def a_pause() -> Shape:
    pause = Pause(pipeline="daily", id="01KBH3X2J4ABCDEFGHJKMNPQR8", since=AT, who=WHO, reason="the source is down", until=AT)
    switched = Switched(
        address=parse_address("schedule.daily.nightly"), expression="cron(0 3 * * ? *)", timezone="Europe/Berlin", is_on=False
    )
    return PauseDocument.of(PauseOutcome(pause=pause, is_ended=False, schedules=(switched,)))
