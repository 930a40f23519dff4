"""The process's own streams: closed, full, or of a machine that fails. Answers in words, never with a stack."""

from __future__ import annotations

import errno
import os
import sys
from io import TextIOWrapper

from bunsui.errors import BunsuiError, Unavailable

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


def prepare_streams() -> None:
    """Make the standard streams usable.

    A caller may have closed some (`<&-`, daemons): Python then has None in their place, and the next file that is opened would
    take their number. A terminal or pipe that is not UTF-8 shows what it cannot print as an escape, rather than failing.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            # Nothing was open under the lower numbers but their own streams, so that the number is the missing one.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115,PTH123 - stays open
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush_output() -> None:
    """Write what stdout still holds; OSError when it cannot be written."""
    sys.stdout.flush()


def forget_output() -> None:
    """Send what is still to be written nowhere: the reader has gone, and the flush at exit would only fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def system_error(error: OSError) -> BunsuiError:
    """Return what the operating system refused, with what to do about it."""
    said = error.strerror or str(error)
    if error.errno in _NO_SPACE:
        return Unavailable(
            "no-space",
            "there is no space left to write to",
            hint="Free some space, then repeat the command: it goes on from what is there.",
            file=error.filename,
        )
    if error.errno in _NOT_ALLOWED:
        return Unavailable(
            "no-permission",
            "a file or folder may not be read or written",
            hint="Correct its owner or its mode, or work in a folder that is yours (-C FOLDER); then repeat the command.",
            file=error.filename,
            reason=said,
        )
    return Unavailable(
        "system-error",
        "the operating system refused something",
        hint="Correct what the reason says, then repeat the command.",
        file=error.filename,
        reason=said,
    )
