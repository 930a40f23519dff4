"""What JSONPath states say, read as values: paths, templates, intrinsic functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.asl.intrinsics import Call, Constant, IntrinsicSyntaxError, Text
from bunsui.asl.intrinsics import parse as parse_call
from bunsui.asl.jsonpath import Indexes, JsonPathSyntaxError, NameSelector, Path, parse
from bunsui.document.lifting.refusals import StaysRawError
from bunsui.document.lifting.values import (
    ITEM,
    Computed,
    Handed,
    ListOfValues,
    Literal,
    Referred,
    Steps,
    TaskToken,
    object_of,
    read,
)
from bunsui.model.json import Json


@dataclass(frozen=True, slots=True)
class Read:
    """A place that a definition reads in its input, or in what a state's task gave."""

    state: str
    """Empty for the input, `*` for an item."""
    steps: Steps
    values: tuple[Json, ...] = ()
    """What it is compared with; empty where it is handed on."""
    is_list: bool = False
    may_be_absent: bool = False


@dataclass(frozen=True, slots=True)
class PathReader:
    """Reads paths against what a state was handed."""

    execution_input: Handed
    reads: list[Read] = field(default_factory=list)
    """Filled while it reads."""

    def value(self, said: str, document: Handed, *, is_list: bool = False) -> Handed:
        """Return what the path names. Raises StaysRawError."""
        path = _parse_path(said)
        found = read(self._root(path, document), steps_of(path)) if path.root == "$" else self._context(path)
        self.note(found, is_list=is_list)
        return found

    def note(self, found: Handed, *, values: tuple[Json, ...] = (), is_list: bool = False, may_be_absent: bool = False) -> None:
        """Remember that a place was read."""
        if isinstance(found, Referred):
            state = "*" if found.origin.is_item else found.origin.state
            self.reads.append(Read(state, found.steps, values, is_list, may_be_absent))

    def _root(self, path: Path, document: Handed) -> Handed:
        return document

    def _context(self, path: Path) -> Handed:
        steps = steps_of(path)
        if path.root != "$$":
            raise StaysRawError(f"it reads the variable ${path.root}")
        if steps == ("Task", "Token"):
            return TaskToken()
        if steps[:2] == ("Execution", "Input"):
            return read(self.execution_input, steps[2:])
        if steps[:3] == ("Map", "Item", "Value"):
            return read(Referred(ITEM), steps[3:])
        if steps == ("Execution", "Name"):
            return Computed(("$session.id",))
        raise StaysRawError(f"it reads {path.text} of the context, which a job does not see")

    def template(self, said: Json, document: Handed) -> Handed:
        """Return what Parameters or a ResultSelector make of the document. Raises StaysRawError."""
        if isinstance(said, Mapping):
            if not any(isinstance(value, (Mapping, list, tuple)) or key.endswith(".$") for key, value in said.items()):
                return Literal(said)
            return object_of(dict(self._entry(key, value, document) for key, value in said.items()))
        if isinstance(said, (list, tuple)):
            if not any(isinstance(one, (Mapping, list, tuple)) for one in said):
                return Literal(said)
            return ListOfValues(tuple(self.template(one, document) for one in said))
        return Literal(said)

    def _entry(self, key: str, value: Json, document: Handed) -> tuple[str, Handed]:
        if not key.endswith(".$"):
            return key, self.template(value, document)
        try:
            return key[:-2], self.said(value, document)
        except StaysRawError as error:
            raise error.within(key) if not error.place else error from error

    def said(self, value: Json, document: Handed) -> Handed:
        """Return what a path or a call of an intrinsic function gives. Raises StaysRawError."""
        if not isinstance(value, str):
            raise StaysRawError("a path is no text")
        if value.startswith("States."):
            try:
                return self._call_intrinsic(parse_call(value), document)
            except IntrinsicSyntaxError as error:
                raise StaysRawError(str(error)) from error
        return self.value(value, document)

    def _call_intrinsic(self, call: Call, document: Handed) -> Handed:
        given = [self._argument(one, document) for one in call.arguments]
        if call.name == "Array":
            return ListOfValues(tuple(given))
        if call.name == "Format":
            return _format_text(call, given)
        if call.name == "JsonToString":
            return Computed(("$string(", given[0], ")"))
        if call.name == "MathAdd":
            return Computed(("(", given[0], " + ", given[1], ")"))
        if call.name == "ArrayLength":
            return Computed(("$count(", given[0], ")"))
        if call.name == "StringToJson":
            return Computed(("$parse(", given[0], ")"))
        raise StaysRawError(f"it calls States.{call.name}")

    def _argument(self, one: object, document: Handed) -> Handed:
        if isinstance(one, Text):
            return Literal(one.value)
        if isinstance(one, Constant):
            return Literal(one.value)
        if isinstance(one, Path):
            return self.value(one.text, document)
        assert isinstance(one, Call), "there are no others"
        return self._call_intrinsic(one, document)


def _format_text(call: Call, given: list[Handed]) -> Handed:
    pattern = call.arguments[0]
    if not isinstance(pattern, Text) or "\\" in pattern.raw or pattern.raw.count("{}") != len(given) - 1:
        raise StaysRawError("the text of States.Format is not plain")
    parts: list[str | Handed] = []
    for number, text in enumerate(pattern.raw.split("{}")):
        if number:
            parts += [given[number], " & "]
        if text or not number:
            parts += [Literal(text), " & "]
    return Computed(("(", *parts[:-1], ")"))


def _parse_path(text: str) -> Path:
    try:
        return parse(text)
    except JsonPathSyntaxError as error:
        raise StaysRawError(f"{text} is no path") from error


def steps_of(path: Path) -> Steps:
    """Return the steps of a path that names one value. Raises StaysRawError."""
    found: list[str | int] = []
    for step in path.steps:
        if isinstance(step, NameSelector) and len(step.names) == 1:
            found.append(step.names[0])
        elif isinstance(step, Indexes) and len(step.indexes) == 1 and step.indexes[0] >= 0:
            found.append(step.indexes[0])
        else:
            raise StaysRawError(f"{path.text} names several values")
    return tuple(found)


def result_steps(said: str) -> Steps:
    """Return the steps of a ResultPath. Raises StaysRawError."""
    path = _parse_path(said)
    if path.root != "$":
        raise StaysRawError(f"{said} is written")
    return steps_of(path)
