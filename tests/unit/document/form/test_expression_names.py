"""What is offered to an expression is what the check of expressions lets pass, and nothing that it needs is left out."""

from __future__ import annotations

import pytest

from bunsui.document.edit.editing import EditedText, edit_text
from bunsui.document.edit.edits import SetValue
from bunsui.document.form.expression_names import expression_names
from bunsui.document.yaml.tree import Path
from bunsui.operations.registry import builtin_registry
from tests.checked_text import findings_of_text

TYPES = builtin_registry()
TEXT = """\
version: 1
name: orders
timeout: 1h
parameters:
  day: {type: string, default: "2026-01-31"}
  a-b: {type: integer, default: 1}
jobs:
  extract:
    type: lambda
    function: f:1
    outputs: {rows: "{% $result.n %}"}
  maybe:
    when: "{% $params.day = 'x' %}"
    type: wait
    for: 1s
    outputs: {n: "{% 1 %}"}
  aside:
    type: wait
    for: 1s
    outputs: {n: "{% 1 %}"}
  each:
    depends_on: [extract, maybe]
    run_if: all_done
    foreach: {items: "{% [1, 2] %}", as: number}
    type: check
    that: "{% true %}"
  load:
    depends_on: [extract]
    operations:
      - {type: athena_query, id: ask, query: SELECT 1}
      - {type: check, that: "{% true %}"}
"""
PLACES: dict[Path, tuple[str, ...]] = {
    ("jobs", "each", "that"): (
        "$number",
        "$params.day",
        "$params.`a-b`",
        "$jobs.extract.rows",
        "$jobs.maybe.n",
        "$status.maybe",
    ),
    ("jobs", "each", "when"): ("$params.day", "$jobs.extract.rows", "$session.date"),
    ("jobs", "each", "foreach", "items"): ("$params.day", "$jobs.extract.rows"),
    ("jobs", "load", "operations", 1, "that"): ("$result", "$ops.ask", "$jobs.extract.rows", "$session.slot"),
    ("jobs", "extract", "outputs", "rows"): ("$result", "$params.day"),
    ("parameters", "day", "default"): ("$session.date",),
}


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_what_is_offered_passes_the_check(path: Path) -> None:
    names = expression_names("pipelines/orders.yaml", TEXT.encode(), path, TYPES)
    offered = [one.text for one in names if not one.is_function]
    assert [one for one in PLACES[path] if one not in offered] == []
    assert not any("aside" in one for one in offered)
    assert any(one.text == "$count(" for one in names)
    for text in offered:
        written = f"{{% $exists({text}) %}}"
        done = edit_text("pipelines/orders.yaml", TEXT.encode(), SetValue(path=path, value=written))
        assert isinstance(done, EditedText)
        found = findings_of_text(done.content.decode())
        assert not [one for one in found if one.code in ("BS302", "BS303", "BS304", "BS305", "BS306", "BS307", "BS308")], text


def test_where_no_expression_can_stand_nothing_is_offered() -> None:
    file = "pipelines/orders.yaml"
    assert expression_names(file, TEXT.encode(), ("name",), TYPES) == ()
    assert expression_names(file, b"jobs: [", ("jobs", "x", "that"), TYPES) == ()
    assert expression_names(file, b"jobs: {a: {depends_on: [a], type: wait}}", ("jobs", "a", "for"), TYPES) == ()
