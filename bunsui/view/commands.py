"""Hints in which commands are told apart, so that a face leaves them whole: as lines, and in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bunsui.command_line import Invocation
from bunsui.diagnostics import Diagnostic
from bunsui.model.json import Json
from bunsui.view.safe import safe, safe_lines
from bunsui.view.spans import Line, Role, Span, line, span

_COMMAND = re.compile(r"^\s*(bunsui [a-z][^\n]*)$|`(bunsui [a-z][^`]*)`")
"""A command alone on its line, or one in backticks."""


class Offering(str):
    """A text of a JSON document that may offer commands: who prints the document completes them, by `completed_document`.

    Elsewhere it is the text as it is, in a saved plan for one, which is read in another folder and by another command line.
    """

    __slots__ = ()


def prose(text: str, role: Role = Role.PLAIN) -> tuple[Span, ...]:
    """Return one line of text as spans, its commands apart."""
    return tuple(span(part, Role.COMMAND if is_command else role) for part, is_command in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a line that are not empty, and whether each is a command."""
    end = 0
    for found in _COMMAND.finditer(text):
        start, stop = found.span(1 if found[1] is not None else 2)
        if start > end:
            yield text[end:start], False
        yield text[start:stop], True
        end = stop
    if end < len(text):
        yield text[end:], False


def hint_lines(hint: str, role: Role = Role.PLAIN) -> tuple[Line, ...]:
    """Return what to do next, line by line; nothing for an empty hint."""
    return tuple(line(*prose(text, role)) for text in safe_lines(hint)) if hint else ()


def labelled_hint(hint: str, role: Role = Role.PLAIN) -> tuple[Line, ...]:
    """Return the hint behind `hint: `, its further lines below its first."""
    label = span("hint: ", Role.HINT)
    return tuple(
        Line(parts=(label, *item.parts)) if number == 0 else item.indented(len(label.text))
        for number, item in enumerate(hint_lines(hint, role))
    )


def completed(item: Line, invocation: Invocation) -> Line:
    """Return the line with its commands as they reach what this invocation reached."""
    if all(part.role is not Role.COMMAND for part in item.parts):
        return item
    parts = (
        Span(safe(invocation.complete(part.text)), part.role) if part.role is Role.COMMAND else part for part in item.parts
    )
    return replace(item, parts=tuple(parts))


def completed_text(text: str, invocation: Invocation) -> str:
    """Return the text, not made safe, with its commands as they reach what this invocation reached."""
    rows = text.split("\n")
    return "\n".join("".join(invocation.complete(part) if is_it else part for part, is_it in _parts(row)) for row in rows)


def completed_finding(found: Diagnostic, invocation: Invocation) -> Diagnostic:
    """Return the finding with its commands completed, for the formats of other tools."""
    return replace(found, detail=completed_text(found.detail, invocation), hint=completed_text(found.hint, invocation))


def completed_document(value: Json, invocation: Invocation) -> Json:
    """Return the document with the commands of each `Offering` completed; everything else is data and stays as it is."""
    match value:
        case Offering():
            return completed_text(value, invocation)
        case str():
            return value
        case Mapping():
            return {name: completed_document(inner, invocation) for name, inner in value.items()}
        case Sequence():
            return [completed_document(inner, invocation) for inner in value]
        case _:
            return value
