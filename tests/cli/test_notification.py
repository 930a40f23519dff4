"""The bell and the desktop's message at the end of `bunsui watch --notify`."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.cli.looking.notification import notify, sequence

ITERM, FOOT, GNOME = {"TERM_PROGRAM": "iTerm.app"}, {"TERM": "foot"}, {"TERM": "xterm-256color", "VTE_VERSION": "7600"}


def test_a_terminal_that_is_known_for_it_gets_the_text_and_the_bell() -> None:
    assert sequence("daily failed", ITERM) == "\x1b]9;bunsui: daily failed\a\a"
    assert sequence("daily failed", FOOT) == "\x1b]777;notify;bunsui;daily failed\a\a"
    assert sequence("daily failed", GNOME) == "\x1b]777;notify;bunsui;daily failed\a\a"


@pytest.mark.parametrize(
    "environ", [{}, {"TERM": "linux"}, {"TERM": "tmux-256color", "TERM_PROGRAM": "tmux"}, {"TERM": "dumb"}]
)
def test_any_other_terminal_gets_the_bell_alone(environ: dict[str, str]) -> None:
    assert sequence("daily failed", environ) == "\a"


@given(st.text(max_size=300), st.sampled_from([ITERM, FOOT]))
def test_no_text_ends_the_sequence_or_begins_another(text: str, environ: dict[str, str]) -> None:
    shown = sequence(text, environ)
    inner = shown.removeprefix("\x1b]9;").removeprefix("\x1b]777;notify;bunsui;").removesuffix("\a\a")
    assert inner.isprintable()
    assert ";" not in inner


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_only_a_terminal_is_written_to() -> None:
    pipe, terminal = StringIO(), Terminal()
    assert notify("daily failed", ITERM, (pipe, terminal))
    assert (pipe.getvalue(), terminal.getvalue()) == ("", sequence("daily failed", ITERM))


def test_where_there_is_no_terminal_nothing_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    assert notify("daily failed", ITERM) is False
    assert capfd.readouterr() == ("", "")
