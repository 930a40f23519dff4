"""Performance shortcuts change no result: with all of them off, plans, runs and output are the same."""

from __future__ import annotations

import copy
import importlib
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bunsui.engine.jsonata.program import program, run
from bunsui.performance import GAINS, PLAIN_VARIABLE, Shortcut, uses
from tests.fakes.workspace import a_workspace
from tests.services import test_plan
from tests.typed import typed, without_ours
from tests.unit.engine.jsonata import test_jsonata_steps

ROOT = Path(__file__).parents[2]
PLAN_TESTS: tuple[Callable[[Path], None], ...] = (
    test_plan.test_an_edited_line_is_all_that_the_plan_shows,
    test_plan.test_changed_code_changes_the_function_and_the_machine,
    test_plan.test_files_with_errors_give_findings_and_no_plan,
)


@pytest.mark.parametrize("test", PLAN_TESTS, ids=lambda test: test.__name__)
def test_tests_of_the_plan_pass_without_shortcuts(
    test: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLAIN_VARIABLE, "1")
    test(tmp_path)


def test_a_plan_is_the_same_value_without_shortcuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = a_workspace(tmp_path, "etl", "fanout", "raw")
    quick = workspace.plan()
    monkeypatch.setenv(PLAIN_VARIABLE, "1")
    plain = workspace.plan()
    assert quick.plan is not None
    assert plain.plan is not None
    assert plain.plan.changes == quick.plan.changes
    assert plain.diagnostics == quick.diagnostics


def test_recorded_expressions_are_evaluated_the_same_by_the_library_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def results() -> list[str]:
        return [_evaluated(text) for text in test_jsonata_steps.EXPRESSIONS[::3]]

    quick = results()
    monkeypatch.setenv(PLAIN_VARIABLE, "1")
    assert results() == quick


def test_a_command_prints_the_same_without_shortcuts(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "fanout")
    workspace.edit("pipelines/etl.yaml", "depends_on: extract", "depends_on: extrct")
    quick = typed(tmp_path, "validate", "--json")
    # A fresh interpreter: the way out of the process is a shortcut, too.
    plain = subprocess.run(
        [sys.executable, "-m", "bunsui", "validate", "--json"],
        cwd=tmp_path,
        env=without_ours(**{PLAIN_VARIABLE: "1"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (plain.returncode, json.loads(plain.stdout)) == (quick.returncode, json.loads(quick.stdout))
    assert quick.returncode == 5


def test_a_name_that_is_no_shortcuts_is_refused(tmp_path: Path) -> None:
    done = typed(tmp_path, "validate", environment=without_ours(**{PLAIN_VARIABLE: "libyaml,fast"}))
    assert done.returncode == 5
    assert "fast" in done.stderr
    assert Shortcut.KEPT_VALIDATORS.value in done.stderr


def test_names_switch_single_shortcuts_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLAIN_VARIABLE, "libyaml, one-heap")
    assert {shortcut for shortcut in Shortcut if not uses(shortcut)} == {Shortcut.LIBYAML, Shortcut.ONE_HEAP}


@pytest.mark.parametrize("shortcut", Shortcut, ids=lambda shortcut: shortcut.value)
def test_every_shortcut_stands_where_the_table_says_and_in_the_documentation(shortcut: Shortcut) -> None:
    gain = GAINS[shortcut]
    assert f"uses(Shortcut.{shortcut.name})" in inspect.getsource(importlib.import_module(gain.module))
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    assert f"| `{shortcut.value}` | {gain.does} (`{gain.module.removeprefix('bunsui.')}`) | {gain.buys} |" in page


def _evaluated(text: str) -> str:
    try:
        return repr(run(program(text), copy.deepcopy(test_jsonata_steps.DATA)))
    except Exception as error:  # noqa: BLE001 - the library raises whatever Python does on odd values
        return type(error).__name__
