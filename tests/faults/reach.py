"""Which lines of the packages that read files were executed, and which of them count."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
READERS = (ROOT / "bunsui" / "document", ROOT / "bunsui" / "asl")
"""The packages that read what users write."""

ELSEWHERE: Mapping[str, frozenset[str]] = {
    # `bunsui schema` makes the schemas that are published, from our own code; files are checked with the published ones.
    "bunsui/document/schema/text.py": frozenset(),
    "bunsui/document/schema/by_type.py": frozenset(),
    "bunsui/document/schema/defaults.py": frozenset(),
    # `bunsui test --record` writes a test.
    "bunsui/document/yaml/writer.py": frozenset(),
    # The embedded AWS answers ValidateStateMachineDefinition in the words of AWS.
    "bunsui/asl/validation/answers.py": frozenset(),
    # Definitions as JSON text come with requests to the embedded AWS; those in files have passed the intake.
    "bunsui/asl/validation/text.py": frozenset({"read", "_no_json", "_jackson"}),
    # `bunsui graph` draws conditions, of definitions in which no error was found.
    "bunsui/asl/conditions.py": frozenset(),
    # The engine tells errors of running expressions; only what a text says before it runs is asked for here.
    "bunsui/asl/jsonata_messages.py": frozenset({"coded"}),
}
"""File -> functions that no reading of a file reaches, all of them when none is named: they do not count."""


class Reach:
    """Which lines of the readers were executed while it was entered."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self._within = tuple(f"{folder}/" for folder in READERS)

    def __enter__(self) -> Reach:
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _called(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        return self._line if frame.f_code.co_filename.startswith(self._within) else None

    def _line(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line

    def share(self) -> tuple[float, list[str]]:
        """Return the share of the lines inside functions that were reached, and those that were not."""
        possible = {(str(path), line) for folder in READERS for path in folder.rglob("*.py") for line in lines_in(path)}
        missing = sorted(f"{Path(file).relative_to(ROOT)}:{line}" for file, line in possible - self.seen)
        return 1 - len(missing) / len(possible), missing


def lines_in(path: Path) -> Iterator[int]:
    """The lines of the functions of a file that can be executed, and count."""
    left_out = ELSEWHERE.get(str(path.relative_to(ROOT)))
    if left_out == frozenset():
        return

    def inside(code: CodeType, top: str) -> Iterator[int]:
        for part in code.co_consts:
            if isinstance(part, CodeType):
                name = top or part.co_name
                if left_out is not None and name in left_out:
                    continue
                is_class = "__qualname__" in part.co_names and part.co_name[:1].isupper()
                if not is_class:
                    yield from (line for _, _, line in part.co_lines() if line and line != part.co_firstlineno)
                yield from inside(part, name)

    yield from inside(compile(path.read_text(), str(path), "exec"), "")
