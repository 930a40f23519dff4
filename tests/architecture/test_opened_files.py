"""Files of a checkout are opened by `bunsui.held_folder`, which follows no link: who opens a path himself says why."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.architecture.trees import nodes_of

HOUSE = Path(__file__).parents[2] / "bunsui"
PACKAGES = ("project", "services", "cli", "checkout", "composition", "folders", "document")
METHODS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes"})
MODULES = frozenset({"os", "io", "path", "Path"})

EXCEPTIONS: Mapping[str, str] = {
    "services/init.py": "the templates that are installed with the code",
    "document/schema/published.py": "the schemas that are installed with the code",
    "cli/streams.py": "the null device",
    "composition/doctor/machine.py": "a lock that is installed with the code",
    "composition/sign_in.py": "the user's own files of AWS, where botocore finds them",
    "cli/named_files.py": "what the user named: links are followed to read it, and a device is written to",
    "cli/main.py": "a formatter's method of that name",
    "cli/commands/local.py": "the log in bunsui's own folder, as it grows",
    "checkout/git.py": "`.git` and its list of other objects, which git follows itself",
    "checkout/history.py": "a file of the git directory that git named",
    "folders/filelock.py": "a lock in the user's own folder; a link is not followed",
}


def openings(path: Path) -> Iterator[int]:
    """Return the lines where a file is opened by its path."""
    for node in nodes_of(path):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id == "open":
                yield node.lineno
            elif isinstance(called, ast.Attribute):
                by_path = (isinstance(called.value, ast.Name) and called.value.id in MODULES) or isinstance(
                    called.value, ast.Call
                )
                if called.attr in METHODS or (
                    called.attr == "open" and by_path and "folder" not in ast.unparse(called.value).lower()
                ):
                    yield node.lineno


def opening() -> dict[str, list[int]]:
    """Return the files that open something, with the lines."""
    modules = (path for package in PACKAGES for path in sorted((HOUSE / package).rglob("*.py")))
    return {path.relative_to(HOUSE).as_posix(): lines for path in modules if (lines := list(openings(path)))}


def test_what_opens_a_path_by_itself_says_why_it_may() -> None:
    assert {name: lines for name, lines in opening().items() if name not in EXCEPTIONS} == {}


def test_every_exception_is_needed() -> None:
    assert set(EXCEPTIONS) == set(opening())
