"""The morning page as a JSON document."""

from __future__ import annotations

from datetime import datetime, tzinfo

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.model.session import SessionStatus
from bunsui.services.morning.causes import FailedOf
from bunsui.services.morning.expected import ExpectedRun, RunState
from bunsui.services.morning.page import Morning, NextStart
from bunsui.services.morning.schedules import DeployedSchedule
from bunsui.view.commands import Offering
from bunsui.view.documents.running.gates import GatePart
from bunsui.view.documents.running.sessions import FailureNotePart
from bunsui.view.morning.commands import cause_command, outside_command, run_command


class ExpectedRunPart(ShapeOf[ExpectedRun]):
    """One run that a schedule was to start."""

    pipeline: str = member("The pipeline's name.")
    schedule: str = member("The schedule's id.")
    at: datetime = member("When it was due; when it began, where nobody knows that.")
    is_about: bool = member("The time is reckoned from another start, or the run was found by its time alone.")
    state: RunState = member(
        "`missing`: its machine was looked at long enough behind that time; `late`: not long enough; `unknown`: not at all; "
        "`held`: its schedule is switched off."
    )
    slot: datetime | None = member("The business time that it stands for; null where that cannot be told.")
    session: str | None = member("The session's id; null when there is none.", of="session.id")
    session_status: SessionStatus | None = member("Where the session stands.", of="session.status")
    failed_job: str | None = member("The job in which it failed; empty for none.", of="session.failed_job")
    is_by_hand: bool = member("Somebody started it for the slot that the schedule left out.")
    why: str = member("What else is to be said; empty for nothing.")
    command: Offering = member("What to do about it; empty for nothing.", of=None)


class FailedOfPart(ShapeOf[FailedOf]):
    """What runs failed of."""

    failed_because: FailureNotePart | None = member("Why the newest failed; null while nobody has looked.", of="note")
    sessions: tuple[str, ...] = member("Their ids, newest first.", of=None)
    command: Offering = member("What explains the newest.", of=None)


class NextStartPart(ShapeOf[NextStart]):
    """When a schedule starts its pipeline next."""

    pipeline: str = member("The pipeline's name.")
    schedule: str = member("The schedule's id.")
    at: datetime = member("When.")
    is_about: bool = member("It is a rate, reckoned from its last start.")


class DeployedSchedulePart(ShapeOf[DeployedSchedule]):
    """A schedule that is applied."""

    pipeline: str = member("The pipeline's name.")
    id: str = member("The schedule's id.")
    expression: str = member("As EventBridge Scheduler has it.", of="times.expression")
    timezone: str = member("In which its times are.", of="times.timezone")
    since: datetime | None = member("Since when it is so; what was due before is not known. Null when that is not known.")
    held: str = member("Why it starts nothing; empty when it does.")
    outside: str = member("What somebody did to it in AWS; empty when it is as it was applied.")
    looked_at: datetime | None = member("When the executions of its pipeline were looked at; null for never.", of=None)
    command: Offering = member("What shows the difference; empty when there is none.", of=None)


class MorningDocument(ShapeOf[Morning], kind="morning"):
    """Of `morning`, and of `bunsui` alone: what was due since yesterday evening, and what became of it."""

    project: str = member("The project's name.", of="scope.project")
    environment: str = member("The environment's name.", of="scope.environment")
    account: str = member("The account's twelve digits.", of="scope.account")
    region: str = member("The region.", of="scope.region")
    commit: str = member("The checkout's, with `*` when the tree is dirty; empty outside git.")
    since: datetime = member("From when on.")
    now: datetime = member("Until when.")
    expected: tuple[ExpectedRunPart, ...] = member("Every run that was due, earliest first.", of=None)
    causes: tuple[FailedOfPart, ...] = member("The failed ones by cause.", of=None)
    gates: tuple[GatePart, ...] | Absent = member("The gates at which sessions wait, the oldest first.", default=ABSENT)
    schedules: tuple[DeployedSchedulePart, ...] = member("All that are applied.", of=None)
    is_checked: bool = member("False: what others did to schedules is not known, since nobody could ask.")
    next_starts: tuple[NextStartPart, ...] = member("The next of each schedule, earliest first.")
    compare: Offering = member("What compares files and AWS, which was not done here.", of=None)


def morning_document(morning: Morning, zone: tzinfo) -> MorningDocument:
    """Return the page as one JSON document; `zone` is that of the commands in it."""
    return MorningDocument.of(
        morning,
        expected=tuple(ExpectedRunPart.of(run, command=Offering(run_command(run, morning, zone))) for run in morning.runs),
        causes=tuple(_cause(cause) for cause in morning.causes),
        schedules=tuple(_schedule(one, morning) for one in morning.schedules),
        compare=Offering("bunsui status"),
    )


def _cause(cause: FailedOf) -> FailedOfPart:
    ids = tuple(run.session.id for run in cause.runs if run.session is not None)
    return FailedOfPart.of(cause, sessions=ids, command=Offering(cause_command(cause)))


def _schedule(one: DeployedSchedule, morning: Morning) -> DeployedSchedulePart:
    command = Offering(outside_command(one) if one.outside else "")
    return DeployedSchedulePart.of(one, looked_at=morning.looked_at.get(one.pipeline), command=command)
