"""What the types that a file declares prove of its expressions: lists that will not stay lists, texts compared with numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.asl.expressions import LIMIT_CHARACTERS, Compared, compared, form_of
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.checks.pointing import point_into
from bunsui.document.checks.results import ResultModels
from bunsui.document.operation_tree import Spot, operation_spots
from bunsui.document.output_form import is_long
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.model.values import Expression
from bunsui.operations.contract import OperationType

_KINDS = {
    "string": "string",
    "number": "number",
    "integer": "number",
    "boolean": "boolean",
    "array": "array",
    "object": "object",
}
Names = tuple[str, ...]
_SESSION = {"attempt": "number"}
_PARTS_OF_DATES = {
    "$session.weekday": "Write the day's name: 'Monday'.",
    "$session.month": "Write $number($substring($session.month, 5)): it is such as 2026-01.",
    "$session.date": "Write $number($substring($session.date, 8)) for the day of the month: it is such as 2026-01-31.",
}
_WORDS = {"string": "a text", "number": "a number", "boolean": "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTypes:
    """What is known of the values that expressions of one file read."""

    data: Mapping[str, Json]
    registry: Mapping[str, OperationType]
    results: ResultModels | None = None
    _outputs: dict[Names, str] = field(default_factory=dict)
    """Types of outputs that were asked for."""

    def type_of(self, names: Names, job: str) -> str:
        """Return the JSONata type of what a path of names gives in a job; empty when nothing is known."""
        match names:
            case ("params", name):
                return self._parameter(name)
            case ("session", name):
                return _SESSION.get(name, "string")
            case ("status", _):
                return "string"
            case ("errors", _, _):
                return "string"
            case ("jobs", _, _):
                return self._output_type(names)
            case ("result", _, *_):
                return self._of_result(names[1:], job)
            case (name, _) if name == self._csv_row(job):
                return "string"
            case _:
                return ""

    def parameter(self, name: str) -> Mapping[str, Json]:
        """Return what the file says of a parameter."""
        return _mapping(_mapping(self.data.get("parameters")).get(name))

    def _parameter(self, name: str) -> str:
        return _KINDS.get(str(self.parameter(name).get("type")), "")

    def _output_type(self, names: Names) -> str:
        """Follow outputs that hand on others, for as long as there are any: files may hold a ring, or a thousand in a row."""
        seen: list[Names] = []
        found: Names | str = names
        while isinstance(found, tuple):
            if found in self._outputs or found in seen or len(found) != 3 or found[0] != "jobs":
                found = self._outputs.get(found, "") if found[:1] == ("jobs",) else self.type_of(found, seen[-1][1])
            else:
                seen.append(found)
                found = self._output(found[1], found[2])
        self._outputs.update(dict.fromkeys(seen, found))
        return found

    def _output(self, job: str, output: str) -> Names | str:
        """Return the type of an output, or the names whose value it hands on."""
        entry = _mapping(_mapping(self.data.get("jobs")).get(job))
        value = _mapping(entry.get("outputs")).get(output)
        if isinstance(value, Mapping):
            return _KINDS.get(str(value.get("type")), "") if is_long(value) else "object"
        text = value.strip() if isinstance(value, str) else ""
        if not (text.startswith("{%") and text.endswith("%}")):
            return {str: "string", int: "number", float: "number", list: "array"}.get(type(value), "")
        if len(text) > LIMIT_CHARACTERS:
            return ""
        form = form_of(text[2:-2].strip())
        if form.is_list or ("foreach" in entry and form.kind == "sequence" and form.root[:1] == ("result",)):
            return "array"
        return tuple(form.root) if form.kind == "field" else ""

    def _of_result(self, names: Names, job: str) -> str:
        """Return the type of what stands in the result of a job's last operation."""
        last = self._last(job)
        if last is None:
            return ""
        lists = self.registry[last.type].result_lists if last.type in self.registry else frozenset()
        if len(names) == 1 and names[0] in lists:
            return "array"
        return self.results.kind_of(last.entry, names) if self.results is not None else ""

    def has_items(self, job: str) -> bool:
        """Tell whether a job is a foreach, so that its result is a list of the items' results."""
        return "foreach" in _mapping(_mapping(self.data.get("jobs")).get(job))

    def _csv_row(self, job: str) -> str:
        """Return what the rows of a CSV object are called in a job, whose fields are all texts; empty when it reads none."""
        foreach = _mapping(_mapping(_mapping(self.data.get("jobs")).get(job)).get("foreach"))
        return str(foreach.get("as", "item")) if _mapping(foreach.get("items")).get("format") == "csv" else ""

    def _last(self, job: str) -> Spot | None:
        entry = _mapping(_mapping(self.data.get("jobs")).get(job))
        spots = operation_spots(entry.get("operations"), self.registry) if "foreach" not in entry else ()
        return spots[-1] if spots else None


def check_types(
    document: Document, types: DeclaredTypes, expressions: Sequence[tuple[Path, Expression]]
) -> Iterator[Diagnostic]:
    """Return the findings about expressions of jobs."""
    for path, expression in expressions:
        if path[:1] == ("jobs",) and len(path) > 2 and len(expression.text) <= LIMIT_CHARACTERS:
            yield from _comparisons(document, types, path, expression)
            yield from _lists(document, types, path, expression)
            yield from _texts(document, types, path, expression)


def _texts(document: Document, types: DeclaredTypes, path: Path, expression: Expression) -> Iterator[Diagnostic]:
    """ECS takes environment and command as texts only, and refuses the task at run time otherwise."""
    if path[-3:-1] not in (("container", "environment"), ("container", "command")):
        return
    form = form_of(expression.text)
    kind = types.type_of(form.root, str(path[1])) if form.kind == "field" else ""
    if kind in ("number", "boolean", "array", "object"):
        shown = f"${'.'.join(form.root)}"
        where = "a part of command" if isinstance(path[-1], int) else path[-1]
        yield document.finding(
            "BS342",
            f"{where} must be a text, and {shown} is of the type {kind}",
            path,
            hint=f'Write "{{% $string({shown}) %}}".',
        )


def _comparisons(document: Document, types: DeclaredTypes, path: Path, expression: Expression) -> Iterator[Diagnostic]:
    job = str(path[1])
    for found in compared(expression.text):
        left, right = (_kind(types, side, job) for side in (found.left, found.right))
        if left == right or not {left, right} <= _WORDS.keys():
            continue
        # The side that says no type by itself is the one to be changed.
        at = 0 if isinstance(found.left, tuple) or not isinstance(found.right, tuple) else 1
        kind, other = (left, right) if at == 0 else (right, left)
        side = (found.left, found.right)[at]
        # What is bound by the expression, or stands in a predicate, is shown from where it comes.
        shown = f"${'.'.join(side)}" if isinstance(side, tuple) else found.written[at]
        told = document.finding(
            "BS338",
            f"{shown} is {_WORDS[kind]}, and is compared with {_WORDS[other]}",
            path,
            hint=_of_one_type(found, at, shown, kind, other),
        )
        span = found.spans[at]
        yield told if span is None else point_into(told, expression, span[0])


def _of_one_type(found: Compared, at: int, shown: str, kind: str, other: str) -> str:
    """Return how the sides of a comparison come to have one type."""
    own, beside = found.written[at] or shown, found.written[1 - at].strip("[]")
    if not isinstance((found.left, found.right)[1 - at], tuple) or {kind, other} != {"string", "number"}:
        return _one_type(own, kind, other)
    text, number = (own, beside) if kind == "string" else (beside, own)
    return f"Write $number({text}) for a number, or $string({number}) for a text."


def _one_type(shown: str, kind: str, other: str) -> str:
    """Return how a value of one type is compared with one of another."""
    if kind == "string" and other == "number" and shown in _PARTS_OF_DATES:
        return _PARTS_OF_DATES[shown]
    if shown == "$now()":
        return "Write $millis(), which is a number."
    if kind == "boolean":
        return "Write true or false, without quotes." if other == "string" else f"Write {shown} alone."
    if other == "boolean":
        return f"Compare it with {'a text' if kind == 'string' else 'a number'}, or declare {shown} as a boolean."
    return f"Write $number({shown})." if kind == "string" else "Write the number without quotes."


def _kind(types: DeclaredTypes, side: tuple[str, ...] | str, job: str) -> str:
    return types.type_of(side, job) if isinstance(side, tuple) else side


def _lists(document: Document, types: DeclaredTypes, path: Path, expression: Expression) -> Iterator[Diagnostic]:
    """A path that goes on behind a list gives one value for a list of one, and nothing for an empty one."""
    job, is_output = str(path[1]), path[2] == "outputs"
    if not (is_output or "payload" in path) or form_of(expression.text).kind == "other":
        return
    entry = _mapping(_mapping(types.data.get("jobs")).get(job))
    if is_output and _is_kept(entry, path):
        return
    form = form_of(expression.text)
    lengths = range(2, len(form.root)) if form.kind == "field" else range(2, len(form.root) + 1)
    lists = [form.root[:length] for length in lengths if types.type_of(form.root[:length], job) == "array"]
    if not lists or form.is_list:
        return
    yield document.finding(
        "BS337",
        f"what goes over the list ${'.'.join(lists[0])} is no list when it gives one value, and nothing when it gives none",
        path,
        severity=Severity.WARNING,
        hint=_kept_a_list(form.root, lists[0], is_output=is_output),
    )


def _kept_a_list(path: Names, over: Names, *, is_output: bool) -> str:
    if path[len(over) :] in (("length",), ("size",), ("count",)):
        return f"How many there are is $count(${'.'.join(over)}); for a field of each, write $list(…) around it."
    return "Write $list(…) around it" + (", or {type: array, value: …}." if is_output else ".")


def _is_kept(entry: Mapping[str, Json], path: Path) -> bool:
    """Tell whether an output is a list for any number: it says so, or goes over the results of a foreach."""
    value = _mapping(entry.get("outputs")).get(str(path[3])) if len(path) > 3 else None
    return "foreach" in entry or (isinstance(value, Mapping) and is_long(value) and value.get("type") == "array")


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


__all__ = ["Compared", "DeclaredTypes", "check_types"]
