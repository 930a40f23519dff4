"""The Step Functions of the embedded AWS: its operations, its executions, and what it keeps."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any

from bunsui.emulator.reads import is_read
from bunsui.emulator.stepfunctions.api import (
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
from bunsui.emulator.stepfunctions.api.constraints import check
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.lag import Lag, Replaced
from bunsui.emulator.stepfunctions.roles import EveryRole, Roles
from bunsui.emulator.stepfunctions.runtime.event_loop import EngineThread
from bunsui.emulator.stepfunctions.runtime.publisher import Publisher
from bunsui.emulator.stepfunctions.runtime.scheduler import ExecutionScheduler
from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.emulator.stepfunctions.store.records import RUNNING, ExecutionRecord, RegionStore, Revision, Store
from bunsui.emulator.stepfunctions.store.snapshot import StoreSnapshot, restored
from bunsui.emulator.stepfunctions.tasks.canned import CannedAnswers
from bunsui.emulator.stepfunctions.tasks.children import ChildExecutions
from bunsui.emulator.stepfunctions.tasks.containers import Containers
from bunsui.emulator.stepfunctions.tasks.runner import TaskDispatcher
from bunsui.emulator.stepfunctions.tasks.services import Services

_log = logging.getLogger("bunsui.emulator")

_REFRESH_SECONDS = 0.1
"""How old a snapshot may be, while the store is small."""

Answer = dict[str, Any]
Operation = Callable[[RequestContext, Mapping[str, Any]], "Answer | Future[Answer]"]

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

OF_STACKS: Mapping[str, Operation] = {"TagResource": tags.tag_stack_resource}
"""What CloudFormation does in another way than callers may."""


class StepFunctions:
    """The service. Methods may be called from any thread unless they say otherwise."""

    def __init__(
        self,
        services: Services,
        *,
        endpoint_url: str,
        ecs_mode: str,
        session: Callable[[str, str], Mapping[str, str]],
        put_event: Callable[[Location, Mapping[str, Any]], None],
        has_log_group: Callable[[str], bool],
        roles: Roles | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make the service; it answers after `start`. `ecs_mode` is `process` or `none`; `session` gives the variables with the
        keys for a role's ARN and a session's name; `roles` judges roles, None where nobody does."""
        self._roles = roles or EveryRole()
        self._now = now
        self.lag = Lag()
        """How old what it tells is."""
        self._revisions: Replaced[Revision] = Replaced()
        self._routes: Replaced[tuple[tuple[str, int], ...]] = Replaced()
        self._has_log_group = has_log_group
        self._store = Store()
        self._saver = StoreSnapshot()
        self._snapshot: dict[str, Any] | None = None
        self._changes = 0
        self._saved_changes = 0
        self._snapshot_seconds = 0.0
        self._refresh_is_planned = False
        self._thread = EngineThread()
        self._crier = Publisher(services, put_event=put_event)
        self._workforce = TaskDispatcher(
            services,
            activity_queue=lambda: self._runs.activity_queue,
            knows_activity=self._knows_activity,
            children=ChildExecutions(self),
            containers=Containers(services, endpoint_url=endpoint_url, session=session, mode=ecs_mode, roles=self._roles),
        )
        self._runs = ExecutionScheduler(self._thread, self._workforce, services, self, roles=self._roles, now=now)

    @property
    def ecs_mode(self) -> str:
        """What is done with the commands of containers: `process` runs them, `none` does not."""
        return self._workforce.containers.mode

    @ecs_mode.setter
    def ecs_mode(self, mode: str) -> None:
        self._workforce.containers.mode = mode

    @property
    def answers(self) -> CannedAnswers:
        """What is answered to tasks whose call nobody here serves."""
        return self._workforce.answers

    @answers.setter
    def answers(self, answers: CannedAnswers) -> None:
        self._workforce.answers = answers

    def start(self, *, parked: Collection[str] = ()) -> None:
        """Begin to answer, and take up the executions that ran when the store was saved, apart from those `parked` (ARNs),
        which end and say why."""
        self._thread.post(partial(self._revive, frozenset(parked)))
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

    def answer(
        self, location: Location, operation: str, request: Mapping[str, Any], *, from_stack: bool = False
    ) -> Future[Answer]:
        """Return what becomes the answer; it fails with Refused. CloudFormation may do more than callers (`from_stack`)."""
        outer: Future[Answer] = Future()
        done_by = OF_STACKS.get(operation) if from_stack else None
        self._thread.post(partial(self._answer, outer, location, operation, request, done_by))
        return outer

    def snapshot(self) -> dict[str, Any] | None:
        """Return everything that is to be saved, as it was a moment ago. Does not wait.

        None before `start`: what an earlier run saved must not be written over with nothing."""
        return self._snapshot

    def pulse(self) -> tuple[int, int]:
        """Return how many executions run, and a number that changes whenever there is something new to save."""
        return self._runs.running, self._changes + self._saved_changes

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take what was saved, before `start`. ValueError when it cannot be read."""
        self._store = restored(saved, now=self._now())

    def tags(self, location: Location) -> dict[str, dict[str, str]]:
        """Return the tags of the location's machines and activities, by ARN. Does not wait."""
        region_store = self._store.region_stores.get(location)
        return {arn: dict(tags) for arn, tags in list(region_store.tags.items())} if region_store is not None else {}

    def knows(self, location: Location, arn: str) -> bool:
        """Tell whether there is a machine, a version or an alias of that ARN. Does not wait."""
        region_store = self._store.region_stores.get(location)
        return region_store is not None and (
            arn in region_store.machines or arn in region_store.versions or arn in region_store.aliases
        )

    def clear(self) -> None:
        """Forget everything before the next request; what runs is let go of and tells nobody."""
        self._thread.post(self._clear)

    def status_changed(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """Publish the change of status, and remove a machine whose last execution this was."""
        self._note_change()
        self._crier.status_changed(region_store, record)
        if record.status != RUNNING:
            machines.remove_when_idle(self._context(region_store.location), record.machine_arn)

    def recorded(self, region_store: RegionStore, record: ExecutionRecord, events: Any) -> None:
        """Publish the events to the execution's log."""
        self._note_change()
        self._crier.recorded(region_store, record, events)

    def child(self, arn: str) -> ExecutionRecord | None:
        """Return an execution; on the engine's thread."""
        return next(
            (
                region_store.executions[arn]
                for region_store in self._store.region_stores.values()
                if arn in region_store.executions
            ),
            None,
        )

    def ended(self, record: ExecutionRecord) -> Future[None]:
        """Return what is done when it ends; on the engine's thread."""
        return self._runs.ended(record)

    def abort(self, record: ExecutionRecord, cause: str) -> None:
        """Stop it."""
        self._thread.post(partial(self._abort, record, cause))

    def post(self, action: Callable[[], None]) -> None:
        """Have something done on the engine's thread."""
        self._thread.post(action)

    def _abort(self, record: ExecutionRecord, cause: str) -> None:
        region_store = next(
            (region_store for region_store in self._store.region_stores.values() if record.arn in region_store.executions), None
        )
        if region_store is not None and record.status == RUNNING:
            self._runs.stop(region_store, record, error=None, cause=cause)

    def _answer(
        self, outer: Future[Answer], location: Location, operation: str, request: Mapping[str, Any], done_by: Operation | None
    ) -> None:
        if not outer.set_running_or_notify_cancel():
            return
        if not is_read(operation):
            self._note_change()
        try:
            if done_by is None:
                check(operation, request)
            found = (done_by or OPERATIONS[operation])(self._context(location), request)
        except Exception as problem:  # noqa: BLE001 - whoever asked gets it
            outer.set_exception(problem)
            return
        if isinstance(found, Future):
            found.add_done_callback(partial(_hand_on, outer))
        else:
            outer.set_result(found)

    def _context(self, location: Location) -> RequestContext:
        return RequestContext(
            region_store=self._store.region_store(location),
            runs=self._runs,
            # Whole milliseconds, as the API tells instants; never later than now.
            now=lambda: math.floor(self._now() * 1000) / 1000,
            later=lambda seconds, action: self._thread.call_at(self._now() + seconds, action),
            post=self._thread.post,
            tasks=self._workforce,
            has_log_group=self._has_log_group,
            lag=self.lag,
            revisions=self._revisions,
            routes=self._routes,
            roles=self._roles,
        )

    def _knows_activity(self, arn: str) -> bool:
        return any(arn in region_store.activities for region_store in self._store.region_stores.values())

    def under_way(self) -> list[str]:
        """Return the ARNs of the executions that `start` would take up."""
        return [record.arn for _region_store, record in self._saved_running()]

    def _saved_running(self) -> list[tuple[RegionStore, ExecutionRecord]]:
        return [
            (region_store, record)
            for region_store in self._store.region_stores.values()
            for record in region_store.executions.values()
            if record.status == RUNNING and not record.map_run_arn
        ]

    def _revive(self, parked: frozenset[str]) -> None:
        found = self._saved_running()
        for region_store, record in found:
            if record.arn in parked:
                self._runs.park(region_store, record)
        self._runs.revive((region_store, record) for region_store, record in found if record.arn not in parked)

    def _note_change(self) -> None:
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


def unknown_operation(name: str) -> ApiError:
    """Tell that the API has no such operation."""
    return ApiError("UnknownOperationException", f"Unknown operation: {name}")
