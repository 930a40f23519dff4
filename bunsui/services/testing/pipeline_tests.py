"""Runs the tests of pipelines: each on the virtual clock, with its mocks, held against what it expects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.engine.clock import VirtualClock
from bunsui.engine.distributed.objects import Objects
from bunsui.engine.run import ExecutionResult
from bunsui.errors import BunsuiError, InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline_test import PipelineTest
from bunsui.project.repository import Repository
from bunsui.services.testing.machine_under_test import START, MachineUnderTest, errors_of, machines_under_test
from bunsui.services.testing.missing_mock import missing_mock
from bunsui.sessions.slots import parse_instant
from bunsui.testing.coverage import Coverage, coverage
from bunsui.testing.expectations import judge_expectations
from bunsui.testing.mocks import MockedTasks, read_mocks
from bunsui.testing.objects import read_objects
from bunsui.testing.verdict import Verdict, VerdictProblem

_BESIDE = ("bunsui.yaml", "bunsui.yml", "**/*.asl.json", "**/*.asl.yaml", "**/*.asl.yml")
"""What pipelines depend on beside their own files. Code is not run, so its changes change no verdict."""

Told = Callable[[Verdict], None]
"""Called after each test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All tests that were asked for, or why none was run."""

    verdicts: tuple[Verdict, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    """One for each pipeline that has tests."""
    untested: tuple[str, ...] = ()
    """Pipelines that were asked for, or are there, and have no test."""
    first_job: str = ""
    """A job of the first of `untested`, to begin a test with; empty when it is all raw."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Errors in the files; pipelines without errors are tested all the same."""
    files: tuple[str, ...] = ()
    """The files that were read, relative to the project's root."""

    @property
    def failed(self) -> int:
        """How many tests did not pass."""
        return sum(not verdict.passed for verdict in self.verdicts)

    @property
    def is_bad(self) -> bool:
        """True when a test failed or a file has errors."""
        return self.failed > 0 or has_errors(self.diagnostics)


@dataclass(slots=True)
class _Seen:
    """What the tests of one machine took, all together."""

    states: set[str] = field(default_factory=set)
    decisions: set[tuple[str, int | None]] = field(default_factory=set)

    def add(self, result: ExecutionResult) -> None:
        for event in chain(result.events, *result.children):
            if event["type"].endswith("StateEntered"):
                self.states.add(event["stateEnteredEventDetails"]["name"])
        self.decisions |= result.decisions


def run_tests(repository: Repository, select: Sequence[str] = (), *, told: Told = lambda verdict: None) -> Judgement:
    """Run the tests of the pipelines named, of all when none is. Real code is never run.

    Raises:
        NotFound: `unknown-pipeline`.

    """
    machines, project = machines_under_test(repository, select)
    verdicts: list[Verdict] = []
    seen: dict[str, _Seen] = {}
    for test in project.documents.tests:
        machine = machines.get(test.pipeline)
        if machine is None:
            continue
        verdict = run_test(machine, test, seen.setdefault(test.pipeline, _Seen()).add)
        verdicts.append(verdict)
        told(verdict)
    untested = tuple(name for name in machines if name not in seen)
    return Judgement(
        verdicts=tuple(verdicts),
        coverage=tuple(
            coverage(name, machines[name].definition, entered=found.states, decisions=found.decisions)
            for name, found in seen.items()
        ),
        untested=untested,
        first_job=next(iter(machines[untested[0]].shape.jobs), "") if untested else "",
        diagnostics=errors_of(project, select),
        files=project.documents.files,
    )


def run_test(
    machine: MachineUnderTest, test: PipelineTest, watch: Callable[[ExecutionResult], None] = lambda result: None
) -> Verdict:
    """Run one test. Whatever is wrong with it is in the verdict; `watch` is handed the finished run."""
    try:
        result = run_machine(machine, test)
        watch(result)
        facts = machine.facts(result)
        return Verdict(test=test, facts=facts, mismatches=judge_expectations(test.expect, facts))
    except BunsuiError as error:
        facts_told = "; ".join(f"{name}: {value}" for name, value in error.facts.items())
        summary = f"{error.summary} ({facts_told})" if facts_told else error.summary
        return Verdict(test=test, problem=VerdictProblem(summary=summary, hint=error.hint, code=error.code))


def run_machine(machine: MachineUnderTest, test: PipelineTest, *, objects: Objects | None = None) -> ExecutionResult:
    """Run a test's machine with its input and mocks; over `objects`, where given, instead of those that it tells. What has
    no answer there is no fault then.

    Raises:
        InvalidInput: `mock-missing`, `mock-invalid`, `mock-unknown`, `object-invalid` or `bad-instant`.

    """
    clock = VirtualClock(_start(test.at))
    answers = machine.by_state(read_mocks(test.mocks))
    runner = MockedTasks(clock=clock, answers=answers, shaped=machine.answer)
    store = objects if objects is not None else read_objects(test.objects)
    result = machine.run(payload_of(machine, test), runner=runner, clock=clock, objects=store)
    if runner.unmet and objects is None:
        raise missing_mock(runner.unmet[0])
    return result


def payload_of(machine: MachineUnderTest, test: PipelineTest) -> Json:
    """Return the execution's input that a test means."""
    if machine.pipeline is not None and machine.pipeline.is_raw:
        return {**_literals(machine.pipeline.literal_defaults), **test.input}
    payload: dict[str, Json] = {"params": dict(test.input)}
    if test.session:
        payload["session"] = dict(test.session)
    if test.resume:
        payload["resume"] = dict(test.resume)
    return payload


def _literals(defaults: Mapping[str, object]) -> dict[str, Json]:
    # Literal defaults hold nothing but JSON, which their type does not say.
    return dict(defaults)  # type: ignore[arg-type]


def _start(at: str) -> datetime:
    if not at:
        return START
    found = parse_instant(at)
    if found is None:
        raise InvalidInput("bad-instant", "not an instant", hint="Write at: 2026-01-31T03:00:00Z.", at=at)
    return found


def fingerprint(repository: Repository) -> str:
    """Return a text that changes whenever a file that tests depend on does: pipelines, tests, definitions, the project file."""
    digest = hashlib.sha256()
    patterns = (*repository.project.patterns, *_BESIDE)
    for path in repository.source.find(patterns):
        try:
            content = repository.source.read(path)
        except InvalidInput as error:
            content = error.summary.encode()
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
