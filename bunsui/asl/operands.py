"""What stands on the two sides of a comparison, followed through predicates, blocks, lambdas, with the names that they bind.

Works over the raw tree of `jsonata-python`. A path is told from the variable of the expression on which it begins: in
`$result.rows[n = '3']` the field `n` is `$result.rows.n`, and so is `$r.n` in
`$filter($result.rows, function($r) {$r.n = '3'})`, since a path goes over the members of a list by itself.

Source: JSONata documentation, "Path Operators", "Higher-order functions".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bunsui.asl.spans import SourceText, Span

Names = tuple[str, ...]
"""A variable without `$`, and the fields that are read of it."""

_ORDERS = frozenset({"<", "<=", ">", ">="})
_EQUALITIES = frozenset({"=", "!="})
COMPARING = _ORDERS | _EQUALITIES | {"in"}
_NUMERIC = frozenset({"+", "-", "*", "/", "%"})
_OF_RESULT = {
    **dict.fromkeys(
        ("abs", "average", "ceil", "count", "floor", "length", "max", "millis", "min", "number", "parseInteger", "power",
         "random", "round", "sqrt", "sum", "toMillis"),
        "number",
    ),
    **dict.fromkeys(
        ("base64decode", "base64encode", "decodeUrl", "decodeUrlComponent", "encodeUrl", "encodeUrlComponent", "formatBase",
         "formatInteger", "formatNumber", "fromMillis", "hash", "join", "lowercase", "now", "pad", "replace", "string",
         "substring", "substringAfter", "substringBefore", "trim", "type", "uppercase", "uuid"),
        "string",
    ),
    **dict.fromkeys(("boolean", "contains", "exists", "not"), "boolean"),
}  # fmt: skip
"""The type of what functions give, where that is always the same."""
_MEMBERS = {"distinct", "filter", "list", "reverse", "shuffle", "single", "sort"}
"""Functions that give members of their first argument."""
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "map": ("member", "index"),
    "filter": ("member", "index"),
    "single": ("member", "index"),
    "reduce": ("", "member", "index"),
    "sort": ("member", "member"),
    "each": ("", "key"),
    "sift": ("", "key"),
}
"""What functions hand to the lambda among their arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One comparison: on each side a path, or the JSONata type of what stands there; empty for what cannot be told."""

    operator: str
    left: Names | str
    right: Names | str
    spans: tuple[Span | None, Span | None] = (None, None)
    """Where the sides stand in the text; None where that cannot be told."""
    written: tuple[str, str] = ("", "")
    """The sides as they are written."""
    texts: tuple[str, ...] = ()
    """The texts that are written on one of the sides, or behind `in`."""
    members: tuple[bool, bool] = (False, False)
    """Whether a side stands behind `in` and is no list that is written out: its members are compared."""

    @property
    def is_order(self) -> bool:
        """Whether it fails by itself for a text beside a number, as `<` and its like do."""
        return self.operator in _ORDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """What is known of the value of a part of an expression."""

    names: Names = ()
    """The path that leads to it; empty when it is no path."""
    kind: str = ""
    """Its JSONata type; empty when it is not known."""
    is_member: bool = False
    """True for members of the list to which the path leads, rather than the list."""

    def member(self) -> Operand:
        """Return one member of it."""
        return Operand(names=self.names, is_member=True) if self.names else _UNKNOWN

    def of_field(self, name: str) -> Operand:
        """Return a field of it, or of each of its members."""
        return Operand(names=(*self.names, name)) if self.names else _UNKNOWN

    @property
    def side(self) -> Names | str:
        """What a comparison says of it."""
        return self.names if self.names and not self.is_member else self.kind


_UNKNOWN = Operand()


@dataclass(slots=True, kw_only=True)
class OperandReader:
    """Reads one expression."""

    source: SourceText
    compared: list[Compared] = field(default_factory=list)
    """The comparisons found so far, inner ones first."""
    fields: dict[Names, int] = field(default_factory=dict)
    """Paths that are read, with the offset of their last name."""
    texts_in_brackets: list[tuple[str, int]] = field(default_factory=list)
    """Predicates that are a text alone, with the offset of their bracket: true whatever the member is."""
    value: Operand = field(default_factory=lambda: _UNKNOWN)
    """What is known of the whole expression, once `read_whole` has been asked."""
    asks_parent: bool = False
    """Whether `%` stands in it, which counts the steps above it."""

    def read_whole(self, node: Any) -> None:
        """Read the whole expression."""
        self.value = self.read(node, {})

    def read(self, node: Any, frame: dict[str, Operand], context: Operand = _UNKNOWN) -> Operand:
        """Return what is known of the node's value. `frame` holds the names bound so far; `context` is what `$` means."""
        match node.type:
            case "string" | "number" | "value":
                return Operand(kind=_literal_kind(node))
            case "variable":
                return context if node.value == "" else frame.get(node.value) or self._free(node)
            case "name" | "operator":
                return self._field(context, str(node.value), node)
            case "binary":
                return self._binary(node, frame, context)
            case "block":
                return self._block(node, dict(frame), context)
            case "condition":
                return self._condition(node, frame, context)
            case "unary":
                return self._unary(node, frame, context)
            case "function" | "partial":
                return self._call(node, frame, context, ())
            case "lambda":
                self._lambda(node, frame, context, ())
            case "parent":
                self.asks_parent = True
        return _UNKNOWN

    def _block(self, node: Any, frame: dict[str, Operand], context: Operand) -> Operand:
        found = _UNKNOWN
        for part in node.expressions:
            found = self.read(part, frame, context)
        return found

    def _condition(self, node: Any, frame: dict[str, Operand], context: Operand) -> Operand:
        parts = (node.condition, node.then, node._else)  # noqa: SLF001 - the library has no other name for it
        _, *ways = [self.read(part, frame, context) for part in parts if part is not None]
        kinds = {way.kind for way in ways}
        return Operand(kind=kinds.pop()) if len(kinds) == 1 else _UNKNOWN

    def _free(self, node: Any) -> Operand:
        return Operand(names=(node.value,)) if node.value != "$" else _UNKNOWN

    def _field(self, of: Operand, name: str, node: Any) -> Operand:
        found = of.of_field(name)
        if found.names:
            self.fields.setdefault(found.names, max(node.position - len(name), 0))
        return found

    def _all(self, nodes: Iterable[Any], frame: dict[str, Operand], context: Operand) -> None:
        for node in nodes:
            self.read(node, frame, context)

    def _unary(self, node: Any, frame: dict[str, Operand], context: Operand) -> Operand:
        if node.value == "[":
            self._all(node.expressions, frame, context)
            return Operand(kind="array")
        if node.value == "{":
            for pair in node.lhs_object:
                self._all(pair, frame, context)
            return Operand(kind="object")
        self.read(node.expression, frame, context)
        return Operand(kind="number")

    def _binary(self, node: Any, frame: dict[str, Operand], context: Operand) -> Operand:
        match node.value:
            case ".":
                left = self.read(node.lhs, frame, context)
                if node.rhs.type == "string":
                    return self._field(left, str(node.rhs.value), node.rhs)
                return self.read(node.rhs, frame, left.member())
            case "[" | "^" | "{":
                return self._predicate(node, frame, context)
            case "@" | "#":
                left = self.read(node.lhs, frame, context)
                frame[node.rhs.value] = left.member() if node.value == "@" else Operand(kind="number")
                return left
            case ":=":
                frame[node.lhs.value] = _UNKNOWN  # a function may call itself
                frame[node.lhs.value] = found = self.read(node.rhs, frame, context)
                return found
            case "~>":
                return self._chain(node, frame, context)
            case operator if operator in COMPARING:
                return self._comparison(node, frame, context)
        self._all((node.lhs, node.rhs), frame, context)
        if node.value in ("and", "or"):
            return Operand(kind="boolean")
        return Operand(kind="string" if node.value == "&" else "number") if node.value in {*_NUMERIC, "&"} else _UNKNOWN

    def _predicate(self, node: Any, frame: dict[str, Operand], context: Operand) -> Operand:
        left = self.read(node.lhs, frame, context)
        if node.value == "[":
            if node.rhs.type == "string" and "`" not in node.rhs.value:
                self.texts_in_brackets.append((str(node.rhs.value), node.position - 1))
            self.read(node.rhs, frame, left.member())
            return left.member()
        if node.value == "^":
            self._all((term.expression for term in node.rhs_terms), frame, left.member())
            return left.member()
        for pair in node.rhs_object:
            self._all(pair, frame, left.member())
        return _UNKNOWN

    def _chain(self, node: Any, frame: dict[str, Operand], context: Operand) -> Operand:
        """`x ~> $f(y)` is `$f(x, y)`."""
        left = self.read(node.lhs, frame, context)
        if node.rhs.type in ("function", "partial"):
            return self._call(node.rhs, frame, context, (left,))
        if node.rhs.type == "variable" and node.rhs.value not in frame:
            return _result_of(str(node.rhs.value), (left,))
        if node.rhs.type == "lambda":
            self._lambda(node.rhs, frame, context, (left,))
        return _UNKNOWN

    def _call(self, node: Any, frame: dict[str, Operand], context: Operand, before: tuple[Operand, ...]) -> Operand:
        procedure = node.procedure
        name = str(procedure.value) if procedure.type == "variable" and procedure.value not in frame else ""
        if not name:
            self.read(procedure, frame, context)
        arguments = list(before)
        for argument in node.arguments:
            if argument.type == "lambda":
                first = arguments[0] if arguments else _UNKNOWN
                self._lambda(argument, frame, context, [_argument_of(role, first) for role in _ARGUMENTS.get(name, ())])
                arguments.append(_UNKNOWN)
            else:
                arguments.append(self.read(argument, frame, context))
        return _result_of(name, arguments) if node.type == "function" else _UNKNOWN

    def _lambda(self, node: Any, frame: dict[str, Operand], context: Operand, handed: Sequence[Operand]) -> None:
        bound = {argument.value: _UNKNOWN for argument in node.arguments}
        bound |= {argument.value: given for argument, given in zip(node.arguments, handed, strict=False)}
        self.read(node.body, {**frame, **bound}, context)

    def _comparison(self, node: Any, frame: dict[str, Operand], context: Operand) -> Operand:
        left = self.read(node.lhs, frame, context)
        listed = _inside(node.rhs)
        if node.value == "in" and listed.type == "unary" and listed.value == "[":
            sides = {self.read(member, frame, context).side for member in listed.expressions}
            right = sides.pop() if len(sides) == 1 else ""
            texts = tuple(text for member in listed.expressions for text in _texts(member))
            is_members = isinstance(right, tuple) or not right
        else:
            right, is_members = self.read(node.rhs, frame, context).side, node.value == "in"
            texts = () if node.value == "in" else (*_texts(node.lhs), *_texts(node.rhs))
        spans = (self.source.span(node.lhs), self.source.span(node.rhs))
        self.compared.append(
            Compared(
                operator=node.value,
                left=left.side,
                right=right,
                spans=spans,
                written=(self._source_of(spans[0]), self._source_of(spans[1])),
                texts=texts,
                members=(False, is_members),
            )
        )
        return Operand(kind="boolean")

    def _source_of(self, span: Span | None) -> str:
        return "" if span is None else " ".join(self.source.cut_out(span).split())


def _argument_of(role: str, first: Operand) -> Operand:
    if role == "member":
        return first.member()
    return Operand(kind={"index": "number", "key": "string"}.get(role, ""))


def _result_of(function: str, arguments: Sequence[Operand]) -> Operand:
    if function in _MEMBERS and arguments:
        return arguments[0].member()
    return Operand(kind=_OF_RESULT.get(function, ""))


def _literal_kind(node: Any) -> str:
    if node.type == "value":
        return "null" if node.value is None else "boolean"
    return str(node.type)


def _texts(node: Any) -> tuple[str, ...]:
    node = _inside(node)
    return (str(node.value),) if node.type == "string" else ()


def _inside(node: Any) -> Any:
    while node.type == "block" and len(node.expressions) == 1:
        node = node.expressions[0]
    return node
