"""The Step Functions of the embedded AWS: its operations, its executions, and what it keeps."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from bunsui.local.reads import is_read
from bunsui.local.stepfunctions import (
    activities,
    aliases,
    definitions,
    executions,
    machines,
    map_runs,
    tags,
    teststate,
    tokens,
    versions,
)
from bunsui.local.stepfunctions.arns import Place
from bunsui.local.stepfunctions.children import Children
from bunsui.local.stepfunctions.constraints import check
from bunsui.local.stepfunctions.containers import Containers
from bunsui.local.stepfunctions.desk import Desk
from bunsui.local.stepfunctions.labor import Workforce
from bunsui.local.stepfunctions.records import RUNNING, ExecutionRecord, Room, Store
from bunsui.local.stepfunctions.refusal import Services
from bunsui.local.stepfunctions.refusals import Refused
from bunsui.local.stepfunctions.runs import Runs
from bunsui.local.stepfunctions.saving import Saver, restored
from bunsui.local.stepfunctions.thread import EngineThread
from bunsui.local.stepfunctions.witness import Crier

_log = logging.getLogger("bunsui.local")

_REFRESH_SECONDS = 0.1
"""How old a snapshot may be, while the store is small."""

Answer = dict[str, Any]
Operation = Callable[[Desk, Mapping[str, Any]], "Answer | Future[Answer]"]

OPERATIONS: Mapping[str, Operation] = {
    "CreateActivity": activities.create_activity,
    "CreateStateMachine": machines.create_state_machine,
    "CreateStateMachineAlias": aliases.create_state_machine_alias,
    "DeleteActivity": activities.delete_activity,
    "DeleteStateMachine": machines.delete_state_machine,
    "DeleteStateMachineAlias": aliases.delete_state_machine_alias,
    "DeleteStateMachineVersion": versions.delete_state_machine_version,
    "DescribeActivity": activities.describe_activity,
    "DescribeExecution": executions.describe_execution,
    "DescribeMapRun": map_runs.describe_map_run,
    "DescribeStateMachine": machines.describe_state_machine,
    "DescribeStateMachineAlias": aliases.describe_state_machine_alias,
    "DescribeStateMachineForExecution": executions.describe_state_machine_for_execution,
    "GetActivityTask": activities.get_activity_task,
    "GetExecutionHistory": executions.get_execution_history,
    "ListActivities": activities.list_activities,
    "ListExecutions": executions.list_executions,
    "ListMapRuns": map_runs.list_map_runs,
    "ListStateMachineAliases": aliases.list_state_machine_aliases,
    "ListStateMachineVersions": versions.list_state_machine_versions,
    "ListStateMachines": machines.list_state_machines,
    "ListTagsForResource": tags.list_tags_for_resource,
    "PublishStateMachineVersion": versions.publish_state_machine_version,
    "RedriveExecution": executions.redrive_execution,
    "SendTaskFailure": tokens.send_task_failure,
    "SendTaskHeartbeat": tokens.send_task_heartbeat,
    "SendTaskSuccess": tokens.send_task_success,
    "StartExecution": executions.start_execution,
    "StartSyncExecution": executions.start_sync_execution,
    "StopExecution": executions.stop_execution,
    "TagResource": tags.tag_resource,
    "TestState": teststate.test_state,
    "UntagResource": tags.untag_resource,
    "UpdateMapRun": map_runs.update_map_run,
    "UpdateStateMachine": machines.update_state_machine,
    "UpdateStateMachineAlias": aliases.update_state_machine_alias,
    "ValidateStateMachineDefinition": definitions.validate_state_machine_definition,
}
"""Every operation of the API."""


class StepFunctions:
    """The service. Methods may be called from any thread unless they say otherwise."""

    def __init__(
        self,
        services: Services,
        *,
        endpoint_url: str,
        ecs_mode: str,
        put_event: Callable[[Place, Mapping[str, Any]], None],
        has_log_group: Callable[[str], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make the service; it answers after `start`. `ecs_mode` is `process` or `none`."""
        self._now = now
        self._has_log_group = has_log_group
        self._store = Store()
        self._saver = Saver()
        self._snapshot: dict[str, Any] | None = None
        self._changes = 0
        self._saved_changes = 0
        self._snapshot_seconds = 0.0
        self._refresh_is_planned = False
        self._thread = EngineThread()
        self._crier = Crier(services, put_event=put_event)
        self._workforce = Workforce(
            services,
            board=lambda: self._runs.board,
            knows_activity=self._knows_activity,
            children=Children(self),
            containers=Containers(services, endpoint_url=endpoint_url, mode=ecs_mode),
        )
        self._runs = Runs(self._thread, self._workforce, services, self, now=now)

    @property
    def ecs_mode(self) -> str:
        """What is done with the commands of containers: `process` runs them, `none` does not."""
        return self._workforce.containers.mode

    @ecs_mode.setter
    def ecs_mode(self, mode: str) -> None:
        self._workforce.containers.mode = mode

    def start(self) -> None:
        """Begin to answer, and take up the executions that ran when the store was saved."""
        self._thread.post(self._revive)
        self._thread.post(self._refresh_snapshot)
        self._thread.start()

    def stop(self) -> None:
        """Answer no more. Executions that run stay as they are, to be taken up by the next start.

        The engine's thread ends first: work that ends because everything ends must not look as if it had failed.
        """
        self._thread.stop()
        if self._snapshot is not None:
            self._refresh_snapshot()
        self._workforce.close()
        self._crier.close()

    def answer(self, place: Place, operation: str, request: Mapping[str, Any]) -> Future[Answer]:
        """Give what becomes the answer; it fails with Refused."""
        outer: Future[Answer] = Future()
        self._thread.post(partial(self._answer, outer, place, operation, request))
        return outer

    def snapshot(self) -> dict[str, Any] | None:
        """Give everything that is to be saved, as it was a moment ago. Does not wait.

        None before `start`: what an earlier run saved must not be written over with nothing."""
        return self._snapshot

    def pulse(self) -> tuple[int, int]:
        """Give how many executions run, and a number that changes whenever there is something new to save."""
        return self._runs.running, self._changes + self._saved_changes

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take what was saved, before `start`. ValueError when it cannot be read."""
        self._store = restored(saved, now=self._now())

    def tags(self, place: Place) -> dict[str, dict[str, str]]:
        """Give the tags of the place's machines and activities, by ARN. Does not wait."""
        room = self._store.rooms.get(place)
        return {arn: dict(tags) for arn, tags in list(room.tags.items())} if room is not None else {}

    def knows(self, place: Place, arn: str) -> bool:
        """Tell whether there is a machine, a version or an alias of that ARN. Does not wait."""
        room = self._store.rooms.get(place)
        return room is not None and (arn in room.machines or arn in room.versions or arn in room.aliases)

    def clear(self) -> None:
        """Forget everything before the next request; what runs is let go of and tells nobody."""
        self._thread.post(self._clear)

    def status_changed(self, room: Room, record: ExecutionRecord) -> None:
        """Tell the world, and take a machine away whose last execution this was (`Witness`)."""
        self._changed()
        self._crier.status_changed(room, record)
        if record.status != RUNNING:
            machines.remove_when_idle(self._desk(room.place), record.machine_arn)

    def recorded(self, room: Room, record: ExecutionRecord, events: Any) -> None:
        """Log the events (`Witness`)."""
        self._changed()
        self._crier.recorded(room, record, events)

    def child(self, arn: str) -> ExecutionRecord | None:
        """Give an execution (`Nursery`); on the engine's thread."""
        return next((room.executions[arn] for room in self._store.rooms.values() if arn in room.executions), None)

    def ended(self, record: ExecutionRecord) -> Future[None]:
        """Give what is done when it ends (`Nursery`); on the engine's thread."""
        return self._runs.ended(record)

    def abort(self, record: ExecutionRecord, cause: str) -> None:
        """Stop it (`Nursery`)."""
        self._thread.post(partial(self._abort, record, cause))

    def post(self, action: Callable[[], None]) -> None:
        """Have something done on the engine's thread (`Nursery`)."""
        self._thread.post(action)

    def _abort(self, record: ExecutionRecord, cause: str) -> None:
        room = next((room for room in self._store.rooms.values() if record.arn in room.executions), None)
        if room is not None and record.status == RUNNING:
            self._runs.stop(room, record, error=None, cause=cause)

    def _answer(self, outer: Future[Answer], place: Place, operation: str, request: Mapping[str, Any]) -> None:
        if not outer.set_running_or_notify_cancel():
            return
        if not is_read(operation):
            self._changed()
        try:
            check(operation, request)
            found = OPERATIONS[operation](self._desk(place), request)
        except Exception as problem:  # noqa: BLE001 - whoever asked gets it
            outer.set_exception(problem)
            return
        if isinstance(found, Future):
            found.add_done_callback(partial(_hand_on, outer))
        else:
            outer.set_result(found)

    def _desk(self, place: Place) -> Desk:
        return Desk(
            room=self._store.room(place),
            runs=self._runs,
            # Whole milliseconds, as the API tells instants; never later than now.
            now=lambda: math.floor(self._now() * 1000) / 1000,
            later=lambda seconds, action: self._thread.call_at(self._now() + seconds, action),
            post=self._thread.post,
            labor=self._workforce,
            has_log_group=self._has_log_group,
        )

    def _knows_activity(self, arn: str) -> bool:
        return any(arn in room.activities for room in self._store.rooms.values())

    def _revive(self) -> None:
        rooms = list(self._store.rooms.values())
        self._runs.revive(
            (room, record)
            for room in rooms
            for record in list(room.executions.values())
            if record.status == RUNNING and not record.map_run_arn
        )

    def _changed(self) -> None:
        """Note that there is something to save, and see to a new snapshot soon: at most a tenth of the time goes into them."""
        self._changes += 1
        if not self._refresh_is_planned:
            self._refresh_is_planned = True
            rest = max(_REFRESH_SECONDS, 10 * self._snapshot_seconds)
            self._thread.call_at(self._now() + rest, self._refresh_snapshot)

    def _refresh_snapshot(self) -> None:
        began = time.monotonic()
        self._snapshot = self._saver.snapshot(self._store)
        self._snapshot_seconds = time.monotonic() - began
        self._saved_changes = self._changes
        self._refresh_is_planned = False

    def _clear(self) -> None:
        self._runs.drop_all()
        self._store = Store()
        self._refresh_snapshot()


def _hand_on(outer: Future[Answer], inner: Future[Answer]) -> None:
    problem = inner.exception()
    if problem is not None:
        outer.set_exception(problem)
    else:
        outer.set_result(inner.result())


def unknown_operation(name: str) -> Refused:
    """Tell that the API has no such operation."""
    return Refused("UnknownOperationException", f"Unknown operation: {name}")
