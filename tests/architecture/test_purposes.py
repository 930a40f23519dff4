"""A module is for one thing, and its first line says which: what needs an "and" is two modules.

The purpose is what stands before the first colon, semicolon or full stop; a list of what belongs to it may follow.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.trees import tree_of

HOUSE = Path(__file__).parents[2] / "bunsui"
NAME = re.compile(r"^`[^`]*`: ")
"""A command, an operation type or a key of a file says its name first."""
END = re.compile(r"[:;.](?: |$)")


def purposes() -> dict[str, str]:
    """Return the purpose of each module, as its docstring begins."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        text = ast.get_docstring(tree_of(path)) or ""
        first = " ".join(text.split("\n\n")[0].split())
        found[path.relative_to(HOUSE).as_posix()] = END.split(NAME.sub("", first))[0]
    return found


def test_every_module_says_its_purpose() -> None:
    assert len(purposes()) > 600
    assert [module for module, purpose in purposes().items() if not purpose] == []


def test_no_purpose_needs_an_and() -> None:
    assert {module: purpose for module, purpose in purposes().items() if re.search(r"\band\b", purpose)} == {}
