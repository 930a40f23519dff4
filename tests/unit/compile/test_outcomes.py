"""`run_if` on values, and the documentation that is made of the same table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bunsui.compile.outcomes import Outcomes, decide_outcome
from bunsui.model.outcomes import Outcome, RunIf
from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.values import Expression

ROOT = Path(__file__).parents[3]
TABLE: list[dict[str, Any]] = json.loads((ROOT / "tests" / "cases" / "run_if.json").read_text())


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case['run_if']}-{'-'.join(case['dependencies'])}")
def test_the_rule_on_values_is_the_truth_table(case: dict[str, Any]) -> None:
    outcomes = [Outcome(outcome) for outcome in case["dependencies"]]
    found = decide_outcome(RunIf(case["run_if"]), outcomes)
    assert (found.value if found else "runs") == case["job"]


def test_the_truth_table_holds_every_combination_of_up_to_two_dependencies() -> None:
    assert len(TABLE) == len(RunIf) * (4 + 10)
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
            handled = ", unless it `handles`" if case["handled"] != case["session"] else ""
            cells.append(case["job"].replace("_", " ") + (f", session fails{handled}" if case["session"] == "failed" else ""))
        lines.append("| " + " and ".join(row).replace("_", " ") + " | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def test_the_documentation_shows_the_truth_table(update_cases: bool) -> None:
    file = ROOT / "docs" / "reference" / "run-if.md"
    before, start, rest = file.read_text().partition("<!-- table -->\n")
    _, end, after = rest.partition("<!-- end -->\n")
    if update_cases:
        file.write_text(before + start + markdown() + end + after)
    assert file.read_text() == before + start + markdown() + end + after


def job(name: str, *needs: str, run_if: RunIf = RunIf.ALL_SUCCEEDED, isolate: bool = False, when: bool = False) -> Job:
    return Job(
        name=name, operations=(), depends_on=needs, run_if=run_if, isolate=isolate, when=Expression("true") if when else None
    )


def outcomes(*jobs: Job) -> Outcomes:
    return Outcomes(pipeline=Pipeline(name="p", path="p.yaml", jobs=jobs))


def left_out(found: Outcomes, which: Job) -> dict[str, str]:
    return {way.status: way.condition for way in found.left_out(which)}


def test_a_rule_is_only_emitted_where_a_dependency_can_break_it() -> None:
    plain = outcomes(job("a"), job("b", "a"))
    assert left_out(plain, job("b", "a")) == {}
    skippable = outcomes(job("a", when=True), job("b", "a"), job("c", "b"))
    assert left_out(skippable, job("c", "b")) == {"skipped": "$states.input.status.b = 'skipped'"}
    assert left_out(skippable, job("c", "b", run_if=RunIf.NONE_FAILED)) == {}
    caught = outcomes(job("a", isolate=True), job("b", "a"), job("c", "b", run_if=RunIf.NONE_FAILED))
    assert left_out(caught, job("b", "a")) == {"not_run": "$states.input.status.a = 'failed'"}
    assert left_out(caught, job("c", "b", run_if=RunIf.NONE_FAILED)) == {"not_run": "$states.input.status.b = 'not_run'"}


def test_all_done_and_any_failed_catch_the_failures_that_they_look_at_and_their_own() -> None:
    found = outcomes(job("a"), job("b"), job("c", "a", run_if=RunIf.ALL_DONE), job("d", "b", run_if=RunIf.ANY_FAILED))
    assert found.caught == {"a", "b", "c", "d"}
    assert dict(found.unhandled()) == {name: f"$states.input.status.{name} = 'failed'" for name in "abcd"}


def test_a_failure_is_handled_by_a_job_that_says_so_and_succeeds() -> None:
    handler = replace(job("d", "b", run_if=RunIf.ANY_FAILED), handles=True)
    assert dict(outcomes(job("b"), handler).unhandled()) == {
        "b": "($states.input.status.b = 'failed' and $not($states.input.status.d in ['succeeded', 'recovered']))",
        "d": "$states.input.status.d = 'failed'",
    }


def test_a_job_that_wants_one_success_looks_for_it_where_all_before_it_may_be_skipped() -> None:
    join = job("c", "a", "b", run_if=RunIf.NONE_FAILED_MIN_ONE_SUCCESS)
    one = outcomes(job("a", when=True), job("b"), join)
    assert left_out(one, join) == {}
    both = outcomes(job("a", when=True), job("b", when=True), join)
    done = " or ".join(f"$states.input.status.{name} in ['succeeded', 'recovered']" for name in "ab")
    assert left_out(both, join) == {"skipped": f"$not({done})"}
    assert "c" in both.skippable
