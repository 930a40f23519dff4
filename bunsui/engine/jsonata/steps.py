"""The steps of an evaluation, quicker than the library's own, with the same results.

`jsonata-python` looks at every step for callbacks through all scopes, tries the kinds of expressions one after the other, goes
through a path of plain names with two lists a name, and copies an array for each item that it adds to it. Nine tenths of the
time of a compiled pipeline went there. The recorded expressions (`tests/cases/jsonata`) hold for both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bunsui.engine.jsonata.jsonata_python import NONE as _NONE
from bunsui.engine.jsonata.jsonata_python import NULL as _NULL
from bunsui.engine.jsonata.jsonata_python import JList as _List
from bunsui.engine.jsonata.text import text_of

Step = Callable[[Any, Any, Any, Any], Any]
"""Program, expression, input and environment to the result."""


class _Operators:
    """What operators do otherwise than in the library."""

    def evaluate_string_concat(self, lhs: Any, rhs: Any) -> str:
        """Join two texts; numbers as `$string` writes them."""
        return (text_of(lhs) or "") + (text_of(rhs) or "")

    def evaluate_binary(self, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - the library's name
        """Evaluate both sides; what fails at the right of `and` and `or` fails as it does, which the library hides."""
        if expr.value not in ("and", "or"):
            return super().evaluate_binary(expr, input, environment)  # type: ignore[misc]
        left = self.eval(expr.lhs, input, environment)  # type: ignore[attr-defined]
        right = lambda: self.eval(expr.rhs, input, environment)  # type: ignore[attr-defined] # noqa: E731
        return self.evaluate_boolean_expression(left, right, expr.value)  # type: ignore[attr-defined]


class LibrarySteps(_Operators):
    """The library's own steps, for who switched `Steps` off; to be mixed into the library's class."""

    def step(self, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - the library's name
        """Evaluate one expression as the library does."""
        return super().eval(expr, input, environment)  # type: ignore[misc]


class Steps(_Operators):
    """What a program does for each kind of expression; to be mixed into the library's class."""

    def step(self, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - the library's name
        """Evaluate one expression, its predicates and its grouping."""
        plan = expr.__dict__.get("plan")
        if plan is None:
            plan = expr.plan = _plan(expr)
        self.input, self.environment = input, environment
        return plan(self, expr, input, environment)

    def evaluate_path(self, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - as above
        """Follow a path; one of plain names through objects without the lists that others need."""
        names = _plain_names(expr)
        value = _NONE if names is None else _follow_names(names, environment)
        return super().evaluate_path(expr, input, environment) if value is _NONE else value  # type: ignore[misc]

    def evaluate_unary(self, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - as above
        """Negate, or make an array or an object; an array in the list that it will be."""
        if expr.value != "[":
            return super().evaluate_unary(expr, input, environment)  # type: ignore[misc]
        constants = _constants(expr)
        made = _List(constants or ())
        for item in () if constants is not None else expr.expressions:
            value = self.eval(item, input, environment)  # type: ignore[attr-defined]
            if value is None:
                continue
            if isinstance(value, list) and item.value != "[":
                made.extend(value)
            else:
                made.append(value)
        made.cons = bool(expr.consarray)
        return made


def _plan(expr: Any) -> Step:
    """Choose how an expression is evaluated, once for all its evaluations."""
    kind = getattr(expr, "type", "")
    work: Step = _WORK.get(kind, _nothing)
    predicates = getattr(expr, "predicate", None)
    group = getattr(expr, "group", None) if kind != "path" else None
    if predicates is None and group is None:
        return work if work is _literal else _unwrap_result(work)

    def whole(program: Any, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - as above
        result = work(program, expr, input, environment)
        for predicate in predicates or ():
            result = program.evaluate_filter(predicate.expr, result, environment)
        return result if group is None else program.evaluate_group_expression(group, result, environment)

    return _unwrap_result(whole)


def _unwrap_result(work: Step) -> Step:
    """Have a sequence of one item count as the item, and an empty one as nothing."""

    def step(program: Any, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - as above
        result = work(program, expr, input, environment)
        if not isinstance(result, _List) or not result.sequence or result.tuple_stream:
            return result
        if expr.keep_array:
            result.keep_singleton = True
        if not result:
            return None
        return result[0] if len(result) == 1 and not result.keep_singleton else result

    return step


def _literal(_program: Any, expr: Any, _input: Any, _environment: Any) -> Any:
    return _NULL if expr.value is None else expr.value


def _variable(_program: Any, expr: Any, input: Any, environment: Any) -> Any:  # noqa: A002 - as above
    if expr.value == "":
        return input[0] if isinstance(input, _List) and input.outer_wrapper else input
    return _looked_up(str(expr.value), environment)


def _looked_up(name: str, environment: Any) -> Any:
    while environment is not None:
        value = environment.bindings.get(name, _NONE)
        if value is not _NONE:
            return value
        environment = environment.parent
    return None


def _constants(expr: Any) -> tuple[Any, ...] | None:
    """Return the items of an array that is written out, such as `['a', 'b']`; None for any other."""
    known = expr.__dict__.get("constants", _NONE)
    if known is _NONE:
        plain = all(item.type in ("string", "number") and _is_bare(item) for item in expr.expressions)
        known = expr.constants = tuple(item.value for item in expr.expressions) if plain else None
    items: tuple[Any, ...] | None = known
    return items


def _is_bare(expr: Any) -> bool:
    return getattr(expr, "predicate", None) is None and getattr(expr, "group", None) is None


def _plain_names(expr: Any) -> tuple[str, ...] | None:
    """Return the variable and the names of `$variable.name.name`; None for a path that is anything more."""
    known = expr.__dict__.get("plain_names", _NONE)
    if known is _NONE:
        known = expr.plain_names = _names_of(expr)
    names: tuple[str, ...] | None = known
    return names


def _names_of(expr: Any) -> tuple[str, ...] | None:
    first, *rest = expr.steps
    if expr.keep_singleton_array or expr.group is not None or first.type != "variable" or first.value == "":
        return None
    for step in expr.steps:
        extras = (step.tuple, step.stages, step.focus, getattr(step, "predicate", None), step.group, step.index)
        if step.consarray or step.keep_array or any(extra is not None for extra in extras):
            return None
    return (str(first.value), *map(str, (step.value for step in rest))) if all(s.type == "name" for s in rest) else None


def _follow_names(names: tuple[str, ...], environment: Any) -> Any:
    """Return what the names lead to, None when nothing is there; NONE where it takes more than looking into objects."""
    value = _looked_up(names[0], environment)
    for name in names[1:]:
        if type(value) is not dict:
            return None if value is None else _NONE
        found = value.get(name, _NONE)
        if found is _NONE:
            return None
        value = _NULL if found is None else found
    return _NONE if isinstance(value, _List) else value


def _nothing(_program: Any, _expr: Any, _input: Any, _environment: Any) -> None:
    """Return nothing."""


_WORK: dict[str, Step] = {
    **dict.fromkeys(("string", "number", "value"), _literal),
    "variable": _variable,
    "parent": lambda _program, expr, _input, environment: _looked_up(expr.slot.label, environment),
    "wildcard": lambda program, expr, value, _environment: program.evaluate_wildcard(expr, value),
    "descendant": lambda program, expr, value, _environment: program.evaluate_descendants(expr, value),
    "regex": lambda program, expr, _input, _environment: program.evaluate_regex(expr),
    "function": lambda program, expr, value, environment: program.evaluate_function(expr, value, environment, _NONE),
    "path": lambda program, expr, value, environment: program.evaluate_path(expr, value, environment),
    "binary": lambda program, expr, value, environment: program.evaluate_binary(expr, value, environment),
    "unary": lambda program, expr, value, environment: program.evaluate_unary(expr, value, environment),
    "name": lambda program, expr, value, environment: program.evaluate_name(expr, value, environment),
    "condition": lambda program, expr, value, environment: program.evaluate_condition(expr, value, environment),
    "block": lambda program, expr, value, environment: program.evaluate_block(expr, value, environment),
    "bind": lambda program, expr, value, environment: program.evaluate_bind_expression(expr, value, environment),
    "lambda": lambda program, expr, value, environment: program.evaluate_lambda(expr, value, environment),
    "partial": lambda program, expr, value, environment: program.evaluate_partial_application(expr, value, environment),
    "apply": lambda program, expr, value, environment: program.evaluate_apply_expression(expr, value, environment),
    "transform": lambda program, expr, value, environment: program.evaluate_transform_expression(expr, value, environment),
}
