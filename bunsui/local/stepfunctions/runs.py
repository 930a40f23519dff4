"""The executions that run: each an engine with a lane of time and a journal, all on one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from bunsui.engine.tasks import TaskReport
from bunsui.local.stepfunctions.activities import Board
from bunsui.local.stepfunctions.journal import (
    MAP_RUN,
    OBJECT,
    REDRIVE,
    REPORT,
    STOP,
    instant,
    map_run_entry,
    redrive_entry,
    report_entry,
    report_of,
    stop_entry,
)
from bunsui.local.stepfunctions.orders import Labor
from bunsui.local.stepfunctions.records import RUNNING, ExecutionRecord, Room
from bunsui.local.stepfunctions.refusal import Services
from bunsui.local.stepfunctions.refusals import Refused
from bunsui.local.stepfunctions.run import Run
from bunsui.local.stepfunctions.thread import EngineThread

_log = logging.getLogger("bunsui.local")

_LOST = "The embedded AWS was started again and could not take this execution up where it was: "


class Witness(Protocol):
    """Is told what happens to executions."""

    def status_changed(self, room: Room, record: ExecutionRecord) -> None:
        """The execution began, ended, or began again."""
        ...

    def recorded(self, room: Room, record: ExecutionRecord, events: Sequence[dict[str, Any]]) -> None:
        """These events were added to the history."""
        ...


class Runs:
    """Runs executions. Every method but `say` is for the engine's thread only."""

    def __init__(
        self, thread: EngineThread, labor: Labor, services: Services, witness: Witness, *, now: Callable[[], float]
    ) -> None:
        """`now` gives seconds since 1970."""
        self._thread = thread
        self._services = services
        self._labor = labor
        self._witness = witness
        self._now = now
        self._live: dict[str, Run] = {}
        self._waiting: dict[str, list[Future[None]]] = {}
        self._tokens: dict[str, tuple[Run, int]] = {}
        self._spent: dict[str, None] = {}
        self._board = Board()

    @property
    def board(self) -> Board:
        """The work that waits for workers of activities."""
        return self._board

    @property
    def running(self) -> int:
        """How many run; from any thread."""
        return len(self._live)

    def start(self, room: Room, record: ExecutionRecord) -> None:
        """Begin an execution and keep it in its room."""
        room.executions[record.arn] = record
        run = self._opened(room, record)
        self._witness.status_changed(room, record)
        run.go_live()
        self._step(run, run.execution.start)
        self._arrive(run)

    def stop(self, room: Room, record: ExecutionRecord, *, error: str | None, cause: str | None) -> None:
        """Abort a running execution."""
        run = self._live[record.arn]
        at = self._arrive(run)
        if record.status == RUNNING:
            record.journal.append(stop_entry(at, error, cause))
            self._step(run, partial(run.execution.stop, error, cause))

    def redrive(self, room: Room, record: ExecutionRecord) -> None:
        """Run again what did not succeed; on the same definition, input and journal."""
        try:
            run = self._replayed(room, record)
        except Exception as problem:
            _log.exception("%s could not be run again", record.arn)
            raise Refused("ExecutionNotRedrivable", f"Execution is not redrivable: '{problem}'") from problem
        run.advance(self._instant())
        at = run.lane.now()
        record.journal.append(redrive_entry(at))
        record.redrive_count += 1
        record.redriven_at = at.timestamp()
        record.status, record.stopped_at = RUNNING, None
        record.output = record.error = record.cause = None
        self._live[record.arn] = run
        self._witness.status_changed(room, record)
        run.go_live()
        self._step(run, run.execution.redrive)
        self._arrive(run)

    def revive(self, records: Iterable[tuple[Room, ExecutionRecord]]) -> None:
        """Take running executions of an earlier process up where they were; one of which that cannot be fails and says why.

        All of them are there before any goes on: some wait for others."""
        revived: list[Run] = []
        for room, record in records:
            try:
                run = self._replayed(room, record)
            except Exception as problem:  # noqa: BLE001 - a journal of another version may break anything; it never vanishes
                _log.exception("%s could not be taken up", record.arn)
                self._fail(room, record, _LOST + str(problem))
                continue
            self._live[record.arn] = run
            revived.append(run)
        for run in revived:
            self._arrive(run)
            self._settle(run)
            run.go_live()

    def drop_all(self) -> None:
        """Let go of every execution and all their work, and tell nobody."""
        for run in self._live.values():
            run.record.status = "ABORTED"
            run.abandon()
        self._live.clear()
        self._waiting.clear()
        self._board = Board()

    def update_map_run(self, record: ExecutionRecord, arn: str, changes: Mapping[str, float]) -> None:
        """Change limits of a map run of a running execution."""
        run = self._live[record.arn]
        at = self._arrive(run)
        if record.status == RUNNING:
            record.journal.append(map_run_entry(at, arn, changes))
            self._step(run, partial(run.update_map_run, arn, changes))
            self._arrive(run)

    def refresh(self) -> None:
        """Bring the records of map runs and their children up to date."""
        for run in self._live.values():
            run.note_map_runs()

    def events(self, record: ExecutionRecord) -> Sequence[dict[str, Any]]:
        """Give the history so far."""
        return record.events

    def ended(self, record: ExecutionRecord) -> Future[None]:
        """Give what is done when the execution ends; at once when it has ended."""
        future: Future[None] = Future()
        if record.arn in self._live:
            self._waiting.setdefault(record.arn, []).append(future)
        else:
            future.set_result(None)
        return future

    def tell(self, token: str, report: TaskReport) -> str:
        """Hand a report to the task that waits for the token."""
        known = self._tokens.get(token)
        if known is None:
            return "over" if token in self._spent else "unknown"
        run, number = known
        self._report(run, number, report)
        return "told"

    def _opened(self, room: Room, record: ExecutionRecord) -> Run:
        run = self._made(room, record)
        self._live[record.arn] = run
        return run

    def _made(self, room: Room, record: ExecutionRecord) -> Run:
        return Run(room, record, self._labor, self._services, say=self._say, name_token=self._name_token)

    def _say(self, run: Run, number: int, report: TaskReport) -> None:
        """Report from any thread."""
        self._thread.post(partial(self._report, run, number, report))

    def _name_token(self, token: str, run: Run | None, number: int) -> None:
        """Note who waits for a token; nobody any more for None."""
        if run is not None:
            self._tokens[token] = (run, number)
            return
        self._tokens.pop(token, None)
        self._spent[token] = None
        if len(self._spent) > 10_000:
            del self._spent[next(iter(self._spent))]

    def _report(self, run: Run, number: int, report: TaskReport) -> None:
        if run.record.status != RUNNING or not run.waits_for(number):
            return
        at = self._arrive(run)
        if run.record.status == RUNNING and run.waits_for(number):
            run.record.journal.append(report_entry(at, number, report))
            self._step(run, partial(run.report, number, report))
            self._arrive(run)

    def _arrive(self, run: Run) -> datetime:
        """Let the execution's time pass until now; give where it stands, which is never earlier than before."""
        self._step(run, partial(run.advance, self._instant()))
        return run.lane.now()

    def _instant(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def _step(self, run: Run, action: Callable[[], None]) -> None:
        if run.record.status != RUNNING:
            return
        try:
            action()
        except Exception as problem:  # noqa: BLE001 - an execution that breaks the engine ends, and no other with it
            _log.exception("the engine failed at %s", run.record.arn)
            self._fail(run.room, run.record, f"The engine of the embedded AWS failed: {problem!r}. Its log tells more.")
            return
        self._settle(run)

    def _settle(self, run: Run) -> None:
        """Record what a step changed, and see to the next one."""
        added = run.take_events()
        if added:
            self._witness.recorded(run.room, run.record, added)
        if run.record.status == RUNNING and run.is_over:
            run.close()
            self._ended(run.room, run.record)
        elif run.record.status == RUNNING:
            if self._is_to_end(run, added):
                self._thread.post(partial(self._end_deleted, run))
            self._plan(run)

    def _is_to_end(self, run: Run, added: Sequence[dict[str, Any]]) -> bool:
        machine = run.room.machines.get(run.record.machine_arn)
        return machine is not None and machine.is_deleting and any(e["type"].endswith("StateEntered") for e in added)

    def _end_deleted(self, run: Run) -> None:
        if run.record.status == RUNNING:
            self.stop(run.room, run.record, error=None, cause="The state machine was deleted.")

    def _plan(self, run: Run) -> None:
        due = run.lane.due()
        if due is None or (run.wakes_at is not None and run.wakes_at <= due):
            return
        run.wakes_at = due
        self._thread.call_at(due.timestamp(), partial(self._wake, run, due))

    def _wake(self, run: Run, planned: datetime) -> None:
        if run.wakes_at == planned:
            run.wakes_at = None
            if run.record.status == RUNNING:
                self._arrive(run)

    def _ended(self, room: Room, record: ExecutionRecord) -> None:
        self._live.pop(record.arn, None)
        self._witness.status_changed(room, record)
        for future in self._waiting.pop(record.arn, ()):
            if future.set_running_or_notify_cancel():
                future.set_result(None)

    def _fail(self, room: Room, record: ExecutionRecord, cause: str) -> None:
        """End an execution that cannot go on; its history says so."""
        run = self._live.get(record.arn)
        if run is not None:
            run.take_events()
            run.abandon()
        now = self._now()
        last = record.events[-1]["id"] if record.events else 0
        details = {"error": "States.Runtime", "cause": cause}
        record.events.append(
            {
                "timestamp": now,
                "type": "ExecutionFailed",
                "id": last + 1,
                "previousEventId": last,
                "executionFailedEventDetails": details,
            }
        )
        record.status, record.stopped_at = "FAILED", now
        record.error, record.cause = details["error"], cause
        self._ended(room, record)

    def _replayed(self, room: Room, record: ExecutionRecord) -> Run:
        """Run an execution again from its journal, without any work; ValueError when it comes out otherwise than recorded."""
        run = self._made(room, record)
        run.replay_objects()
        run.execution.start()
        for entry in record.journal:
            if entry[1] == OBJECT:
                continue
            run.advance(instant(entry))
            match entry[1]:
                case kind if kind == REPORT:
                    run.report(*report_of(entry))
                case kind if kind == STOP:
                    run.execution.stop(entry[2], entry[3])
                case kind if kind == REDRIVE:
                    run.execution.redrive()
                case kind if kind == MAP_RUN:
                    run.update_map_run(entry[2], entry[3])
        run.catch_up()
        return run
