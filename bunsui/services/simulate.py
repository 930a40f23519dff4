"""Runs a definition or a pipeline's machine on the virtual clock, with tasks that answer what they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bunsui.asl.validation.views import machines, whole
from bunsui.diagnostics import Diagnostic, has_errors, sorted_diagnostics
from bunsui.document.checks.raw_definition import check_definition
from bunsui.document.yaml.builder import LIMIT_DEFINITION_PARTS
from bunsui.document.yaml.reader import read_document
from bunsui.engine.clock import VirtualClock
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.mocks import MockRunner, from_list
from bunsui.engine.run import ExecutionResult
from bunsui.engine.tasks import TaskRequest
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.project.repository import Repository
from bunsui.services.testing.machine_under_test import START, MachineUnderTest, errors_of, machines_under_test
from bunsui.services.testing.missing_mock import missing_mock, yaml_key
from bunsui.sessions.inputs import read_parameters
from bunsui.testing.facts import RunFacts
from bunsui.testing.mocks import MockedTasks, read_mocks
from bunsui.testing.objects import read_objects

_MOCKS_SHOWN = 12
"""Tasks that an error shows mocks for."""
_INPUT_KEYS = frozenset({"params", "session", "resume"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A machine that may be run, or why it may not."""

    machine: MachineUnderTest | None
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A finished run on the virtual clock."""

    name: str
    result: ExecutionResult
    facts: RunFacts
    started_at: datetime
    is_raw: bool = False
    """True when the machine has states of its own rather than jobs."""


def prepare_definition(file: str, content: bytes, *, kind: str = "STANDARD") -> Prepared:
    """Read and check a definition in Amazon States Language, JSON or YAML."""
    intake = read_document(file, content, limit_parts=LIMIT_DEFINITION_PARTS)
    if intake.document is None:
        return Prepared(machine=None, diagnostics=intake.diagnostics)
    data = intake.document.data
    found = check_definition(intake.document, data, kind="EXPRESS" if kind == "EXPRESS" else "STANDARD")
    findings = tuple(sorted_diagnostics(found))
    if has_errors(findings) or not isinstance(data, Mapping):
        return Prepared(machine=None, diagnostics=findings)
    stem = file.rpartition("/")[2].partition(".")[0]
    return Prepared(machine=MachineUnderTest(name=stem or "machine", definition=data, kind=kind), diagnostics=findings)


def prepare_pipeline(repository: Repository, name: str) -> Prepared:
    """Compile a pipeline. NotFound when there is none of that name."""
    machines, project = machines_under_test(repository, [name])
    if name not in machines:
        return Prepared(machine=None, diagnostics=errors_of(project, [name]))
    return Prepared(machine=machines[name])


def input_of(machine: MachineUnderTest, *, whole: Json, params: Sequence[str]) -> Json:
    """Return the execution's input: `whole` as it is when it is given, with parameters `NAME=VALUE` put into it."""
    if machine.pipeline is None:
        if params:
            raise InvalidInput(
                "no-parameters", "a definition of its own has no parameters", hint="Give its whole input with --input."
            )
        return {} if whole is None else whole
    if not machine.pipeline.is_raw and isinstance(whole, Mapping) and set(whole) - _INPUT_KEYS:
        raise InvalidInput(
            "bad-input",
            "a pipeline's input holds params, session and resume, and nothing else",
            hint="Put parameters under params, or give them with --param NAME=VALUE.",
            unknown=", ".join(sorted(set(whole) - _INPUT_KEYS)),
        )
    if whole is not None and not params:
        return whole
    given = read_parameters(machine.pipeline, params)
    said = {name: given[name] for name in (text.partition("=")[0] for text in params)}
    around = dict(whole) if isinstance(whole, Mapping) else {}
    if machine.pipeline.is_raw:
        return {**given, **around, **said}
    inside = around.get("params")
    return {**around, "params": {**(inside if isinstance(inside, Mapping) else {}), **said}}


def simulate(
    machine: MachineUnderTest, payload: Json, *, mocks: Json, objects: Json = None, at: datetime = START
) -> Simulation:
    """Run the machine; `mocks` in the form of `tests:` (by state or job) or as a list, one entry a try; `objects` by address.

    Raises:
        InvalidInput: `mock-missing` when a task was asked that nobody answers; `mock-invalid`, `mock-unknown`,
            `object-invalid`.

    """
    clock = VirtualClock(at)
    runner = _runner(machine, mocks, clock)
    store = read_objects(objects if isinstance(objects, Mapping) else {})
    result = machine.run(payload, runner=runner, clock=clock, objects=store)
    if runner.unmet:
        raise _without_answers(machine, runner.unmet[0], mocks)
    is_raw = machine.pipeline is None or machine.pipeline.is_raw
    return Simulation(name=machine.name, result=result, facts=machine.facts(result), started_at=at, is_raw=is_raw)


def _without_answers(machine: MachineUnderTest, request: TaskRequest, mocks: Json) -> InvalidInput:
    """Return the error about a try without an answer; of a definition it shows mocks for all tasks, which run as they are."""
    error = missing_mock(request)
    told = mocks if isinstance(mocks, Mapping) else {}
    if machine.pipeline is not None or request.state in told:
        return error
    missing = [request.state, *(name for name in machine.tasks if name not in told and name != request.state)]
    views = (state for scope in machines(whole(machine.definition, "STANDARD")) for state in scope.views())
    resources = {state.name: str(state.fields.get("Resource")) for state in views}
    shown = "\n".join(f"  {yaml_key(name)}: {{return: {_empty(resources[name])}}}" for name in missing[:_MOCKS_SHOWN])
    hint = f"Write into a file what each task answers, here nothing, and name it with --mocks FILE:\n{shown}"
    return InvalidInput(error.code, error.summary, hint=hint, **error.facts)


def _empty(resource: str) -> str:
    """Return the answer of a service that says nothing; Lambda's has a Payload, which most definitions go on to read."""
    return "{Payload: {}}" if resource.endswith(":lambda:invoke") else "{}"


def _runner(machine: MachineUnderTest, mocks: Json, clock: VirtualClock) -> MockedTasks | MockRunner:
    if isinstance(mocks, (list, tuple)):
        for entry in mocks:
            if not isinstance(entry, Mapping):
                raise InvalidInput("mock-invalid", "an entry of the list of mocks is no mapping", entry=compact(entry))
        return from_list(mocks, clock)
    told = mocks if isinstance(mocks, Mapping) else {}
    return MockedTasks(clock=clock, answers=machine.by_state(read_mocks(told)), shaped=machine.answer)
