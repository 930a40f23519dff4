"""The program's entry point: how it starts, and how it leaves."""

from __future__ import annotations

import os
import sys

_INTERRUPTED = 130


def run() -> None:
    """Run the command line and leave at once: what the interpreter would take apart object by object, a quarter of a second
    after a large plan, the system takes back whole. Every command has ended what it began by then."""
    _start_again_with_docstrings()
    _start_again_in_utf8()
    _forget_folders_of_the_checkout()
    # Deferred: from here on nothing of the checkout can be imported, and an interrupt is no traceback while modules are loaded.
    try:
        from bunsui.cli.surroundings import settle

        settle(os.environ)
        from bunsui.cli.main import main

        main()
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    except SystemExit as leaving:
        _leave(leaving.code if isinstance(leaving.code, int) else 1)


def _leave(code: int) -> None:
    import atexit
    from contextlib import suppress

    from bunsui.performance import Shortcut, uses

    if not uses(Shortcut.IMMEDIATE_EXIT):
        sys.exit(code)
    atexit._run_exitfuncs()  # noqa: SLF001 - as multiprocessing does before it leaves this way
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _start_again_with_docstrings() -> None:
    """Begin anew where PYTHONOPTIMIZE takes docstrings away: schemas and pages of help are made of them."""
    if sys.flags.optimize > 1 and sys.executable and os.environ.pop("PYTHONOPTIMIZE", ""):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this very program


def _start_again_in_utf8() -> None:
    """Begin anew where Python takes file names and files for ASCII or another encoding than UTF-8, as it does in few locales.

    What the streams are encoded in stays, for the terminal shows that; where it is ASCII, UTF-8 does no harm.
    """
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode or not sys.executable:
        return
    encodings = {stream.encoding.lower() for stream in (sys.stdin, sys.stdout, sys.stderr) if stream is not None}
    if not encodings <= {"ascii", "us-ascii", "ansi_x3.4-1968"} and "PYTHONIOENCODING" not in os.environ:
        os.environ["PYTHONIOENCODING"] = sorted(encodings)[-1]
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - this very program


def _forget_folders_of_the_checkout() -> None:
    """Keep what lies in the current folder from being imported in the place of a library.

    `python -m bunsui` puts the current folder first, and PYTHONPATH may hold it or a folder below. The one that holds bunsui
    itself stays, for who works on it; and what the environment did not add (a virtual environment in the project) stays too.
    """
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib is not imported yet
    except OSError:  # it was deleted
        return
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100,PTH120 - as above
    added = {os.path.abspath(folder) for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep)}  # noqa: PTH100 - as above
    sys.path[:] = [
        folder
        for folder in sys.path
        if folder == ours or not (folder in ("", here) or (folder in added and f"{folder}{os.sep}".startswith(here + os.sep)))
    ]
