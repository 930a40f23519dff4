"""`run_if`, `when`, `isolate` and resume guards, really executed on the embedded AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.model.json import Json
from bunsui.model.outcomes import RunIf
from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.values import Expression
from tests.embedded import EmbeddedAccount
from tests.executing import Run, breaks, compiled, echo, execute, skips

pytestmark = [pytest.mark.embedded]

TABLE: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "cases" / "run_if.json").read_text())


def dependency(name: str, outcome: str) -> tuple[Job, ...]:
    """Return a job that ends in this way, its failure caught; before it the one that failed where it is not run."""
    if outcome == "not_run":
        failed = Job(name=f"{name}x", operations=(breaks(),), isolate=True)
        return failed, Job(name=name, operations=(echo(1),), depends_on=(failed.name,), isolate=True)
    return (_ending(name, outcome),)


def _ending(name: str, outcome: str) -> Job:
    outputs = {"name": name}
    if outcome == "failed":
        return Job(name=name, operations=(breaks(),), isolate=True, outputs=outputs)
    when = Expression("1 = 2") if outcome == "skipped" else None
    return Job(name=name, operations=(echo(1),), when=when, isolate=True, outputs=outputs)


def case_pipeline(case: dict[str, Any], *, handles: bool = False) -> Pipeline:
    names = tuple(f"d{index}" for index in range(len(case["dependencies"])))
    jobs = [job for name, outcome in zip(names, case["dependencies"], strict=True) for job in dependency(name, outcome)]
    rule = RunIf(case["run_if"])
    target = Job(
        name="target",
        operations=(echo(1),),
        depends_on=names,
        run_if=rule,
        handles=handles and rule.reacts,
        outputs={"ran": True},
    )
    return Pipeline(name="case", path="p.yaml", jobs=(*jobs, target))


@pytest.mark.slow
def test_run_if_does_what_the_truth_table_says(embedded_account: EmbeddedAccount) -> None:
    cases = [
        (case, handles) for case in TABLE for handles in (False, True) if not handles or case["handled"] != case["session"]
    ]
    runs = [
        Run(name=f"case-{index}", definition=compiled(case_pipeline(case, handles=handles)).definition)
        for index, (case, handles) in enumerate(cases)
    ]
    found = execute(embedded_account, runs)
    for index, (case, handles) in enumerate(cases):
        ended = found[f"case-{index}"]
        assert ("target" in ended.entered) is (case["job"] == "runs"), case
        assert ended.status == case["handled" if handles else "session"].upper(), (case, ended.cause)
        if ended.status == "FAILED":
            assert ended.error == "Bunsui.JobsFailed"
            ends = {"failed": "", "not_run": "x"}
            failed = [f"d{i}{ends[outcome]} (Test.Broken)" for i, outcome in enumerate(case["dependencies"]) if outcome in ends]
            assert sorted(ended.cause.removeprefix("failed: ").split(", ")) == sorted(failed)
        else:
            assert ended.output == ({"target": {"ran": True}} if case["job"] == "runs" else {})


def test_a_failure_that_nobody_catches_fails_the_execution_at_once(embedded_account: EmbeddedAccount) -> None:
    jobs = (Job(name="a", operations=(breaks("Test.Loud"),)), Job(name="b", operations=(echo(1),), depends_on=("a",)))
    run = Run(name="loud", definition=compiled(Pipeline(name="loud", path="p.yaml", jobs=jobs)).definition)
    ended = execute(embedded_account, [run])["loud"]
    assert (ended.status, ended.error) == ("FAILED", "Test.Loud")
    assert "b.guard" not in ended.entered


def test_an_operation_skips_its_job_and_what_depends_on_it(embedded_account: EmbeddedAccount) -> None:
    jobs = (
        Job(name="a", operations=(echo(1, name="first"), skips(), echo(2, name="never")), outputs={"x": 1}),
        Job(name="b", operations=(echo(1),), depends_on=("a",)),
        Job(name="c", operations=(echo(1),), depends_on=("a",), run_if=RunIf.NONE_FAILED, outputs={"ran": True}),
    )
    run = Run(name="skipping", definition=compiled(Pipeline(name="skipping", path="p.yaml", jobs=jobs)).definition)
    ended = execute(embedded_account, [run])["skipping"]
    assert (ended.status, ended.output) == ("SUCCEEDED", {"c": {"ran": True}})


def chain(length: int) -> Pipeline:
    jobs = []
    for index in range(length):
        needs = (f"j{index - 1}",) if index else ()
        earlier = f"$jobs.j{index - 1}.sum" if index else "0"
        jobs.append(
            Job(
                name=f"j{index}",
                depends_on=needs,
                operations=(echo(Expression(f"{earlier} + 1")),),
                outputs={"sum": Expression("$result")},
            )
        )
    return Pipeline(name="chain", path="p.yaml", jobs=tuple(jobs))


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_a_guard_restores_a_completed_job(embedded_account: EmbeddedAccount, done: int) -> None:
    resume: Json = {
        "jobs": {f"j{i}": {"sum": 100 + i} for i in range(done)},
        "status": {f"j{i}": "succeeded" for i in range(done)},
    }
    run = Run(name="chain", definition=compiled(chain(3)).definition, payload={"resume": resume})
    ended = execute(embedded_account, [run])["chain"]
    assert [name for name in ended.entered if name in ("j0", "j1", "j2")] == [f"j{i}" for i in range(done, 3)]
    assert ended.output == {"j2": {"sum": 100 + done - 1 + (3 - done) if done else 3}}


def test_a_guard_restores_a_skipped_job_without_outputs(embedded_account: EmbeddedAccount) -> None:
    jobs = (
        Job(name="a", operations=(echo(1),), outputs={"x": 1}, when=Expression("1 = 1")),
        Job(
            name="b",
            operations=(echo(1),),
            depends_on=("a",),
            run_if=RunIf.NONE_FAILED,
            outputs={"saw": Expression("$exists($jobs.a)")},
        ),
    )
    payload = {"resume": {"status": {"a": "skipped"}}}
    run = Run(name="m", definition=compiled(Pipeline(name="m", path="p.yaml", jobs=jobs)).definition, payload=payload)
    assert execute(embedded_account, [run])["m"].output == {"b": {"saw": False}}


def test_the_exit_event_carries_all_declared_outputs(embedded_account: EmbeddedAccount) -> None:
    ended = execute(embedded_account, [Run(name="chain", definition=compiled(chain(3)).definition)])["chain"]
    exits = ended.exits()
    assert [exits[f"j{i}"]["jobs"][f"j{i}"] for i in range(3)] == [{"sum": 1}, {"sum": 2}, {"sum": 3}]
    assert [exits[f"j{i}"]["status"][f"j{i}"] for i in range(3)] == ["succeeded"] * 3
    assert set(exits["j2"]["jobs"]) == {"j2"}, "what nobody reads any more is gone"
