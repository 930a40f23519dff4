"""What is opened of a project, at most once: its files, the ports of a plan, its sessions."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.errors import BunsuiError, Refused
from bunsui.tui.messages import ScreenPlace
from bunsui.view.sessions.wording import zone_of

if TYPE_CHECKING:
    from bunsui.model.resource import Scope
    from bunsui.project.repository import Repository
    from bunsui.refresh.ports import ReconcilePorts
    from bunsui.services.morning.ports import MorningPorts
    from bunsui.services.session_context import SessionContext

OpenProject = Callable[[], "Repository"]
OpenReconcile = Callable[[], "tuple[Repository, ReconcilePorts]"]
OpenSessions = Callable[[], "ReadSessions"]
"""Opens the account side of the sessions, and gives what reads the pipelines anew each time."""
ReadSessions = Callable[[], "SessionContext"]
OpenMorning = Callable[[], "MorningPorts"]


class OpenedProject:
    """Opens what is asked for, when it is asked for, which tells where that is.

    Its methods may be called from any thread, and may take long.
    """

    def __init__(
        self,
        *,
        open_sessions: OpenSessions,
        open_project: OpenProject | None,
        open_reconcile: OpenReconcile | None,
        open_morning: OpenMorning | None,
        now: Callable[[], datetime],
        zone: tzinfo | None,
        place: ScreenPlace,
    ) -> None:
        """Take the ways to open the ports; none is used before it is needed."""
        self._open_project = open_project
        self._open_reconcile = open_reconcile
        self._open_sessions = open_sessions
        self._open_morning = open_morning
        self._zone = zone
        self._lock = threading.RLock()
        self._reconcile: tuple[Repository, ReconcilePorts] | None = None
        self._sessions: ReadSessions | None = None
        self._context: SessionContext | None = None
        self._morning: MorningPorts | None = None
        self.now = now
        self.place = place
        self.zone: tzinfo = zone or UTC
        """The time zone in which times are shown."""
        self.when_learnt: Callable[[ScreenPlace], object] = lambda place: place
        """Told when more is known of the place; called in the thread that learnt it."""

    @property
    def has_files(self) -> bool:
        """False where there are no files to plan from."""
        return self._open_reconcile is not None

    def forget(self) -> None:
        """Open everything anew at the next question: the user may have logged in again."""
        with self._lock:
            self._reconcile = self._sessions = self._context = self._morning = None

    def forget_files(self) -> None:
        """Read the pipelines anew at the next question; the connections stay."""
        with self._lock:
            self._context = None

    def read_project(self) -> None:
        """Read the project's files, to know where we are."""
        if self._open_project is not None:
            self.repository()

    def repository(self) -> Repository:
        """Return the project's files, read anew; no account is asked for.

        Raises:
            Refused: there are no files.

        """
        if self._open_project is None:
            raise Refused("no-files", "there are no files here", hint="Work in a checkout of the project.")
        repository = self._open_project()
        self._learn(repository)
        return repository

    def is_here(self, planned: Scope) -> bool:
        """Tell whether the files here are of the project and the environment that a saved plan was made for."""
        if self._open_project is None:
            return False
        try:
            scope = self._open_project().scope
        except BunsuiError:  # no project here, or one that cannot be read
            return False
        here = (scope.project, scope.project_id, scope.environment, scope.region)
        return here == (planned.project, planned.project_id, planned.environment, planned.region)

    def reconcile(self, *, anew: bool = True) -> tuple[Repository, ReconcilePorts]:
        """Return the files and the ports of a plan. The files may have changed, so that a plan reads them anew.

        Raises:
            Refused: there are no files.

        """
        if self._open_reconcile is None:
            raise Refused("no-files", "there are no files here to plan from", hint="Work in a checkout of the project.")
        with self._lock:
            opened = self._reconcile
            if anew or opened is None:
                opened = self._reconcile = self._open_reconcile()
        self._learn(opened[0], account_known=True)
        return opened

    def context(self) -> SessionContext:
        """Return the sessions and what they are read with, opened at the first call."""
        with self._lock:
            return self._context or self.fresh_context()

    def morning(self) -> MorningPorts | None:
        """Return what schedules are read with, opened at the first call; None where nothing of theirs is looked at."""
        with self._lock:
            if self._morning is None and self._open_morning is not None:
                self._morning = self._open_morning()
            return self._morning

    def fresh_context(self) -> SessionContext:
        """Read the pipelines again: what a resume restores depends on them, and they may have been fixed since."""
        with self._lock:
            if self._sessions is None:
                self._sessions = self._open_sessions()
            self._context = context = self._sessions()
        self._learn(context.repository, account_known=True)
        return context

    def _learn(self, repository: Repository, *, account_known: bool = False) -> None:
        environment, known = repository.project.environment, self.place
        self.zone = self._zone or zone_of(repository.project.timezone)
        self.place = replace(
            known,
            project=repository.project.name,
            environment=environment.name,
            account=repository.scope.account if account_known else known.account,
            region=repository.scope.region,
            commit=repository.commit,
            is_protected=environment.protected,
        )
        if self.place != known:
            self.when_learnt(self.place)
