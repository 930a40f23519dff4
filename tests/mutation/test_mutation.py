from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import draw, listed_equivalents
from tests.mutation.edit import applied
from tests.mutation.operators import edits
from tests.mutation.packages import PACKAGES
from tests.mutation.server import _waited

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("line", "operator", "expected"),
    [
        ("if count < limit:", "boundary", {"if count <= limit:"}),
        ("if count < limit:", "comparison", {"if count >= limit:"}),
        ("if count < limit:", "condition", {"if True:", "if False:"}),
        ("if name not in (seen):", "comparison", {"if name in (seen):"}),
        ("if first and (second):", "and/or", {"if first or (second):"}),
        ("if not (first):", "remove not", {"if (first):"}),
        ("return (one, two)", "drop element", {"return (one,)", "return (two,)"}),
        ("if first and second:", "drop condition", {"if second:", "if first:"}),
        ("return make(one, two=2, three=3)", "drop argument", {"return make(one, three=3)", "return make(one, two=2)"}),
        ("raise Refused('x', hint=one)", "drop argument", set()),
        ('return found["Key"]', "word", {'return found["Key_"]'}),
        ('return make("for people", hint="word")', "word", set()),
        ("return [one, *two, three]", "drop element", {"return [*two, three]", "return [one, three]", "return [one, *two]"}),
        ("return sorted(names)", "return", {"return None", "return []"}),
        ("return sorted(names)", "swap function", {"return list(names)"}),
        ("return text[1:]", "number", {"return text[2:]", "return text[0:]"}),
        ("count += 1", "remove statement", {"pass"}),
        ("continue", "continue", {"break", "pass"}),
        ("return f'{count + 1}'", "arithmetic", set()),
        ("assert_never(kind)", "remove statement", set()),
        ("value: A | B = given", "drop element", set()),
    ],
)
def test_an_operator_changes_one_line(line: str, operator: str, expected: set[str]) -> None:
    body = "".join(f"            {part}\n" for part in ([line, "    pass"] if line.endswith(":") else [line]))
    source = f"def f(count):\n    for each in ():\n        if each:\n{body}"
    found = [edit for edit in edits(source) if edit.line == 4 and edit.operator == operator]
    assert {edit.after.strip() for edit in found} == expected
    for edit in found:
        changed = applied(source, edit)
        assert changed is not None
        different = [
            number for number, pair in enumerate(zip(source.split("\n"), changed.split("\n"), strict=True)) if len({*pair}) > 1
        ]
        assert different == [3]


def test_what_runs_at_import_is_told_apart() -> None:
    source = "LIMIT = 3\n\n\ndef f(count=LIMIT + 1):\n    return count + 2\n"
    assert {(edit.line, edit.at_import) for edit in edits(source)} == {(1, True), (4, True), (5, False)}


def test_the_same_seed_draws_the_same_mutants_and_another_seed_others() -> None:
    first = draw(ROOT, "apply", 5, "2026-01-31")
    assert first == draw(ROOT, "apply", 5, "2026-01-31")
    assert first != draw(ROOT, "apply", 5, "2026-02-01")
    assert len({(mutant.path, mutant.edit.line) for mutant in first}) == 5
    for mutant in first:
        ast.parse(mutant.text)


def test_the_tests_of_every_room_are_there() -> None:
    assert [test for package in PACKAGES for test in package.tests if not (ROOT / test).exists()] == []


def test_an_entry_of_the_survivors_is_a_file_and_a_difference() -> None:
    text = "# Survivors\n\n- no entry\n\n### `bunsui/a.py`\n\n```diff\n- if a < b:\n+ if a <= b:\n```\n\nNever equal.\n"
    assert listed_equivalents(text) == {("bunsui/a.py", "if a < b:", "if a <= b:")}


@pytest.mark.parametrize(("seconds", "ended_by"), [(0.2, signal.SIGKILL), (60.0, 0)])
def test_a_process_that_stands_still_is_killed_and_one_that_ends_is_not(seconds: float, ended_by: int) -> None:
    process = subprocess.Popen(["sleep", "30" if ended_by else "0"])
    status = _waited(process.pid, seconds)
    assert (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0) == ended_by
    process.returncode = 0


def test_the_statements_that_ran_are_noted_and_their_module_means_the_same(tmp_path: Path) -> None:
    package = tmp_path / "noted_package"
    package.mkdir()
    source = (
        '"""Said."""\nfrom __future__ import annotations\n\n\ndef f(count):\n    if count:\n        return 1\n    return 2\n'
    )
    (package / "__init__.py").write_text(source, encoding="utf-8")
    script = (
        "from tests.mutation.recording import StatementNotes\n"
        "notes = StatementNotes('noted_package')\nnotes.install()\n"
        "import noted_package\nnotes.ran.clear()\n"
        "print(noted_package.f(0), noted_package.__doc__, sorted(line for _, line in notes.ran))\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "2 Said. [6, 8]\n"
