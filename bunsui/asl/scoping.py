"""Which variables an expression reads, by the scoping rules of JSONata, over the raw tree of `jsonata-python`.

Raw means before the library folds paths and operators into each other: there every token still has its own node, whose
`position` is the offset after the token.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from bunsui.asl.item_forms import plain_path


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableUse:
    """One place where an expression reads a variable that it does not bind itself."""

    name: str
    """Without `$`. A function called by name is a variable too; see `called`."""
    path: tuple[str, ...]
    """The field steps that follow literally: `$jobs.extract.files[0]` gives `("extract", "files")`."""
    start: int
    """Offset of the `$`."""
    end: int
    """Offset after the name."""
    guarded: bool
    """True when the place is only reached if the value exists: inside `$exists(...)`, or behind such a test; or when it stands
    in for the output of another job that does not, as in `$exists($jobs.a.x) ? $jobs.a.x : $jobs.b.x`."""
    called: bool
    """True for `$name(...)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeProblem:
    """Why Step Functions would refuse an expression."""

    message: str
    """Without a final full stop."""
    offset: int
    """Where, counted in characters from 0."""
    kind: Literal["syntax", "reference", "function"] = "syntax"
    """What is wrong: the text cannot be parsed, a name is read that stands for nothing, or a function is not there (which
    Step Functions says only when the expression runs)."""
    subject: str = ""
    """The name that is read, such as `$$` or `phone`."""

    def __str__(self) -> str:
        """Return the message with the place, counted from 1."""
        return f"{self.message} (at character {self.offset + 1})"


_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePlace:
    """Where in the expression the walk stands."""

    frame: set[str] = field(default_factory=set)
    """Names bound by `:=` and lambda parameters so far; shared, and growing, within one block."""
    steps: frozenset[str] = frozenset()
    """Names bound by `@` and `#` earlier in the same path."""
    tail: _Path = ()
    """Field steps that follow."""
    top: bool = True
    """True while no path or predicate has given a context of its own."""
    exists: bool = False
    """True inside `$exists(...)`."""
    guards: frozenset[_Path] = frozenset()
    """Variables with their paths that are known to exist here."""
    instead: frozenset[str] = frozenset()
    """Jobs whose outputs were looked for and are not there; see `_stands_in`."""
    called: bool = False

    def but(self, **changes: Any) -> ScopePlace:
        """Return this place with changes; what belongs to one node only (tail, called) is reset."""
        values: dict[str, Any] = {
            "frame": self.frame, "steps": self.steps, "top": self.top, "exists": self.exists, "guards": self.guards,
            "instead": self.instead,
        }  # fmt: skip
        return ScopePlace(**{**values, **changes})


@dataclass(slots=True, kw_only=True)
class Walk:
    """Collects uses and problems over the raw tree."""

    later_operators: tuple[Any, ...]
    """The node classes of operators that came after JSONata 2.0.6."""
    uses: list[VariableUse] = field(default_factory=list)
    problems: list[ScopeProblem] = field(default_factory=list)

    def visit(self, node: Any, place: ScopePlace) -> frozenset[str]:
        """Visit a node; give the names that it binds for later steps of the same path."""
        match node.type:
            case "variable":
                self._variable(node, place)
            case "name" | "operator" if node.value != "?":  # `and`, `or` and `in` may be field names
                self._name(node, place)
            case "binary":
                return self._binary(node, place)
            case "function" | "partial":
                self._call(node, place)
            case "lambda":
                self.visit(node.body, place.but(frame=place.frame | {argument.value for argument in node.arguments}))
            case "condition":
                self._condition(node, place)
            case "block":
                self._parts(node.expressions, place.but(frame=set(place.frame)))
            case "transform":
                self._parts((part for part in (node.pattern, node.update, node.delete) if part), place.but(top=False))
            case "unary":
                self._parts(_unary_parts(node), place.but())
            case _:
                pass  # literals, wildcards, regular expressions, `?` of a partial call: nothing is read by name
        return place.steps

    def _parts(self, nodes: Iterable[Any], place: ScopePlace) -> None:
        for node in nodes:
            self.visit(node, place)

    def _variable(self, node: Any, place: ScopePlace) -> None:
        name, end = node.value, node.position
        start = end - len(name) - 1
        if name in ("", "$"):
            if place.top or name == "$":
                shown = "$" + name
                self._problem(
                    f"{shown} stands for nothing here: Step Functions expressions have no input of their own",
                    start,
                    "reference",
                    shown,
                )
            return
        if name in place.frame or name in place.steps:
            return
        if name == "eval" and place.called:
            self._problem("$eval is not available in Step Functions; $parse reads JSON", start, "function", "$eval")
        path = (name, *place.tail)
        guarded = place.exists or _stands_in(path, place)
        guarded = guarded or any(path[: len(guard)] == guard[: len(path)] for guard in place.guards)
        self.uses.append(
            VariableUse(name=name, path=place.tail, start=start, end=end, guarded=guarded, called=place.called)
        )  # fmt: skip

    def _name(self, node: Any, place: ScopePlace) -> None:
        if place.top:
            self._problem(
                f"{node.value!r} is a bare field name, which Step Functions refuses: write a text as '{node.value}', "
                "or start from a variable such as $params",
                max(node.position - len(str(node.value)), 0),
                "reference",
                str(node.value),
            )

    def _binary(self, node: Any, place: ScopePlace) -> frozenset[str]:
        match node.value:
            case ".":
                name = _step_name(node.rhs)
                plain = name is not None and node.rhs.type != "binary"
                tail = () if name is None else (name, *place.tail) if plain else (name,)
                steps = self.visit(node.lhs, place.but(tail=tail))
                if plain:
                    return steps
                following = place.tail if node.rhs.type == "variable" else ()
                return self.visit(node.rhs, place.but(steps=steps, top=False, tail=following))
            case "[" | "^" | "{":
                steps = self.visit(node.lhs, place.but())
                self._parts(_predicate_parts(node), place.but(steps=steps, top=False))
                return steps
            case "@" | "#":
                return self.visit(node.lhs, place.but()) | {node.rhs.value}
            case ":=":
                if node.rhs.type == "lambda":
                    place.frame.add(node.lhs.value)  # a function may call itself
                self.visit(node.rhs, place.but())
                place.frame.add(node.lhs.value)
            case "and" | "or":
                present, absent = _existence(node.lhs, place)
                self.visit(node.lhs, place.but())
                self.visit(node.rhs, place.but(guards=place.guards | (present if node.value == "and" else absent)))
            case _:
                self.visit(node.lhs, place.but())
                self.visit(node.rhs, place.but())
        return place.steps

    def _call(self, node: Any, place: ScopePlace) -> None:
        if node.procedure.type == "name" and not place.top:
            name = str(node.procedure.value)
            words = f"{name} is called as a method, and JSONata has functions only"
            self._problem(words, node.procedure.position - len(name), "function", name)
        self.visit(node.procedure, place.but(called=True) if node.procedure.type == "variable" else place.but())
        exists = place.exists or _is_call_of(node, "exists", place)
        for argument in node.arguments:
            self.visit(argument, place.but(exists=exists))

    def _condition(self, node: Any, place: ScopePlace) -> None:
        if node.__class__ in self.later_operators:
            shown = "??" if node.value == "??" else "?:"
            self._problem(
                f"the operator {shown} is newer than Step Functions' JSONata (2.0.6): write $exists(x) ? x : y",
                node.position - 2,
            )
            self.visit(node.then, place.but(exists=True))
            self.visit(node._else, place.but())  # noqa: SLF001
            return
        present, absent = _existence(node.condition, place)
        missing = (_jobs_of(absent), _jobs_of(present)) if _asks_nothing_else(node.condition, place) else (_NO_JOBS, _NO_JOBS)
        self.visit(node.condition, place.but())
        self.visit(node.then, place.but(guards=place.guards | present, instead=place.instead | missing[0]))
        other = node._else  # noqa: SLF001 - the library has no other name for it
        if other is not None:
            self.visit(other, place.but(guards=place.guards | absent, instead=place.instead | missing[1]))

    def _problem(
        self, message: str, offset: int, kind: Literal["syntax", "reference", "function"] = "syntax", subject: str = ""
    ) -> None:
        self.problems.append(ScopeProblem(message=message, offset=max(offset, 0), kind=kind, subject=subject))


def _step_name(node: Any) -> str | None:
    """Return the field that a path step reads, predicates apart; None when the step is not a literal name."""
    while node.type == "binary" and node.value == "[":
        node = node.lhs
    return str(node.value) if node.type in ("name", "string", "operator") else None


def _unary_parts(node: Any) -> Iterator[Any]:
    if node.value == "[":
        yield from node.expressions
    elif node.value == "{":
        for pair in node.lhs_object:
            yield from pair
    else:
        yield node.expression


def _predicate_parts(node: Any) -> Iterator[Any]:
    if node.value == "^":
        for term in node.rhs_terms:
            yield term.expression
    elif node.value == "{":
        for pair in node.rhs_object:
            yield from pair
    else:
        yield node.rhs


def _is_call_of(node: Any, name: str, place: ScopePlace) -> bool:
    if node.type != "function" or node.procedure.type != "variable" or node.procedure.value != name:
        return False
    return name not in place.frame and name not in place.steps


_NONE: frozenset[_Path] = frozenset()


def _existence(node: Any, place: ScopePlace) -> tuple[frozenset[_Path], frozenset[_Path]]:
    """Return the paths that exist when the test holds, and those that exist when it does not."""
    if _is_call_of(node, "exists", place) and len(node.arguments) == 1:
        path = plain_path(node.arguments[0])
        return (frozenset({path}) if path else _NONE), _NONE
    if _is_call_of(node, "not", place) and len(node.arguments) == 1:
        present, absent = _existence(node.arguments[0], place)
        return absent, present
    if node.type == "block" and len(node.expressions) == 1:
        return _existence(node.expressions[0], place)
    if node.type == "binary" and node.value in ("and", "or"):
        parts = [_existence(s, place) for s in (node.lhs, node.rhs)]
        if node.value == "and":
            return parts[0][0] | parts[1][0], _NONE
        return _NONE, parts[0][1] | parts[1][1]
    return _NONE, _NONE


_NO_JOBS: frozenset[str] = frozenset()


def _asks_nothing_else(node: Any, place: ScopePlace) -> bool:
    """Tell whether a test fails only where something is missing (or, negated, is there)."""
    if _is_call_of(node, "exists", place):
        return True
    if _is_call_of(node, "not", place) and len(node.arguments) == 1:
        return _asks_nothing_else(node.arguments[0], place)
    if node.type == "block" and len(node.expressions) == 1:
        return _asks_nothing_else(node.expressions[0], place)
    return (
        node.type == "binary" and node.value == "and" and all(_asks_nothing_else(side, place) for side in (node.lhs, node.rhs))
    )


def _jobs_of(paths: frozenset[_Path]) -> frozenset[str]:
    return frozenset(path[1] for path in paths if len(path) > 1 and path[0] == "jobs")


def _stands_in(path: _Path, place: ScopePlace) -> bool:
    """Tell whether the output of one job is read because that of another is not there: where two branches join again, one of
    them has run, and which one the expression asks."""
    return bool(place.instead) and len(path) > 1 and path[0] == "jobs" and path[1] not in place.instead
