"""Executions: start, describe, list, stop, redrive, and their histories.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html and its neighbours.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from math import inf
from typing import Any

from bunsui.emulator.stepfunctions.api.descriptions import billing, describe_record, described_event, redrive_status, summary
from bunsui.emulator.stepfunctions.api.machines import described_revision
from bunsui.emulator.stepfunctions.api.paging import list_answer, page
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import ApiError, invalid_value, no_execution, no_machine, no_resource
from bunsui.emulator.stepfunctions.lag import as_of
from bunsui.emulator.stepfunctions.store.arns import check_name, parse_arn
from bunsui.emulator.stepfunctions.store.records import EXPRESS, RUNNING, STANDARD, ExecutionRecord, Machine, Revision
from bunsui.engine.limits import size

Request = Mapping[str, Any]

INPUT_BYTES = 262_144
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""

_TOKEN_SECONDS = 900
_TOKENS = 10
"""Of the redrives of an execution, as the API reference of RedriveExecution says."""


def start_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    """Start a machine, a version, or one of the versions of an alias by weight.

    A running execution of the same name and input is given again; any other of that name is ExecutionAlreadyExists.
    """
    record = _new(context, request)
    known = context.region_store.executions.get(record.arn)
    if known is None:
        context.runs.start(context.region_store, record)
        known = record
    elif known.status != RUNNING or known.input != record.input or record.type == EXPRESS:
        raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{record.arn}'")
    return {"executionArn": known.arn, "startDate": known.started_at}


def start_sync_execution(context: RequestContext, request: Request) -> Future[dict[str, Any]]:
    """Start an Express machine and give its end."""
    record = _new(context, request)
    if record.type != EXPRESS:
        raise _wrong_type(record.machine_arn)
    record.is_sync = True
    answer: Future[dict[str, Any]] = Future()

    def tell(_done: Future[None]) -> None:
        if answer.set_running_or_notify_cancel():
            answer.set_result({**describe_record(record, context.now()), "billingDetails": billing(record)})

    context.runs.start(context.region_store, record)
    context.runs.ended(record).add_done_callback(tell)
    return answer


def stop_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    """Abort an execution; one that has ended is left as it is."""
    record = _known_execution(context, request["executionArn"])
    if record.status == RUNNING:
        context.runs.stop(context.region_store, record, error=request.get("error"), cause=request.get("cause"))
    return {"stopDate": record.stopped_at}


def redrive_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    """Run what failed, was aborted or timed out again, from where it stopped; once for a client token."""
    record = _known_execution(context, request["executionArn"])
    token = request.get("clientToken", "")
    tokens = context.runs.redrive_tokens.setdefault(record.arn, {})
    if context.now() - tokens.get(token, -inf) <= _TOKEN_SECONDS:
        return {"redriveDate": record.redriven_at}
    status, reason = redrive_status(record, context.now())
    if status != "REDRIVABLE":
        raise ApiError("ExecutionNotRedrivable", f"Execution is not redrivable: '{reason}'")
    context.runs.redrive(context.region_store, record)
    if token:
        tokens[token] = context.now()
        for forgotten in list(tokens)[:-_TOKENS]:
            del tokens[forgotten]
    return {"redriveDate": record.redriven_at}


def describe_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return an execution."""
    record = as_of(_known_execution(context, request["executionArn"]), now=context.now(), lag=context.lag.describes)
    if record is None:
        raise no_execution(request["executionArn"])
    answer = describe_record(record, context.now())
    if request.get("includedData") == "METADATA_ONLY":
        for member in ("input", "output", "error", "cause"):
            answer.pop(member, None)
        answer["inputDetails"] = {"included": False}
    return answer


def describe_state_machine_for_execution(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return what an execution runs on, whatever happened to its machine since."""
    record = _known_execution(context, request["executionArn"])
    answer = {
        "stateMachineArn": record.machine_arn,
        "name": record.machine_name,
        "updateDate": record.started_at,
        **described_revision(record.revision, request),
    }
    if record.map_run_arn:
        answer["mapRunArn"] = record.map_run_arn
    return answer


def list_executions(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return the executions of a machine, a version, an alias or a map run, the most recent first.

    By which time, the API reference says: running ones by their start or redrive, others by their stop."""
    owner = _owner(context, request)
    status, redrive = request.get("statusFilter"), request.get("redriveFilter")
    now = context.now()
    found = [
        (-_time(record), -number, record)
        for number, kept in enumerate(context.region_store.executions.values())
        if owner in (kept.machine_arn, kept.version_arn, kept.alias_arn, kept.map_run_arn)
        and (bool(kept.map_run_arn) == (":mapRun:" in owner))
        and (record := as_of(kept, now=now, lag=context.lag.lists)) is not None
        and status in (None, record.status)
        and redrive in (None, "REDRIVEN" if record.redrive_count else "NOT_REDRIVEN")
    ]
    found.sort(key=_newest_first)
    items, token = page(found, request, about=("executions", owner, status, redrive), key=_newest_first)
    return list_answer("executions", ([summary(record) for _, _, record in items], token))


def get_execution_history(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return the events of an execution, oldest first unless asked the other way."""
    record = _known_execution(context, request["executionArn"])
    reverse = bool(request.get("reverseOrder", False))
    events: Sequence[dict[str, Any]] = context.runs.events(record)
    ordered = list(reversed(events)) if reverse else events

    def key(event: Mapping[str, Any]) -> tuple[float]:
        return (-event["id"] if reverse else event["id"],)

    items, token = page(ordered, request, about=("history", record.arn, reverse), key=key)
    include = bool(request.get("includeExecutionData", True))
    return list_answer("events", ([described_event(event, include_data=include) for event in items], token))


def _new(context: RequestContext, request: Request) -> ExecutionRecord:
    target = request["stateMachineArn"]
    machine, version_arn, alias_arn, revision = _target(context, target)
    name = request.get("name") or str(uuid.uuid4())
    check_name(name)
    text = _checked_input(request.get("input", "{}"))
    location = context.region_store.location
    arn = (
        location.execution(machine.name, name)
        if machine.type == STANDARD
        else location.express(machine.name, name, str(uuid.uuid4()))
    )
    return ExecutionRecord(
        arn=arn,
        name=name,
        machine_arn=machine.arn,
        machine_name=machine.name,
        type=machine.type,
        input=text,
        revision=revision,
        started_at=context.now(),
        version_arn=version_arn,
        alias_arn=alias_arn,
        trace_header=str(request.get("traceHeader", "")),
        seed=random.SystemRandom().getrandbits(62),
    )


def _target(context: RequestContext, arn: str) -> tuple[Machine, str, str, Revision]:
    """Return the machine, the version and the alias that were asked for (empty when not), and what is to run."""
    parse_arn(arn, "stateMachine")
    region_store, alias_arn, version_arn = context.region_store, "", ""
    chosen = arn
    if (alias := region_store.aliases.get(arn)) is not None:
        alias_arn = arn
        led = context.routes.begun_with(arn, alias.routes, now=context.now(), lag=context.lag.starts)
        routes, weights = zip(*led, strict=True)
        chosen = random.SystemRandom().choices(routes, weights)[0]
    version = region_store.versions.get(chosen)
    if version is not None:
        version_arn = version.arn
    machine = region_store.machines.get(version.machine_arn if version is not None else chosen)
    if machine is None:
        raise no_machine(arn)
    if machine.is_deleting:
        raise ApiError("StateMachineDeleting", f"State Machine Deleting: '{machine.arn}'")
    if version is not None:
        return machine, version_arn, alias_arn, version.revision
    revision = context.revisions.begun_with(machine.arn, machine.revision, now=context.now(), lag=context.lag.starts)
    return machine, version_arn, alias_arn, revision


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


def _bad_input(reason: str) -> ApiError:
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def _wrong_type(arn: str) -> ApiError:
    return ApiError("StateMachineTypeNotSupported", f"This operation is not supported by this type of state machine: '{arn}'")


def _owner(context: RequestContext, request: Request) -> str:
    """Return the ARN whose executions are asked for."""
    map_run, arn = request.get("mapRunArn"), request.get("stateMachineArn")
    if bool(map_run) == bool(arn):
        raise invalid_value("Exactly one of stateMachineArn and mapRunArn must be specified")
    if arn and request.get("redriveFilter"):
        raise invalid_value("redriveFilter is only supported together with mapRunArn")
    if arn and request.get("statusFilter") == "PENDING_REDRIVE":
        raise invalid_value("statusFilter PENDING_REDRIVE is only supported together with mapRunArn")
    if map_run:
        parse_arn(map_run, "mapRun")
        context.runs.refresh()
        if map_run not in context.region_store.map_runs:
            raise no_resource(map_run)
        return str(map_run)
    parse_arn(str(arn), "stateMachine")
    region_store = context.region_store
    known = region_store.machines.get(str(arn)) or region_store.versions.get(str(arn)) or region_store.aliases.get(str(arn))
    if known is None:
        raise no_machine(str(arn))
    machine = known if isinstance(known, Machine) else region_store.machines[known.machine_arn]
    if machine.type == EXPRESS:
        raise _wrong_type(machine.arn)
    return str(arn)


def _time(record: ExecutionRecord) -> float:
    """Return the instant by which the list is sorted."""
    if record.status == RUNNING:
        return record.redriven_at or record.started_at
    return record.stopped_at or record.started_at


def _newest_first(entry: tuple[float, int, ExecutionRecord]) -> tuple[float, int]:
    """Return the key of the list: many may have the same millisecond, so their order in the store decides."""
    return entry[:2]


def _known_execution(context: RequestContext, arn: str) -> ExecutionRecord:
    if "/" in parse_arn(arn, "execution").names[0]:
        context.runs.refresh()
    record = context.region_store.executions.get(arn)
    if record is None:
        raise no_execution(arn)
    return record
