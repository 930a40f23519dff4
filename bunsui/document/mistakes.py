"""Mistakes that people really make in YAML, recognised in the text of a line, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bunsui.document.tree import Mark


class Remedy(NamedTuple):
    """What to do about a line, and where."""

    hint: str
    mark: Mark


_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^[ ]*(\t)"), "Indent with spaces: YAML takes no tabs."),
    (re.compile(r"(?::[ ]+|-[ ]+|[\[{,][ ]*)(\{%)"), 'Quote the expression: "{% … %}".'),
    (re.compile(r"[\[{,:][ ]*(\$\{)"), 'Quote the placeholder: "${…}".'),
    (re.compile(r"(：)"), "Write an ASCII colon and a space (`: `): `：` is a full-width colon."),
    (re.compile(r"(　)"), "Write ASCII spaces: there is a full-width space (U+3000)."),
    (re.compile(r"(\u00a0)"), "Write ASCII spaces: there is a no-break space (U+00A0)."),
    (re.compile(r"([“”‘’])"), "Write straight quotes (\" or '): there are typographic ones."),
    (re.compile(r"([，、])"), "Write an ASCII comma: there is a full-width one."),
    (re.compile(r":[ ]+(@|`)"), "Quote the text: a scalar cannot begin with this character."),
    (re.compile(r":[ ]+[^\"'\[{#|>][^#\"']*?(:)(?: |$)"), "Quote the text: it holds a colon and a space."),
)

_LOOK_BACK = 2
_LONG = 1_000
"""Characters of a line that are looked at: nobody writes longer ones by hand, and some patterns take a square of the length."""


def hint_for_line(lines: Sequence[str], number: int) -> Remedy | None:
    """Give the remedy for the line (counted from 1), or for one of the two before it, where a parser notices late."""
    for candidate in range(number, max(0, number - _LOOK_BACK - 1), -1):
        if candidate > len(lines):
            continue
        for pattern, hint in _PATTERNS:
            match = pattern.search(_without_comment(lines[candidate - 1][:_LONG]))
            if match:
                return Remedy(hint, Mark(candidate, match.start(1) + 1))
    return None


def hint_for_text(text: str) -> str:
    """Give the remedy for a text that stands where a structure was expected; empty when there is none."""
    for pattern, hint in _PATTERNS[3:8]:
        if pattern.search(text):
            return hint
    return ""


def _without_comment(line: str) -> str:
    return line.split(" #", 1)[0] if not line.lstrip().startswith("#") else ""


_NAMED: tuple[tuple[str, str], ...] = (
    ("could not find expected ':'", "a key without a colon"),
    ("mapping values are not allowed", "a colon where no key can be"),
    ("block end", "the indentation does not fit the lines above"),
    ("block mapping", "the indentation does not fit the lines above"),
    ("block collection", "the indentation does not fit the lines above"),
    ("'-' indicator", "a list entry where none can be"),
    ("sequence entries are not allowed", "a list entry where none can be"),
    ("cannot start any token", "a character that cannot begin a value"),
    ("',' or ']'", "a list in brackets is not closed, or lacks a comma"),
    ("',' or '}'", "a mapping in braces is not closed, or lacks a comma"),
    ("end of stream", "a quoted text is not closed"),
    ("document indicator", "a quoted text is not closed"),
    ("escape character", "an unknown escape in a double-quoted text"),
    ("escape sequence", "an unknown escape in a double-quoted text"),
    ("escape code", "an escape that stands for no character"),
    ("hexadecimal", "an escape without its hexadecimal digits"),
    ("expected '<document start>'", "text after the end of the document"),
    ("document start", "text after the end of the document"),
    ("alias", "an alias or anchor without a name"),
    ("anchor", "an alias or anchor without a name"),
    ("directive", "a YAML directive that is not understood"),
    ("tag", "a tag that is not understood"),
)


def named_problem(error: Exception) -> str:
    """Give one sentence for an error of the YAML parser, the same whether libyaml or Python found it."""
    problem = str(getattr(error, "problem", None) or "")
    for part, summary in _NAMED:
        if part in problem:
            return f"not valid YAML: {summary}"
    return "not valid YAML"
