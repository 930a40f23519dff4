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
