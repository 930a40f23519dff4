"""Where in the project the code of a job stands: the file and the line that an error names, else where its handler begins."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bunsui.errors import BunsuiError, Refused
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import FunctionCode
from bunsui.project.files import RootFolder
from bunsui.services.session_context import SessionContext

_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)|\((?P<js>/[^():]+):(?P<at>\d+)(?::\d+)?\)')
"""A frame of Python's traceback, or of JavaScript's."""
_TASK = "/var/task/"
"""Where Lambda lays the code."""
_SUFFIXES = (".py", ".mjs", ".js", ".cjs", ".ts", ".rb")
_BEGINS = r"^\s*(async\s+)?(def|(export\s+)?(async\s+)?function|export\s+const)\s+{name}\b|^exports\.{name}\b"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePlace:
    """A line of a file."""

    path: Path
    """Absolute, inside of the project."""
    line: int = 1


def code_place(context: SessionContext, pipeline: str, job: str, *, traceback: Sequence[str] = ()) -> CodePlace:
    """Return where the code of a job stands: by the innermost frame that is the project's own, else where the job's handler
    begins, else where the pipeline's file says the job.

    Raises:
        Refused: there are no files here, or the file is none of the project's.

    """
    source = context.repository.source
    found = context.pipelines.get(pipeline)
    if not context.has_files or not isinstance(source, RootFolder) or found is None:
        raise _no_files(pipeline)
    mine = next((one for one in found.jobs if one.name == job), None)
    functions = list(_functions(context, mine.operations if mine is not None else ()))
    for place in (*_frames(source, functions, traceback), *_handlers(source, functions)):
        return place
    if not source.holds(found.path):
        raise _no_files(pipeline)
    position = mine.position if mine is not None else None
    return CodePlace(path=source.root / found.path, line=position.line if position is not None else 1)


def _functions(context: SessionContext, operations: Sequence[Operation]) -> Iterator[FunctionCode]:
    for operation in operations:
        kind = context.repository.registry.get(operation.type)
        if kind is None:
            continue
        function = kind.function(operation.params)
        if function is not None:
            yield function
        yield from _functions(context, kind.operations(operation.params))


def _frames(files: RootFolder, functions: Sequence[FunctionCode], traceback: Sequence[str]) -> Iterator[CodePlace]:
    """Yield the frames that lie in the code of one of the functions, the innermost first."""
    for text in reversed(traceback):
        frame = _FRAME.search(text)
        name, line = (frame["file"] or frame["js"], frame["line"] or frame["at"]) if frame is not None else ("", "")
        if not name.startswith(_TASK):
            continue
        for function in functions:
            path = f"{function.code.path}/{name.removeprefix(_TASK)}"
            if _read(files, path) is not None:
                yield CodePlace(path=files.root / path, line=int(line))


def _handlers(files: RootFolder, functions: Sequence[FunctionCode]) -> Iterator[CodePlace]:
    for function in functions:
        module, _, name = function.handler.rpartition(".")
        for suffix in _SUFFIXES:
            for inner in dict.fromkeys((module, module.replace(".", "/"))):
                path = f"{function.code.path}/{inner}{suffix}"
                if (text := _read(files, path)) is not None:
                    yield CodePlace(path=files.root / path, line=_line_of(text, name))


def _line_of(text: str, name: str) -> int:
    """Return the line in which a function of that name begins; 1 where that cannot be told."""
    begins = re.compile(_BEGINS.format(name=re.escape(name)))
    return next((number for number, one in enumerate(text.splitlines(), 1) if begins.search(one)), 1)


def _read(files: RootFolder, path: str) -> str | None:
    """Return the text of a file of the project; None where there is none, and for what may not be opened."""
    try:
        return files.read(path).decode("utf-8", "replace") if files.holds(path) else None
    except BunsuiError:
        return None


def _no_files(pipeline: str) -> Refused:
    return Refused(
        "no-files",
        "the files of the pipeline are not here",
        hint="Work in a checkout of the project.",
        pipeline=pipeline,
    )
