"""Bytes to a positioned document, safely: whatever the bytes are, the answer is a document or located findings.

The YAML library is only asked for its events. Limits on depth and number apply while they come, before anything is built, since
libyaml's own composer recurses (60 kB of `[` end the process) and aliases unfold to billions of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.document.yaml.builder import LIMIT_DEPTH, LIMIT_PARTS, Builder, Located, too_deep
from bunsui.document.yaml.hints import NOT_CLOSED, braces_remedy, hint_for_line, is_left_open, named_problem, next_step
from bunsui.document.yaml.tree import Document, DocumentNode, Mark
from bunsui.performance import Shortcut, uses

LIMIT_BYTES = 1_048_576
_SHORT = 65_536
_QUOTES = ("'", '"')

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]")
_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|(//|/\*)')
"""A text of JSON, passed over, or the beginning of a comment as JavaScript has them."""
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What became of one file."""

    document: Document | None
    """None when there is an error among the diagnostics."""
    diagnostics: tuple[Diagnostic, ...] = ()


def read_document(file: str, content: bytes, *, pure_python: bool = False, limit_parts: int = LIMIT_PARTS) -> Intake:
    """Read one YAML 1.2 document (JSON is a subset) of at most 1 MiB and `limit_parts`, which keys and values are.

    `pure_python` uses the YAML library without libyaml; the answer is the same, only later, save that it may name another of
    the mistakes of a file that is too deep. No exception leaves this function: an error of the YAML library, whichever, becomes
    a diagnostic at the place where its parser stood.
    """
    if len(content) > LIMIT_BYTES:
        return _refuse(file, "BS002", f"the file is larger than {LIMIT_BYTES // 1024} KiB", hint="Split it into smaller files.")
    try:
        text = content.decode("utf-8", errors="strict").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return _refuse(
            file,
            "BS003",
            f"the file is not UTF-8: byte 0x{content[error.start]:02x}",
            mark=_mark_of(content[: error.start].decode("utf-8", errors="replace")),
            lines=_LINE_BREAK.split(content.decode("utf-8", errors="replace")),
            hint="Save the file as UTF-8.",
        )
    lines = _LINE_BREAK.split(text)
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        mark = _mark_of(text[: forbidden.start()])
        return _refuse(
            file,
            "BS004",
            f"the character U+{ord(forbidden.group()):04X} may not stand in a file",
            mark=mark,
            lines=lines,
            hint="Delete it, or write it as an escape inside double quotes.",
        )
    return _build(file, text, lines, pure_python=pure_python, limit_parts=limit_parts)


def _build(file: str, text: str, lines: list[str], *, pure_python: bool, limit_parts: int) -> Intake:
    if file.endswith(".json"):
        # JSON is a subset of YAML but for tabs, which JSON has only between its tokens.
        text = text.replace("\t", " ")
        comment = next((found for found in _COMMENT.finditer(text) if found.group(1)), None)
        if comment is not None:
            mark = _mark_of(text[: comment.start()])
            hint = "Take it out, or say it in a Comment field of the state."
            return _refuse(file, "BS005", "comments are not JSON", mark=mark, lines=lines, hint=hint)
    root, refusals = _parse(text, pure_python=pure_python, limit_parts=limit_parts)
    is_unparsable = any(refusal.code == "BS005" for refusal in refusals)
    if is_unparsable and not pure_python and (len(text) <= _SHORT or _PAIR.search(text)):
        # libyaml and Python notice some mistakes at different places; Python's are nearer to them. And libyaml does not take
        # JSON's escapes for characters beyond U+FFFF.
        root, refusals = _parse(text, pure_python=True, limit_parts=limit_parts)
    if root is None:
        return Intake(document=None, diagnostics=tuple(_locate(file, refusal, lines) for refusal in refusals))
    return Intake(document=Document(file=file, lines=lines, root=root))


def _parse(text: str, *, pure_python: bool, limit_parts: int) -> tuple[DocumentNode | None, list[Located]]:
    """Return the root, or why there is none."""
    builder = Builder(limit_parts=limit_parts)
    quoted: Any = None
    try:
        for event in _events(text, pure_python=pure_python):
            if getattr(event, "style", None) in _QUOTES and event.end_mark.line > event.start_mark.line:
                quoted = event
            builder.take(event)
        builder.refuse_tabs(text)
    except Located as refusal:
        return None, [refusal]
    except Exception as error:  # noqa: BLE001 (the parser raises far more than YAMLError on hostile input)
        return None, [_problem(error, builder.last_mark, quoted)]
    if builder.refusals:
        return None, builder.refusals
    if builder.root is None:
        return None, [Located("BS012", "the file is empty", Mark(1, 1))]
    return builder.root, []


def parsed_events(text: str) -> Iterator[Any]:
    """Return the YAML parser's events of a text that `read_document` takes."""
    return _events(text, pure_python=bool(_PAIR.search(text)))


def _events(text: str, *, pure_python: bool) -> Iterator[Any]:
    import yaml  # deferred: only commands that read files pay for it

    fast = None if pure_python or not uses(Shortcut.LIBYAML) else getattr(yaml, "CSafeLoader", None)
    yield from yaml.parse(text, Loader=fast or _shallow_loader())


@cache
def _shallow_loader() -> Any:
    """Return Python's loader with the limit on depth in its scanner: that looks a thousand characters ahead of its events, and
    at each of them through all the brackets that are open."""
    import yaml  # deferred: only commands that read files pay for it

    class Shallow(yaml.SafeLoader):
        def fetch_flow_collection_start(self, kind: Any) -> None:
            if self.flow_level >= LIMIT_DEPTH:
                mark = self.get_mark()
                raise too_deep(Mark(mark.line + 1, mark.column + 1))
            super().fetch_flow_collection_start(kind)

    return Shallow


def _problem(error: Exception, last: Mark, quoted: Any) -> Located:
    """Return the mistake behind an error of the parser; `quoted` is the last quoted text that went over several lines."""
    noticed, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    if quoted is not None and noticed is not None and noticed.line == quoted.end_mark.line:
        # A quote that is not closed is closed by the next one, after which nothing fits.
        start = quoted.start_mark
        return Located("BS005", NOT_CLOSED, Mark(start.line + 1, start.column + 1))
    if noticed is None or (opened is not None and opened.line < noticed.line and is_left_open(error)):
        noticed = opened or noticed  # the end, where the parser missed the bracket or the quote, is not where it is missing
    place = Mark(noticed.line + 1, noticed.column + 1) if noticed is not None else last
    return Located("BS005", named_problem(error), place)


def _locate(file: str, refusal: Located, lines: list[str]) -> Diagnostic:
    mark = refusal.mark
    if mark.line > len(lines):
        mark = Mark(len(lines), len(lines[-1]) + 1)
    excerpt = lines[mark.line - 1]
    hint, summary, better = refusal.hint, refusal.summary, None
    if refusal.code == "BS005" and not hint:
        better = hint_for_line(lines, mark.line)
    elif refusal.code == "BS010":
        better = braces_remedy(lines, mark)
    if better is not None:
        summary = better.summary or summary
        hint, mark = better.hint, better.mark
        excerpt = lines[mark.line - 1]
    if refusal.code == "BS005" and not hint:
        hint = next_step(summary, lines, mark.line)
    return Diagnostic(
        code=refusal.code,
        severity=Severity.ERROR,
        summary=summary,
        position=Position(file, mark.line, mark.column),
        hint=hint,
        excerpt=excerpt,
    )


def _refuse(
    file: str, code: str, summary: str, *, mark: Mark | None = None, lines: list[str] | None = None, hint: str = ""
) -> Intake:
    return Intake(document=None, diagnostics=(_locate(file, Located(code, summary, mark or Mark(1, 1), hint), lines or [""]),))


def _mark_of(before: str) -> Mark:
    *earlier, last = _LINE_BREAK.split(before)
    return Mark(len(earlier) + 1, len(last) + 1)
