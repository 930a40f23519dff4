"""`run_if` on values, and the documentation that is made of the same table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.compile.outcomes import Outcomes, runs
from bunsui.model.pipeline import Job, Outcome, Pipeline, RunIf
from bunsui.model.values import Expression

ROOT = Path(__file__).parents[3]
TABLE: list[dict[str, Any]] = json.loads((ROOT / "tests" / "cases" / "run_if.json").read_text())


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case['run_if']}-{'-'.join(case['dependencies'])}")
def test_the_rule_on_values_is_the_truth_table(case: dict[str, Any]) -> None:
    outcomes = [Outcome(outcome) for outcome in case["dependencies"]]
    assert runs(RunIf(case["run_if"]), outcomes) is (case["job"] == "runs")


def test_the_truth_table_holds_every_combination_of_up_to_two_dependencies() -> None:
    assert len(TABLE) == len(RunIf) * (3 + 6)
    assert len({(case["run_if"], *case["dependencies"]) for case in TABLE}) == len(TABLE)


def markdown() -> str:
    rules = [rule.value for rule in RunIf]
    found = {(case["run_if"], tuple(case["dependencies"])): case for case in TABLE}
    rows = [case["dependencies"] for case in TABLE if case["run_if"] == rules[0]]
    lines = ["| its dependencies | " + " | ".join(f"`{rule}`" for rule in rules) + " |", "|---" * (len(rules) + 1) + "|"]
    for row in rows:
        cells = []
        for rule in rules:
            case = found[rule, tuple(row)]
            cells.append(case["job"] + (", session fails" if case["session"] == "failed" else ""))
        lines.append("| " + " and ".join(row) + " | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def test_the_documentation_shows_the_truth_table(update_cases: bool) -> None:
    file = ROOT / "docs" / "reference" / "run-if.md"
    before, start, rest = file.read_text().partition("<!-- table -->\n")
    _, end, after = rest.partition("<!-- end -->\n")
    if update_cases:
        file.write_text(before + start + markdown() + end + after)
    assert file.read_text() == before + start + markdown() + end + after


def job(name: str, *needs: str, run_if: RunIf = RunIf.NONE_FAILED_OR_SKIPPED, isolate: bool = False, when: bool = False) -> Job:
    return Job(
        name=name, operations=(), depends_on=needs, run_if=run_if, isolate=isolate, when=Expression("true") if when else None
    )


def outcomes(*jobs: Job) -> Outcomes:
    return Outcomes(pipeline=Pipeline(name="p", path="p.yaml", jobs=jobs))


def test_a_rule_is_only_emitted_where_a_dependency_can_break_it() -> None:
    plain = outcomes(job("a"), job("b", "a"))
    assert plain.skips(job("b", "a")) is None
    skippable = outcomes(job("a", when=True), job("b", "a"), job("c", "b"))
    assert skippable.skips(job("c", "b")) == "$states.input.status.b = 'skipped'"
    assert skippable.skips(job("c", "b", run_if=RunIf.NONE_FAILED)) is None
    caught = outcomes(job("a", isolate=True), job("b", "a"))
    assert caught.skips(job("b", "a")) == "$states.input.status.a = 'failed'"


def test_all_done_and_any_failed_catch_the_failures_that_they_look_at() -> None:
    found = outcomes(job("a"), job("b"), job("c", "a", run_if=RunIf.ALL_DONE), job("d", "b", run_if=RunIf.ANY_FAILED))
    assert found.caught == {"a", "b"}
    assert dict(found.unhandled()) == {
        "a": "$states.input.status.a = 'failed'",
        "b": "($states.input.status.b = 'failed' and $not($states.input.status.d in ['succeeded', 'recovered']))",
    }
