"""YAML with colours, line by line: keys, comments, texts, numbers, expressions told apart, whether it is valid or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bunsui.view.spans import Line, Role, Span, line, span

_TOKEN = re.compile(
    r"""
    (?P<comment>(?:(?<=\s)|^)\#.*$)
  | (?P<expression>\{%.*?%\}|\$\{[^}]*\})
  | (?P<key>(?:[A-Za-z_$][\w.$/-]*|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?=\s*:(?:\s|$)))
  | (?P<text>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)
  | (?P<word>(?:true|false|null|yes|no|~)(?=[\s,\]}]|$))
  | (?P<number>-?\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?(?:(?:ms|[smhdw])(?:\s?\d+[smhdw])*)?(?=[\s,\]}]|$))
  | (?P<mark>[\[\]{},:]|(?<![^\s])[-|>?](?=\s|$))
  | (?P<rest>[\w.*/@%$-]+|\s+|.)
    """,
    re.VERBOSE,
)
_ROLES = {
    "comment": Role.MUTED,
    "expression": Role.LINK,
    "key": Role.NAME,
    "text": Role.AFTER,
    "word": Role.UPDATE,
    "number": Role.UPDATE,
    "mark": Role.MUTED,
    "rest": Role.TEXT,
}


def yaml_lines(text: str) -> tuple[Line, ...]:
    """Return the lines with colours; an expression over several lines is one to its end."""
    found: list[Line] = []
    is_inside = False
    for item in text.expandtabs(2).split("\n"):
        spans, is_inside = _line_spans(item, is_inside=is_inside)
        found.append(line(*_merge_spans(spans)))
    if found and not found[-1].parts:
        found.pop()
    return tuple(found)


def _line_spans(text: str, *, is_inside: bool) -> tuple[list[tuple[str, Role]], bool]:
    """Return the pieces of a line, and whether it ends inside an expression."""
    spans: list[tuple[str, Role]] = []
    if is_inside:
        inner, closing, text = text.partition("%}")
        quote = text[: 1 if text.startswith(("'", '"')) else 0]
        text = text[len(quote) :]
        spans.append((inner + closing + quote, Role.LINK))
        if not closing:
            return spans, True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "rest"
        if kind in ("mark", "rest", "text") and text.startswith("{%", match.start()):
            return [*spans, (text[match.start() :], Role.LINK)], True
        if kind == "text" and "{%" in match.group() and "%}" not in match.group():
            return [*spans, (text[match.start() :], Role.LINK)], True
        role = Role.LINK if kind == "text" and "{%" in match.group() else _ROLES[kind]
        spans.append((match.group(), role))
    return spans, False


def _merge_spans(pieces: list[tuple[str, Role]]) -> Iterator[Span]:
    """Return neighbours of one role as one span."""
    text, role = "", Role.TEXT
    for piece, own in pieces:
        if own is not role and text:
            yield span(text, role)
            text = ""
        text, role = text + piece, own
    if text:
        yield span(text, role)
