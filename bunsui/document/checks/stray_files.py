"""The patterns of `pipelines:` held against the files that are there.

Of a file that looks like a pipeline and that no pattern finds, a plan knows nothing, and retires what was applied of it; a
pattern that finds no file is told, too. Looked at are the folders that the patterns begin with, where a pipeline's file is
moved or renamed to, not all of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.document.globs import fixed_part, glob_pattern
from bunsui.document.project import PATTERNS, ProjectDocument
from bunsui.document.suite_files import is_suite
from bunsui.document.yaml.reader import read_document
from bunsui.errors import InvalidInput
from bunsui.ports.source import Source

_ENDINGS = ("yaml", "yml")
_VERSION = re.compile(rb"^version[ ]*:", re.MULTILINE)
_CONTENT = re.compile(rb"^(?:jobs|definition)[ ]*:", re.MULTILINE)
_NAME = re.compile(rb"^name[ ]*:[ ]*[\"']?([A-Za-z0-9_-]+)", re.MULTILINE)


def stray_files(
    source: Source, project: ProjectDocument, found: Collection[str], *, named: Collection[str] = ()
) -> tuple[Diagnostic, ...]:
    """Return a warning for each file that looks like a pipeline and is not among those found, and for each of the named ones,
    whatever it looks like."""
    try:
        beside = source.find(_beside(project.patterns))
    except InvalidInput:
        # More files than anybody reads, or a folder that cannot be listed, which the patterns themselves do not go into.
        beside = ()
    there = {path for path in beside if path not in found and not is_suite(path)}
    told = (path for path in sorted({*there, *named}) if path in named or _looks_like_a_pipeline(source, path))
    return tuple(_stray(path, _name(source, path), project) for path in told)


def unused_patterns(project: ProjectDocument, found: Sequence[str]) -> Iterator[Diagnostic]:
    """Return a warning for each pattern that finds no file, where others do. The two that hold when none is written are two
    endings of which one is enough."""
    for place, pattern in enumerate(project.patterns):
        glob = glob_pattern(pattern)
        if pattern not in PATTERNS and not any(glob.fullmatch(path) for path in found):
            at = project.pattern_places[place] if place < len(project.pattern_places) else project.patterns_at
            yield Diagnostic(
                code="BS222",
                severity=Severity.WARNING,
                summary=f"no file matches {pattern}",
                position=at,
                hint="Correct it, or remove it from pipelines: in bunsui.yaml.",
            )


def _beside(patterns: Sequence[str]) -> list[str]:
    """Return patterns for every YAML file below the folders; of the root only its own files, since anything may lie below."""
    folders = dict.fromkeys(fixed_part(pattern) for pattern in patterns)
    return [f"{folder}/**/*.{ending}" if folder else f"*.{ending}" for folder in folders for ending in _ENDINGS]


def _looks_like_a_pipeline(source: Source, path: str) -> bool:
    """A file that cannot be parsed is judged by its lines: it was one before the mistake."""
    try:
        content = source.read(path)
    except InvalidInput:
        return False
    if b"version" not in content or not (b"jobs" in content or b"definition" in content):
        return False
    document = read_document(path, content).document
    if document is None:
        return _VERSION.search(content) is not None and _CONTENT.search(content) is not None
    data = document.data
    return isinstance(data, dict) and "version" in data and ("jobs" in data or "definition" in data)


def _name(source: Source, path: str) -> str:
    try:
        found = _NAME.search(source.read(path))
    except InvalidInput:
        found = None
    return found.group(1).decode() if found is not None else ""


def _stray(path: str, name: str, project: ProjectDocument) -> Diagnostic:
    which = f"the pipeline {name}" if name else "this file"
    return Diagnostic(
        code="BS221",
        severity=Severity.WARNING,
        summary=f"{path} is not read: pipelines: in bunsui.yaml does not find it",
        position=Position(path, 1, 1),
        detail=f"A plan does not know {which}, and retires what was applied of it. Found is {', '.join(project.patterns)}.",
        hint="Rename or move the file, or add a pattern for it.",
    )
