"""JSONata expressions: check them, list the variables they read, rename those variables.

Everything works on the syntax tree of `jsonata-python`, never on the text: strings, comments, quoted names, regular expressions
and names that a lambda or a `:=` binds are left alone. Step Functions implements JSONata 2.0.6 without `$eval`, refuses a bare
field name, `$` and `$$` at the top level, and does not know the later operators `??` and `?:` (source: the developer guide,
"Transforming data with JSONata"); `check` says so here, before AWS does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bunsui.asl.jsonata_parser import check_folding, parser_before, raw_tree
from bunsui.asl.scoping import Place, Problem, VariableUse, Walk

__all__ = [
    "FUNCTIONS",
    "Problem",
    "VariableUse",
    "check",
    "field_step",
    "problem",
    "problems",
    "rewrite",
    "string_literal",
    "variables",
]

FUNCTIONS = frozenset(
    {
        "abs",
        "append",
        "assert",
        "average",
        "base64decode",
        "base64encode",
        "boolean",
        "ceil",
        "clone",
        "contains",
        "count",
        "decodeUrl",
        "decodeUrlComponent",
        "distinct",
        "each",
        "encodeUrl",
        "encodeUrlComponent",
        "error",
        "exists",
        "filter",
        "floor",
        "formatBase",
        "formatInteger",
        "formatNumber",
        "fromMillis",
        "join",
        "keys",
        "length",
        "lookup",
        "lowercase",
        "map",
        "match",
        "max",
        "merge",
        "millis",
        "min",
        "not",
        "now",
        "number",
        "pad",
        "parseInteger",
        "power",
        "random",
        "reduce",
        "replace",
        "reverse",
        "round",
        "shuffle",
        "sift",
        "single",
        "sort",
        "split",
        "spread",
        "sqrt",
        "string",
        "substring",
        "substringAfter",
        "substringBefore",
        "sum",
        "toMillis",
        "trim",
        "type",
        "uppercase",
        "zip",
        "hash",
        "parse",
        "partition",
        "range",
        "uuid",
    }
)
"""The functions of JSONata 2.0.6 that Step Functions has, and its own; names without `$`."""

LIMIT_CHARACTERS = 32_768
"""Of an expression that somebody wrote: the library takes a second for so many. Those that are compiled may be longer, and Step
Functions has no limit but that of the definition."""


def check(text: str) -> str | None:
    """Give what is wrong with the expression, with its place; None when Step Functions would take it."""
    found = problem(text)
    return None if found is None else str(found)


def problem(text: str) -> Problem | None:
    """Give what is wrong with the expression and where; None when Step Functions would take it."""
    return _read(text).problem


def problems(text: str) -> tuple[Problem, ...]:
    """Give everything that is wrong with the expression, by position."""
    return _read(text).problems


def variables(text: str) -> tuple[VariableUse, ...]:
    """Give every use of a variable that the expression does not bind, by position; empty when it cannot be parsed."""
    return _read(text).uses


def rewrite(text: str, replace: Callable[[str], str | None]) -> str:
    """Give the expression with every free variable `$name` replaced by `replace(name)`, a text that can stand in its place;
    None leaves it. An expression that ends in a comment comes back in parentheses, since jsonata-python cannot read it bare.

    Raises:
        ValueError: the expression cannot be parsed.

    """
    found = _read(text)
    if not found.parsed:
        raise ValueError(str(found.problem))
    pieces: list[str] = []
    position = 0
    for use in found.uses:
        replacement = replace(use.name)
        if replacement is not None:
            pieces += [text[position : use.start], replacement]
            position = use.end
    renamed = "".join([*pieces, text[position:]])
    return f"({renamed})" if renamed.rstrip().endswith("*/") else renamed


def string_literal(text: str) -> str:
    """Give a JSONata string that evaluates to the text, in single quotes: it stands inside a JSON string, and reads better."""
    escaped = "".join(_ESCAPES.get(char, char if char >= " " else f"\\u{ord(char):04x}") for char in text)
    return f"'{escaped}'" if "'" not in text else '"' + escaped.replace('"', '\\"') + '"'


_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


def field_step(name: str) -> str:
    """Give the name as a path step, in backticks when it is not a plain word; ValueError when it holds a backtick."""
    if "`" in name:
        raise ValueError(f"a field name cannot hold a backtick: {name}")
    return name if _PLAIN_NAME.match(name) and name not in _KEYWORDS else f"`{name}`"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one parse gave."""

    parsed: bool
    uses: tuple[VariableUse, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def problem(self) -> Problem | None:
        """Give the first of the problems."""
        return self.problems[0] if self.problems else None


@lru_cache(maxsize=8192)
def _read(text: str) -> _Reading:
    # Deferred: importing the library takes about 45 ms, which `--help` should not pay.
    from jsonata import jexception, parser

    foreign = (jexception.JException, LookupError, AttributeError, TypeError, ValueError, NotImplementedError, re.error)
    # The line break is for a comment at the end, after which the tokenizer looks for one more character.
    reader = parser_before(text + "\n")
    walk = Walk(later_operators=(parser.Parser.InfixCoalesce, parser.Parser.InfixDefault))
    try:
        raw = raw_tree(reader)
        walk.visit(raw, Place())
        check_folding(reader, raw)
    except RecursionError:
        return _Reading(parsed=False, problems=(Problem(message="the expression is nested too deeply", offset=0),))
    except foreign as error:
        offset = min(int(getattr(error, "location", 0) or 0), len(text))
        return _Reading(parsed=False, problems=(Problem(message=_reason(error, reader), offset=max(offset - 1, 0)),))
    # `x ?? y` puts x into the tree twice, hence the dict.
    uses = tuple(sorted(dict.fromkeys(walk.uses), key=lambda use: use.start))
    return _Reading(parsed=True, uses=uses, problems=tuple(sorted(walk.problems, key=lambda p: p.offset)))


def _reason(error: Exception, tree: Any) -> str:
    if getattr(error, "error", None):
        return str(error).rstrip(".") or "syntax error"
    token = getattr(tree.node, "value", None) if getattr(tree, "node", None) is not None else None
    return f"syntax error near {token!r}" if token not in (None, "(end)") else "syntax error: the expression ends too early"
