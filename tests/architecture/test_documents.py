"""What the command line prints as JSON is a document that is published, or in a format of others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import bunsui.cli
import bunsui.view.documents
from bunsui.cli.output_schema import documents
from bunsui.codec.shape import Shape
from tests.architecture.trees import nodes_of

CLI = Path(bunsui.cli.__file__).parent
FOREIGN = {"commands/permissions.py", "commands/render.py", "commands/validate.py"}
"""They print formats of others, too: IAM policies, Amazon States Language, SARIF."""


def _printing(name: str) -> set[str]:
    """The files that call this method of `Output`."""
    return {
        path.relative_to(CLI).as_posix()
        for path in sorted(CLI.rglob("*.py"))
        for node in nodes_of(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    }


def test_what_is_no_document_of_ours_is_in_a_format_of_others() -> None:
    assert _printing("foreign") - {"output.py"} == FOREIGN
    assert len(_printing("document")) > 20


def test_every_document_with_a_kind_is_published() -> None:
    for module in iter_modules(bunsui.view.documents.__path__):
        import_module(f"bunsui.view.documents.{module.name}")
    kinds = {shape.published.kind for shape in _shapes(Shape) if shape.__module__.startswith("bunsui.")}
    assert kinds - {"", "findings"} == set(documents())


def _shapes(base: type[Shape]) -> Iterator[type[Shape]]:
    for shape in base.__subclasses__():
        yield shape
        yield from _shapes(shape)


def test_the_reference_names_every_kind() -> None:
    page = (CLI.parents[1] / "docs" / "reference" / "json-output.md").read_text(encoding="utf-8")
    assert [kind for kind in documents() if f"\n| `{kind}` |" not in page] == []
