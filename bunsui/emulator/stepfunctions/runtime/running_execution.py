"""One running execution: its engine, its time, and the work that it waits for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bunsui.emulator.stepfunctions.api.map_runs import note_map_runs
from bunsui.emulator.stepfunctions.roles import Roles
from bunsui.emulator.stepfunctions.runtime.virtual_clock import ExecutionClock
from bunsui.emulator.stepfunctions.store.journal import OBJECT, object_entry
from bunsui.emulator.stepfunctions.store.records import EXPRESS, ExecutionRecord, RegionStore
from bunsui.emulator.stepfunctions.tasks.objects import JournaledObjects
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.emulator.stepfunctions.tasks.task import AssignedTask, TaskWorker
from bunsui.engine.execution import EngineExecution, ExecutionNames, Status
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.tasks import TaskBeat, TaskReport, TaskRequest, TaskSubmitted, TaskTaken

_EXPRESS_STEPS = 2_000
"""Timers of an Express execution in one go: it has no limit of events, and must not keep everybody else waiting."""

Say = Callable[["RunningExecution", int, TaskReport], None]
NameToken = Callable[[str, "RunningExecution | None", int], None]


@dataclass(slots=True, kw_only=True)
class _Request:
    """Work that the engine asked for."""

    request: TaskRequest
    tell: Callable[[TaskReport], None]
    is_over: bool = False
    submitted: TaskSubmitted | None = None
    stop: Callable[[], None] | None = None
    """Ends the work; None before it was given to anybody."""


class RunningExecution:
    """An engine at work on a record."""

    def __init__(
        self,
        region_store: RegionStore,
        record: ExecutionRecord,
        tasks: TaskWorker,
        services: Services,
        *,
        roles: Roles,
        say: Say,
        name_token: NameToken,
    ) -> None:
        """Make the engine; nothing runs yet. `say` reports from any thread; objects of Maps are in `services`, and `roles`
        judges whether they may start children.

        `name_token` is told who waits for a token, and when nobody does any more.
        """
        self.region_store = region_store
        self.record = record
        self.clock = ExecutionClock(datetime.fromtimestamp(record.started_at, UTC))
        self.wakes_at: datetime | None = None
        self._tasks = tasks
        self._say = say
        self._name_token = name_token
        self._is_live = False
        self._requests: list[_Request] = []
        self._taken_events = 0
        role_arn = record.revision.role_arn
        self._objects = JournaledObjects(
            services, region_store.location, role_arn=role_arn, roles=roles, note=self._note_object
        )
        self.execution = EngineExecution(
            json.loads(record.revision.definition),
            json.loads(record.input),
            payload_text=record.input,
            objects=self._objects,
            names=ExecutionNames(
                arn=record.arn,
                name=record.name,
                machine_arn=record.machine_arn,
                machine_name=record.machine_name,
                role_arn=record.revision.role_arn,
            ),
            runner=self,
            clock=self.clock,
            seed=record.seed,
            kind=record.type,
            is_awaited=record.is_sync,
        )

    @property
    def is_over(self) -> bool:
        """Tell whether the engine has ended the execution."""
        return self.execution.status is not Status.RUNNING

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Take a request of the engine (`TaskRunner`): given out at once, or by `go_live` while the journal is read."""
        number = len(self._requests)
        asked = _Request(request=request, tell=report)
        self._requests.append(asked)
        if request.token is not None:
            self._name_token(request.token, self, number)
        if self._is_live:
            self._give_out(number)
        return partial(self._cancel, number)

    def go_live(self) -> None:
        """Return out the work that nobody does yet; from now on it is given out as it is asked for."""
        self._is_live = self._objects.is_live = True
        for number, asked in enumerate(self._requests):
            if not asked.is_over and asked.stop is None:
                self._give_out(number)

    def advance(self, to: datetime) -> None:
        """Let the execution's time pass."""
        self.clock.advance(to, most=_EXPRESS_STEPS if self.record.type == EXPRESS else None)

    def waits_for(self, number: int) -> bool:
        """Tell whether a report on that request matters."""
        return not self._requests[number].is_over

    def report(self, number: int, report: TaskReport) -> None:
        """Hand a report to the engine."""
        asked = self._requests[number]
        if isinstance(report, TaskSubmitted):
            asked.submitted = report
        elif not isinstance(report, (TaskBeat, TaskTaken)):
            self._over(asked)
        asked.tell(report)

    def take_events(self) -> Sequence[dict[str, Any]]:
        """Move what is new in the history to the record; give it."""
        events = self.execution.events
        added = [_saved_event(event) for event in events[self._taken_events :]]
        self._taken_events = len(events)
        self.record.events.extend(added)
        return added

    def update_map_run(self, arn: str, changes: Mapping[str, float]) -> None:
        """Change limits of a map run, named as UpdateMapRun names them."""
        for run in self.execution.map_runs:
            if run.arn == arn:
                concurrency, count = changes.get("maxConcurrency"), changes.get("toleratedFailureCount")
                run.update(
                    concurrency=None if concurrency is None else int(concurrency),
                    tolerated_count=None if count is None else int(count),
                    tolerated_percentage=changes.get("toleratedFailurePercentage"),
                )

    def note_map_runs(self) -> None:
        """Bring the records of map runs and their children up to date."""
        note_map_runs(self.region_store, self.record, self.execution.map_runs)

    def replay_objects(self) -> None:
        """Answer the calls of the object store out of the journal, as long as there is something in it."""
        self._objects.replay([entry[2] for entry in self.record.journal if entry[1] == OBJECT])

    def catch_up(self) -> None:
        """Let time pass until the history is as long as the record's, and go on after it.

        Raises ValueError when the engine's events differ from those of the record.
        """
        known = self.record.events
        while len(self.execution.events) < len(known) and (due := self.clock.due()) is not None:
            self.clock.advance(due, most=1)
        found = [(event["id"], event["type"]) for event in self.execution.events[: len(known)]]
        if found != [(event["id"], event["type"]) for event in known]:
            raise ValueError("its history comes out otherwise than it was recorded")
        self._taken_events = len(known)

    def close(self) -> None:
        """Write the end into the record, and let go of all work."""
        execution, record = self.execution, self.record
        record.status = execution.status.value
        record.stopped_at = (execution.stopped_at or self.clock.now()).timestamp()
        record.error, record.cause = execution.error, execution.cause
        if execution.status is Status.SUCCEEDED:
            record.output = compact(execution.output)
            record.journal.clear()
        self.note_map_runs()
        self.abandon()

    def abandon(self) -> None:
        """Let go of all work."""
        for asked in self._requests:
            if not asked.is_over:
                self._over(asked)
                if asked.stop is not None:
                    asked.stop()

    def _give_out(self, number: int) -> None:
        asked = self._requests[number]
        task = AssignedTask(
            request=asked.request,
            location=self.region_store.location,
            role_arn=self.record.revision.role_arn,
            say=partial(self._say, self, number),
        )
        if asked.submitted is None:
            asked.stop = self._tasks.start(task)
        else:
            asked.stop = self._tasks.resume(task, asked.submitted.output)

    def _note_object(self, came: list[Any]) -> None:
        self.record.journal.append(object_entry(self.clock.now(), came))

    def _cancel(self, number: int) -> None:
        asked = self._requests[number]
        if not asked.is_over:
            self._over(asked)
            if asked.stop is not None:
                asked.stop()

    def _over(self, asked: _Request) -> None:
        asked.is_over = True
        if asked.request.token is not None:
            self._name_token(asked.request.token, None, 0)


def _saved_event(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event with its instant in seconds, as it is kept and told."""
    return {**event, "timestamp": round(event["timestamp"].timestamp(), 3)}
