"""TestState: one state, tried alone.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html, and recordings of AWS.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bunsui.asl.validation.answers import refusal
from bunsui.asl.validation.finding import SCHEMA, DefinitionFinding
from bunsui.asl.validation.validate import validate
from bunsui.emulator.stepfunctions.api.mocks import check_mock, mocked_result
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.api.state_evaluation import StateEvaluation
from bunsui.emulator.stepfunctions.errors import ApiError, invalid_value
from bunsui.emulator.stepfunctions.store.arns import check_role
from bunsui.emulator.stepfunctions.tasks.task import AssignedTask
from bunsui.engine.context import timestamp
from bunsui.engine.failures import ExecutionFailure
from bunsui.engine.program import State, prepare
from bunsui.engine.states.task import resource_of
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded
from bunsui.model.json import Json

Request = Mapping[str, Any]

_NAME = "StateName"
"""What AWS calls a state that is tested."""
_LONGEST_SECONDS = 300.0
_CONTEXT: Mapping[str, frozenset[str]] = {
    "Execution": frozenset({"Id", "Input", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"}),
    "State": frozenset({"EnteredTime", "Name", "RetryCount"}),
    "StateMachine": frozenset({"Id", "Name"}),
    "Task": frozenset({"Token"}),
}


def test_state(context: RequestContext, request: Request) -> dict[str, Any] | Future[dict[str, Any]]:
    """Return what the state does with the input: its output, where it goes, and what its fields made of the data."""
    state = _state(request)
    check_mock(request, state)
    if "roleArn" in request:
        check_role(request["roleArn"])
    given = _read(request.get("input", "{}"), "input")
    variables = _read(request.get("variables", "{}"), "variables")
    evaluation = StateEvaluation(
        state,
        given,
        context=_context(context, request, state, given),
        variables=variables if isinstance(variables, dict) else {},
        configuration=request.get("stateConfiguration") or {},
        level=request.get("inspectionLevel", "INFO"),
    )
    mock = request.get("mock")
    if mock is not None and "errorOutput" in mock:
        error = mock["errorOutput"]
        return evaluation.ended_badly(ExecutionFailure(error=error.get("error", ""), cause=error.get("cause", "")))
    if mock is not None:
        return evaluation.ended_well(mocked_result(request, state))
    if state.kind == "Task":
        return _really_done(context, request, evaluation)
    return evaluation.alone()


test_state.__test__ = False  # type: ignore[attr-defined] # pytest would take it for a test


def _really_done(
    context: RequestContext, request: Request, evaluation: StateEvaluation
) -> dict[str, Any] | Future[dict[str, Any]]:
    """Have the task's work done, and give its end."""
    prepared = evaluation.prepared()
    if isinstance(prepared, dict):
        return prepared
    resource = resource_of(str(evaluation.state.fields["Resource"]))
    if resource.has_token:
        raise invalid_value("TestState needs a mock for activities, '.sync' and '.waitForTaskToken'")
    answer: Future[dict[str, Any]] = Future()

    def hear(report: TaskReport) -> None:
        context.post(partial(end, report))

    def end(report: TaskReport) -> None:
        if answer.done() or not isinstance(report, (TaskSucceeded, TaskFailed)):
            return
        if isinstance(report, TaskSucceeded):
            answer.set_result(evaluation.ended_well(report.output))
        else:
            answer.set_result(evaluation.ended_badly(ExecutionFailure(error=report.error, cause=report.cause)))

    task = TaskRequest(
        resource=str(evaluation.state.fields["Resource"]),
        arguments=prepared[0],
        state=_NAME,
        credentials=evaluation.credentials(),
    )
    context.tasks.start(
        AssignedTask(request=task, location=context.region_store.location, role_arn=request.get("roleArn", ""), say=hear)
    )
    late = TaskFailed(error="States.Timeout", cause="TestState gives a state five minutes.")
    context.later(_LONGEST_SECONDS, partial(end, late))
    return answer


def _read(text: str, member: str) -> Json:
    try:
        found: Json = json.loads(text)
    except ValueError as problem:
        if member == "input":
            raise ApiError(
                "InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'"
            ) from problem
        raise invalid_value(f"The {member} must be valid JSON") from problem
    return found


def _state(request: Request) -> State:
    """Return the state that is asked for, ready to be tried. Refused when the definition is not valid, or has no such state."""
    text, name = request["definition"], request.get("stateName")
    try:
        definition = json.loads(text)
    except ValueError:
        definition = None
    if name is None and isinstance(definition, dict) and "StartAt" not in definition:
        # Where the state leads to does not matter, so only the state itself is looked at.
        _refuse(finding for finding in validate(_wrap_state(definition)) if finding.aws_code == SCHEMA)
        return prepare(_with_targets(_wrap_state(definition))).graph.states[_NAME]
    _refuse(validate(text))
    if name is None:
        raise invalid_value("StateName must be specified when the definition is that of a state machine")
    found = next((fields for key, fields in _all_states(definition, "JSONPath") if key == name), None)
    if found is None:
        raise invalid_value("State not found in definition")
    return prepare(_with_targets(_wrap_state(found))).graph.states[_NAME]


def _refuse(findings: Iterable[DefinitionFinding]) -> None:
    problem = refusal(tuple(findings))
    if problem is not None:
        raise ApiError("InvalidDefinition", problem)


def _wrap_state(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"StartAt": _NAME, "States": {_NAME: fields}}


def _with_targets(machine: dict[str, Any]) -> dict[str, Any]:
    """Add the states that the tested one leads to: the engine wants to know them all."""
    fields = machine["States"][_NAME]
    rules = [*fields.get("Choices", ()), *fields.get("Catch", ())]
    targets = {fields.get("Next"), fields.get("Default"), *(rule.get("Next") for rule in rules)} - {None}
    return {**machine, "States": {**{target: {"Type": "Succeed"} for target in targets}, _NAME: fields}}


def _all_states(machine: Mapping[str, Any], language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every state with its query language, those inside others too."""
    language = str(machine.get("QueryLanguage", language))
    for name, fields in machine["States"].items():
        yield name, {"QueryLanguage": language, **fields}
        inner = [*fields.get("Branches", ()), *(fields[key] for key in ("ItemProcessor", "Iterator") if key in fields)]
        for machine_inside in inner:
            yield from _all_states(machine_inside, str(fields.get("QueryLanguage", language)))


def _context(context: RequestContext, request: Request, state: State, given: Json) -> Mapping[str, Json]:
    if "context" in request:
        return _checked_context(request["context"], state)
    now = timestamp(datetime.fromtimestamp(context.now(), UTC))
    name, machine = str(uuid.uuid4()), str(uuid.uuid4())
    about: dict[str, Json] = {"Name": _NAME, "EnteredTime": now}
    if state.kind in ("Task", "Map", "Parallel"):
        about["RetryCount"] = int((request.get("stateConfiguration") or {}).get("retrierRetryCount", 0))
    return {
        "Execution": {
            "Id": context.region_store.location.execution(machine, name).replace(":execution:", ":express:"),
            "Input": given,
            "Name": name,
            "RoleArn": request.get("roleArn"),
            "StartTime": now,
        },
        "StateMachine": {"Id": context.region_store.location.machine(machine), "Name": machine},
        "State": about,
    }


def _checked_context(text: str, state: State) -> Mapping[str, Json]:
    context = _read(text, "context")
    if not isinstance(context, dict):
        raise _bad_context("It must be an object")
    for name, members in context.items():
        if name == "Map":
            raise _bad_context("'Map' field is not supported when mocking a Context object")
        if name not in _CONTEXT:
            raise _bad_context(f"Field '{name}' is not allowed")
        for member in members if isinstance(members, dict) else ():
            if member not in _CONTEXT[name]:
                raise _bad_context(f"Field '{member}' is not allowed")
    if "Task" in context and not _takes_a_token(state):
        raise _bad_context(
            "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken'"
            " service integration pattern"
        )
    return context


def _takes_a_token(state: State) -> bool:
    resource = resource_of(str(state.fields.get("Resource", "")))
    # Activities have a token, too, but TestState has no context for them.
    return state.kind == "Task" and resource.has_token and resource.family != "Activity"


def _bad_context(problem: str) -> ApiError:
    return invalid_value(f"Invalid Context object provided: {problem}")
