"""Who looks for the tests of a module finds them: folders under tests/unit mirror the packages."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.trees import nodes_of

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "bunsui"
UNIT = ROOT / "tests" / "unit"
TESTS = sorted(UNIT.rglob("test_*.py"))


def room_of(test: Path) -> Path:
    """Return the package whose mirror the test's folder is."""
    return HOUSE / test.parent.relative_to(UNIT)


@cache
def imported(path: Path) -> frozenset[str]:
    """Return the modules that a file names in its imports, names that may be modules themselves included."""
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def reached(path: Path, seen: set[Path]) -> Iterator[str]:
    """Yield what a test imports of bunsui, by itself or through what it imports of the tests."""
    seen.add(path)
    for name in imported(path):
        if name.startswith("bunsui."):
            yield name
        helper = ROOT / f"{name.replace('.', '/')}.py"
        if name.startswith("tests.") and helper.is_file() and helper not in seen:
            yield from reached(helper, seen)


def test_every_folder_of_tests_is_a_package() -> None:
    assert len(TESTS) > 150
    assert sorted({str(test.parent.relative_to(ROOT)) for test in TESTS if not (room_of(test) / "__init__.py").is_file()}) == []


def test_a_test_with_a_modules_name_lies_where_the_module_lies() -> None:
    homes: dict[str, set[Path]] = defaultdict(set)
    for module in HOUSE.rglob("*.py"):
        homes[module.stem].add(module.parent)
    astray = [
        f"{test.relative_to(ROOT)} is about {home.relative_to(ROOT)}"
        for test in TESTS
        if room_of(test) not in (candidates := homes[test.stem.removeprefix("test_")])
        for home in sorted(candidates)
        if home.is_relative_to(room_of(test))
    ]
    assert astray == []


def test_a_test_is_about_the_room_in_whose_folder_it_lies() -> None:
    strangers = []
    for test in TESTS:
        room = ".".join(("bunsui", *test.relative_to(UNIT).parts[:-1][:1]))
        if not any(f"{name}.".startswith(f"{room}.") for name in reached(test, set())):
            strangers.append(f"{test.relative_to(ROOT)} imports nothing of {room}")
    assert strangers == []
