"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from bunsui.cli.registry import COMMANDS, FOREIGN_VERBS

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "bunsui").rglob("*.py"))


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(ROOT)): count for path in SOURCES if (count := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in SOURCES if path.stem in {"utils", "util", "helpers", "helper", "common", "misc"}] == []


def test_every_package_says_its_one_purpose() -> None:
    silent = [p for p in SOURCES if p.name == "__init__.py" and not ast.get_docstring(ast.parse(p.read_text()))]
    assert silent == []


@pytest.mark.parametrize("library", ["boto3", "botocore"])
def test_boto3_lives_in_one_package(library: str) -> None:
    found = [p for p in SOURCES if re.search(rf"^\s*(import|from) {library}\b", p.read_text(), re.M)]
    assert [p for p in found if "aws" not in p.relative_to(ROOT / "bunsui").parts[:1]] == []


@pytest.mark.parametrize(
    ("library", "rooms"),
    [
        ("pydantic", {"document", "operations", "plan", "settings.py"}),  # in plan only to read a saved plan
        ("yaml", {"document", "operations", "settings.py"}),
        ("textual", {"tui"}),
        ("typer", {"cli"}),
        ("rich", {"cli", "tui"}),
        ("ministack", {"local"}),
    ],
)
def test_a_library_is_known_only_in_its_rooms(library: str, rooms: set[str]) -> None:
    found = {
        p.relative_to(ROOT / "bunsui").parts[0]
        for p in SOURCES
        if re.search(rf"^\s*(import|from) {library}\b", p.read_text(), re.M)
    }
    assert found <= rooms


def test_every_command_has_a_module_with_an_entry() -> None:
    for entry in COMMANDS:
        path = ROOT / (entry.module_name.replace(".", "/") + ".py")
        assert path.exists(), entry.name
        names = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
        assert "run" in names or "app =" in path.read_text(), entry.name


def test_foreign_verbs_lead_to_commands_that_exist() -> None:
    assert set(FOREIGN_VERBS.values()) <= {entry.name for entry in COMMANDS}
    assert not set(FOREIGN_VERBS) & {entry.name for entry in COMMANDS}


def test_nothing_names_a_machine_path_or_a_package_address() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    pattern = re.compile(
        r"(^|[^a-zA-Z0-9_.])/(work|opt)/|--(extra-)?index-url[ =]\S*:|https?://(?!index\.example)[^ )\"]*/simple(/|\"|$)", re.M
    )
    guilty = [
        name
        for name in tracked
        if name != "tests/architecture/test_house.py"
        and (ROOT / name).is_file()
        and pattern.search((ROOT / name).read_text(errors="replace"))
    ]
    assert guilty == []
