"""Looks at machines: which of their executions are new, and which changed, since somebody looked last.

Step Functions lists running executions by their start or redrive and ended ones by their end, one machine a call, without
dates, and best effort: the newest change comes first. So a machine has a watermark, the newest change that was seen, less ten
minutes for lists that lag, and a look walks pages until a whole page lies below it. Rows are made from the list at once; what
executions were given, and why they failed, is asked for as far as the budget goes, what runs or failed first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bunsui.errors import CloudError, Missing
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.clock import Clock
from bunsui.ports.execution import ExecutionSummary, MapRunReader, SessionExecutions
from bunsui.ports.session_rows import KnownExecution, SessionQuery, SessionRepository, Watermark
from bunsui.sessions.history.commits import CommitOf, no_commit
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.manager import SEEN_TIME, SessionManager
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.truth import UNKNOWN

OVERLAP = timedelta(minutes=10)
"""So far a list may lag behind, or be out of order."""

DESCRIBED_AT_ONCE = 100
"""Executions that one round describes: DescribeExecution allows bursts of 250 in the smaller regions."""

LISTS_PER_SECOND = 2.0
DESCRIBES_PER_SECOND = 10.0
"""What ListExecutions and DescribeExecution allow for long in the smaller regions, shared by everybody in the account.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""

FIRST_LOOK = 10_000
"""Executions of a machine that the first look at it goes back."""

_PAGE = 100
_LARGE_PAGE = 1000
"""For a look after a long time; 1000 is the most that ListExecutions gives."""
_LONG_TIME = timedelta(hours=1)

_OPEN = (SessionStatus.RUNNING, SessionStatus.PENDING, SessionStatus.RECOVERING)
"""Rows that something is to become of, as lists tell them."""
_MOST_OPEN = 1000
_FEW = 5
"""So many open rows that the list did not tell of are described; of more, a list of what runs is read."""
_THREADS = 8


IsDue = Callable[[PipelineMachine, datetime], bool]
"""(a machine, when it was looked at) -> whether one of its schedules was to start something since."""


def nothing_due(_machine: PipelineMachine, _looked_at: datetime) -> bool:
    """Tell nothing: nobody knows of schedules."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One look at a machine."""

    pipeline: str
    is_reached: bool
    """False when the look ended before what was seen last time, so that some executions may not be known."""
    executions: int = 0
    """How many the list told of."""
    changes: int = 0
    """How many of them were news."""
    back_to: datetime | None = None
    """Older changes were never looked at."""
    why: str = ""
    """Why it was not reached."""
    error: CloudError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One look at several machines."""

    visits: tuple[Visit, ...]
    seconds: float
    undescribed: int = 0
    """Rows of which only a list told, as far as they were counted; they are described by the next rounds."""


class DescribeBudget:
    """How many executions may still be described. Safe from any thread."""

    def __init__(self, limit: int = DESCRIBED_AT_ONCE) -> None:
        """Start with that many."""
        self._left = limit
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one; False when there is none left."""
        with self._lock:
            self._left -= 1
            return self._left >= 0

    @property
    def left(self) -> int:
        """How many there are."""
        return max(self._left, 0)


class MachineRounds:
    """Visits machines, several at once."""

    def __init__(
        self,
        *,
        execution: SessionExecutions,
        sessions: SessionRepository,
        clock: Clock,
        manager: SessionManager,
        page_size: int | None = None,
        first_look: int = FIRST_LOOK,
        map_runs: MapRunReader | None = None,
        commit_of: CommitOf = no_commit,
    ) -> None:
        """Work on these executions and rows. `page_size` None: as large as the time since the last look suggests."""
        self._execution = execution
        self._sessions = sessions
        self._clock = clock
        self._manager = manager
        self._recorder = SessionRecorder(execution, sessions, map_runs, commit_of)
        self._page_size = page_size
        self._first_look = first_look

    def visit(
        self,
        machines: Sequence[PipelineMachine],
        budget: DescribeBudget | None = None,
        *,
        most: int | None = None,
        is_due: IsDue = nothing_due,
    ) -> Round:
        """Look at the machines, at `most` of them if that is said: of which sessions run, then those of which a schedule was to
        start something since they were looked at (`is_due`), then those not looked at for longest.

        Every execution that the lists tell of has a row afterwards, and every row what the lists say.

        What could not be read is said in the visit; a machine that is not there is a visit without executions.
        """
        began, budget = self._clock.now(), budget or DescribeBudget()
        if not machines:
            return Round(visits=(), seconds=0.0)
        self._sessions.prepare()
        marks = self._sessions.watermarks()
        rows = self.open_rows(machines)
        machines = machines_to_visit(machines, marks, rows, most, is_due) if most is not None else machines
        with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="sessions") as pool:
            visits = list(
                pool.map(lambda one: self._visited(one, marks.get(one.arn), rows.get(one.pipeline, ()), budget), machines)
            )
        undescribed = self._describe_some({machine.pipeline: machine for machine in machines}, budget)
        seconds = (self._clock.now() - began).total_seconds()
        return Round(visits=tuple(visits), seconds=seconds, undescribed=undescribed)

    def open_rows(self, machines: Collection[PipelineMachine]) -> Mapping[str, list[Session]]:
        """Return the rows of which something is to become, by pipeline."""
        only = next(iter(machines)).pipeline if len(machines) == 1 else None
        found: dict[str, list[Session]] = {}
        for status in _OPEN:
            query = SessionQuery(pipeline=only, status=status.value, limit=_MOST_OPEN)
            for row in self._sessions.find(query):
                found.setdefault(row.pipeline, []).append(row)
        return found

    def describe(self, sessions: Sequence[Session], machines: Mapping[str, PipelineMachine], limit: int) -> Sequence[Session]:
        """Return the sessions, as many of them described as the limit allows, of which only a list told."""
        chosen = [one.id for one in sessions if not one.is_described and one.pipeline in machines][:limit]
        if not chosen:
            return sessions
        with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="sessions") as pool:
            return list(
                pool.map(
                    lambda one: self._recorder.describe(one, machines[one.pipeline]) if one.id in chosen else one, sessions
                )
            )

    def _visited(
        self, machine: PipelineMachine, mark: Watermark | None, rows: Sequence[Session], budget: DescribeBudget
    ) -> Visit:
        try:
            return self._look(machine, mark, rows, budget)
        except CloudError as error:
            return Visit(pipeline=machine.pipeline, is_reached=False, why=error.summary, error=error)

    def _look(self, machine: PipelineMachine, mark: Watermark | None, rows: Sequence[Session], budget: DescribeBudget) -> Visit:
        looked_at = self._clock.now()
        try:
            found, back_to = self._walk(machine, mark)
        except Missing:  # not applied yet, or destroyed: its rows stay as they are
            found, back_to = [], mark.back_to if mark is not None else None
            self._sessions.keep(_gone(machine, mark, looked_at))
            is_gone = True
        else:
            is_gone = False
        known = self._sessions.known([one.arn for one in found])
        news = [one for one in found if _differs(known.get(one.arn), one)]
        self._record(news, known, machine, budget)
        touched = {known[one.arn].session_id for one in found if one.arn in known}
        self._check([row for row in rows if row.id not in touched], machine, budget)
        if not is_gone:
            newest = max([one.changed_at for one in found], default=mark.newest if mark is not None else looked_at)
            self._sessions.keep(
                Watermark(
                    machine_arn=machine.arn,
                    pipeline=machine.pipeline,
                    newest=max(newest, mark.newest) if mark is not None else newest,
                    looked_at=looked_at,
                    back_to=back_to,
                )
            )
        return Visit(pipeline=machine.pipeline, is_reached=True, executions=len(found), changes=len(news), back_to=back_to)

    def _walk(self, machine: PipelineMachine, mark: Watermark | None) -> tuple[list[ExecutionSummary], datetime | None]:
        """Return the executions that may have changed since the last look, and before which change nobody ever looked."""
        floor = mark.newest - OVERLAP if mark is not None else None
        is_long = mark is None or self._clock.now() - mark.looked_at > _LONG_TIME
        found: list[ExecutionSummary] = []
        for page in self._execution.pages(machine.arn, size=self._page_size or (_LARGE_PAGE if is_long else _PAGE)):
            if floor is None and len(found) >= self._first_look:  # and there is more
                return found, min(one.changed_at for one in found)
            found.extend(page)
            if floor is not None and page and all(one.changed_at < floor for one in page):
                break
        return found, mark.back_to if mark is not None else None

    def _record(
        self,
        news: Sequence[ExecutionSummary],
        known: Mapping[str, KnownExecution],
        machine: PipelineMachine,
        budget: DescribeBudget,
    ) -> None:
        """Write the news, oldest start first, so that of a slot that was delivered twice the first is the session's."""
        described = {one.arn for one in sorted(news, key=_urgency) if budget.take()}
        for one in sorted(news, key=lambda one: one.started_at):
            there = known.get(one.arn)
            if there is None:
                self._recorder.adopt(one, machine, describes=one.arn in described)
            elif one.arn in described:
                row = self._sessions.get(there.session_id)
                if row is not None:
                    self._recorder.take(row, self._execution.describe(one.arn))
            else:
                self._recorder.note(there.session_id, one, machine)

    def _check(self, rows: Sequence[Session], machine: PipelineMachine, budget: DescribeBudget) -> None:
        """Ask for open rows that the list did not tell of: their start may be cut short, or their execution forgotten."""
        now = self._clock.now()
        old = [row for row in rows if row.status is not SessionStatus.RUNNING or now - row.created_at > SEEN_TIME]
        if len(old) > _FEW:
            running = {one.arn for one in self._running(machine)}
            old = [row for row in old if not running & {attempt.execution_arn for attempt in row.attempts}]
        for row in old:
            if budget.take():
                self._manager.sync(row, target_arn=machine.arn)

    def _running(self, machine: PipelineMachine) -> Iterator[ExecutionSummary]:
        with suppress(Missing):
            for page in self._execution.pages(machine.arn, status=SessionStatus.RUNNING):
                yield from page

    def _describe_some(self, machines: Mapping[str, PipelineMachine], budget: DescribeBudget) -> int:
        """Describe rows that earlier rounds left, and tell how many are left now."""
        waiting = self._sessions.find(SessionQuery(is_described=False, limit=DESCRIBED_AT_ONCE))
        described = self.describe(waiting, machines, budget.left)
        return sum(not one.is_described for one in described)


def machines_to_visit(
    machines: Sequence[PipelineMachine],
    marks: Mapping[str, Watermark],
    rows: Mapping[str, Sequence[Session]],
    most: int,
    is_due: IsDue = nothing_due,
) -> Sequence[PipelineMachine]:
    """Return the machines to look at next: half of them of which sessions run, half of the others those of which something was
    due since, and none of them is put off for ever."""
    never = datetime.min.replace(tzinfo=UTC)
    aged = sorted(machines, key=lambda one: marks[one.arn].looked_at if one.arn in marks else never)
    busy = [one for one in aged if rows.get(one.pipeline)][: (most + 1) // 2]
    due = [one for one in aged if one not in busy and one.arn in marks and is_due(one, marks[one.arn].looked_at)]
    due = due[: (most - len(busy)) // 2]
    return list({one.arn: one for one in (*busy, *due, *aged)}.values())[:most]


def _differs(known: KnownExecution | None, summary: ExecutionSummary) -> bool:
    """Tell whether a list shows an execution otherwise than its row does."""
    if known is None:
        return True
    if summary.redrive_count != known.redrive:
        return summary.redrive_count > known.redrive
    return known.error == UNKNOWN or (summary.status.is_final and not known.is_final)


def _urgency(summary: ExecutionSummary) -> tuple[int, float]:
    """Return the place among those to be described: what runs, what ended badly, the rest; the newest first."""
    rank = {SessionStatus.RUNNING: 0, SessionStatus.SUCCEEDED: 2}.get(summary.status, 1)
    return rank, -summary.changed_at.timestamp()


def _gone(machine: PipelineMachine, mark: Watermark | None, at: datetime) -> Watermark:
    return Watermark(
        machine_arn=machine.arn,
        pipeline=machine.pipeline,
        newest=mark.newest if mark is not None else at,
        looked_at=at,
        back_to=mark.back_to if mark is not None else None,
        is_gone=True,
    )
