"""What is known of a resource kind stands in the kind: no other package spells its name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bunsui.kinds.registry import kinds

ROOT = Path(__file__).parents[2]


def test_no_room_but_a_kinds_own_spells_its_name() -> None:
    """Others say `MACHINE` of `bunsui.kinds.state_machine`, or better: ask the kind."""
    own, spelling = {"kinds", "providers"}, re.compile("|".join(f'"{name}"' for name in kinds()))
    spelt = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "bunsui").rglob("*.py"))
        if path.parent.name not in own and spelling.search(text := path.read_text(encoding="utf-8"))
        for node in _names_of_kinds(ast.parse(text))
    ]
    assert spelt == []


def _names_of_kinds(tree: ast.AST) -> Iterator[ast.expr]:
    """Return where a kind's name is spelt as one: as the first part of an address, or beside `.kind`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="Address"), args=[ast.Constant(value=name) as found, *_]):
                if name in kinds():
                    yield found
            case ast.Compare(left=ast.Attribute(attr="kind"), comparators=[compared]):
                yield from (found for found in ast.walk(compared) if isinstance(found, ast.Constant) and found.value in kinds())
            case ast.Match(subject=ast.Attribute(attr="kind")):
                yield from (found for found in ast.walk(node) if isinstance(found, ast.Constant) and found.value in kinds())
