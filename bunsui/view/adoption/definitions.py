"""Definitions of files that would become pipelines, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.services.adoption.definition_file import DefinitionImport, ImportedDefinition
from bunsui.view.adoption.lifted import lift_lines
from bunsui.view.safe import safe_lines
from bunsui.view.spans import Line, Role, line, span


def definition_lines(imported: DefinitionImport) -> Iterator[Line]:
    """Return what would be written, file by file. What AWS would be made to have is the plan's."""
    for one in imported.definitions:
        yield line(span("← ", Role.ADOPT), span(one.source.file, Role.NAME), span(f"  pipeline {one.pipeline}", Role.MUTED))
        if not one.files:
            yield line(span("is in the project already", Role.MUTED), indent=2)
        if one.lift is not None:
            yield from lift_lines(one.lift)
        yield from _files(one)
        for arn in one.text.arns:
            yield line(span("in this account   ", Role.MUTED), span(arn), indent=2)
    words = "No state machine is taken over: the plan is what an apply would make of it"
    yield line()
    yield line(span(words, Role.STRONG))


def _files(one: ImportedDefinition) -> Iterator[Line]:
    last = next(reversed(tuple(one.files)), "")
    for path, content in one.files.items():
        if path == last:
            yield line(span(f"+ {path}", Role.CREATE), indent=2)
            yield from (line(span(f"+ {text}", Role.CREATE), indent=6) for text in safe_lines(content.decode().rstrip()))
            continue
        told = "as they are" if one.is_kept else f"{_count(len(one.text.arns))} became placeholders, the rest as it is"
        yield line(span(f"+ {path}", Role.CREATE), span(f"  {len(content):,} bytes, {told}", Role.MUTED), indent=2)


def _count(number: int) -> str:
    return f"{number} ARN{'' if number == 1 else 's'} of this account"
