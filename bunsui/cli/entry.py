"""The program's way in and out."""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress

_INTERRUPTED = 130


def run() -> None:
    """Run the command line and leave at once: what the interpreter would take apart object by object, a quarter of a second
    after a large plan, the system takes back whole. Every command has ended what it began by then."""
    try:
        from bunsui.cli.main import main  # deferred: an interrupt is no traceback while modules are loaded either

        main()
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    except SystemExit as leaving:
        atexit._run_exitfuncs()  # noqa: SLF001 - as multiprocessing does before it leaves this way
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(leaving.code if isinstance(leaving.code, int) else 1)
