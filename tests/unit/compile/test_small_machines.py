"""Pipelines of one or two jobs and all that they become, state by state: `tests/cases/asl/small.txt`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bunsui.asl.model import code
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.compile.start import session_expression
from bunsui.model.alerts import Alert, Channel
from bunsui.model.outcomes import RunIf
from bunsui.model.pipeline import (
    Foreach,
    GivenRoles,
    Job,
    Operation,
    OutputRule,
    Parameter,
    Pipeline,
    Poll,
    Retry,
    S3Items,
    Schedule,
    SlotOffset,
)
from bunsui.model.values import Expression, Reference
from bunsui.operations.lambda_function import LambdaParams
from tests.executing import SCOPE, breaks, echo, skips, test_registry
from tests.unit.compile.test_pipeline import CODED

EXPECTED = Path(__file__).parents[2] / "cases" / "asl" / "small.txt"
A = Job(name="a", operations=(echo(1),))
B = Job(name="b", depends_on=("a",), operations=(echo(2),))
CALL = Operation(id="call", type="lambda", params=LambdaParams(function="f:1"))
RESULT = {"o": Expression("$result")}
N = Expression("$params.n")
OBJECT = S3Items(bucket="bucket", key=Expression("$params.key"), format="csv")


def each(**more: Any) -> Job:
    return replace(A, foreach=Foreach(**{"items": Expression("$params.items"), "max_items": 3, **more}))


def spread(**more: Any) -> Job:
    return each(is_distributed=True, **more)


def polled(**more: Any) -> Job:
    poll = Poll(**{"until": Expression("$result.done"), "every_seconds": 10, "timeout_seconds": 60, **more})
    return replace(A, operations=(replace(CALL, poll=poll),))


JOBS: dict[str, tuple[Job, ...]] = {
    "one operation": (A,),
    "operations in sequence": (replace(A, operations=(echo(1, name="x"), echo(Expression("$result + $ops.x"), name="y"))),),
    "an operation that needs an exit": (replace(A, operations=(echo(1, needs_exit=True),), outputs=RESULT),),
    "outputs of both kinds": (
        replace(A, operations=(echo(1, name="x"), echo(2)), outputs={**RESULT, "p": Expression("$ops")}),
        B,
    ),
    "a description": (replace(A, description="What it does"), B),
    "when": (replace(A, when=Expression("$params.n > 1")), B),
    "when that may be no truth": (replace(A, when=N), B),
    "a job that may skip itself": (replace(A, operations=(skips(), echo(1))), B, replace(B, name="c", depends_on=("b",))),
    "a failure that siblings outlive": (
        replace(A, operations=(breaks(),), isolate=True, outputs=RESULT),
        replace(B, depends_on=()),
    ),
    "a caught failure without outputs": (replace(A, operations=(breaks(),), isolate=True), B),
    "an output that may be wrong where it is caught": (
        replace(A, isolate=True, outputs={"o": N, "p": [N, {"q": N}]}, output_rules={"o": OutputRule(type="integer")}),
    ),
    "reactions": (
        replace(A, operations=(breaks(),)),
        replace(B, run_if=RunIf.ANY_FAILED, handles=True, operations=(echo(Expression("$errors.a.class")),)),
        replace(B, name="c", run_if=RunIf.ALL_DONE),
        replace(B, name="d", run_if=RunIf.NONE_FAILED),
        replace(B, name="e", depends_on=("a", "b"), run_if=RunIf.NONE_FAILED_MIN_ONE_SUCCESS),
    ),
    "side by side": (A, replace(A, name="z"), replace(B, operations=(echo(Expression("$jobs.a")),)), replace(B, name="c")),
    "side by side with failures": (replace(A, isolate=True), replace(B, depends_on=()), replace(B, name="c")),
    "a sensitive output": (replace(A, outputs={"o": 1, "p": 2}, output_rules={"o": OutputRule(sensitive=True)}),),
    "items": (each(), B),
    "items of a file": (each(items=(1, Expression("$params.n")), label=Expression("$item.name"), max_concurrency=2),),
    "items that are never no list": (each(items=Expression("[$params.n]")),),
    "items of a path": (each(items=Expression("$params.a.b.c"), variable="one"),),
    "items of which some may fail": (replace(each(tolerate_count=1), operations=(breaks(),), outputs=RESULT), B),
    "items of which a share may fail": (replace(each(tolerate_percent=12.5), isolate=True), B),
    "items that may be skipped": (replace(each(), operations=(skips(), echo(N, needs_exit=True))), B),
    "items that read others": (
        replace(A, isolate=True),
        replace(each(), name="b", depends_on=("a",), operations=(echo(Expression("[$jobs.a, $errors, $status]")),)),
    ),
    "children": (spread(), B),
    "children whose results are read": (replace(spread(tolerate_count=2), outputs=RESULT),),
    "children with labels": (replace(spread(label=Expression("$item.name")), outputs=RESULT, description="Many"),),
    "children of batches": (replace(spread(batch=5, tolerate_percent=50.0), outputs=RESULT),),
    "children of batches with labels": (
        replace(spread(batch=5, label=Expression("$item[0].name & $params.n")), outputs=RESULT),
    ),
    "children of an object": (replace(spread(source=OBJECT), operations=(skips(), echo(Expression("$session.id")))),),
    "children of an object with a header": (
        replace(spread(source=replace(OBJECT, headers=("x", "y")), batch=2), isolate=True),
    ),
    "children of a listing": (spread(source=replace(OBJECT, format="objects", key="in/")),),
    "children of a manifest": (spread(source=replace(OBJECT, format="manifest", key="manifest.json")),),
    "a poll": (polled(), B),
    "a poll that grows": (
        replace(polled(backoff=1.5, max_delay_seconds=20, fail_if=Expression("$result.bad = true")), isolate=True),
    ),
    "retries": (
        replace(
            A,
            operations=(
                replace(CALL, retry=Retry(attempts=3, errors=("throttling", "timeout", "Own.Error"), delay_seconds=2)),
            ),
        ),
        replace(B, operations=(replace(CALL, idempotent=True, timeout_seconds=5, retry=Retry(attempts=2, errors=("any",))),)),
    ),
}
PIPELINES: dict[str, Pipeline] = {
    "words about it": Pipeline(
        name="p", path="p.yaml", jobs=(A,), title="Title", timeout_seconds=60, tracing=True, log_level="ALL", tags={"t": "x"}
    ),
    "a name and roles of its own": Pipeline(
        name="p",
        path="p.yaml",
        jobs=(replace(A, operations=(CODED_CALL := Operation(id="own", type="coded", params=echo(1).params),)),),
        resource_name="theirs",
        roles=GivenRoles(machine="arn:m", function="arn:f", scheduler="arn:s"),
        log_level="OFF",
        schedules=(Schedule(id="daily", expression="rate(1 day)", timezone="UTC"),),
    ),
    "code and schedules": Pipeline(
        name="p",
        path="p.yaml",
        timezone="Europe/Zurich",
        slot=SlotOffset(days=-1, seconds=3600),
        jobs=(replace(A, operations=(CODED_CALL,)),),
        schedules=(
            Schedule(id="daily", expression="rate(1 day)", timezone="Europe/Zurich", input={"n": 1}),
            Schedule(id="utc", expression="rate(1 day)", timezone="UTC", slot=SlotOffset(seconds=86_400), enabled=False),
        ),
    ),
    "parameters": Pipeline(
        name="p",
        path="p.yaml",
        jobs=(A,),
        parameters=(
            Parameter(name="n", type="integer", schema={}),
            Parameter(
                name="day", type="string", default=Expression("$session.date"), required=False, schema={"format": "date"}
            ),
            Parameter(name="mode", type="string", default="x", required=False, schema={"enum": ["x", "y"]}),
            Parameter(name="one", type="number", required=False, schema={"minimum": 1, "maximum": 2.5, "enum": [1, 2]}),
            Parameter(name="key", type="string", sensitive=True, schema={}),
            Parameter(name="all", type="object", default={}, required=False, schema={"minimum": True}),
        ),
    ),
    "alerts": Pipeline(
        name="p",
        path="p.yaml",
        jobs=(A,),
        owner="Mika <mika@example.org>",
        runbook="docs/p.md",
        alerts=(Alert(event="failed", notify=("ops", "oncall")),),
    ),
}
CHANNELS = {"ops": Channel(name="ops"), "oncall": Channel(name="oncall", topic="arn:topic")}


def as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return f"<{value.attribute} of {value.address}>" if isinstance(value, Reference) else value


def written(value: Any) -> str:
    return json.dumps(as_json(value), ensure_ascii=False)


def states(scope: Mapping[str, Any], indent: str = "  ") -> Iterator[str]:
    yield f"{indent}{written({key: value for key, value in scope.items() if key != 'States'})}"
    for name, state in scope["States"].items():
        own = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor")}
        yield f"{indent}{name}: {written(own)}"
        for inner in [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]:
            yield from states(inner, f"{indent}  ")


def rest(found: CompiledPipeline) -> Iterator[str]:
    """Return everything but the machine's definition."""
    for one in found.diagnostics:
        yield f"  {one.code} {one.severity.value}: {one.summary}"
    for wait in found.synthetic:
        yield f"  {wait.job} waits for {wait.waits_for}"
    for given in found.given_roles:
        yield f"  given {given.arn} for {given.needs.address}: {written(given.needs.attributes)}"
    for resource in found.resources:
        own = {name: value for name, value in resource.attributes.items() if name != "definition"}
        after = " ".join(map(str, resource.depends_on))
        yield f"  {resource.address} {resource.physical_name} [{after}] {written(own)}"


def compiled(pipeline: Pipeline) -> CompiledPipeline:
    registry = test_registry().with_types({"coded": CODED})
    return compile_pipeline(pipeline, scope=SCOPE, registry=registry, channels=CHANNELS)


def lines(name: str) -> list[str]:
    """Return what the pipeline of that name becomes; of a usual one what its machine does and may do."""
    if name in PIPELINES:
        found = compiled(PIPELINES[name])
        return [*states(found.definition), *rest(found)]
    pipeline = Pipeline(name="p", path="p.yaml", jobs=JOBS[name])
    found = compiled(pipeline)
    policies: list[Any] = [one.attributes["policy"] for one in found.resources if one.address.kind == "role"]
    may = [f"  may {written(statement)}" for policy in policies for statement in policy["Statement"][1:]]
    plain = json.dumps(code(session_expression(pipeline)))
    return [line.replace(plain, "(the plain session)") for line in states(found.definition)] + [
        *rest(replace(found, resources=())),
        *may,
    ]


@cache
def recorded() -> Mapping[str, list[str]]:
    """Return the recorded lines by the pipeline's name."""
    sections = EXPECTED.read_text(encoding="utf-8").removesuffix("\n").split("\n\n")
    return {name: body for name, *body in (section.split("\n") for section in sections)}


def test_every_small_pipeline_is_recorded(update_cases: bool) -> None:
    names = [*JOBS, *PIPELINES]
    if update_cases:
        text = "\n\n".join("\n".join((name, *lines(name))) for name in names)
        EXPECTED.write_text(f"{text}\n", encoding="utf-8")
    assert list(recorded()) == names


@pytest.mark.parametrize("name", [*JOBS, *PIPELINES])
def test_a_small_pipeline_compiles_to_what_is_recorded(name: str) -> None:
    assert lines(name) == recorded()[name]
