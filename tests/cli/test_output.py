from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.cli.output import Output, _printable_json
from bunsui.view.commands import prose
from bunsui.view.spans import Role, line, span


def test_a_json_document_keeps_letters_and_escapes_what_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"cause": "\x9b2J \u202eevil \x1b[31m 売上 😀 \U000e0041"}
    Output(as_json=True).foreign(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert "\\u009b2J \\u202eevil \\u001b[31m 売上 😀 \\udb40\\udc41" in printed


@given(st.text())
def test_escaping_never_changes_what_is_read(text: str) -> None:
    written = _printable_json(json.dumps({"k": text}, ensure_ascii=False))
    assert json.loads(written) == {"k": text}
    assert written.isprintable()


def _printed(*, width: int, is_terminal: bool, role: Role) -> list[str]:
    from rich.console import Console

    output, written = Output(no_color=True), StringIO()
    output.stdout = Console(file=written, width=width, force_terminal=is_terminal, no_color=True)
    output.lines([line(span("a run enters about twenty states, an estimate without retries", role), indent=4)])
    return written.getvalue().splitlines()


def test_a_long_line_is_broken_between_words_in_a_terminal() -> None:
    assert _printed(width=40, is_terminal=True, role=Role.INFO) == [
        "    a run enters about twenty states,",
        "      an estimate without retries",
    ]


@pytest.mark.parametrize(
    ("is_terminal", "role", "width"), [(False, Role.INFO, 40), (True, Role.COMMAND, 40), (True, Role.INFO, 8)]
)
def test_a_file_gets_whole_lines_and_a_command_can_be_copied(is_terminal: bool, role: Role, width: int) -> None:
    assert len(_printed(width=width, is_terminal=is_terminal, role=role)) == 1


def _shown(output: Output, width: int, show: Callable[[], None]) -> list[str]:
    from rich.console import Console

    written = StringIO()
    output.stdout = output.stderr = Console(file=written, width=width, force_terminal=True, color_system=None)
    show()
    return written.getvalue().splitlines()


def test_a_word_that_is_longer_than_the_line_is_never_broken() -> None:
    output, arn = Output(no_color=True), "arn:aws:states:us-east-1:000000000000:execution:a-machine:a-name"
    shown = _shown(output, 40, lambda: output.lines([line(f"called {arn} at noon", indent=2)]))
    assert shown == ["  called", f"    {arn}", "    at noon"]


def test_a_wide_character_takes_two_columns_of_a_line() -> None:
    output = Output(no_color=True)
    shown = _shown(output, 22, lambda: output.lines([line("受注明細 取り込み 集計 通知")]))
    assert shown == ["受注明細 取り込み", "  集計 通知"]


def test_a_command_within_a_sentence_does_not_keep_the_sentence_from_being_broken() -> None:
    output = Output(no_color=True)
    sentence = line(*prose("Fix the code, run `bunsui apply`, then resume: completed jobs are kept."))
    assert len(_shown(output, 40, lambda: output.lines([sentence]))) == 2


def test_a_reason_that_has_no_room_behind_its_command_stands_below() -> None:
    output = Output(no_color=True)
    assert _shown(output, 40, lambda: output.next_step("bunsui run orders", "start a session")) == [
        "next: bunsui run orders  start a session"
    ]
    assert _shown(output, 39, lambda: output.next_step("bunsui run orders", "start a session")) == [
        "next: bunsui run orders",
        "      start a session",
    ]
