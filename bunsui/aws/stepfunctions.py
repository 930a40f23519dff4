"""Executions in Step Functions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code
from bunsui.errors import CloudError, Conflict, InvalidInput, Refused
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.sessions.history.gates import hide_token

INPUT_LIMIT_BYTES = 262_144
_PAGE = 1000
_CAUSE_LIMIT = 32_768

_STATUSES: Mapping[str, SessionStatus] = {
    "RUNNING": SessionStatus.RUNNING,
    "PENDING_REDRIVE": SessionStatus.RUNNING,
    "SUCCEEDED": SessionStatus.SUCCEEDED,
    "FAILED": SessionStatus.FAILED,
    "TIMED_OUT": SessionStatus.TIMED_OUT,
    "ABORTED": SessionStatus.CANCELLED,
}
_FILTERS: Mapping[SessionStatus, str] = {
    SessionStatus.RUNNING: "RUNNING",
    SessionStatus.SUCCEEDED: "SUCCEEDED",
    SessionStatus.FAILED: "FAILED",
    SessionStatus.TIMED_OUT: "TIMED_OUT",
    SessionStatus.CANCELLED: "ABORTED",
}


class StepFunctionsClient:
    """Starts, describes and stops executions; implements `bunsui.ports.execution.ExecutionClient`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        """Start the machine, version or alias; give the execution's ARN.

        A repetition with the same name and input gives the same execution, also after it ended: Step Functions promises that
        only while it runs, so the execution of that name is looked at.

        Raises:
            InvalidInput: the input is above 256 KiB.
            Conflict: the name is taken by another input.

        """
        text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
        if size > INPUT_LIMIT_BYTES:
            raise InvalidInput(
                "input-too-large",
                "the input of a run may have 256 KiB",
                hint="Pass a reference, such as an S3 key, instead of the data.",
                bytes=size,
                limit=INPUT_LIMIT_BYTES,
            )
        try:
            with self._connection.translated("stepfunctions", "StartExecution", target=target_arn, name=name):
                answer = self._connection.writer("stepfunctions").start_execution(
                    stateMachineArn=target_arn, name=name, input=text
                )
        except Conflict as error:
            if aws_code(error) != "ExecutionAlreadyExists":
                raise
            execution_arn = _execution_arn(target_arn, name)
            if self.describe(execution_arn).input != json.loads(text):
                raise
            return execution_arn
        return str(answer["executionArn"])

    def describe(self, execution_arn: str) -> Execution:
        """Return the execution; Missing when Step Functions does not know it (any more)."""
        with self._connection.translated("stepfunctions", "DescribeExecution", execution=execution_arn):
            answer = self._connection.reader("stepfunctions").describe_execution(executionArn=execution_arn)
        status = _STATUSES[answer["status"]]
        return Execution(
            arn=str(answer["executionArn"]),
            name=str(answer["name"]),
            machine_arn=str(answer["stateMachineArn"]),
            status=status,
            started_at=_utc(answer["startDate"]),
            stopped_at=_utc(answer["stopDate"]) if answer.get("stopDate") else None,
            input=_json(answer.get("input")),
            output=_json(answer.get("output")) if status is SessionStatus.SUCCEEDED else None,
            error=str(answer.get("error") or ""),
            cause=str(answer.get("cause") or ""),
            version_arn=str(answer.get("stateMachineVersionArn") or ""),
            map_run_arn=str(answer.get("mapRunArn") or ""),
            **_redrives(answer),
        )

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        """Return the events with an id above `after`, oldest first.

        With `after` the pages are read from the newest back, so that watching a long run costs one page a look."""
        events: list[HistoryEvent] = []
        oldest_first = True
        for number, event in enumerate(self._events(execution_arn, newest_first=after > 0)):
            if number == 0:
                oldest_first = event.id == 1  # moto gives this order whatever was asked for
            if event.id > after:
                events.append(event)
            elif not oldest_first:
                break
        return sorted(events, key=lambda event: event.id)

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        """Return the latest executions, as Step Functions counts them: see `ExecutionClient`. Newest start first."""
        arguments: dict[str, object] = {"stateMachineArn": machine_arn}
        if status is not None:
            if status not in _FILTERS:
                return []
            arguments["statusFilter"] = _FILTERS[status]
        with self._connection.translated("stepfunctions", "ListExecutions", machine=machine_arn):
            pages = self._connection.reader("stepfunctions").get_paginator("list_executions")
            found = pages.paginate(**arguments, PaginationConfig={"MaxItems": limit, "PageSize": min(limit, _PAGE)})
            latest = [summary_of(item) for page in found for item in page["executions"]]
        # Step Functions orders running ones by their start or redrive, and ended ones by their end
        return sorted(latest, key=lambda one: one.started_at, reverse=True)

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = _PAGE
    ) -> Iterator[Sequence[ExecutionSummary]]:
        """Return the executions page by page, one call each, in the order of Step Functions: see `ExecutionLists`."""
        arguments: dict[str, object] = {"stateMachineArn": machine_arn}
        if status is not None:
            arguments["statusFilter"] = _FILTERS[status]
        with self._connection.translated("stepfunctions", "ListExecutions", machine=machine_arn):
            pages = self._connection.reader("stepfunctions").get_paginator("list_executions")
            for page in pages.paginate(**arguments, PaginationConfig={"PageSize": min(size, _PAGE)}):
                yield [summary_of(item) for item in page["executions"]]

    def stop(self, execution_arn: str, *, reason: str) -> None:
        """Abort the execution; nothing happens when it already ended."""
        if self.describe(execution_arn).status is not SessionStatus.RUNNING:
            return
        with self._connection.translated("stepfunctions", "StopExecution", execution=execution_arn):
            self._connection.writer("stepfunctions").stop_execution(
                executionArn=execution_arn, error="Stopped", cause=reason[:_CAUSE_LIMIT]
            )

    def redrive(self, execution_arn: str, *, token: str) -> None:
        """Let the execution go on at the state that failed; repeated with the same token, once.

        Step Functions knows the last ten tokens of an execution, each for 15 minutes.

        Raises:
            Refused: it cannot be redriven, as Step Functions says.

        """
        try:
            with self._connection.translated("stepfunctions", "RedriveExecution", execution=execution_arn):
                self._connection.writer("stepfunctions").redrive_execution(executionArn=execution_arn, clientToken=token)
        except CloudError as error:
            if aws_code(error) != "ExecutionNotRedrivable":
                raise
            raise Refused(
                "not-redrivable",
                "Step Functions does not redrive the execution",
                hint="Resume it, which starts a new execution after the completed jobs.",
                execution=execution_arn,
                reason=error.facts.get("aws_message"),
            ) from error

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Return the definition that the execution runs, or that an execution of the machine, version or alias would run
        now."""
        client = self._connection.reader("stepfunctions")
        if ":stateMachine:" in arn:
            machine_arn = self._routed_version(arn)
            with self._connection.translated("stepfunctions", "DescribeStateMachine", machine=machine_arn):
                answer = client.describe_state_machine(stateMachineArn=machine_arn)
        else:
            with self._connection.translated("stepfunctions", "DescribeStateMachineForExecution", execution=arn):
                answer = client.describe_state_machine_for_execution(executionArn=arn)
        definition: Mapping[str, Json] = json.loads(answer["definition"])
        return definition

    def _routed_version(self, arn: str) -> str:
        """Return the version that most executions of an alias get; machines and versions as they are."""
        qualifier = arn.split(":")[7:]
        if not qualifier or qualifier[0].isdigit():
            return arn
        with self._connection.translated("stepfunctions", "DescribeStateMachineAlias", alias=arn):
            client = self._connection.reader("stepfunctions")
            routes = client.describe_state_machine_alias(stateMachineAliasArn=arn)["routingConfiguration"]
        return str(max(routes, key=lambda route: int(route["weight"]))["stateMachineVersionArn"])

    def _events(self, execution_arn: str, *, newest_first: bool) -> Iterator[HistoryEvent]:
        with self._connection.translated("stepfunctions", "GetExecutionHistory", execution=execution_arn):
            pages = self._connection.reader("stepfunctions").get_paginator("get_execution_history")
            for page in pages.paginate(
                executionArn=execution_arn,
                reverseOrder=newest_first,
                includeExecutionData=True,
                PaginationConfig={"PageSize": 200 if newest_first else _PAGE},
            ):
                for event in page["events"]:
                    yield _event(event)


def _event(event: Mapping[str, Any]) -> HistoryEvent:
    """Convert one event. Some emulators leave `previousEventId` out; the event before it in the list stands in for it."""
    details = next((value for key, value in event.items() if key.endswith("EventDetails")), None)
    found = HistoryEvent(
        id=int(event["id"]),
        previous_id=int(event.get("previousEventId", int(event["id"]) - 1)),
        type=str(event["type"]),
        at=_utc(event["timestamp"]),
        details=dict(details or {}),
    )
    return hide_token(found)


def summary_of(item: Mapping[str, Any]) -> ExecutionSummary:
    """Return an entry of ListExecutions."""
    return ExecutionSummary(
        arn=str(item["executionArn"]),
        name=str(item["name"]),
        status=_STATUSES[item["status"]],
        started_at=_utc(item["startDate"]),
        stopped_at=_utc(item["stopDate"]) if item.get("stopDate") else None,
        version_arn=str(item.get("stateMachineVersionArn") or ""),
        **_redrives(item),
    )


def _redrives(answer: Mapping[str, Any]) -> dict[str, Any]:
    redriven_at = answer.get("redriveDate")
    return {
        "redrive_count": int(answer.get("redriveCount") or 0),
        "redriven_at": _utc(redriven_at) if redriven_at else None,
    }


def _execution_arn(target_arn: str, name: str) -> str:
    """Return the ARN of the execution of that name of a machine, version or alias."""
    machine = target_arn.replace(":stateMachine:", ":execution:").split(":")[:7]
    return ":".join([*machine, name])


def _json(text: str | None) -> Json:
    if not text:
        return None
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    return value


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
