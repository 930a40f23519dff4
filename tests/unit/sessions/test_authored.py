"""Errors of runs name the author's expression, and where it stands."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.values import Expression
from bunsui.operations.registry import builtin_registry
from bunsui.operations.wait import WaitParams
from bunsui.sessions.authored import authored_expressions, in_authors_words
from tests.typed import typed

FRAME = "The JSONata expression '{}' specified for the field 'Arguments/Payload/n' returned nothing (undefined)."
COUNT = Expression("$count($jobs.a.rows) + 1", "pipelines/p.yaml:9:20")
DAY = Expression("$params.day", "pipelines/p.yaml:10:20")


def words(compiled: str, *written: Expression) -> str:
    operation = Operation(id="w", type="wait", params=WaitParams(duration="1m"))
    job = Job(name="b", operations=(operation,), outputs={str(at): one for at, one in enumerate(written)})
    pipeline = Pipeline(name="p", path="pipelines/p.yaml", jobs=(job,))
    return in_authors_words(FRAME.format(compiled), "b", authored_expressions(pipeline, builtin_registry()))


def test_the_expression_and_its_place_are_those_of_the_file() -> None:
    said = words("$count($states.input.jobs.a.rows) + 1", COUNT, DAY)
    assert said.startswith(
        "The expression {% $count($jobs.a.rows) + 1 %} at pipelines/p.yaml:9:20, in the field 'Arguments/Pay"
    )
    assert said.endswith("returned nothing (undefined).")


def test_an_expression_inside_a_compiled_one_is_found() -> None:
    assert "{% $params.day %} at pipelines/p.yaml:10:20" in words("$merge([$states.input, {'x': $params.day}])", COUNT, DAY)


def test_of_several_expressions_in_one_none_is_blamed() -> None:
    said = words("{'a': $params.day, 'b': $count($states.input.jobs.a.rows) + 1}", COUNT, DAY)
    assert "'{'a': $params.day, 'b': $count($jobs.a.rows) + 1}'" in said
    assert "pipelines/p.yaml" not in said


@pytest.mark.parametrize(
    ("compiled", "shown"),
    [
        ("$states.input.errors.a.cause", "$errors.a.cause"),
        ("'$states.input.jobs' & $states.result.x", "'$states.input.jobs' & $result.x"),
    ],
)
def test_an_expression_that_no_file_holds_keeps_its_authors_names(compiled: str, shown: str) -> None:
    assert f"'{shown}'" in words(compiled)


def test_a_simulation_that_fails_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10\n")
    (tmp_path / "pipelines" / "p.yaml").write_text(
        "version: 1\nname: p\njobs:\n  a: {type: lambda, function: 'f:1', outputs: {n: '{% $result.n %}'}}\n  b:\n"
        "    depends_on: [a]\n    type: lambda\n    function: 'f:1'\n    payload:\n      half: '{% $jobs.a.n / 2 %}'\n"
    )
    mocks = tmp_path / "mocks.json"
    mocks.write_text(json.dumps({"a": {"return": {"n": "many"}}, "b": {"return": {}}}))
    done = typed(tmp_path, "simulate", "p", "--mocks", str(mocks), environment={**os.environ, "COLUMNS": "200"})
    assert "{% $jobs.a.n / 2 %} at pipelines/p.yaml:10:13" in done.stdout


LONG = Expression("$params.day & $jobs.a.rows", "pipelines/p.yaml:11:20")
AGAIN = Expression("$params.day", "pipelines/p.yaml:12:20")


@pytest.mark.parametrize(
    ("compiled", "written", "place"),
    [
        ("$params.day", (COUNT, DAY), "10:20"),
        ("$params.day & $states.input.jobs.a.rows", (DAY, LONG), "11:20"),
        ("$params.day & $states.input.jobs.a.rows", (LONG, DAY), "11:20"),
        ("$params.day", (DAY, AGAIN), "10:20"),
        ("$params.day", (AGAIN, DAY), "12:20"),
        ("[$params.day, $params.dim]", (DAY, Expression("$params.dim", "p.yaml:1:1")), ""),
        ("[$params.day, $params.month]", (DAY, Expression("$params.month", "p.yaml:1:1")), ""),
        ("$params.day", (Expression("$(((", "p.yaml:1:1"), DAY), "10:20"),
        ("$params.day", (), ""),
        ("  $params.day  ", (DAY,), "10:20"),
        ("$params.day".ljust(4_000), (DAY,), "10:20"),
        ("$params.day".ljust(4_001), (DAY,), ""),
    ],
)
def test_the_longest_expression_that_holds_all_others_is_named(
    compiled: str, written: tuple[Expression, ...], place: str
) -> None:
    message = FRAME.format(compiled)
    said = in_authors_words(message, "b", {"b": written})
    assert (place in said, said.startswith("The expression {% ")) == (True, bool(place))
    if not place and len(compiled) > 4_000:
        assert said == message


def test_a_message_of_something_else_and_a_job_of_nobody_stay_as_they_are() -> None:
    assert in_authors_words("it broke", "b", {"b": (DAY,)}) == "it broke"
    message = FRAME.format("$states.result.x")
    assert in_authors_words(message, "other", {"b": (DAY,)}) == message.replace("$states.result", "$result")
    told = in_authors_words(f"Before. {message} After.", "b", {"b": (DAY,)})
    assert told == f"Before. {FRAME.format('$result.x')} After."


@pytest.mark.parametrize(
    ("compiled", "shown"),
    [
        ("$states.input.jobs.a.n & $states.input.status.a", "$jobs.a.n & $status.a"),
        ("$states.input.ops.a & $params.x & $states.input.errors.b", "$ops.a & $params.x & $errors.b"),
        ("$states.context.Execution", "$states.context.Execution"),
    ],
)
def test_names_of_the_machine_are_turned_back(compiled: str, shown: str) -> None:
    assert in_authors_words(FRAME.format(compiled), "b", {}) == FRAME.format(shown)


def test_only_expressions_with_a_place_of_operations_that_are_known_are_kept() -> None:
    wait = Operation(id="w", type="wait", params=WaitParams(duration="1m"))
    jobs = (
        Job(name="a", operations=(wait,), outputs={"x": DAY, "y": Expression("$params.made")}),
        Job(name="b", operations=(wait, Operation(id="o", type="foreign", params={})), outputs={"x": DAY}),
    )
    pipeline = Pipeline(name="p", path="pipelines/p.yaml", jobs=jobs)
    assert authored_expressions(pipeline, builtin_registry()) == {"a": (DAY,)}
