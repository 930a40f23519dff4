"""What has no effects calls nothing that has: no file, clock, chance, process, network or print, whoever imported it.

Imports alone do not show it: `pathlib` and `datetime` are everywhere. So the calls are looked at, each name traced to what it
was imported from. Effects that come in through a port (`clock.now()`, `source.read()`) are no names of a library and pass.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.architecture.trees import tree_of

HOUSE = Path(__file__).parents[2] / "bunsui"

# All that lies below `project`; and what has effects through ports only, `apply`, `sessions`, `testing`, `view`.
PURE = (
    "model", "ports", "asl", "operations", "kinds", "notifications", "document", "compile", "diff", "engine", "plan",
    "apply", "sessions", "testing", "view",
    "command_line.py", "diagnostics.py", "errors.py", "finding_codes.py",
)  # fmt: skip

BUILTINS = frozenset({"open", "print", "input", "breakpoint"})
LIBRARIES = frozenset(
    {
        "asyncio", "fcntl", "getpass", "http.client", "multiprocessing", "secrets", "select", "shutil", "signal", "socket",
        "socketserver", "sqlite3", "subprocess", "tempfile", "time", "urllib.request",
    }
)  # fmt: skip
"""Whose every function does something to the world or asks it."""
MODULES = {
    "os": frozenset({"PathLike", "fspath", "path", "sep"}),
    "random": frozenset({"Random"}),
    "uuid": frozenset({"UUID", "uuid3", "uuid5"}),
}
"""Libraries of both sorts, with what is harmless in them."""
NAMES = frozenset(
    {"datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "pathlib.Path.cwd",
     "pathlib.Path.home", "io.open", "os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.realpath", "os.path.abspath"}
)  # fmt: skip
METHODS = frozenset(
    {
        "open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "rglob", "is_file", "is_dir", "is_symlink",
        "mkdir", "rmdir", "unlink", "touch", "lstat", "expanduser", "samefile", "now", "utcnow", "today",
    }
)  # fmt: skip
"""Methods of files and instants. `now` of an injected clock passes, see `PORTS`."""
PORTS = frozenset({"clock", "_clock", "sources", "self"})
"""What an injected clock is called where it is asked; `now` of a class of the library is known by its import."""

EXCEPTIONS: Mapping[tuple[str, str], str] = {
    ("apply/lease.py", "secrets.token_hex"): "a lock's fence must be a number that nobody else draws, in tests too",
    (
        "apply/stop.py",
        "time.monotonic",
    ): "the default of an injected stopwatch: two signals within half a second are one",
    ("model/time_zones.py", ".is_file"): "a Traversable of the package: a data file that is installed with the code",
    ("model/time_zones.py", ".open"): "as above",
    (
        "operations/integrations/service_errors.py",
        ".read_text",
    ): "a table that is installed with the code, the same for everybody",
    ("operations/integrations/iam_names.py", ".read_text"): "as above",
    ("document/schema/published.py", ".read_text"): "the schemas that are installed with the code, the same for everybody",
    ("engine/regexes.py", "time.thread_time"): "a pattern may take for ever: it ends by its CPU time, on no clock of the run",
}
"""File and effect -> why it may be there."""


def effects(path: Path) -> Iterator[tuple[int, str]]:
    """Return line and name of each effect in a file."""
    tree = tree_of(path)
    origins = dict(_origins(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() | ast.Name():
                name = _traced(node, origins)
                if name and _is_effect(name):
                    yield node.lineno, name
            case ast.Call(func=ast.Name(id=called)) if called in BUILTINS and called not in origins:
                yield node.lineno, called
            case _:
                pass
        match node:
            case ast.Call(func=ast.Attribute(attr=called, value=owner)) if called in METHODS and not _traced(owner, origins):
                if called != "now" or _last(owner) not in PORTS:
                    yield node.lineno, f".{called}"
            case ast.Call(func=ast.Attribute() | ast.Name() as made, args=[], keywords=[]):
                if _traced(made, origins) == "random.Random":
                    yield node.lineno, "random.Random"
            case _:
                pass


def _origins(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for name in names:
                    top = name.name.partition(".")[0]
                    yield (name.asname, name.name) if name.asname else (top, top)
            case ast.ImportFrom(module=str(module), names=names):
                yield from ((name.asname or name.name, f"{module}.{name.name}") for name in names)
            case _:
                pass


def _traced(node: ast.expr, origins: Mapping[str, str]) -> str:
    """Return the full name of what was imported; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return origins.get(name, "")
        case ast.Attribute(value=owner, attr=name):
            whole = _traced(owner, origins)
            return f"{whole}.{name}" if whole else ""
        case _:
            return ""


def _is_effect(name: str) -> bool:
    owner, _, member = name.rpartition(".")
    return name in NAMES or owner in LIBRARIES or (owner in MODULES and member not in MODULES[owner])


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _files() -> list[Path]:
    return sorted(
        path for place in PURE for path in ([HOUSE / place] if place.endswith(".py") else (HOUSE / place).rglob("*.py"))
    )


def _found() -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for path in _files():
        for line, effect in effects(path):
            found.setdefault((path.relative_to(HOUSE).as_posix(), effect), []).append(line)
    return found


def test_what_is_pure_has_no_effects() -> None:
    assert len(_files()) > 250
    assert {place: lines for place, lines in _found().items() if place not in EXCEPTIONS} == {}


def test_no_exception_is_left_over() -> None:
    assert set(EXCEPTIONS) - set(_found()) == set()


@pytest.mark.parametrize(
    ("code", "effect"),
    [
        ("import subprocess\nsubprocess.run([])", "subprocess.run"),
        ("from datetime import datetime as d\nd.now()", "datetime.datetime.now"),
        ("import datetime\ndatetime.datetime.utcnow()", "datetime.datetime.utcnow"),
        ("from time import monotonic\nmonotonic()", "time.monotonic"),
        ("import os\nhome = os.environ['HOME']", "os.environ"),
        ("from uuid import uuid4\nuuid4()", "uuid.uuid4"),
        ("import random\nrandom.random()", "random.random"),
        ("import random\nrandom.Random()", "random.Random"),
        ("from pathlib import Path\nPath('x').read_text()", ".read_text"),
        ("open('x')", "open"),
        ("print('x')", "print"),
        ("import socket\nsocket.socket()", "socket.socket"),
        ("later = when.now()", ".now"),
    ],
)
def test_an_effect_is_seen(code: str, effect: str, tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    file.write_text(code, encoding="utf-8")
    assert effect in [name for _, name in effects(file)]


@pytest.mark.parametrize(
    "code",
    ["self._clock.now()", "import random\nrandom.Random(7)", "import os\nos.fspath(p)", "from uuid import UUID\nUUID(int=1)"],
)
def test_what_comes_through_a_port_is_none(code: str, tmp_path: Path) -> None:
    file = tmp_path / "sample.py"
    file.write_text(code, encoding="utf-8")
    assert list(effects(file)) == []
