"""The bridge from the screens to what changes something: plans, applies, acts on sessions, each with its answers.

Each piece of work runs in a thread of its own and answers with one or more messages; the screens never wait. What is only
looked at comes by the feed (`bunsui.tui.feed`). Services, and with them boto3, pydantic and YAML, are imported inside the
threads: the first frame is on the screen before.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from textual.message_pump import MessagePump

from bunsui.command_line import Invocation
from bunsui.composition.settings import is_ci
from bunsui.errors import BunsuiError, Refused
from bunsui.performance import set_living_aside
from bunsui.tui.building.desk import DraftDesk
from bunsui.tui.feed.feed import Feed
from bunsui.tui.feed.session import session_of_id
from bunsui.tui.keeping import foresee_kept, write_kept
from bunsui.tui.messages import (
    ActionDone,
    ActionForeseen,
    ActionRefused,
    Admitted,
    Applied,
    CodeFound,
    FilesWritten,
    KeepForeseen,
    NotPlanned,
    Opened,
    Planned,
    PlanViewed,
    ReadingProgress,
    RunningWork,
    ScreenPlace,
    StartEnded,
    StartForeseen,
    StartTold,
    Waited,
)
from bunsui.tui.opened_project import OpenedProject, OpenMorning, OpenProject, OpenReconcile, OpenSessions
from bunsui.tui.problem import problem_of
from bunsui.tui.saved_plan import place_of, saved_request
from bunsui.tui.work_threads import Post, Task, WorkThreads
from bunsui.view.apply.events import event_lines
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.apply.stop import Stop
    from bunsui.model.address import Address
    from bunsui.model.session import Session
    from bunsui.plan.model import Plan, ResourceChange
    from bunsui.services.apply.admission import Admission
    from bunsui.services.drafting.outside import KeptOutside
    from bunsui.services.overview.standing import PlanAttempt
    from bunsui.tui.actions.action import Foreseen, SessionAction
    from bunsui.tui.actions.starts.action import Foreseeing, StartAction
    from bunsui.view.pipelines.form import StartForm
    from bunsui.view.saved_plan import PlanFile

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlan:
    """The last attempt at a plan, for whoever shows how pipelines stand."""

    attempt: PlanAttempt
    at: datetime


class Bridge:
    """Does what screens ask for, in threads, and posts the answers to whoever asked."""

    def __init__(
        self,
        *,
        open_sessions: OpenSessions,
        open_project: OpenProject | None = None,
        open_reconcile: OpenReconcile | None = None,
        open_morning: OpenMorning | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo | None = None,
        read_only: bool = False,
        notices: SimpleQueue[str] | None = None,
        invocation: Invocation | None = None,
        file: PlanFile | None = None,
        folder: Path | None = None,
    ) -> None:
        """Take the ways to open the ports; none is used before it is needed. Without files `open_project` and
        `open_reconcile` are None, and nothing is planned; without `open_morning` nothing is known of
        schedules. `zone` shows times in it rather than in the project's time zone, `read_only` refuses whatever would change
        something, `notices` brings what is no error but should be told, such as saved data that could not be read;
        `invocation` completes commands that are offered, `file` is a saved plan that is shown in place of one that is
        made. In `folder` a project is made where there is none."""
        self.now = now
        self.file = file
        self.file_fits = False
        """True once the project here is known to be that of the saved plan."""
        self.invocation = invocation or Invocation()
        self.read_only = read_only
        place = ScreenPlace(is_read_only=read_only, machines=self.invocation.unmanaged)
        self.project = OpenedProject(
            open_sessions=open_sessions,
            open_project=open_project,
            open_reconcile=open_reconcile,
            open_morning=open_morning,
            now=now,
            zone=zone,
            place=place if file is None else place_of(file, is_read_only=read_only),
        )
        self.feed = Feed(self.project, notices=notices)
        self._workers = WorkThreads(notices)
        self.desk = DraftDesk(
            self._workers,
            self.project,
            folder=folder,
            read_only=read_only,
        )
        self.desk.when_written = self.take_written
        self.files_written = 0
        """How often files of the project were written since the start: a plan from before is about older ones."""
        self._stop: Stop | None = None
        self._told: list[Line] = []
        self._is_leaving = threading.Event()
        self.planned: KeptPlan | None = None
        """None before the first plan, after an apply, and once files were written."""

    @property
    def place(self) -> ScreenPlace:
        """Where the user is working, as far as it is known."""
        return self.project.place

    @property
    def zone(self) -> tzinfo:
        """The time zone in which times are shown."""
        return self.project.zone

    def is_busy(self, work: RunningWork) -> bool:
        """Tell whether such work is under way."""
        return self._workers.is_busy(work)

    @property
    def has_plan(self) -> bool:
        """False where there are no files to plan from."""
        return self.project.has_files

    @property
    def told(self) -> tuple[Line, ...]:
        """What was changed since the start, a line each, for the shell to say when the screens are gone."""
        return tuple(self._told)

    @property
    def is_managed(self) -> bool:
        """False where machines of others are looked at."""
        return not self.place.machines

    @property
    def is_idle(self) -> bool:
        """True when nothing is under way."""
        return self._workers.is_idle and self.feed.is_idle

    def open(self, asker: MessagePump) -> None:
        """Read the project's files, to know where we are."""
        self._start(RunningWork.OPEN, asker, self._read_project)

    def forget_credentials(self) -> None:
        """Open everything anew at the next question: the user may have logged in again."""
        self.project.forget()
        self.feed.forget()

    def stop_apply(self) -> None:
        """Ask a running apply to begin nothing more; asked again, it does not wait for what runs either."""
        self._is_leaving.set()
        if self._stop is not None:
            self._stop.request()

    def _start(self, work: RunningWork, asker: MessagePump, task: Task) -> bool:
        return self._workers.start(work, asker, task)

    def _refuse_when_read_only(self) -> None:
        if self.read_only:
            raise Refused("read-only", "this was started read-only", hint="Start it without --read-only to change something.")

    def plan(self, asker: MessagePump) -> bool:
        """Plan; answers Reading while AWS is read, then Planned or NotPlanned. Tells whether the work began."""
        return self._start(RunningWork.PLAN, asker, self._make_plan)

    def view_plan(self, asker: MessagePump, plan: Plan, *, context: int) -> bool:
        """Make what is shown of a plan, in a thread since a large one takes its time; answers PlanViewed. Tells whether an
        answer will come."""
        return self._start(RunningWork.VIEW, asker, lambda post: _view_plan(plan, context, post))

    def keep(self, asker: MessagePump, change: ResourceChange) -> bool:
        """Find out what keeping an outside change writes into the files; answers KeepForeseen."""
        return self._start(RunningWork.KEEP, asker, lambda post: post(KeepForeseen(change, foresee_kept(self.project, change))))

    def write(self, asker: MessagePump, kept: KeptOutside) -> bool:
        """Write what was shown of an outside change that is kept; answers FilesWritten. Tells whether the work began."""
        return self._start(RunningWork.WRITE, asker, lambda post: self._write(kept, post))

    def take_written(self) -> None:
        """Have everything that is looked at read anew from the files, which are others now."""
        self.files_written += 1
        self.planned = None
        self.project.forget_files()
        self.feed.refresh()

    def _write(self, kept: KeptOutside, post: Post) -> None:
        self._refuse_when_read_only()
        files = write_kept(self.project, kept)
        self.take_written()
        self._told.extend(line(span("✓ wrote ", Role.GOOD), span(file, Role.STRONG)) for file in files)
        post(FilesWritten(files))

    def ask(self, asker: MessagePump, plan: Plan, *, targets: frozenset[Address] = frozenset()) -> bool:
        """Find out what has to be asked before the plan, or what these targets need of it, is applied; answers Admitted. Tells
        whether the work began."""
        return self._start(RunningWork.ADMIT, asker, lambda post: self._admit(plan, targets, post))

    def apply(self, asker: MessagePump, admission: Admission) -> bool:
        """Apply what was admitted and answered; answers Applied for each event. Tells whether the work began."""
        from bunsui.apply.stop import Stop

        stop = Stop()
        began = self._start(RunningWork.APPLY, asker, lambda post: self._carry_out(admission, stop, post))
        if began:
            self._stop = stop
        return began

    def _read_project(self, post: Post) -> None:
        if self.file is None:
            self.project.read_project()
        elif not self.read_only:
            self.file_fits = self.project.is_here(self.file.plan.scope)
            post(Opened(self.place))

    def _make_plan(self, post: Post) -> None:
        if self.file is not None:
            post(Planned(self.file.plan, self.file.saved.as_of))
            return
        self._plan_project(post)

    def _plan_project(self, post: Post) -> None:
        from bunsui.services.overview.standing import PlanAttempt
        from bunsui.services.plan import plan_project

        began_with = self.files_written
        repository, ports = self.project.reconcile()
        outcome = plan_project(repository, ports, progress=lambda done, total: post(ReadingProgress(done, total)))
        attempt = PlanAttempt(plan=outcome.plan, diagnostics=outcome.diagnostics if outcome.plan is None else ())
        if began_with == self.files_written:
            self.planned = KeptPlan(attempt=attempt, at=self.now())
        if outcome.plan is None:
            post(NotPlanned(outcome.diagnostics))
        else:
            post(Planned(outcome.plan, self.now()))

    def _admit(self, plan: Plan, targets: frozenset[Address], post: Post) -> None:
        from bunsui.services.apply.admission import admit
        from bunsui.services.apply.request import ApplyRequest

        self._refuse_when_read_only()
        repository, ports = self.project.reconcile(anew=False)
        in_ci = is_ci(os.environ)
        if self.file is None:
            request = ApplyRequest(plan=plan, targets=targets, in_ci=in_ci, is_one_key_away=True)
        else:
            request = replace(saved_request(self.file, repository, ports), in_ci=in_ci)
        admission = admit(request, repository, ports)
        if admission.refusal is not None:
            raise admission.refusal
        post(Admitted(admission, plan))

    def _carry_out(self, admission: Admission, stop: Stop, post: Post) -> None:
        from bunsui.services.apply.patience import Patience
        from bunsui.services.proof.smoke import carry_out_proved

        self._refuse_when_read_only()
        _, ports = self.project.reconcile(anew=False)
        seconds = admission.request.patience.seconds
        waits = Patience(seconds=seconds, waiting=lambda waiting: post(Waited(waiting, self.now(), seconds)))
        patient = replace(admission, request=replace(admission.request, patience=waits))
        try:
            for event in carry_out_proved(patient, ports, stop=stop, sessions=self.project.fresh_context):
                self._told.extend(event_lines(event))
                post(Applied(event))
        finally:
            self.planned = None  # it is about what was there before
        self.feed.refresh()

    def foresee(self, asker: MessagePump, action: SessionAction, sessions: Sequence[Session]) -> bool:
        """Find out what an action would do with the sessions; answers ActionForeseen. Tells whether an answer will come."""
        return self._start(RunningWork.FORESEE, asker, lambda post: self._foresee(action, sessions, post))

    def act(self, asker: MessagePump, action: SessionAction, foreseen: Sequence[Foreseen]) -> bool:
        """Carry out what was foreseen; answers ActionDone. Tells whether the work began."""
        return self._start(RunningWork.ACT, asker, lambda post: self._act(action, foreseen, post))

    def foresee_start(self, asker: MessagePump, action: StartAction, pipeline: str, form: StartForm) -> bool:
        """Find out what would start; answers StartForeseen, or Failed where it is refused. Tells whether it will."""
        return self._start(
            RunningWork.FORESEE,
            asker,
            lambda post: post(StartForeseen(action.foresee(self.project.fresh_context(), pipeline, form))),
        )

    def start(self, asker: MessagePump, action: StartAction, foreseen: Foreseeing) -> bool:
        """Start what was foreseen; answers StartTold for each step, then StartEnded. Tells whether the work began."""
        work = RunningWork.BACKFILL if action.is_long else RunningWork.START
        return self._start(work, asker, lambda post: self._carry_out_start(action, foreseen, post))

    def _carry_out_start(self, action: StartAction, foreseen: Foreseeing, post: Post) -> None:
        self._refuse_when_read_only()
        last: Line | None = None
        for last in action.carry_out(self.project.context(), foreseen):
            post(StartTold(last))
            self.feed.refresh()
            if self._is_leaving.is_set():
                break
        self._told += [last] if last is not None else []
        post(StartEnded())

    def find_code(self, asker: MessagePump, pipeline: str, job: str, traceback: Sequence[str]) -> bool:
        """Find where the code of a job stands; answers CodeFound. Tells whether an answer will come."""
        return self._start(RunningWork.CODE, asker, lambda post: self._find_code(pipeline, job, traceback, post))

    def _find_code(self, pipeline: str, job: str, traceback: Sequence[str], post: Post) -> None:
        from bunsui.services.code_place import code_place

        post(CodeFound(code_place(self.project.fresh_context(), pipeline, job, traceback=traceback)))

    def _foresee(self, action: SessionAction, sessions: Sequence[Session], post: Post) -> None:
        context = self.project.fresh_context()
        foreseen, refused = _each(sessions, lambda session: action.foresee(context, session_of_id(context, session.id)))
        post(ActionForeseen(action, foreseen, refused))

    def _act(self, action: SessionAction, foreseen: Sequence[Foreseen], post: Post) -> None:
        self._refuse_when_read_only()
        context = self.project.context()
        by_id = {one.session.id: one for one in foreseen}
        done, refused = _each([one.session for one in foreseen], lambda session: action.carry_out(context, by_id[session.id]))
        for session in done:
            named = span(f"{session.pipeline} {session.id}", Role.STRONG)
            self._told.append(line(span(f"✓ {action.done} ", Role.GOOD), named))
        self.feed.refresh()
        post(ActionDone(action, done, refused))


def _view_plan(plan: Plan, context: int, post: Post) -> None:
    from bunsui.view.plan.model import plan_view

    view = plan_view(plan, context=context, ask_for_states="u shows them")
    set_living_aside()
    post(PlanViewed(plan, view, context))


def _each(sessions: Sequence[Session], do: Callable[[Session], R]) -> tuple[list[R], list[ActionRefused]]:
    """Do it with each session: one that is refused keeps no other from it."""
    done: list[R] = []
    refused: list[ActionRefused] = []
    for session in sessions:
        try:
            done.append(do(session))
        except BunsuiError as error:
            refused.append(ActionRefused(session=session, problem=problem_of(error)))
    return done, refused
