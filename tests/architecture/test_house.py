"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

from bunsui.cli.registry import COMMANDS, FOREIGN_VERBS
from tests.architecture.trees import tree_of
from tests.faults.commands import unlisted

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "bunsui").rglob("*.py"))


def test_no_file_is_longer_than_400_lines() -> None:
    long = {str(path.relative_to(ROOT)): count for path in SOURCES if (count := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in SOURCES if path.stem in {"utils", "util", "helpers", "helper", "common", "misc"}] == []


def test_every_package_says_its_one_purpose() -> None:
    silent = [p for p in SOURCES if p.name == "__init__.py" and not ast.get_docstring(tree_of(p))]
    assert silent == []


def test_every_command_has_a_module_with_an_entry() -> None:
    for entry in COMMANDS:
        path = ROOT / (entry.module_name.replace(".", "/") + ".py")
        assert path.exists(), entry.name
        names = {node.name for node in tree_of(path).body if isinstance(node, ast.FunctionDef)}
        assert "run" in names or "app =" in path.read_text(), entry.name


def test_every_command_is_typed_in_hostile_checkouts_and_environments() -> None:
    assert unlisted() == set()


def test_foreign_verbs_lead_to_commands_that_exist() -> None:
    assert set(FOREIGN_VERBS.values()) <= {entry.name for entry in COMMANDS}
    assert not set(FOREIGN_VERBS) & {entry.name for entry in COMMANDS}


def test_nothing_names_a_machine_path_or_a_package_address() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    pattern = re.compile(
        r"(^|[^a-zA-Z0-9_.])/(work|opt)/|--(extra-)?index-url[ =](?!https://index\.example)\S*:"
        r"|https?://(?!index\.example)[^ )\"]*/simple(/|\"|$)",
        re.M,
    )
    guilty = [
        name
        for name in tracked
        if name != "tests/architecture/test_house.py"
        and (ROOT / name).is_file()
        and pattern.search((ROOT / name).read_text(errors="replace"))
    ]
    assert guilty == []
