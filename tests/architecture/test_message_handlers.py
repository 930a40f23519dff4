"""Textual calls a handler of every class that a widget inherits from: one that also calls its parent's runs that one twice."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.trees import nodes_of

TUI = Path(__file__).parents[2] / "bunsui" / "tui"
ONE_METHOD = frozenset({"on_event"})
"""What is no handler in spite of its name: Textual calls it once, as it calls any method."""


def parents_called(nodes: tuple[ast.AST, ...]) -> Iterator[str]:
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr.lstrip("_").startswith("on_")
            and node.func.attr not in ONE_METHOD
            and isinstance(node.func.value, ast.Call)
            and isinstance(node.func.value.func, ast.Name)
            and node.func.value.func.id == "super"
        ):
            yield node.func.attr


def test_a_call_of_the_parents_handler_is_seen() -> None:
    source = (
        "class A(B):\n def on_mount(self):\n  super().on_mount()\n  super()._on_key(1)\n  super().on_event(2)\n  self.on_x()"
    )
    assert list(parents_called(tuple(ast.walk(ast.parse(source))))) == ["on_mount", "_on_key"]


def test_no_handler_calls_that_of_its_parent() -> None:
    found = [f"{path.relative_to(TUI)} {name}" for path in sorted(TUI.rglob("*.py")) for name in parents_called(nodes_of(path))]
    assert not found, "leave the call out: Textual calls the parent's handler by itself, after this one"
