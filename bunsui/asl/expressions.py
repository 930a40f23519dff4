"""JSONata expressions: check them, list the variables they read, rename those variables.

Everything works on the syntax tree of `jsonata-python`, never on the text: strings, comments, quoted names, regular expressions
and names that a lambda or a `:=` binds are left alone. Step Functions implements JSONata 2.0.6 without `$eval`, refuses a bare
field name, `$` and `$$` at the top level, and does not know the later operators `??` and `?:` (source: the developer guide,
"Transforming data with JSONata"); `check` says so here, before AWS does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bunsui.asl.beginnings import beginning, constant_parts
from bunsui.asl.calculations import Calculated, calculations
from bunsui.asl.comparing import Edit, TypeTests
from bunsui.asl.item_forms import ListForm, empty_value, is_truth, list_form
from bunsui.asl.item_forms import gives_lists as gives_lists_by_form
from bunsui.asl.jsonata_parser import check_folding, later_operators, parse_errors, parser_before, raw_tree
from bunsui.asl.operands import Compared, Names, OperandReader
from bunsui.asl.scoping import ScopePlace, ScopeProblem, VariableUse, Walk
from bunsui.asl.sequences import is_operand, sequence_of
from bunsui.asl.spans import SourceText

__all__ = [
    "FUNCTIONS",
    "LIST",
    "Compared",
    "ListForm",
    "ScopeProblem",
    "VariableUse",
    "calculated",
    "check",
    "compared",
    "empty_of",
    "field_step",
    "fields_read",
    "form_of",
    "gives_lists",
    "gives_truth",
    "operand",
    "problem",
    "problems",
    "rewrite",
    "sequence_over",
    "string_literal",
    "texts_in_brackets",
    "value_of",
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

LIST = "list"
"""The function that bunsui adds: `$list(x)` is the list of what x gives, of any number. Step Functions never sees it."""
_AS_FUNCTION = "function($value) { $append([], $value) }"

LIMIT_CHARACTERS = 32_768
"""Of an expression that somebody wrote: the library takes a second for so many. Those that are compiled may be longer, and Step
Functions has no limit but that of the definition."""


def check(text: str) -> str | None:
    """Return what is wrong with the expression, with its place; None when Step Functions would take it."""
    found = problem(text)
    return None if found is None else str(found)


def problem(text: str) -> ScopeProblem | None:
    """Return what is wrong with the expression and where; None when Step Functions would take it."""
    return _read(text).problem


def problems(text: str) -> tuple[ScopeProblem, ...]:
    """Return everything that is wrong with the expression, by position."""
    return _read(text).problems


def variables(text: str) -> tuple[VariableUse, ...]:
    """Return every use of a variable that the expression does not bind, by position; empty when it cannot be parsed."""
    return _read(text).uses


def rewrite(
    text: str, replace: Callable[[str], str | None], *, type_error: str = "", known: frozenset[Names] = frozenset()
) -> str:
    """Return the expression with every free variable `$name` replaced by `replace(name)`, a text that can stand in its place;
    None leaves it. An expression that ends in a comment comes back in parentheses, since jsonata-python cannot read it bare.
    With `type_error`, the name of an error, it throws that where a text meets a number (`bunsui.asl.comparing`); `known` are
    paths whose types need no test.

    Raises:
        ValueError: the expression cannot be parsed.

    """
    found = _read(text)
    if not found.parsed:
        raise ValueError(str(found.problem))
    edits: list[tuple[int, int, str]] = list(_type_tests(found, type_error, known))
    for use in found.uses:
        replacement = replace(use.name)
        end = use.end
        if replacement is None and use.name == LIST:
            replacement, end = _listing(text, use)
        if replacement is not None:
            edits.append((use.start, end, replacement))
    pieces: list[str] = []
    position = 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [text[position:start], new]
        position = end
    renamed = "".join([*pieces, text[position:]])
    return f"({renamed})" if renamed.rstrip().endswith("*/") else renamed


def _type_tests(found: _Reading, type_error: str, known: frozenset[Names]) -> tuple[Edit, ...]:
    """Return the tests that let a text beside a number throw; none where the expression asks for types by itself, or counts
    steps."""
    if not type_error or found.asks_parent or any(use.called and use.name == "type" for use in found.uses):
        return ()

    def error(words: str) -> str:
        return f"$error({string_literal(f'{type_error}: {words}')})"

    return tuple(TypeTests(error=error, taken=found.taken, known=known).edits(found.compared))


_VARIABLE = re.compile(r"\$(\w+)")
_ARGUMENT = re.compile(r"\s*\((?!\s*\))")


def _listing(text: str, use: VariableUse) -> tuple[str, int]:
    """Return what stands for `$list`, and where the text goes on: `$list(x)` is `$append([], x)`."""
    opened = _ARGUMENT.match(text, use.end) if use.called else None
    return (_AS_FUNCTION, use.end) if opened is None else ("$append([], ", opened.end())


def operand(
    text: str, replace: Callable[[str], str | None], *, type_error: str = "", known: frozenset[Names] = frozenset()
) -> str:
    """Return the expression with its variables replaced as `rewrite` does, in a form that means the same beside any operator
    and as any argument: in parentheses unless it is a path, a literal or a call. Parentheses also keep in what `:=` binds.

    Raises:
        ValueError: the expression cannot be parsed.

    """
    renamed = rewrite(text, replace, type_error=type_error, known=known)
    return renamed if _read(text).is_operand else f"({renamed})"


def sequence_over(text: str) -> str | None:
    """Return the variable whose list the expression goes over, such as `result` for `$result.output`: for two members it gives
    a list, but JSONata makes one member of a list of one, and nothing of none. None when it gives something else."""
    return _read(text).sequence


def form_of(text: str) -> ListForm:
    """Return how the expression comes to a list."""
    return _read(text).form


def compared(text: str) -> tuple[Compared, ...]:
    """Return the comparisons of the expression, in predicates, blocks and functions too."""
    return _read(text).compared


def calculated(text: str) -> tuple[Calculated, ...]:
    """Return what the expression calculates with and hands to functions, as far as it can be told."""
    return _read(text).calculated


def fields_read(text: str) -> Mapping[Names, int]:
    """Return the paths that the expression reads, also in predicates and of names that it binds, with the offset of their last
    field."""
    return _read(text).fields


def texts_in_brackets(text: str) -> tuple[tuple[str, int], ...]:
    """Return the predicates of the expression that are a text alone, as in `$x['name']`, with the offsets of their brackets."""
    return _read(text).brackets


def value_of(text: str) -> Names | str:
    """Return the path that the expression is, or the JSONata type of what it gives; empty when neither is known."""
    return _read(text).value


def gives_lists(text: str) -> bool:
    """Tell whether each member of what the expression gives is a list by its form."""
    return _read(text).gives_lists


def gives_truth(text: str) -> bool:
    """Tell whether the expression gives true or false whatever the data is."""
    return _read(text).is_truth


def empty_of(text: str) -> str:
    """Return, as JSONata, what a sum or a joined text is of nothing; empty for any other expression."""
    return _read(text).empty


def beginning_of(text: str) -> str:
    """Return the text with which whatever the expression gives begins, such as `in/` for `'in/' & $params.day`; empty when
    nothing is known of it."""
    return _read(text).beginning


def parts_of(text: str) -> tuple[str | None, ...]:
    """Return the text that the expression gives in parts, None for what only the run knows; `(None,)` when nothing is known."""
    return _read(text).parts


def string_literal(text: str) -> str:
    """Return a JSONata string that evaluates to the text, in single quotes: it stands inside a JSON string, and reads
    better."""
    escaped = "".join(_ESCAPES.get(char, char if char >= " " else f"\\u{ord(char):04x}") for char in text)
    return f"'{escaped}'" if "'" not in text else '"' + escaped.replace('"', '\\"') + '"'


_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYWORDS = frozenset({"and", "or", "in", "true", "false", "null", "function"})


def field_step(name: str) -> str:
    """Return the name as a path step, in backticks when it is not a plain word; ValueError when it holds a backtick."""
    if "`" in name:
        raise ValueError(f"a field name cannot hold a backtick: {name}")
    return name if _PLAIN_NAME.match(name) and name not in _KEYWORDS else f"`{name}`"


_NO_FORM = ListForm(kind="other")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one parse gave."""

    parsed: bool
    uses: tuple[VariableUse, ...] = ()
    problems: tuple[ScopeProblem, ...] = ()
    is_operand: bool = False
    """Whether it can stand beside an operator without parentheses."""
    sequence: str | None = None
    """The variable over whose list it goes."""
    form: ListForm = _NO_FORM
    compared: tuple[Compared, ...] = ()
    calculated: tuple[Calculated, ...] = ()
    fields: Mapping[Names, int] = field(default_factory=dict)
    brackets: tuple[tuple[str, int], ...] = ()
    value: Names | str = ""
    asks_parent: bool = False
    taken: frozenset[str] = frozenset()
    """Every name of a variable that stands in it."""
    is_truth: bool = False
    gives_lists: bool = False
    empty: str = ""
    beginning: str = ""
    parts: tuple[str | None, ...] = (None,)

    @property
    def problem(self) -> ScopeProblem | None:
        """Return the first of the problems."""
        return self.problems[0] if self.problems else None


@lru_cache(maxsize=8192)
def _read(text: str) -> _Reading:
    # The line break is for a comment at the end, after which the tokenizer looks for one more character.
    reader = parser_before(text + "\n")
    walk = Walk(later_operators=later_operators())
    try:
        raw = raw_tree(reader)
        walk.visit(raw, ScopePlace())
        # Asked before the tree is folded, which changes it.
        stands, sequence = is_operand(raw), sequence_of(raw)
        begins, parts = beginning(raw), constant_parts(raw)
        form, truth, empty, lists = list_form(raw), is_truth(raw), empty_value(raw), gives_lists_by_form(raw)
        operands = OperandReader(source=SourceText(text=text, closed=reader.lexer.closed))
        operands.read_whole(raw)
        sums = tuple(calculations(raw))
        check_folding(reader, raw)
    except RecursionError:
        return _Reading(parsed=False, problems=(ScopeProblem(message="the expression is nested too deeply", offset=0),))
    except parse_errors() as error:
        offset = min(int(getattr(error, "location", 0) or 0), len(text))
        return _Reading(parsed=False, problems=(ScopeProblem(message=_reason(error, reader), offset=max(offset - 1, 0)),))
    # `x ?? y` puts x into the tree twice, hence the dict.
    uses = tuple(sorted(dict.fromkeys(walk.uses), key=lambda use: use.start))
    problems = tuple(sorted(walk.problems, key=lambda p: p.offset))
    return _Reading(
        parsed=True,
        uses=uses,
        problems=problems,
        is_operand=stands,
        sequence=sequence,
        form=form,
        is_truth=truth,
        gives_lists=lists,
        empty=empty,
        beginning=begins,
        parts=parts,
        compared=tuple(operands.compared),
        calculated=sums,
        fields=operands.fields,
        brackets=tuple(operands.texts_in_brackets),
        value=operands.value.side,
        asks_parent=operands.asks_parent,
        taken=frozenset(_VARIABLE.findall(text)),
    )


def _reason(error: Exception, tree: Any) -> str:
    if getattr(error, "error", None):
        return str(error).rstrip(".") or "syntax error"
    token = getattr(tree.node, "value", None) if getattr(tree, "node", None) is not None else None
    return f"syntax error near {token!r}" if token not in (None, "(end)") else "syntax error: the expression ends too early"
