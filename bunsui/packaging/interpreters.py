"""The Python that runs a function: the one that its `runtime` says, where this machine has it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_RUNTIME = re.compile(r"python(3\.\d+)")
_PROBE = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"
_PROBE_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python of this machine."""

    path: str
    """Absolute, without links: those of a virtual environment lead to its packages."""
    version: str
    """`3.12`."""

    def is_for(self, runtime: str) -> bool:
        """Tell whether it is the Python of a runtime such as `python3.12`."""
        return runtime == f"python{self.version}"


def own_interpreter() -> Interpreter:
    """Return the Python that runs this process."""
    return Interpreter(path=os.path.realpath(sys.executable), version="{}.{}".format(*sys.version_info[:2]))


def interpreter_for(runtime: str, path: str | None = None) -> Interpreter:
    """Return the Python of a runtime such as `python3.13`; this process's own where the machine has none on `path` (PATH)."""
    found = _RUNTIME.fullmatch(runtime)
    own = own_interpreter()
    if found is None or own.version == found[1]:
        return own
    return _on_path(f"python{found[1]}", os.environ.get("PATH", "") if path is None else path) or own


def missing_pythons(runtimes: Iterable[str], path: str | None = None) -> list[str]:
    """Return those of the runtimes whose Python this machine lacks, sorted."""
    return sorted(one for one in set(runtimes) if _RUNTIME.fullmatch(one) and not interpreter_for(one, path).is_for(one))


def missing_notice(runtime: str) -> str:
    """Return what is said of a runtime whose Python is not here."""
    own = own_interpreter().version
    told = f"there is no {runtime} on the PATH: functions of that runtime run on Python {own} here"
    return f"{told}, and what differs between the two is seen on AWS only"


@cache
def _on_path(name: str, path: str) -> Interpreter | None:
    """Return the first program of that name which is that Python: a name on the PATH may be a shim of one that is not there."""
    for folder in path.split(os.pathsep):
        candidate = Path(folder, name + (".exe" if sys.platform == "win32" else ""))
        found = _probe(candidate) if candidate.is_absolute() and os.access(candidate, os.X_OK) else None
        if found is not None and found.is_for(name):
            return found
    return None


def _probe(program: Path) -> Interpreter | None:
    try:
        done = subprocess.run(
            [program, "-I", "-S", "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != 2:
        return None
    return Interpreter(path=os.path.realpath(lines[1]), version=lines[0])
