"""Mistakes that people really make in YAML, recognised in the text of a line, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bunsui.asl.expressions import problem
from bunsui.document.expression_hints import quoted, rewritten
from bunsui.document.yaml.tree import Mark


class Remedy(NamedTuple):
    """What to do about a line, and where."""

    hint: str
    mark: Mark
    summary: str = ""
    """What is wrong, where the parser's own words are about something else."""


_BACKSLASH = "Write ' around an expression with a backslash, or the backslash twice"
_SINGLE = "Write \" around the expression, and ' around the texts in it"
_DOUBLE = "Write ' around texts in the expression, or \\\" for each: the quote ends the whole text"
_JINJA = "Braces twice are another tool's: an expression stands in quotes between {% and %}"
_PASTED = (_BACKSLASH, _SINGLE, _DOUBLE, _JINJA)
"""Remedies that go on with the value as it should be written."""

_SUMMARIES = {
    _SINGLE: "not valid YAML: a quote inside the expression ends the quoted text",
    _DOUBLE: "not valid YAML: a quote inside the expression ends the quoted text",
    _JINJA: "not valid YAML: a value cannot begin with two braces",
}

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^[ ]*(\t)"), "Indent with spaces: YAML takes no tabs."),
    (re.compile(r"(?::[ ]+|-[ ]+|[\[,][ ]*)(\$?\{\{)"), _JINJA),
    (re.compile(r"(?::[ ]+|-[ ]+|[\[{,][ ]*)(\{%)"), 'Quote the expression: "{% … %}".'),
    (re.compile(r"[\[{,:][ ]*(\$\{)"), 'Quote the placeholder: "${…}".'),
    (re.compile(r"(：)"), "Write an ASCII colon and a space (`: `): `：` is a full-width colon."),
    (re.compile(r"(　)"), "Write ASCII spaces: there is a full-width space (U+3000)."),
    (re.compile(r"(\u00a0)"), "Write ASCII spaces: there is a no-break space (U+00A0)."),
    (re.compile(r"([“”‘’])"), "Write straight quotes (\" or '): there are typographic ones."),
    (re.compile(r"([，、])"), "Write an ASCII comma: there is a full-width one."),
    (re.compile(r":[ ]+(@|`)"), "Quote the text: a scalar cannot begin with this character."),
    (
        re.compile(r"^[ ]*(?:- +)*[^\s:{\[\"'#-][^:{\[\"']*:[ ]+[^\"'\[{#|>][^#\"']*?(:)(?: |$)"),
        "Quote the text: it holds a colon and a space.",
    ),
    (re.compile(r'(?:^|[:,\[{-][ ]+)("\{%(?:[^"\\]|\\["\\/abefnrtv0 ])*\\[^"\\/abefnrtv0xuUNLP_ ])'), _BACKSLASH),
    (
        re.compile(r"(?:^|[:,\[{-][ ]+)('\{%(?:[^']|'')*'(?!\s*(?:$|[,}\]#])))"),
        _SINGLE,
    ),
    (
        re.compile(r'(?:^|[:,\[{-][ ]+)("\{%(?:[^"\\]|\\.)*"(?!\s*(?:$|[,}\]#])))'),
        _DOUBLE,
    ),
)

_LOOK_BACK = 2
_LONG = 1_000
"""Characters of a line that are looked at: nobody writes longer ones by hand, and some patterns take a square of the length."""


def hint_for_line(lines: Sequence[str], number: int) -> Remedy | None:
    """Return the remedy for the line (counted from 1), or for one of the two before it, where a parser notices late."""
    for candidate in range(number, max(0, number - _LOOK_BACK - 1), -1):
        if candidate > len(lines):
            continue
        for pattern, hint in _PATTERNS:
            line = _without_comment(lines[candidate - 1][:_LONG])
            match = pattern.search(line)
            if match:
                mark = Mark(candidate, match.start(1) + 1)
                return Remedy(_paste_value(hint, line, match.start(1)), mark, _SUMMARIES.get(hint, ""))
    return None


def braces_remedy(lines: Sequence[str], mark: Mark) -> Remedy | None:
    """Return the remedy for another tool's expression without quotes, which YAML reads as a mapping for a key."""
    line = lines[mark.line - 1][:_LONG] if mark.line <= len(lines) else ""
    start = next((at for at in (mark.column - 2, mark.column - 1) if line.startswith("{{", max(at, 0))), None)
    if start is None:
        return None
    return Remedy(_paste_value(_JINJA, line, start), Mark(mark.line, start + 1), _SUMMARIES[_JINJA])


def _paste_value(hint: str, line: str, start: int) -> str:
    """Return the remedy with the value of the line as it should be written, where that is one expression."""
    if hint not in _PASTED:
        return hint
    rest = line[start:]
    if hint is _JINJA:
        braces = re.match(r"\$?\{\{[^{}]*\}\}", rest)
        meant = rewritten(braces.group()) if braces else ""
        return f"{hint}: {meant}" if meant else f"{hint}."
    end = rest.rfind("%}") + 2
    if end < 2 or rest[end : end + 1] != rest[0] or rest.count("{%") > 1:
        return f"{hint}."
    inner = rest[3 : end - 2].strip()
    if hint is _BACKSLASH:
        mended = inner.replace('\\"', '"')
    else:
        mended = inner.replace("''", "'") if hint is _SINGLE else _SIMPLE.sub(r"'\1'", inner)
    return f"{hint}: {quoted(mended)}" if problem(mended) is None else f"{hint}."


_SIMPLE = re.compile(r"\"([^\"'\\]*)\"")


def hint_for_text(text: str) -> str:
    """Return the remedy for a text that stands where a structure was expected; empty when there is none."""
    for pattern, hint in _PATTERNS[4:9]:
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


_NEXT_STEPS = {
    "a list in brackets is not closed, or lacks a comma": "Close it with ], or put a comma between its entries.",
    "a mapping in braces is not closed, or lacks a comma": "Close it with }, or put a comma between its entries.",
    "a quoted text is not closed": "Close it with the quote that it begins with.",
    "a key without a colon": "Write a colon and a space behind the key.",
    "a list entry where none can be": "Indent it as the entries beside it, below the key that it belongs to.",
}


def next_step(summary: str, lines: Sequence[str], number: int) -> str:
    """Return what to do about a problem that no pattern explains, for the line that is counted from 1; empty when unknown."""
    problem = summary.removeprefix("not valid YAML: ")
    if problem in ("the indentation does not fit the lines above", "a colon where no key can be"):
        depth = _indentation(lines[number - 1]) if 0 < number <= len(lines) else 0
        above = [line for line in lines[: number - 1] if line.strip() and not line.lstrip().startswith("#")]
        depths = sorted({_indentation(line) for line in above[-20:]}, key=lambda other: (abs(other - depth), other))
        return f"Indent the line by {depths[0]} spaces, as those beside it, or quote a text with a colon." if depths else ""
    return _NEXT_STEPS.get(problem, "")


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


NOT_CLOSED = "not valid YAML: a quoted text is not closed"
_LEFT_OPEN = ("flow sequence", "flow mapping", "quoted scalar", "simple key")


def is_left_open(error: Exception) -> bool:
    """Tell whether an error of the YAML parser is about a bracket, a quote or a key that is not ended."""
    context = str(getattr(error, "context", None) or "")
    return any(part in context for part in _LEFT_OPEN)


def named_problem(error: Exception) -> str:
    """Return one sentence for an error of the YAML parser, the same whether libyaml or Python found it."""
    problem = str(getattr(error, "problem", None) or "")
    for part, summary in _NAMED:
        if part in problem:
            return f"not valid YAML: {summary}"
    return "not valid YAML"
