"""Executions: start, describe, list, stop, redrive, and their histories.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html and its neighbours.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from bunsui.engine.limits import size
from bunsui.local.stepfunctions.arns import check_name, parsed
from bunsui.local.stepfunctions.descriptions import billing, described, described_event, redrive_status, summary
from bunsui.local.stepfunctions.desk import Desk
from bunsui.local.stepfunctions.machines import described_revision
from bunsui.local.stepfunctions.paging import listed, page
from bunsui.local.stepfunctions.records import EXPRESS, RUNNING, STANDARD, ExecutionRecord, Machine, Revision
from bunsui.local.stepfunctions.refusals import Refused, invalid_value, no_execution, no_machine, no_resource

Request = Mapping[str, Any]

INPUT_BYTES = 262_144
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


def start_execution(desk: Desk, request: Request) -> dict[str, Any]:
    """Start a machine, a version, or one of the versions of an alias by weight.

    A running execution of the same name and input is given again; any other of that name is ExecutionAlreadyExists.
    """
    record = _new(desk, request)
    known = desk.room.executions.get(record.arn)
    if known is None:
        desk.runs.start(desk.room, record)
        known = record
    elif known.status != RUNNING or known.input != record.input or record.type == EXPRESS:
        raise Refused("ExecutionAlreadyExists", f"Execution Already Exists: '{record.arn}'")
    return {"executionArn": known.arn, "startDate": known.started_at}


def start_sync_execution(desk: Desk, request: Request) -> Future[dict[str, Any]]:
    """Start an Express machine and give its end."""
    record = _new(desk, request)
    if record.type != EXPRESS:
        raise _wrong_type(record.machine_arn)
    record.is_sync = True
    answer: Future[dict[str, Any]] = Future()

    def tell(_done: Future[None]) -> None:
        if answer.set_running_or_notify_cancel():
            answer.set_result({**described(record, desk.now()), "billingDetails": billing(record)})

    desk.runs.start(desk.room, record)
    desk.runs.ended(record).add_done_callback(tell)
    return answer


def stop_execution(desk: Desk, request: Request) -> dict[str, Any]:
    """Abort an execution; one that has ended is left as it is."""
    record = _known(desk, request["executionArn"])
    if record.status == RUNNING:
        desk.runs.stop(desk.room, record, error=request.get("error"), cause=request.get("cause"))
    return {"stopDate": record.stopped_at}


def redrive_execution(desk: Desk, request: Request) -> dict[str, Any]:
    """Run what failed, was aborted or timed out again, from where it stopped."""
    record = _known(desk, request["executionArn"])
    status, reason = redrive_status(record, desk.now())
    if status != "REDRIVABLE":
        raise Refused("ExecutionNotRedrivable", f"Execution is not redrivable: '{reason}'")
    desk.runs.redrive(desk.room, record)
    return {"redriveDate": record.redriven_at}


def describe_execution(desk: Desk, request: Request) -> dict[str, Any]:
    """Give an execution."""
    answer = described(_known(desk, request["executionArn"]), desk.now())
    if request.get("includedData") == "METADATA_ONLY":
        for member in ("input", "output", "error", "cause"):
            answer.pop(member, None)
        answer["inputDetails"] = {"included": False}
    return answer


def describe_state_machine_for_execution(desk: Desk, request: Request) -> dict[str, Any]:
    """Give what an execution runs on, whatever happened to its machine since."""
    record = _known(desk, request["executionArn"])
    answer = {
        "stateMachineArn": record.machine_arn,
        "name": record.machine_name,
        "updateDate": record.started_at,
        **described_revision(record.revision, request),
    }
    if record.map_run_arn:
        answer["mapRunArn"] = record.map_run_arn
    return answer


def list_executions(desk: Desk, request: Request) -> dict[str, Any]:
    """Give the executions of a machine, a version, an alias or a map run, newest first."""
    owner = _owner(desk, request)
    status, redrive = request.get("statusFilter"), request.get("redriveFilter")
    found = [
        (-record.started_at, -number, record)
        for number, record in enumerate(desk.room.executions.values())
        if owner in (record.machine_arn, record.version_arn, record.alias_arn, record.map_run_arn)
        and (bool(record.map_run_arn) == (":mapRun:" in owner))
        and status in (None, record.status)
        and redrive in (None, "REDRIVEN" if record.redrive_count else "NOT_REDRIVEN")
    ]
    found.sort(key=_newest_first)
    items, token = page(found, request, about=("executions", owner, status, redrive), key=_newest_first)
    return listed("executions", ([summary(record) for _, _, record in items], token))


def get_execution_history(desk: Desk, request: Request) -> dict[str, Any]:
    """Give the events of an execution, oldest first unless asked the other way."""
    record = _known(desk, request["executionArn"])
    reverse = bool(request.get("reverseOrder", False))
    events: Sequence[dict[str, Any]] = desk.runs.events(record)
    ordered = list(reversed(events)) if reverse else events

    def key(event: Mapping[str, Any]) -> tuple[float]:
        return (-event["id"] if reverse else event["id"],)

    items, token = page(ordered, request, about=("history", record.arn, reverse), key=key)
    include = bool(request.get("includeExecutionData", True))
    return listed("events", ([described_event(event, include_data=include) for event in items], token))


def _new(desk: Desk, request: Request) -> ExecutionRecord:
    target = request["stateMachineArn"]
    machine, version_arn, alias_arn, revision = _target(desk, target)
    name = request.get("name") or str(uuid.uuid4())
    check_name(name)
    text = _checked_input(request.get("input", "{}"))
    place = desk.room.place
    arn = (
        place.execution(machine.name, name)
        if machine.type == STANDARD
        else place.express(machine.name, name, str(uuid.uuid4()))
    )
    return ExecutionRecord(
        arn=arn,
        name=name,
        machine_arn=machine.arn,
        machine_name=machine.name,
        type=machine.type,
        input=text,
        revision=revision,
        started_at=desk.now(),
        version_arn=version_arn,
        alias_arn=alias_arn,
        trace_header=str(request.get("traceHeader", "")),
        seed=random.SystemRandom().getrandbits(62),
    )


def _target(desk: Desk, arn: str) -> tuple[Machine, str, str, Revision]:
    """Give the machine, the version and the alias that were asked for (empty when not), and what is to run."""
    parsed(arn, "stateMachine")
    room, alias_arn, version_arn = desk.room, "", ""
    chosen = arn
    if (alias := room.aliases.get(arn)) is not None:
        alias_arn = arn
        routes, weights = zip(*alias.routes, strict=True)
        chosen = random.SystemRandom().choices(routes, weights)[0]
    version = room.versions.get(chosen)
    if version is not None:
        version_arn = version.arn
    machine = room.machines.get(version.machine_arn if version is not None else chosen)
    if machine is None:
        raise no_machine(arn)
    if machine.is_deleting:
        raise Refused("StateMachineDeleting", f"State Machine Deleting: '{machine.arn}'")
    return machine, version_arn, alias_arn, version.revision if version is not None else machine.revision


def _checked_input(text: str) -> str:
    if size(text) > INPUT_BYTES:
        raise _bad_input(f"Input exceeds the maximum length of {INPUT_BYTES} bytes.")
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise _bad_input("Invalid execution input.") from problem
    return text


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _bad_input(reason: str) -> Refused:
    return Refused("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def _wrong_type(arn: str) -> Refused:
    return Refused("StateMachineTypeNotSupported", f"This operation is not supported by this type of state machine: '{arn}'")


def _owner(desk: Desk, request: Request) -> str:
    """Give the ARN whose executions are asked for."""
    map_run, arn = request.get("mapRunArn"), request.get("stateMachineArn")
    if bool(map_run) == bool(arn):
        raise invalid_value("Exactly one of stateMachineArn and mapRunArn must be specified")
    if map_run:
        if request.get("redriveFilter"):
            raise invalid_value("redriveFilter is not supported together with mapRunArn")
        parsed(map_run, "mapRun")
        desk.runs.refresh()
        if map_run not in desk.room.map_runs:
            raise no_resource(map_run)
        return str(map_run)
    parsed(str(arn), "stateMachine")
    room = desk.room
    known = room.machines.get(str(arn)) or room.versions.get(str(arn)) or room.aliases.get(str(arn))
    if known is None:
        raise no_machine(str(arn))
    machine = known if isinstance(known, Machine) else room.machines[known.machine_arn]
    if machine.type == EXPRESS:
        raise _wrong_type(machine.arn)
    return str(arn)


def _newest_first(entry: tuple[float, int, ExecutionRecord]) -> tuple[float, int]:
    """Give the key of the list: many may have started in one millisecond, so their order in the room decides."""
    return entry[:2]


def _known(desk: Desk, arn: str) -> ExecutionRecord:
    if "/" in parsed(arn, "execution").names[0]:
        desk.runs.refresh()
    record = desk.room.executions.get(arn)
    if record is None:
        raise no_execution(arn)
    return record
