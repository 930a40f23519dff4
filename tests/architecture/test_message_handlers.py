"""Handlers of messages: Textual calls that of every class that a widget inherits from, also when its parts are gone already."""

from __future__ import annotations

import ast
import re
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


def test_no_part_of_a_screen_is_looked_up() -> None:
    looked_up = re.compile(r"\.(query_one|query_exactly_one|get_child_by_id|get_widget_by_id)\(")
    found = [
        f"{path.relative_to(TUI)}:{number}"
        for path in sorted(TUI.rglob("*.py"))
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if looked_up.search(text)
    ]
    assert not found, "keep it when it is made: a message may come before the parts are there or after, and Textual then raises"
