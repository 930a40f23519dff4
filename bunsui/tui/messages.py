"""What the bridge tells the screens: results and failures of work that was done in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from textual.message import Message

from bunsui.apply.events import ApplyEvent
from bunsui.apply.lease import Waiting
from bunsui.diagnostics import Diagnostic
from bunsui.model.session import Session
from bunsui.plan.model import Plan, ResourceChange
from bunsui.tui.actions.action import Foreseen, SessionAction
from bunsui.tui.problem import ShownProblem
from bunsui.view.plan.model import PlanView
from bunsui.view.spans import Line

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.services.apply.admission import Admission
    from bunsui.services.code_place import CodePlace
    from bunsui.services.drafting.outside import KeptOutside
    from bunsui.tui.actions.starts.action import Foreseeing


class RunningWork(Enum):
    """What the bridge was asked for."""

    OPEN = "read the project"
    PLAN = "plan"
    VIEW = "show the plan"
    KEEP = "find out what keeping an outside change writes"
    WRITE = "write files"
    ADMIT = "ask before an apply"
    APPLY = "apply"
    CODE = "find the code"
    FORESEE = "find out what an action would do"
    ACT = "act on sessions"
    START = "start a session"
    BACKFILL = "run a backfill"
    DRAFT = "edit the draft"
    CHECK = "check the draft"
    TRY = "try the draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPlace:
    """Where the user is working; the header shows it always."""

    project: str = ""
    environment: str = ""
    account: str = ""
    """From STS; empty until it answered."""
    region: str = ""
    commit: str = ""
    machines: str = ""
    """The machines of others that are looked at, as they were asked for; empty for those of the project."""
    is_protected: bool = False
    is_read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRefused:
    """Why an action is not done with a session."""

    session: Session
    problem: ShownProblem


class Opened(Message):
    """More is known of where the user is working."""

    def __init__(self, place: ScreenPlace) -> None:
        """Carry the place."""
        super().__init__()
        self.place = place


class Noticed(Message):
    """There is something to know that is no error, such as saved data that could not be read."""

    def __init__(self, text: str) -> None:
        """Carry it."""
        super().__init__()
        self.text = text


class ReadingProgress(Message):
    """AWS is being read for a plan."""

    def __init__(self, done: int, total: int) -> None:
        """Say how many kinds of resources were read, of how many."""
        super().__init__()
        self.done = done
        self.total = total


class NotPlanned(Message):
    """The files have errors, so that nothing was planned."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        """Carry every finding."""
        super().__init__()
        self.diagnostics = diagnostics


class Planned(Message):
    """A plan was made."""

    def __init__(self, plan: Plan, at: datetime) -> None:
        """Carry the plan."""
        super().__init__()
        self.plan = plan
        self.at = at


class PlanViewed(Message):
    """It is known what there is to show of a plan."""

    def __init__(self, plan: Plan, view: PlanView, context: int) -> None:
        """Carry what is shown, with so many unchanged neighbours of each changed field."""
        super().__init__()
        self.plan = plan
        self.view = view
        self.context = context


class KeepForeseen(Message):
    """It is known what keeping an outside change would write."""

    def __init__(self, change: ResourceChange, kept: KeptOutside) -> None:
        """Carry the change, and what would be written."""
        super().__init__()
        self.change = change
        self.kept = kept


class FilesWritten(Message):
    """Files of the project were written."""

    def __init__(self, files: tuple[str, ...]) -> None:
        """Carry their paths."""
        super().__init__()
        self.files = files


class Admitted(Message):
    """It is known what may be done of a plan, and what has to be asked first."""

    def __init__(self, admission: Admission, asked_for: Plan) -> None:
        """Carry it, with the plan that was asked about."""
        super().__init__()
        self.admission = admission
        self.asked_for = asked_for


class Waited(Message):
    """An apply waits for the lock, which somebody else holds."""

    def __init__(self, waiting: Waiting, at: datetime, patience_seconds: float) -> None:
        """Say who holds it, and how long the apply waits in all."""
        super().__init__()
        self.waiting = waiting
        self.at = at
        self.patience_seconds = patience_seconds


class Applied(Message):
    """Something happened during an apply."""

    def __init__(self, event: ApplyEvent) -> None:
        """Carry the event."""
        super().__init__()
        self.event = event


class CodeFound(Message):
    """It is known where the code of a job stands."""

    def __init__(self, place: CodePlace) -> None:
        """Carry the file and the line."""
        super().__init__()
        self.place = place


class ActionForeseen(Message):
    """It is known what an action would do with sessions."""

    def __init__(self, action: SessionAction, foreseen: Sequence[Foreseen], refused: Sequence[ActionRefused]) -> None:
        """Carry what it would do with those that it can be done with, and why not with the others."""
        super().__init__()
        self.action = action
        self.foreseen = tuple(foreseen)
        self.refused = tuple(refused)


class ActionDone(Message):
    """An action was carried out."""

    def __init__(self, action: SessionAction, sessions: Sequence[Session], refused: Sequence[ActionRefused]) -> None:
        """Carry the sessions as they stand now, and why it was not done with the others."""
        super().__init__()
        self.action = action
        self.sessions = tuple(sessions)
        self.refused = tuple(refused)


class StartForeseen(Message):
    """It is known what would start."""

    def __init__(self, foreseen: Foreseeing) -> None:
        """Carry it."""
        super().__init__()
        self.foreseen = foreseen


class StartTold(Message):
    """Something was started, or ended."""

    def __init__(self, told: Line) -> None:
        """Carry what is to be said of it."""
        super().__init__()
        self.told = told


class StartEnded(Message):
    """All that was to be started was, or was left for another time."""


class Failed(Message):
    """A piece of work failed."""

    def __init__(self, work: RunningWork, problem: ShownProblem) -> None:
        """Say which work, and why."""
        super().__init__()
        self.work = work
        self.problem = problem
