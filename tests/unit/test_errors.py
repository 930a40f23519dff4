from __future__ import annotations

from pathlib import Path

from bunsui import errors
from bunsui.errors import BunsuiError, ExitCode

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "exit-codes.md"


def test_every_exit_code_is_documented() -> None:
    rows = [line.split("|")[1:3] for line in PAGE.read_text().splitlines() if line.startswith("| ") and line[2].isdigit()]
    assert {(int(code), name.strip()) for code, name in rows} == {(int(code), code.name) for code in ExitCode}


def test_every_error_stands_in_the_tree_that_the_docstring_draws() -> None:
    tree = errors.__doc__ or ""
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BunsuiError)]
    for error in classes[1:]:
        drawn = next(line for line in tree.splitlines() if f" {error.__name__} " in line)
        assert int(next(part for part in drawn.split() if part.isdigit())) == error.exit_code, error.__name__


def test_facts_without_a_value_are_left_out() -> None:
    assert BunsuiError("some-code", "something", name="x", missing=None).facts == {"name": "x"}
