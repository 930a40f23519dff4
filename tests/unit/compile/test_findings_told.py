"""What is said, whole, of pipelines that break a limit or come near it: `tests/cases/compile-findings.txt`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bunsui.asl.model import Pass, State, Task
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.diagnostics import Position
from bunsui.model.pipeline import Foreach, Job, Operation, Pipeline, Poll
from bunsui.model.values import Expression
from bunsui.operations.contract import EmitContext, OperationType
from tests.executing import SCOPE, echo, test_registry

EXPECTED = Path(__file__).parents[2] / "cases" / "compile-findings.txt"
PLACE = Position("p.yaml", 7, 3)


def _odd(params: Any, operation: Operation, context: EmitContext) -> dict[str, State]:
    """Emit what bunsui's own types never do: names that are too long or stand twice, a Task that waits."""
    last: State = Pass(output=context.output("1"), next=context.next)
    match params:
        case "long":
            return {context.state: Pass(next="n" * 81), "n" * 81: last}
        case "sync":
            return {
                context.state: Task(
                    resource="arn:aws:states:::glue:startJobRun.sync", output=context.output("1"), next=context.next
                )
            }
        case _:
            resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
            return {context.state: Task(resource=resource, output=context.output("1"), next=context.next)}


ODD = OperationType(name="odd", summary="", params=object, emit=_odd, permissions=lambda params, context: (), result="")


def compiled(*jobs: Job, **more: Any) -> CompiledPipeline:
    whole = Pipeline(name="sales", path="pipelines/sales.yaml", jobs=jobs, **more)
    return compile_pipeline(whole, scope=SCOPE, registry=test_registry().with_types({"odd": ODD}))


def job(name: str, *needs: str, **more: Any) -> Job:
    return Job(name=name, depends_on=needs, position=PLACE, **{"operations": (echo(name),), **more})


def each(name: str, most: int, *, sure: bool = False, **more: Any) -> Job:
    items: Any = tuple(range(most)) if sure else Expression("$params.x")
    return job(name, foreach=Foreach(items=items, max_items=most, **more))


def asks(every: int, seconds: int) -> Operation:
    return replace(echo(1), poll=Poll(until=Expression("$result"), every_seconds=every, timeout_seconds=seconds))


def odd(kind: str) -> Operation:
    return Operation(id="o", type="odd", params=kind)


READ: dict[str, Any] = {"outputs": {"all": Expression("$result")}}
CASES: dict[str, Callable[[], CompiledPipeline]] = {
    "no jobs": compiled,
    "no operations": lambda: compiled(job("a", operations=())),
    "a ring": lambda: compiled(job("a", "c"), job("b", "a"), job("c", "b"), job("d")),
    "more items than allowed": lambda: compiled(
        replace(each("a", 3, sure=True), foreach=Foreach(items=(1, 2, 3), max_items=2))
    ),
    "as many items as allowed": lambda: compiled(each("a", 3, sure=True)),
    "too large": lambda: compiled(job("a", outputs={"x": "x" * 1_050_000})),
    "results that do not fit": lambda: compiled(replace(each("a", 5462, is_distributed=True), **READ)),
    "results that just fit": lambda: compiled(replace(each("a", 5461, is_distributed=True), **READ)),
    "results of batches": lambda: compiled(replace(each("a", 54_611, is_distributed=True, batch=10), **READ)),
    "results that nobody reads": lambda: compiled(each("a", 6000, is_distributed=True)),
    "many events of items": lambda: compiled(each("a", 7000), job("b", "a")),
    "surely many events": lambda: compiled(each("a", 9000, sure=True)),
    "many events of a poll": lambda: compiled(job("a", operations=(asks(10, 40_000),)), each("b", 10)),
    "surely many events of a poll": lambda: compiled(job("a", operations=(asks(10, 60_000),))),
    "many events of one item": lambda: compiled(
        job("a", operations=(asks(10, 60_000),), foreach=Foreach(items=Expression("$params.x"), is_distributed=True))
    ),
    "a long name": lambda: compiled(job("a", operations=(odd("long"),))),
    "a long name twice": lambda: compiled(job("a", operations=(odd("long"),)), job("b", operations=(odd("long"),))),
    "standard, and waits": lambda: compiled(job("a", operations=(odd("sync"),)), timeout_seconds=301),
}


def told(name: str) -> str:
    rows = [f"## {name}"]
    for found in CASES[name]().diagnostics:
        place = f"{found.position.file}:{found.position.line}:{found.position.column}" if found.position else "nowhere"
        rows += [f"{found.code} {found.severity.value} at {place}: {found.summary}"]
        rows += [f"  {text}" for text in (found.detail, found.hint) if text]
    return "\n".join(rows)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_what_is_said_is_what_is_recorded(number: int, update_cases: bool) -> None:
    if update_cases and number == 0:
        EXPECTED.write_text("\n\n".join(map(told, CASES)) + "\n", encoding="utf-8")
    assert told(list(CASES)[number]) == EXPECTED.read_text(encoding="utf-8").strip("\n").split("\n\n")[number]
