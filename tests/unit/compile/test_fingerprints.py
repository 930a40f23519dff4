"""Fingerprints of jobs: what changes them, what does not, and that they stay the same over time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import pytest

from bunsui.compile.fingerprints import (
    FINGERPRINT_VERSION,
    fingerprint_comment,
    read_fingerprints,
    what_changed,
)
from bunsui.compile.fingerprints import job_fingerprints as fingerprints_in_order
from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.structure.order import Cycle, order_of
from bunsui.diagnostics import Position
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.address import Address
from bunsui.model.failures import START_STATE
from bunsui.model.outcomes import RunIf
from bunsui.model.pipeline import Foreach, Job, Operation, Parameter, Pipeline, Poll, Retry
from bunsui.model.values import Expression, Reference, Sensitive
from bunsui.operations.lambda_function import FunctionSource, LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder
from tests.executing import SCOPE

CASES = Path(__file__).parents[2] / "cases"
REGISTRY = builtin_registry()
SOURCE = FunctionSource(path="functions/load", handler="app.handler", digest="sha256:one")
CALL = Operation(id="call", type="lambda", params=LambdaParams(code=SOURCE, payload={"day": Expression("$params.day")}))
JOB = Job(name="load", operations=(CALL,), depends_on=("extract",), outputs={"n": Expression("$result.n")})
DAY = Parameter(name="day", type="string", schema={"type": "string"}, default="today", required=False)
OTHER = replace(DAY, name="other")


def job_fingerprints(pipeline: Pipeline) -> dict[str, str]:
    order = order_of({job.name: job.depends_on for job in pipeline.jobs})
    assert not isinstance(order, Cycle)
    return fingerprints_in_order(pipeline, order, REGISTRY)


def fingerprint(job: Job = JOB, *parameters: Parameter) -> str:
    others = tuple(replace(JOB, name=name, depends_on=()) for name in ("extract", "clean"))
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(*others, job), parameters=parameters or (DAY, OTHER))
    return job_fingerprints(pipeline)[job.name]


def with_call(**changes: object) -> Job:
    return replace(JOB, operations=(replace(CALL, **changes),))  # type: ignore[arg-type]


def with_source(**changes: object) -> Job:
    return with_call(params=replace(CALL.params, code=replace(SOURCE, **changes)))  # type: ignore[arg-type,type-var]


SAME = {
    "description": replace(JOB, description="Loads the day"),
    "place in the file": replace(JOB, position=Position("p.yaml", 3, 1)),
    "isolate": replace(JOB, isolate=True),
    "timeout": with_call(timeout_seconds=60),
    "retry": with_call(retry=Retry(attempts=7)),
    "memory": with_source(memory=1024),
    "where the code lies": with_source(path="functions/moved"),
    "what its role may do": with_source(permissions=()),
}
DIFFERENT = {
    "operation": with_call(type="wait", params={"seconds": 3}),
    "payload": with_call(params=replace(CALL.params, payload={"day": "2026-01-31"})),  # type: ignore[type-var]
    "environment": with_source(environment={"TABLE": "t"}),
    "handler": with_source(handler="app.other"),
    "outputs": replace(JOB, outputs={"n": Expression("$result.m")}),
    "depends_on": replace(JOB, depends_on=("extract", "clean")),
    "when": replace(JOB, when=Expression("$params.day != 'x'")),
    "run_if": replace(JOB, run_if=RunIf.ALL_DONE),
    "foreach": replace(JOB, foreach=Foreach(items=Expression("$jobs.extract.files"))),
    "poll": with_call(poll=Poll(until=Expression("$result.done"))),
}


@pytest.mark.parametrize("job", SAME.values(), ids=SAME)
def test_what_has_no_effect_on_the_result_keeps_the_fingerprint(job: Job) -> None:
    assert fingerprint(job) == fingerprint()


@pytest.mark.parametrize("job", DIFFERENT.values(), ids=DIFFERENT)
def test_what_may_change_the_result_changes_the_definition(job: Job) -> None:
    before, now = fingerprint(), fingerprint(job)
    assert what_changed(before, now).startswith("its definition")


def test_other_code_is_told_apart_from_another_definition() -> None:
    assert what_changed(fingerprint(), fingerprint(with_source(digest="sha256:two"))) == "its code changed"
    both = with_source(digest="sha256:two", handler="app.other")
    assert what_changed(fingerprint(), fingerprint(both)) == "its definition and its code changed"
    assert what_changed(fingerprint(), fingerprint()) == ""


def test_the_default_of_a_parameter_counts_where_the_job_reads_it() -> None:
    assert fingerprint(JOB, replace(DAY, default="yesterday"), OTHER) != fingerprint()
    assert fingerprint(JOB, DAY, replace(OTHER, default="yesterday")) == fingerprint()
    everything = with_call(params=LambdaParams(function="f:1", payload=Expression("$params")))
    assert fingerprint(everything, DAY, replace(OTHER, default="yesterday")) != fingerprint(everything)


def test_how_often_a_poll_asks_keeps_the_fingerprint_and_what_it_waits_for_does_not() -> None:
    poll = Poll(until=Expression("$result.done"))
    slower = replace(poll, every_seconds=300, timeout_seconds=7200, backoff=2.0, max_delay_seconds=900)
    assert fingerprint(with_call(poll=poll)) == fingerprint(with_call(poll=slower))
    assert fingerprint(with_call(poll=poll)) != fingerprint(with_call(poll=replace(poll, until=Expression("$result.ready"))))


def test_a_compiled_machine_says_the_fingerprints_of_its_jobs() -> None:
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(replace(JOB, depends_on=()),), parameters=(DAY,))
    definition = compile_pipeline(pipeline, scope=SCOPE, registry=REGISTRY).definition
    assert read_fingerprints(definition).jobs == job_fingerprints(pipeline)


@pytest.mark.parametrize(
    ("comment", "is_foreign"),
    [
        ("Session, parameters and what an earlier attempt finished, readable everywhere", False),
        (f"x. Fingerprints of the jobs, version {FINGERPRINT_VERSION + 1}: {{}}", True),
        (f"x. Fingerprints of the jobs, version {FINGERPRINT_VERSION}: {{broken", True),
        (fingerprint_comment({"a": "1"})[:-1], True),
    ],
)
def test_what_cannot_be_read_is_told_apart_from_what_was_never_written(comment: str, is_foreign: bool) -> None:
    told = read_fingerprints({"StartAt": START_STATE, "States": {START_STATE: {"Type": "Pass", "Comment": comment}}})
    assert (dict(told.jobs), told.is_foreign) == ({}, is_foreign)
    assert read_fingerprints({}).is_foreign is False


def recorded_pipelines() -> dict[str, Pipeline]:
    found = {}
    for folder in sorted(path for path in (CASES / "asl").iterdir() if path.is_dir()):
        project = ProjectDocument(name="shop", id="", environment=EnvironmentDocument(name="prod"), patterns=("pipeline.yaml",))
        (pipeline,) = load_pipelines(RootFolder(folder), project, registry=REGISTRY, scope=SCOPE).pipelines
        found[folder.name] = pipeline
    return found


def test_the_fingerprints_of_the_recorded_pipelines_stay_as_they_are(update_cases: bool) -> None:
    """Whoever changes these makes every completed job of every failed session run again: raise FINGERPRINT_VERSION then."""
    path = CASES / "fingerprints.json"
    found = {
        "version": FINGERPRINT_VERSION,
        "jobs": {name: job_fingerprints(one) for name, one in recorded_pipelines().items()},
    }
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    if update_cases:
        path.write_text(text)
    assert text == path.read_text()


PLACE = Position("p.yaml", 1, 1)


@dataclass(frozen=True)
class Odd:
    """Parameters of a type, of every form that a value may have."""

    value: object = 1
    place: Position = PLACE
    many: tuple[str, ...] = field(default_factory=lambda: ("a",))


ROLE = Address("role", "p")
FORMS: dict[str, tuple[object, str]] = {
    "nothing": (None, "843c5d675515"),
    "text": ("x", "3df85246d1a1"),
    "expression": (Expression("x"), "95a6f65ed9dc"),
    "mapping": ({"a": {"b": [1]}}, "b5463d338749"),
    "set": (frozenset("cba"), "842a9da7fe99"),
    "list": ([1, "2"], "067adad0c141"),
    "enum": (RunIf.ALL_DONE, "d79e64fac60a"),
    "reference": (Reference(ROLE, "arn"), "7fe5f2030ec5"),
    "another output": (Reference(ROLE, "version_arn"), "9f46666604fd"),
    "another resource": (Reference(Address("role", "q"), "arn"), "658c203181a0"),
    "hidden": (Sensitive("x"), "9c80c2282dc5"),
    "true": (True, "ed23a9b68a70"),
    "one": (1, "5bbcc6c297f5"),
    "float": (1.0, "7465765059fb"),
    "dataclass": (Retry(attempts=3), "37473cfbfe69"),
    "other": (PurePosixPath("a/b"), "56b567dc7a63"),
}


def of_form(value: object, **more: object) -> str:
    return fingerprint(replace(JOB, operations=(Operation(id="o", type="wait", params=Odd(value, **more)),)))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_value_has_a_fingerprint_that_stays(form: str) -> None:
    value, recorded = FORMS[form]
    assert of_form(value) == recorded


def test_forms_that_differ_have_fingerprints_of_their_own_and_a_hidden_value_has_none() -> None:
    assert len({of_form(value) for value, _ in FORMS.values()}) == len(FORMS)
    assert of_form(Sensitive("x")) == of_form(Sensitive("y"))
    assert of_form(("a", "b")) == of_form(["a", "b"])
    assert of_form(frozenset("abc")) == of_form(set("cab"))


def test_a_field_at_its_default_and_a_place_in_a_file_are_no_part_of_it() -> None:
    assert of_form(1, place=Position("q.yaml", 7, 7)) == of_form(1, many=("a",)) == of_form(1)
    assert of_form(1, many=("b",)) != of_form(1)
    assert of_form(1, many=()) != of_form(1)
