"""A name means one thing, and a package is small enough to be looked over."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from bunsui.cli.registry import COMMANDS
from bunsui.kinds.registry import kinds
from bunsui.operations.registry import BUILTIN
from bunsui.tui.actions.registry import BY_NAME
from tests.architecture.trees import nodes_of, tree_of

HOUSE = Path(__file__).parents[2] / "bunsui"
SOURCES = sorted(HOUSE.rglob("*.py"))

MOST_MODULES = 25
CLOSED_LISTS = {
    "aws/providers": frozenset({"parts", "registry"}),
    "cli/commands": frozenset[str](),
    "kinds": frozenset({"kind", "naming", "ownership", "registry"}),
    "operations": frozenset({"contract", "fields", "parameters", "registry"}),
    "tui/actions": frozenset({"action", "registry"}),
}
"""Packages with one file for each member of a list, which are as long as the list: the doors beside the members, which say what
a member is and which there are. What members share stands in packages of its own."""


def members() -> dict[str, set[str]]:
    """Return the members of each closed list, as the lists themselves tell them."""
    return {
        "aws/providers": set(kinds()),
        "cli/commands": {entry.module_name.rsplit(".", 1)[1] for entry in COMMANDS},
        "kinds": set(kinds()),
        "operations": set(BUILTIN.values()),
        "tui/actions": {name.replace("-", "_") for name in BY_NAME},
    }


def classes() -> dict[str, list[str]]:
    """Return the files in which a class of each name is defined, nested and private ones included."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for node in nodes_of(path):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path.relative_to(HOUSE).as_posix())
    return found


def test_a_class_name_means_one_thing() -> None:
    assert len(classes()) > 700
    assert {name: places for name, places in classes().items() if len(places) > 1} == {}


def test_no_room_holds_more_than_one_can_look_over() -> None:
    modules: dict[str, int] = defaultdict(int)
    for path in SOURCES:
        modules[path.parent.relative_to(HOUSE).as_posix()] += path.name != "__init__.py"
    assert {package: count for package, count in modules.items() if count > MOST_MODULES and package not in CLOSED_LISTS} == {}


def test_a_closed_list_has_one_file_a_member() -> None:
    for package, listed in members().items():
        files = {path.stem for path in (HOUSE / package).glob("*.py")} - {"__init__"}
        assert files == listed | CLOSED_LISTS[package], package


def test_every_package_says_what_enters_what_leaves_who_calls_and_its_rule() -> None:
    packages = [path for path in SOURCES if path.name == "__init__.py" and path.parent != HOUSE]
    told = {path: ast.get_docstring(tree_of(path)) or "" for path in packages}
    assert len(told) > 50
    words = ("In", "ut: ", "Rule: ")
    assert [str(path) for path, text in told.items() if not all(word in text for word in words)] == []
    callers = ("Called", "Started by", "Mounted by", "Used by", "every other package")
    assert [str(path) for path, text in told.items() if not any(word in text for word in callers)] == []
