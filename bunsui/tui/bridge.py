"""The bridge between the screens and the services: the only place with threads.

Each piece of work runs in a thread of its own and answers with one or more messages; the screens never wait. The threads are
daemons, so that leaving the program never hangs on a slow answer from AWS; only an apply is waited for, since a step that was
begun should be written down. Services, and with them boto3, pydantic and YAML, are imported inside the threads: the first
frame is on the screen before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from bunsui.errors import Refused
from bunsui.tui.messages import (
    Applied,
    Failed,
    LogsShown,
    Noticed,
    NotPlanned,
    Opened,
    Place,
    Planned,
    Reading,
    Resumed,
    ResumePlanned,
    SessionShown,
    SessionsListed,
    Waited,
    Work,
)
from bunsui.tui.problem import problem_of
from bunsui.view.session_words import zone_of

if TYPE_CHECKING:
    from bunsui.apply.stop import Stop
    from bunsui.model.session import Session
    from bunsui.plan.model import Plan
    from bunsui.services.desk import Desk
    from bunsui.services.edges import ReconcileEdges, Repository, SessionEdges
    from bunsui.sessions.observer import SessionObserver

LISTED = 500
"""How many sessions the list holds at most."""

OpenProject = Callable[[], "Repository"]
OpenReconcile = Callable[[], "tuple[Repository, ReconcileEdges]"]
OpenSessions = Callable[[], "tuple[Repository, SessionEdges]"]
Post = Callable[[Message], None]


class Bridge:
    """Does what screens ask for, in threads, and posts the answers to whoever asked."""

    def __init__(
        self,
        *,
        open_project: OpenProject,
        open_reconcile: OpenReconcile,
        open_sessions: OpenSessions,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        utc: bool = False,
        read_only: bool = False,
        notices: SimpleQueue[str] | None = None,
    ) -> None:
        """Take the ways to open the edges; none is used before it is needed. `utc` shows times in UTC rather than in the
        project's time zone, `read_only` refuses whatever would change something, `notices` brings what is no error but
        should be told, such as saved data that could not be read."""
        self._open_project = open_project
        self._open_reconcile = open_reconcile
        self._open_sessions = open_sessions
        self.now = now
        self.read_only = read_only
        self._utc = utc
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._busy: set[Work] = set()
        self._notices = notices
        self._stop: Stop | None = None
        self._reconcile: tuple[Repository, ReconcileEdges] | None = None
        self._sessions: tuple[Repository, SessionEdges] | None = None
        self._opened_desk: Desk | None = None
        self._observed: tuple[str, SessionObserver] | None = None
        self.place = Place(is_read_only=read_only)
        self.zone: tzinfo = UTC
        """The time zone in which times are shown."""

    def is_busy(self, work: Work) -> bool:
        """Tell whether such work is under way."""
        with self._lock:
            return work in self._busy

    @property
    def is_idle(self) -> bool:
        """True when nothing is under way."""
        with self._lock:
            return not self._busy

    def open(self, asker: MessagePump) -> None:
        """Read the project's files, to know where we are; answers Opened."""
        self._start(Work.OPEN, asker, self._read_project)

    def forget_credentials(self) -> None:
        """Open everything anew at the next question: the user may have logged in again."""
        with self._opening:
            self._reconcile = None
            self._sessions = None
            self._opened_desk = None
            self._observed = None

    def stop_apply(self) -> None:
        """Ask a running apply to begin nothing more; asked again, it does not wait for what runs either."""
        if self._stop is not None:
            self._stop.request()

    def _start(self, work: Work, asker: MessagePump, task: Callable[[Post], None]) -> bool:
        """Begin the work in a thread, unless the same kind of work is still under way; tell whether it began."""
        with self._lock:
            if work in self._busy:
                return False
            self._busy.add(work)
        threading.Thread(target=self._run, args=(work, asker, task), name=f"bunsui {work.value}", daemon=True).start()
        return True

    def _run(self, work: Work, asker: MessagePump, task: Callable[[Post], None]) -> None:
        def post(message: Message) -> None:
            # The screen or the whole program may be gone by now; then nobody is left to be told.
            with suppress(RuntimeError):
                asker.post_message(message)

        try:
            task(post)
            failure = None
        except Exception as error:  # noqa: BLE001 (a thread's failure is shown on the screen; the program goes on)
            failure = Failed(work, problem_of(error))
        with self._lock:
            self._busy.discard(work)
        with suppress(Empty):
            while self._notices is not None:
                post(Noticed(self._notices.get_nowait()))
        if failure is not None:
            post(failure)

    def _read_project(self, post: Post) -> None:
        self._learn(self._open_project(), post)

    def _learn(self, repository: Repository, post: Post, *, account_known: bool = False) -> None:
        environment = repository.project.environment
        self.zone = UTC if self._utc else zone_of(repository.project.timezone)
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

    def _reconcile_edges(self, post: Post) -> tuple[Repository, ReconcileEdges]:
        # The files may have changed since, so the repository side is read anew for each plan.
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
        return self._start(Work.PLAN, asker, self._make_plan)

    def apply(self, asker: MessagePump, plan: Plan) -> bool:
        """Apply the plan; answers Applied for each event. Tells whether the work began."""
        return self._start(Work.APPLY, asker, lambda post: self._carry_out(plan, post))

    def _make_plan(self, post: Post) -> None:
        from bunsui.services.plan import plan_project

        repository, edges = self._reconcile_edges(post)
        outcome = plan_project(repository, edges, progress=lambda done, total: post(Reading(done, total)))
        if outcome.plan is None:
            post(NotPlanned(outcome.diagnostics))
        else:
            post(Planned(outcome.plan, self.now()))

    def _carry_out(self, plan: Plan, post: Post) -> None:
        from bunsui.apply.lease import PATIENCE_SECONDS
        from bunsui.apply.stop import Stop
        from bunsui.services.apply import apply_plan
        from bunsui.services.locking import Patience

        self._refuse_when_read_only()
        edges = self._reconcile[1] if self._reconcile is not None else self._reconcile_edges(post)[1]
        self._stop = Stop()
        waits = Patience(waiting=lambda waiting: post(Waited(waiting, self.now(), PATIENCE_SECONDS)))
        for event in apply_plan(plan, edges, stop=self._stop, patience=waits):
            post(Applied(event))

    def list_sessions(self, asker: MessagePump) -> bool:
        """Read the list; answers SessionsListed. Tells whether the work began."""
        return self._start(Work.SESSIONS, asker, self._read_list)

    def show_session(self, asker: MessagePump, session_id: str) -> bool:
        """Read one session with its history; answers SessionShown. Tells whether the work began."""
        return self._start(Work.SESSION, asker, lambda post: self._look(session_id, post))

    def read_logs(self, asker: MessagePump, session_id: str) -> bool:
        """Read what the session's tasks wrote; answers LogsShown. Tells whether the work began."""
        return self._start(Work.LOGS, asker, lambda post: self._read_logs(session_id, post))

    def plan_resume(self, asker: MessagePump, session_id: str) -> bool:
        """Find out what a resume would restore and run; answers ResumePlanned. Tells whether the work began."""
        return self._start(Work.RESUME, asker, lambda post: self._plan_resume(session_id, post))

    def resume(self, asker: MessagePump, session_id: str) -> bool:
        """Start the session again; answers Resumed. Tells whether the work began."""
        return self._start(Work.RESUME, asker, lambda post: self._resume(session_id, post))

    def _read_list(self, post: Post) -> None:
        from bunsui.services.sessions import list_sessions

        post(SessionsListed(list_sessions(self._desk(post), limit=LISTED), self.now()))

    def _look(self, session_id: str, post: Post) -> None:
        desk = self._desk(post)
        session = _session(desk, session_id)
        # The observer keeps the history that it has read, so that each look asks only for what is new.
        if self._observed is None or self._observed[0] != session_id:
            self._observed = (session_id, desk.observer(session))
        post(SessionShown(self._observed[1].look(session)))

    def _read_logs(self, session_id: str, post: Post) -> None:
        from bunsui.services.logs import session_logs

        desk = self._desk(post)
        post(LogsShown(session_logs(desk, _session(desk, session_id))))

    def _plan_resume(self, session_id: str, post: Post) -> None:
        from bunsui.services.resume import plan_resumption

        desk = self._fresh_desk(post)
        post(ResumePlanned(plan_resumption(desk, _session(desk, session_id))))

    def _resume(self, session_id: str, post: Post) -> None:
        from bunsui.services.resume import resume_session

        self._refuse_when_read_only()
        desk = self._fresh_desk(post)
        post(Resumed(resume_session(desk, _session(desk, session_id)).session))

    def _desk(self, post: Post) -> Desk:
        with self._opening:
            if self._opened_desk is not None:
                return self._opened_desk
        return self._fresh_desk(post)

    def _fresh_desk(self, post: Post) -> Desk:
        """Read the pipelines again: what a resume restores depends on them, and they may have been fixed since."""
        from bunsui.services.desk import open_desk

        with self._opening:
            if self._sessions is None:
                self._sessions = self._open_sessions()
            repository, edges = self._sessions
            self._opened_desk = desk = open_desk(repository, edges)
        self._learn(repository, post, account_known=True)
        return desk


def _session(desk: Desk, session_id: str) -> Session:
    from bunsui.services.sessions import Recollection, find_session

    return find_session(desk, session_id, recollection=Recollection())
