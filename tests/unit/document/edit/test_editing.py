"""What an edit changes in a text, and what it leaves."""

from __future__ import annotations

import difflib

import pytest

from bunsui.document.edit.editing import EditedText, EditRefusal, edit_text
from bunsui.document.edit.edits import (
    DocumentEdit,
    EditSequence,
    InsertItem,
    InsertKey,
    MoveValue,
    RemoveValue,
    RenameKey,
    SetValue,
    WrittenAs,
)

TEXT = """\
# the head of the file
version: 1
name: orders  # called so since 2019
jobs:
  # about a
  a: {type: lambda, code: {path: x}}   # short

  b:
    depends_on: [a]
    timeout: 90s # keep this
    operations:
      - id: x   # first
        type: lambda
      - id: y
        type: wait
    text: |  # header
      hello
      world
  # the end
tests: []
"""
_CHUNK = ("  # about a", "  a: {type: lambda, code: {path: x}}   # short")


def changed(edit: DocumentEdit, text: str = TEXT) -> list[str]:
    """Return the lines that the edit takes out (`-`) and puts in (`+`)."""
    result = edit_text("f.yaml", text.encode(), edit)
    assert isinstance(result, EditedText), result
    lines = difflib.ndiff(text.splitlines(), result.content.decode().splitlines())
    return [line[0] + line[2:] for line in lines if line[0] in "-+"]


CASES: dict[str, tuple[DocumentEdit, list[str]]] = {
    "a scalar": (
        SetValue(path=("jobs", "b", "timeout"), value="5m"),
        ["-    timeout: 90s # keep this", "+    timeout: 5m # keep this"],
    ),
    "a key that is not there": (
        SetValue(path=("jobs", "b", "retry", "attempts"), value=3),
        ["+    retry: {attempts: 3}"],
    ),
    "a key in its order": (
        SetValue(path=("title",), value="注文", order=("version", "name", "title", "jobs")),
        ["+title: 注文"],
    ),
    "a scalar becomes a mapping": (
        SetValue(path=("jobs", "b", "timeout"), value={"a": [1, {"b": {"c": 2}}]}),
        ["-    timeout: 90s # keep this", "+    timeout: # keep this", "+      a:", "+        - 1", "+        - b: {c: 2}"],
    ),
    "a scalar becomes a text of lines": (
        SetValue(path=("jobs", "b", "timeout"), value="one\ntwo\n"),
        ["-    timeout: 90s # keep this", "+    timeout: | # keep this", "+      one", "+      two"],
    ),
    "a text of lines": (
        SetValue(path=("jobs", "b", "text"), value="hello\nmoon\n"),
        ["-      world", "+      moon"],
    ),
    "a text that needs quotes": (
        SetValue(path=("jobs", "b", "operations", 0, "id"), value="on"),
        ["-      - id: x   # first", '+      - id: "on"   # first'],
    ),
    "a key in braces": (
        SetValue(path=("jobs", "a", "code", "runtime"), value="a: b"),
        ["-  a: {type: lambda, code: {path: x}}   # short", '+  a: {type: lambda, code: {path: x, runtime: "a: b"}}   # short'],
    ),
    "an item before the first": (
        InsertItem(path=("jobs", "b", "operations"), index=0, value={"id": "z", "code": {"path": "p", "q": [1]}}),
        ["+      - id: z", "+        code:", "+          path: p", "+          q: [1]"],
    ),
    "an item of a list that was empty": (
        InsertItem(path=("tests",), index=0, value={"name": "x"}),
        ["-tests: []", "+tests:", "+  - {name: x}"],
    ),
    "a job": (
        InsertKey(path=("jobs",), key="c", value={"type": "wait", "for": "1s"}, index=1, written=WrittenAs.BLOCK),
        ["+", "+  c:", "+    type: wait", "+    for: 1s"],
    ),
    "the first key behind a dash is removed": (
        RemoveValue(path=("jobs", "b", "operations", 1, "id")),
        ["-      - id: y", "-        type: wait", "+      - type: wait"],
    ),
    "the only item is removed": (
        RemoveValue(path=("jobs", "b", "depends_on", 0)),
        ["-    depends_on: [a]", "+    depends_on: []"],
    ),
    "a job goes down": (
        MoveValue(path=("jobs", "a"), index=1),
        [*(f"-{line}" for line in _CHUNK), "-", "+", *(f"+{line}" for line in _CHUNK)],
    ),
    "a key has another name": (
        RenameKey(path=("jobs", "a"), key="first"),
        ["-  a: {type: lambda, code: {path: x}}   # short", "+  first: {type: lambda, code: {path: x}}   # short"],
    ),
    "two edits at once": (
        EditSequence(edits=(SetValue(path=("version",), value=2), RemoveValue(path=("tests",)))),
        ["-version: 1", "+version: 2", "-tests: []"],
    ),
    "a mapping keeps what both have": (
        SetValue(path=("jobs", "b", "operations", 0), value={"id": "x", "type": "wait"}),
        ["-        type: lambda", "+        type: wait"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_only_the_meant_lines_change(name: str) -> None:
    edit, lines = CASES[name]
    assert changed(edit) == lines


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a:\n  b: 1\n"),
        ("# nothing yet\n", "# nothing yet\na:\n  b: 1\n"),
        ("---\r\n# nothing yet", "---\r\n# nothing yet\r\na:\r\n  b: 1\r\n"),
        ("\ufeffc: 1\r\n", "\ufeffc: 1\r\na: {b: 1}\r\n"),
        ("c: 1", "c: 1\na: {b: 1}"),
        ("{c: 1}\n", "{c: 1, a: {b: 1}}\n"),
        ('{"c": 1}', '{"c": 1, "a": {"b": 1}}'),
        ("c: |+\n  x\n\n", "c: |+\n  x\n\na: {b: 1}\n"),
        ("c: 1\n...\n", "c: 1\na: {b: 1}\n...\n"),
        ("a:\n", "a: {b: 1}\n"),
        ("a: # why\n", "a: {b: 1} # why\n"),
        ("a: {}\n", "a: {b: 1}\n"),
    ],
)
def test_texts_of_any_form_take_a_key(before: str, after: str) -> None:
    result = edit_text("f.yaml", before.encode(), SetValue(path=("a",), value={"b": 1}))
    assert isinstance(result, EditedText), result
    assert result.content.decode() == after


@pytest.mark.parametrize(
    ("text", "edit", "line", "reason"),
    [
        ("a: [1\n", SetValue(path=("b",), value=1), 1, "cannot be read"),
        ("a: 1\nb: 2\n", RenameKey(path=("a",), key="b"), 2, "is there already"),
        ("a: 1\nb: {c: 1}\n", RemoveValue(path=("b", "d")), 2, "there is no /b/d"),
        ("a: 1\n? b\n: 2\n", SetValue(path=("a",), value=3), 2, "one line before a colon"),
        ("a: 1\nb: &x 2\n", SetValue(path=("a",), value=3), 2, "cannot be read"),
    ],
)
def test_what_cannot_be_edited_is_refused_at_its_place(text: str, edit: DocumentEdit, line: int, reason: str) -> None:
    result = edit_text("f.yaml", text.encode(), edit)
    assert isinstance(result, EditRefusal), result
    assert (result.position.line, reason in result.reason) == (line, True), result


def test_comments_inside_what_is_removed_are_told() -> None:
    result = edit_text("f.yaml", TEXT.encode(), RemoveValue(path=("jobs", "b")))
    assert isinstance(result, EditedText)
    assert result.removed_comments == ("# keep this", "# first", "# header")
