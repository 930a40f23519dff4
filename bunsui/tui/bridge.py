"""The bridge from the screens to the services: the only place where work begins.

Each piece of work runs in a thread of its own and answers with one or more messages; the screens never wait. Of what is only
read, a question asked while the one before is under way waits for it, and the newest one is asked next: none is dropped, and
none is answered that nobody waits for any more. Services, and with them boto3, pydantic and YAML, are imported inside the
threads: the first frame is on the screen before.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from textual.message_pump import MessagePump

from bunsui.command_line import Invocation
from bunsui.composition.settings import is_ci
from bunsui.errors import BunsuiError, Refused
from bunsui.tui.messages import (
    ActionDone,
    ActionForeseen,
    ActionRefused,
    Admitted,
    Applied,
    JobShown,
    LogsShown,
    MachinesVisited,
    NotPlanned,
    Opened,
    Planned,
    PlanViewed,
    ReadingProgress,
    RunningWork,
    ScreenPlace,
    SessionShown,
    SessionsListed,
    Waited,
)
from bunsui.tui.problem import problem_of
from bunsui.tui.work_threads import Post, Task, WorkThreads
from bunsui.view.apply.events import event_lines
from bunsui.view.sessions.wording import zone_of
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.apply.stop import Stop
    from bunsui.model.address import Address
    from bunsui.model.session import Session
    from bunsui.plan.model import Plan
    from bunsui.project.repository import Repository
    from bunsui.refresh.ports import ReconcilePorts
    from bunsui.services.apply.admission import Admission
    from bunsui.services.session_context import SessionContext
    from bunsui.sessions.observer import SessionObserver
    from bunsui.tui.actions.action import Foreseen, SessionAction

LISTED = 500
"""How many sessions the list holds at most."""

R = TypeVar("R")
OpenProject = Callable[[], "Repository"]
OpenReconcile = Callable[[], "tuple[Repository, ReconcilePorts]"]
OpenSessions = Callable[[], "ReadSessions"]
"""Opens the account side of the sessions, and gives what reads the pipelines anew each time."""
ReadSessions = Callable[[], "SessionContext"]


class Bridge:
    """Does what screens ask for, in threads, and posts the answers to whoever asked."""

    def __init__(
        self,
        *,
        open_sessions: OpenSessions,
        open_project: OpenProject | None = None,
        open_reconcile: OpenReconcile | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo | None = None,
        read_only: bool = False,
        notices: SimpleQueue[str] | None = None,
        invocation: Invocation | None = None,
    ) -> None:
        """Take the ways to open the ports; none is used before it is needed. Without files `open_project` and
        `open_reconcile` are None, and nothing is planned. `zone` shows times in it rather than in the project's time zone,
        `read_only` refuses whatever would change something, `notices` brings what is no error but should be told, such as
        saved data that could not be read; `invocation` completes commands that are offered."""
        self._open_project = open_project
        self._open_reconcile = open_reconcile
        self._open_sessions = open_sessions
        self.now = now
        self.invocation = invocation or Invocation()
        self.read_only = read_only
        self._zone = zone
        self._opening = threading.Lock()
        self._workers = WorkThreads(notices)
        self._stop: Stop | None = None
        self._reconcile: tuple[Repository, ReconcilePorts] | None = None
        self._sessions: ReadSessions | None = None
        self._opened_context: SessionContext | None = None
        self._observed: tuple[str, SessionObserver] | None = None
        self._told: list[Line] = []
        self.place = ScreenPlace(is_read_only=read_only, machines=self.invocation.unmanaged)
        self.zone: tzinfo = zone or UTC
        """The time zone in which times are shown."""

    def is_busy(self, work: RunningWork) -> bool:
        """Tell whether such work is under way."""
        return self._workers.is_busy(work)

    @property
    def has_plan(self) -> bool:
        """False where there are no files to plan from."""
        return self._open_reconcile is not None

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
        return self._workers.is_idle

    def open(self, asker: MessagePump) -> None:
        """Read the project's files, to know where we are; answers Opened."""
        self._start(RunningWork.OPEN, asker, self._read_project)

    def forget_credentials(self) -> None:
        """Open everything anew at the next question: the user may have logged in again."""
        with self._opening:
            self._reconcile = None
            self._sessions = None
            self._opened_context = None
            self._observed = None

    def stop_apply(self) -> None:
        """Ask a running apply to begin nothing more; asked again, it does not wait for what runs either."""
        if self._stop is not None:
            self._stop.request()

    def _start(self, work: RunningWork, asker: MessagePump, task: Task) -> bool:
        return self._workers.start(work, asker, task)

    def _read_project(self, post: Post) -> None:
        if self._open_project is not None:
            self._learn(self._open_project(), post)

    def _learn(self, repository: Repository, post: Post, *, account_known: bool = False) -> None:
        environment = repository.project.environment
        self.zone = self._zone or zone_of(repository.project.timezone)
        self.place = replace(
            self.place,
            project=repository.project.name,
            environment=environment.name,
            account=repository.scope.account if account_known else self.place.account,
            region=repository.scope.region,
            commit=repository.commit,
            is_protected=environment.protected,
        )
        post(Opened(self.place))

    def _reconcile_edges(self, post: Post) -> tuple[Repository, ReconcilePorts]:
        # The files may have changed since, so the repository side is read anew for each plan.
        if self._open_reconcile is None:
            raise Refused("no-files", "there are no files here to plan from", hint="Work in a checkout of the project.")
        with self._opening:
            opened = self._open_reconcile()
            self._reconcile = opened
        self._learn(opened[0], post, account_known=True)
        return opened

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

    def _make_plan(self, post: Post) -> None:
        from bunsui.services.plan import plan_project

        repository, ports = self._reconcile_edges(post)
        outcome = plan_project(repository, ports, progress=lambda done, total: post(ReadingProgress(done, total)))
        if outcome.plan is None:
            post(NotPlanned(outcome.diagnostics))
        else:
            post(Planned(outcome.plan, self.now()))

    def _admit(self, plan: Plan, targets: frozenset[Address], post: Post) -> None:
        from bunsui.services.apply.admission import admit
        from bunsui.services.apply.request import ApplyRequest

        self._refuse_when_read_only()
        repository, ports = self._opened(post)
        request = ApplyRequest(plan=plan, targets=targets, in_ci=is_ci(os.environ), is_one_key_away=True)
        admission = admit(request, repository, ports)
        if admission.refusal is not None:
            raise admission.refusal
        post(Admitted(admission, plan))

    def _carry_out(self, admission: Admission, stop: Stop, post: Post) -> None:
        from bunsui.services.apply.admission import carry_out
        from bunsui.services.apply.patience import Patience

        self._refuse_when_read_only()
        _, ports = self._opened(post)
        seconds = admission.request.patience.seconds
        waits = Patience(seconds=seconds, waiting=lambda waiting: post(Waited(waiting, self.now(), seconds)))
        patient = replace(admission, request=replace(admission.request, patience=waits))
        for event in carry_out(patient, ports, stop=stop):
            self._told.extend(event_lines(event))
            post(Applied(event))

    def _opened(self, post: Post) -> tuple[Repository, ReconcilePorts]:
        return self._reconcile if self._reconcile is not None else self._reconcile_edges(post)

    def list_sessions(self, asker: MessagePump, fitting: str = "") -> bool:
        """Read the list of what fits a filter; answers SessionsListed. Tells whether an answer will come."""
        return self._start(RunningWork.SESSIONS, asker, lambda post: self._read_list(fitting, post))

    def visit_machines(self, asker: MessagePump, *, seconds: float) -> bool:
        """Look at machines, as many as may be in so many seconds; answers MachinesVisited. Tells whether the work began."""
        return self._start(RunningWork.ROUND, asker, lambda post: self._visit(post, seconds))

    def show_session(self, asker: MessagePump, session_id: str) -> bool:
        """Read one session with its history; answers SessionShown. Tells whether the work began."""
        return self._start(RunningWork.SESSION, asker, lambda post: self._look(session_id, post))

    def show_job(self, asker: MessagePump, session_id: str, job: str) -> bool:
        """Read what a job's operations did, from what was read of its session; answers JobShown. Tells whether it began."""
        return self._start(RunningWork.JOB, asker, lambda post: self._look_at_job(session_id, job, post))

    def read_logs(self, asker: MessagePump, session_id: str) -> bool:
        """Read what the session's tasks wrote; answers LogsShown. Tells whether the work began."""
        return self._start(RunningWork.LOGS, asker, lambda post: self._read_logs(session_id, post))

    def foresee(self, asker: MessagePump, action: SessionAction, sessions: Sequence[Session]) -> bool:
        """Find out what an action would do with the sessions; answers ActionForeseen. Tells whether an answer will come."""
        return self._start(RunningWork.FORESEE, asker, lambda post: self._foresee(action, sessions, post))

    def act(self, asker: MessagePump, action: SessionAction, foreseen: Sequence[Foreseen]) -> bool:
        """Carry out what was foreseen; answers ActionDone. Tells whether the work began."""
        return self._start(RunningWork.ACT, asker, lambda post: self._act(action, foreseen, post))

    def _read_list(self, fitting: str, post: Post) -> None:
        from bunsui.ports.session_rows import SessionQuery
        from bunsui.services.session_filter import parse_filter
        from bunsui.services.sessions import read_sessions

        listed = read_sessions(self._context(post), SessionQuery(limit=LISTED), parse_filter(fitting))
        post(SessionsListed(listed, self.now(), fitting))

    def _visit(self, post: Post, seconds: float) -> None:
        from bunsui.services.sessions import background_round

        post(MachinesVisited(background_round(self._context(post), seconds=seconds)))

    def _look(self, session_id: str, post: Post) -> None:
        from bunsui.services.watch import as_looked_at

        context = self._context(post)
        session = _session(context, session_id)
        # The observer keeps the history that it has read, so that each look asks only for what is new.
        if self._observed is None or self._observed[0] != session_id:
            self._observed = (session_id, context.observer(session))
        post(SessionShown(as_looked_at(context, self._observed[1].look(session))))

    def _look_at_job(self, session_id: str, job: str, post: Post) -> None:
        from bunsui.services.history.job_runs import JobRunsQuery, job_runs

        context, observed = self._context(post), self._observed
        reader = observed[1].reader if observed is not None and observed[0] == session_id else None
        session = _session(context, session_id)
        post(JobShown(job_runs(context, session, JobRunsQuery(job=job), reader), self.now()))

    def _read_logs(self, session_id: str, post: Post) -> None:
        from bunsui.services.logs import DEFAULT_LINES, SessionLogs
        from bunsui.sessions.logs.task_logs import LogQuery

        context = self._context(post)
        post(LogsShown(SessionLogs(context, _session(context, session_id)).read(LogQuery(limit=DEFAULT_LINES))))

    def _foresee(self, action: SessionAction, sessions: Sequence[Session], post: Post) -> None:
        context = self._fresh_context(post)
        foreseen, refused = _each(sessions, lambda session: action.foresee(context, _session(context, session.id)))
        post(ActionForeseen(action, foreseen, refused))

    def _act(self, action: SessionAction, foreseen: Sequence[Foreseen], post: Post) -> None:
        self._refuse_when_read_only()
        context = self._context(post)
        by_id = {one.session.id: one for one in foreseen}
        done, refused = _each([one.session for one in foreseen], lambda session: action.carry_out(context, by_id[session.id]))
        for session in done:
            named = span(f"{session.pipeline} {session.id}", Role.STRONG)
            self._told.append(line(span(f"✓ {action.done} ", Role.GOOD), named))
        post(ActionDone(action, done, refused))

    def _context(self, post: Post) -> SessionContext:
        with self._opening:
            if self._opened_context is not None:
                return self._opened_context
        return self._fresh_context(post)

    def _fresh_context(self, post: Post) -> SessionContext:
        """Read the pipelines again: what a resume restores depends on them, and they may have been fixed since."""
        with self._opening:
            if self._sessions is None:
                self._sessions = self._open_sessions()
            self._opened_context = context = self._sessions()
        self._learn(context.repository, post, account_known=True)
        return context


def _view_plan(plan: Plan, context: int, post: Post) -> None:
    from bunsui.view.plan.model import plan_view

    post(PlanViewed(plan, plan_view(plan, context=context, ask_for_states="u shows them"), context))


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


def _session(context: SessionContext, session_id: str) -> Session:
    from bunsui.services.sessions import Recollection, find_session

    return find_session(context, session_id, recollection=Recollection())
