"""Every place of the command line that prints a document prints one whose shape is published, and that an example shows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bunsui.cli
from bunsui.cli.output_schema import documents
from tests.unit.view import printed

CLI = Path(bunsui.cli.__file__).parent
OTHERS = frozenset({"plan_json", "findings_json", "validation_json"})
"""These have schemas of their own: plan-v1 and findings-v1."""
FOREIGN = frozenset({"sarif", "policy"})
"""Formats of others: SARIF, IAM policies. So is what `render` prints."""


def _places() -> Iterator[tuple[str, str]]:
    """The files that call `.document(...)`, and the function that wrote what is printed; empty for something else."""
    for path in sorted(CLI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "document":
                (argument,) = node.args
                writer = argument.func.id if isinstance(argument, ast.Call) and isinstance(argument.func, ast.Name) else ""
                yield path.relative_to(CLI).as_posix(), writer


def test_what_is_printed_comes_from_a_function_that_an_example_shows() -> None:
    source = Path(printed.__file__).read_text(encoding="utf-8")
    shown = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    unknown = {(path, writer) for path, writer in _places() if writer not in shown | OTHERS | FOREIGN}
    assert unknown == {("commands/render.py", "")}


def test_the_reference_names_every_kind() -> None:
    page = (CLI.parents[1] / "docs" / "reference" / "json-output.md").read_text(encoding="utf-8")
    assert [kind for kind in documents() if f"\n| `{kind}` |" not in page] == []


def test_the_exceptions_exist() -> None:
    assert {writer for _, writer in _places()} >= OTHERS | FOREIGN
