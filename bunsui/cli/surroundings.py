"""What bunsui's own process does not take from the environment that it was started in."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, MutableMapping
from typing import Final

from bunsui.errors import InvalidInput
from bunsui.performance import PLAIN_VARIABLE, Shortcut, unknown_shortcuts

_COLUMNS: Final = range(20, 1_001)
"""No terminal is wider, and a line is laid out for as many columns as are said; in fewer columns no table has room."""
_LINES: Final = range(2, 1_001)
_SIZES: Final = {"COLUMNS": _COLUMNS, "LINES": _LINES, "TERMINAL_WIDTH": _COLUMNS}
"""Where a shell, or somebody, says how large the terminal is; libraries read them as numbers."""
_REMOTE_CONTROL: Final = "TEXTUAL_"
"""Of the library under the terminal UI: `TEXTUAL_DRIVER` loads code and `TEXTUAL_PRESS` presses keys."""


def settle(environ: MutableMapping[str, str]) -> None:
    """Make this process one whose answers do not depend on how it was started.

    A size of the terminal that is none is forgotten. Files that are made can be read by their owner and are not written by
    everybody, whatever the mask says. Warnings that Python was asked to raise concern who develops bunsui, not who uses it.
    """
    for name, sizes in _SIZES.items():
        text = environ.get(name, "")
        if name in environ and not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) in sizes):
            del environ[name]
    for name in [name for name in environ if name.startswith(_REMOTE_CONTROL)]:
        del environ[name]
    if os.name == "posix":
        os.umask((os.umask(0o022) & ~0o700) | 0o002)
    warnings.resetwarnings()
    warnings.simplefilter("ignore")


def check_shortcuts(environ: Mapping[str, str]) -> None:
    """Check that the variable which switches shortcuts off names such as there are.

    Raises:
        InvalidInput: it names another.

    """
    unknown = unknown_shortcuts(environ)
    if unknown:
        names = ", ".join(shortcut.value for shortcut in Shortcut)
        raise InvalidInput(
            "unknown-shortcut",
            f"{PLAIN_VARIABLE} names a performance shortcut that there is not",
            hint=f"Use 1 for all of them off, or names of these separated by commas:\n  {names}",
            name=unknown[0],
        )
