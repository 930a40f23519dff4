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
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from bunsui.errors import Refused
from bunsui.tui.messages import Applied, Failed, NotPlanned, Opened, Place, Planned, Reading, Work
from bunsui.tui.problem import problem_of
from bunsui.view.session_words import zone_of

if TYPE_CHECKING:
    from bunsui.apply.stop import Stop
    from bunsui.plan.model import Plan
    from bunsui.services.edges import ReconcileEdges, Repository, SessionEdges

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
    ) -> None:
        """Take the ways to open the edges; none is used before it is needed. `utc` shows times in UTC rather than in the
        project's time zone, `read_only` refuses whatever would change something."""
        self._open_project = open_project
        self._open_reconcile = open_reconcile
        self._open_sessions = open_sessions
        self.now = now
        self.read_only = read_only
        self._utc = utc
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._busy: set[Work] = set()
        self._stop: Stop | None = None
        self._reconcile: tuple[Repository, ReconcileEdges] | None = None
        self._sessions: tuple[Repository, SessionEdges] | None = None
        self.place = Place(is_read_only=read_only)
        self.zone: tzinfo = UTC
        """The time zone in which times are shown."""

    def is_busy(self, work: Work) -> bool:
        """Tell whether such work is under way."""
        with self._lock:
            return work in self._busy

    def open(self, asker: MessagePump) -> None:
        """Read the project's files, to know where we are; answers Opened."""
        self._start(Work.OPEN, asker, self._read_project)

    def forget_credentials(self) -> None:
        """Open everything anew at the next question: the user may have logged in again."""
        with self._opening:
            self._reconcile = None
            self._sessions = None

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

    def _session_edges(self, post: Post) -> tuple[Repository, SessionEdges]:
        with self._opening:
            if self._sessions is not None:
                return self._sessions
            self._sessions = opened = self._open_sessions()
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
        from bunsui.apply.stop import Stop
        from bunsui.services.apply import apply_plan

        self._refuse_when_read_only()
        edges = self._reconcile[1] if self._reconcile is not None else self._reconcile_edges(post)[1]
        self._stop = Stop()
        for event in apply_plan(plan, edges, stop=self._stop):
            post(Applied(event))

    def list_sessions(self, asker: MessagePump) -> bool:
        raise NotImplementedError

    def show_session(self, asker: MessagePump, session_id: str) -> bool:
        raise NotImplementedError

    def read_logs(self, asker: MessagePump, session_id: str) -> bool:
        raise NotImplementedError

    def resume(self, asker: MessagePump, session_id: str) -> bool:
        raise NotImplementedError
