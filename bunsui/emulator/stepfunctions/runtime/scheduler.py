"""The executions that run: each an engine with a clock of time and a journal, all on one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol

from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.roles import Roles
from bunsui.emulator.stepfunctions.runtime.event_loop import EngineThread
from bunsui.emulator.stepfunctions.runtime.running_execution import RunningExecution
from bunsui.emulator.stepfunctions.store.journal import (
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
from bunsui.emulator.stepfunctions.store.records import RUNNING, ExecutionRecord, RegionStore
from bunsui.emulator.stepfunctions.tasks.activity_queue import ActivityQueue
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.emulator.stepfunctions.tasks.task import TaskWorker
from bunsui.engine.tasks import TaskReport

_log = logging.getLogger("bunsui.emulator")

PARKED = "BunsuiLocal.Parked"
"""The error of an execution that is not taken up again."""
_PARKED_CAUSE = (
    "The embedded AWS died twice, without being stopped, while this execution was under way, so it did not go on a third time."
    " `bunsui resume {name}` has it go on from where it was; `bunsui local logs` tells what the embedded AWS said."
)
_LOST = "The embedded AWS was started again and could not take this execution up where it was: "


class ExecutionListener(Protocol):
    """Is told what happens to executions."""

    def status_changed(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """The execution began, ended, or began again."""
        ...

    def recorded(self, region_store: RegionStore, record: ExecutionRecord, events: Sequence[dict[str, Any]]) -> None:
        """These events were added to the history."""
        ...


class ExecutionScheduler:
    """Runs executions. Every method but `say` is for the engine's thread only."""

    def __init__(
        self,
        thread: EngineThread,
        tasks: TaskWorker,
        services: Services,
        listener: ExecutionListener,
        *,
        roles: Roles,
        now: Callable[[], float],
    ) -> None:
        """`roles` judges the executions' roles; `now` gives seconds since 1970."""
        self._thread = thread
        self._services = services
        self._roles = roles
        self._tasks = tasks
        self._listener = listener
        self._now = now
        self._live: dict[str, RunningExecution] = {}
        self.redrive_tokens: dict[str, dict[str, float]] = {}
        """By execution, the client tokens of its redrives, each with the time of its first use."""
        self._waiting: dict[str, list[Future[None]]] = {}
        self._tokens: dict[str, tuple[RunningExecution, int]] = {}
        self._spent: dict[str, None] = {}
        self._activity_queue = ActivityQueue()

    @property
    def activity_queue(self) -> ActivityQueue:
        """The work that waits for workers of activities."""
        return self._activity_queue

    @property
    def running(self) -> int:
        """How many run; from any thread."""
        return len(self._live)

    def start(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """Begin an execution and keep it in its region_store."""
        region_store.executions[record.arn] = record
        run = self._open_execution(region_store, record)
        self._listener.status_changed(region_store, record)
        run.go_live()
        self._step(run, run.execution.start)
        self._arrive(run)

    def stop(self, region_store: RegionStore, record: ExecutionRecord, *, error: str | None, cause: str | None) -> None:
        """Abort a running execution."""
        run = self._live[record.arn]
        at = self._arrive(run)
        if record.status == RUNNING:
            record.journal.append(stop_entry(at, error, cause))
            self._step(run, partial(run.execution.stop, error, cause))

    def redrive(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """Run again what did not succeed; on the same definition, input and journal."""
        try:
            run = self._replay_execution(region_store, record)
        except Exception as problem:
            _log.exception("%s could not be run again", record.arn)
            raise ApiError("ExecutionNotRedrivable", f"Execution is not redrivable: '{problem}'") from problem
        run.advance(self._instant())
        at = run.clock.now()
        record.journal.append(redrive_entry(at))
        record.redrive_count += 1
        record.redriven_at = at.timestamp()
        record.status, record.stopped_at = RUNNING, None
        record.output = record.error = record.cause = None
        self._live[record.arn] = run
        self._listener.status_changed(region_store, record)
        run.go_live()
        self._step(run, run.execution.redrive)
        self._arrive(run)

    def revive(self, records: Iterable[tuple[RegionStore, ExecutionRecord]]) -> None:
        """Take running executions of an earlier process up where they were; one of which that cannot be fails and says why.

        All of them are there before any goes on: some wait for others."""
        revived: list[RunningExecution] = []
        for region_store, record in records:
            try:
                run = self._replay_execution(region_store, record)
            except Exception as problem:  # noqa: BLE001 - a journal of another version may break anything; it never vanishes
                _log.exception("%s could not be taken up", record.arn)
                self._fail(region_store, record, _LOST + str(problem))
                continue
            self._live[record.arn] = run
            revived.append(run)
        for run in revived:
            self._arrive(run)
            self._settle(run)
            run.go_live()

    def park(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """End a running execution of an earlier process without running anything of it; it can be redriven."""
        times = [record.started_at, *(event["timestamp"] for event in record.events[-1:])]
        times += [instant(entry).timestamp() for entry in record.journal[-1:]]
        cause = _PARKED_CAUSE.format(name=record.name)
        # As if it had been stopped where it was last seen, so that its journal can be run again from there.
        at = datetime.fromtimestamp(max(times), UTC)
        record.journal.append(stop_entry(at, PARKED, cause))
        _log.error("%s was under way when the embedded AWS died twice, and was parked", record.arn)
        self._end(region_store, record, "ABORTED", PARKED, cause, at=at.timestamp())

    def drop_all(self) -> None:
        """Let go of every execution and all their work, and tell nobody."""
        for run in self._live.values():
            run.record.status = "ABORTED"
            run.abandon()
        self._live.clear()
        self._waiting.clear()
        self._activity_queue = ActivityQueue()

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
        """Return the history so far."""
        return record.events

    def ended(self, record: ExecutionRecord) -> Future[None]:
        """Return what is done when the execution ends; at once when it has ended."""
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

    def _open_execution(self, region_store: RegionStore, record: ExecutionRecord) -> RunningExecution:
        run = self._make_execution(region_store, record)
        self._live[record.arn] = run
        return run

    def _make_execution(self, region_store: RegionStore, record: ExecutionRecord) -> RunningExecution:
        return RunningExecution(
            region_store,
            record,
            self._tasks,
            self._services,
            roles=self._roles,
            say=self._say,
            name_token=self._name_token,
        )

    def _say(self, run: RunningExecution, number: int, report: TaskReport) -> None:
        """Report from any thread."""
        self._thread.post(partial(self._report, run, number, report))

    def _name_token(self, token: str, run: RunningExecution | None, number: int) -> None:
        """Note who waits for a token; nobody any more for None."""
        if run is not None:
            self._tokens[token] = (run, number)
            return
        self._tokens.pop(token, None)
        self._spent[token] = None
        if len(self._spent) > 10_000:
            del self._spent[next(iter(self._spent))]

    def _report(self, run: RunningExecution, number: int, report: TaskReport) -> None:
        if run.record.status != RUNNING or not run.waits_for(number):
            return
        at = self._arrive(run)
        if run.record.status == RUNNING and run.waits_for(number):
            run.record.journal.append(report_entry(at, number, report))
            self._step(run, partial(run.report, number, report))
            self._arrive(run)

    def _arrive(self, run: RunningExecution) -> datetime:
        """Let the execution's time pass until now; give where it stands, which is never earlier than before."""
        self._step(run, partial(run.advance, self._instant()))
        return run.clock.now()

    def _instant(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)

    def _step(self, run: RunningExecution, action: Callable[[], None]) -> None:
        if run.record.status != RUNNING:
            return
        try:
            action()
        except Exception as problem:  # noqa: BLE001 - an execution that breaks the engine ends, and no other with it
            _log.exception("the engine failed at %s", run.record.arn)
            self._fail(run.region_store, run.record, f"The engine of the embedded AWS failed: {problem!r}. Its log tells more.")
            return
        self._settle(run)

    def _settle(self, run: RunningExecution) -> None:
        """Record what a step changed, and see to the next one."""
        added = run.take_events()
        if added:
            self._listener.recorded(run.region_store, run.record, added)
        if run.record.status == RUNNING and run.is_over:
            run.close()
            self._note_end(run.region_store, run.record)
        elif run.record.status == RUNNING:
            if self._is_to_end(run, added):
                self._thread.post(partial(self._end_deleted, run))
            self._plan(run)

    def _is_to_end(self, run: RunningExecution, added: Sequence[dict[str, Any]]) -> bool:
        machine = run.region_store.machines.get(run.record.machine_arn)
        return machine is not None and machine.is_deleting and any(e["type"].endswith("StateEntered") for e in added)

    def _end_deleted(self, run: RunningExecution) -> None:
        if run.record.status == RUNNING:
            self.stop(run.region_store, run.record, error=None, cause="The state machine was deleted.")

    def _plan(self, run: RunningExecution) -> None:
        due = run.clock.due()
        if due is None or (run.wakes_at is not None and run.wakes_at <= due):
            return
        run.wakes_at = due
        self._thread.call_at(due.timestamp(), partial(self._wake, run, due))

    def _wake(self, run: RunningExecution, planned: datetime) -> None:
        if run.wakes_at == planned:
            run.wakes_at = None
            if run.record.status == RUNNING:
                self._arrive(run)

    def _note_end(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        self._live.pop(record.arn, None)
        self._listener.status_changed(region_store, record)
        for future in self._waiting.pop(record.arn, ()):
            if future.set_running_or_notify_cancel():
                future.set_result(None)

    def _fail(self, region_store: RegionStore, record: ExecutionRecord, cause: str) -> None:
        """End an execution that cannot go on; its history says so."""
        run = self._live.get(record.arn)
        if run is not None:
            run.take_events()
            run.abandon()
        self._end(region_store, record, "FAILED", "States.Runtime", cause, at=self._now())

    def _end(
        self, region_store: RegionStore, record: ExecutionRecord, status: str, error: str, cause: str, *, at: float
    ) -> None:
        """Write an end into the history that no engine wrote."""
        last = record.events[-1]["id"] if record.events else 0
        kind = f"Execution{status.capitalize()}"
        record.events.append(
            {
                "timestamp": at,
                "type": kind,
                "id": last + 1,
                # Where an abort comes from, no event says.
                "previousEventId": 0 if status == "ABORTED" else last,
                f"{kind[0].lower()}{kind[1:]}EventDetails": {"error": error, "cause": cause},
            }
        )
        record.status, record.stopped_at = status, at
        record.error, record.cause = error, cause
        self._note_end(region_store, record)

    def _replay_execution(self, region_store: RegionStore, record: ExecutionRecord) -> RunningExecution:
        """Run an execution again from its journal, without any work; ValueError when it comes out otherwise than recorded."""
        run = self._make_execution(region_store, record)
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
