"""A word to who looks elsewhere: the terminal's bell, with a message of the desktop where the terminal shows those.

OSC 9 is iTerm2's (https://iterm2.com/documentation-escape-codes.html), taken over by WezTerm, Ghostty and kitty; OSC 777 is
urxvt's, taken over by foot and by terminals on VTE. Others get the bell alone: the Linux console prints what it does not know.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

from bunsui.view.safe import safe

_BELL = "\a"
_TITLE = "bunsui"
_LONGEST = 200
_OSC_9 = frozenset({"iTerm.app", "WezTerm", "ghostty"})
"""By TERM_PROGRAM."""
_OSC_9_TERMS = ("xterm-ghostty", "xterm-kitty", "wezterm")
_OSC_777_TERMS = ("foot", "rxvt-unicode")


def notify(text: str, environ: Mapping[str, str], streams: Sequence[TextIO] | None = None) -> bool:
    """Ring at the first of the streams that is a terminal, of stderr and stdout where none are given; False where none is one,
    so that nothing was written."""
    stream = next((one for one in streams or (sys.stderr, sys.stdout) if one.isatty()), None)
    if stream is None:
        return False
    _write(stream, sequence(text, environ))
    return True


def can_notify() -> bool:
    """Tell whether there is a terminal to ring at."""
    return sys.stderr.isatty() or sys.stdout.isatty()


def sequence(text: str, environ: Mapping[str, str]) -> str:
    """Return what makes the terminal that the environment describes ring and show the text.

    The text is foreign: it comes out on one line, printable, without what separates or ends the parts of a sequence.
    """
    shown = safe(text, limit=_LONGEST).replace(";", ",")
    term = environ.get("TERM", "")
    if environ.get("TERM_PROGRAM") in _OSC_9 or term.startswith(_OSC_9_TERMS):
        return f"\x1b]9;{_TITLE}: {shown}\a{_BELL}"
    if environ.get("VTE_VERSION") or term.startswith(_OSC_777_TERMS):
        return f"\x1b]777;notify;{_TITLE};{shown}\a{_BELL}"
    return _BELL


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()
