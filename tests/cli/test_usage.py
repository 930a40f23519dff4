"""Command lines that cannot be read say which word is missing, wrong or too much, what was meant, and how it is typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bunsui.cli.registry import EXAMPLES
from tests.typed import Done, typed

NEEDS = {
    "graph": "DEFINITION|PIPELINE",
    "render": "PIPELINE",
    "simulate": "DEFINITION|PIPELINE",
    "permissions": "plan|drift|apply|run",
    "unlock": "LOCK_ID",
    "run": "PIPELINE",
    "resume": "SESSION",
    "stop": "SESSION",
    "take": "SESSION",
    "explain": "CODE",
    "ci comment": "FILE",
    "state show": "ADDRESS",
    "state mv": "ADDRESS",
    "state rm": "ADDRESS",
}
TAKES_MANY = {
    "alerts test",
    "fmt",
    "upgrade",
    "validate",
    "test",
    "drift",
    "verify",
    "plan",
    "apply",
    "destroy",
    "recover",
    "sessions",
    "state rm",
    "status",
    "stop",
}


def told(folder: Path, *arguments: str) -> str:
    done: Done = typed(folder, *arguments)
    assert done.returncode == 5, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("path", NEEDS)
def test_a_missing_argument_is_named_with_what_it_is_and_an_example(tmp_path: Path, path: str) -> None:
    said = told(tmp_path, *path.split())
    assert re.search(rf"(?m)^  missing +{re.escape(NEEDS[path])}", said)
    assert re.search(r"(?m)^  which is +\S", said)
    assert f"bunsui {EXAMPLES[path]}" in said


@pytest.mark.parametrize(
    "path",
    sorted(
        set(EXAMPLES)
        - TAKES_MANY
        - {"alerts", "export", "import", "resident", "state", "local", "ci", "permissions", "projects", "schema"}
    ),
)
def test_one_argument_too_many_is_named(tmp_path: Path, path: str) -> None:
    assert "zzz" in told(tmp_path, *path.split(), "a", "b", "zzz")


@pytest.mark.parametrize("path", sorted(set(EXAMPLES) - {"state", "local", "ci"}))
def test_an_option_that_is_spelt_almost_right_is_recognised(tmp_path: Path, path: str) -> None:
    assert "Did you mean `--help`?" in told(tmp_path, *path.split(), "--hepl")


@pytest.mark.parametrize(
    ("typed_words", "meant"),
    [
        (("plam",), "bunsui plan"),
        (("sesions",), "bunsui sessions"),
        (("-C", "x y", "deploy"), "bunsui -C 'x y' apply"),
        (("state", "lst"), "list"),
        (("local", "stat"), "start"),
        (("schema", "pipelin"), "pipeline"),
        (("plan", "--refresh", "touchd"), "touched"),
        (("audit", "--ancor", "x"), "--anchor"),
        (("plan", "--no-colour"), "--no-color"),
    ],
)
def test_a_misspelt_word_is_recognised(tmp_path: Path, typed_words: tuple[str, ...], meant: str) -> None:
    assert f"Did you mean `{meant}`?" in told(tmp_path, *typed_words).replace("It is called", "Did you mean").replace(
        "` here.", "`?"
    )


def test_a_group_of_commands_lists_them(tmp_path: Path) -> None:
    assert "list, show, mv, rm, history, rebuild" in told(tmp_path, "state")


def test_an_option_without_its_value_points_at_its_command(tmp_path: Path) -> None:
    assert "bunsui run --help" in told(tmp_path, "run", "x", "-p")


def test_a_value_that_is_no_number_names_its_option(tmp_path: Path) -> None:
    assert re.search(r"(?m)^  for +--limit", told(tmp_path, "sessions", "--limit", "many"))
