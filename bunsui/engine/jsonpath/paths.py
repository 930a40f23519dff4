"""JSONPath on values: select what a path names, and write a result where a reference path says.

Messages and the choice between them are those of AWS: reading is that of the Java library Jayway, which Step Functions uses (a
definite path that finds nothing is an error, an indefinite one gives a list, empty at worst). Source: recorded executions, and
the developer guide, "Managing state and transforming data".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bunsui.asl.jsonpath import (
    Combination,
    Condition,
    Descent,
    Filter,
    FilterComparison,
    Indexes,
    JsonPathSyntaxError,
    Literally,
    NameSelector,
    Path,
    Pattern,
    Present,
    Slice,
    Step,
    Wildcard,
    parse,
)
from bunsui.engine.regexes import Regex, RegexTimeout, budget
from bunsui.model.json import Json

__all__ = ["JsonPathSyntaxError", "NotAReferencePath", "PastTheEnd", "PathError", "compact", "find", "place", "select"]


class PathError(Exception):
    """A path found nothing."""

    def __init__(self, path: str, detail: str) -> None:
        """Keep the path as written and what went wrong, in AWS's words."""
        super().__init__(f"Invalid path '{path}' : {detail}")
        self.path = path
        self.detail = detail


class PastTheEnd(PathError):
    """The last step of the path is an index that the array does not have; payload templates take it for null."""


class NotAReferencePath(Exception):
    """A result cannot be written at the path."""


def compact(value: Json) -> str:
    """Return the JSON text as Step Functions writes it: no spaces, keys in their order."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def select(path: str, value: Json) -> Json:
    """Return what the path names in the value: one value for a definite path, a list of all matches for another.

    Raises PathError, and JsonPathSyntaxError when the text is no path."""
    return find(parse(path), value)


def find(path: Path, value: Json, whole: Json = None) -> Json:
    """Return what a parsed path names, starting at `value` whatever the path's root is; `whole` is what `$` in filters
    means."""
    root = value if whole is None else whole
    if not path.definite and whole is not None:
        return list(_walk(path.steps, value, root))
    if not path.definite:
        try:
            with budget():
                return list(_walk(path.steps, value, root))
        except RegexTimeout as problem:
            raise PathError(path.text, str(problem)) from problem
    current = value
    done = ""
    for number, step in enumerate(path.steps):
        last = number == len(path.steps) - 1
        current = _definite_step(path, step, current, done, last=last)
        done += _of_step(step)
    return current


def place(path: str, value: Json, into: Json) -> Json:
    """Return `into` with `value` written at a reference path, as ResultPath does; nothing given is changed.

    Raises NotAReferencePath when the path leads through a value that is no object."""
    parsed = parse(path)
    if not parsed.is_reference:
        raise NotAReferencePath(f"Invalid ReferencePath {path}")
    if not parsed.steps:
        return value
    refusal = NotAReferencePath(f"Unable to apply ReferencePath {path} to input {compact(into)}")
    return _write_at(parsed.steps, value, into, refusal)


def _write_at(steps: Sequence[Step], value: Json, into: Json, refusal: NotAReferencePath) -> Json:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, Indexes):
        if not isinstance(into, list) or not 0 <= step.indexes[0] < len(into):
            raise refusal
        index = step.indexes[0]
        return [*into[:index], _write_at(rest, value, into[index], refusal), *into[index + 1 :]]
    if not isinstance(step, NameSelector) or not isinstance(into, Mapping):
        raise refusal
    name = step.names[0]
    inner = into.get(name, {})
    return {**into, name: _write_at(rest, value, inner, refusal)}


def _definite_step(path: Path, step: Step, current: Any, done: str, *, last: bool) -> Any:
    here = f"${done}"
    if isinstance(step, NameSelector):
        if not isinstance(current, Mapping):
            raise PathError(
                path.text,
                f"Expected to find an object with property {_of_step(step)} in path {here} but found '{_java_class(current)}'. "
                "This is not a json object according to the JsonProvider: "
                "'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.",
            )
        if len(step.names) > 1:
            return {name: current[name] for name in step.names if name in current}
        if step.names[0] in current:
            return current[step.names[0]]
    elif isinstance(step, Indexes):
        if not isinstance(current, list):
            raise PathError(
                path.text, f"Filter: {_of_step(step)} can only be applied to arrays. Current context is: {compact(current)}"
            )
        index = step.indexes[0]
        if -len(current) <= index < len(current):
            return current[index]
        if last:
            raise PastTheEnd(path.text, f"No results for path: {_canonical(path)}")
    if last or isinstance(step, Indexes):
        raise PathError(path.text, f"No results for path: {_canonical(path)}")
    raise PathError(path.text, f"Missing property in path {here}{_of_step(step)}")


def _canonical(path: Path) -> str:
    return "$" + "".join(_of_step(step) for step in path.steps)


def _of_step(step: Step) -> str:
    if isinstance(step, NameSelector):
        return "[" + ",".join(f"'{name}'" for name in step.names) + "]"
    if isinstance(step, Indexes):
        return "[" + ",".join(map(str, step.indexes)) + "]"
    return ""


def _java_class(value: Json) -> str:
    if value is None:
        return "com.fasterxml.jackson.databind.node.NullNode"
    if isinstance(value, bool):
        return "com.fasterxml.jackson.databind.node.BooleanNode"
    if isinstance(value, int):
        return f"com.fasterxml.jackson.databind.node.{'IntNode' if abs(value) < 2**31 else 'LongNode'}"
    if isinstance(value, float):
        return "com.fasterxml.jackson.databind.node.DoubleNode"
    if isinstance(value, str):
        return "com.fasterxml.jackson.databind.node.TextNode"
    return "com.fasterxml.jackson.databind.node.ArrayNode"


def _walk(steps: Sequence[Step], value: Any, root: Any) -> Iterator[Json]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, Descent):
        names = rest[0].names if rest and isinstance(rest[0], NameSelector) else ()
        for inner in _inside(value):
            # Jayway looks for several names only where all of them are.
            if len(names) < 2 or (isinstance(inner, Mapping) and all(name in inner for name in names)):
                yield from _walk(rest, inner, root)
        return
    for child in _children(step, value, root, last=not rest):
        yield from _walk(rest, child, root)


def _inside(value: Any) -> Iterator[Json]:
    yield value
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for child in children:
        yield from _inside(child)


def _children(step: Step, value: Any, root: Any, *, last: bool) -> Iterator[Json]:
    match step:
        case NameSelector(names=names) if isinstance(value, Mapping):
            if len(names) > 1 and last:
                yield {name: value[name] for name in names if name in value}
            else:
                yield from (value[name] for name in names if name in value)
        case Indexes(indexes=indexes) if isinstance(value, list):
            yield from (value[index] for index in indexes if -len(value) <= index < len(value))
        case Slice() if isinstance(value, list):
            yield from _slice_items(step, value)
        case Wildcard():
            yield from value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        case Filter(condition=condition):
            candidates = value if isinstance(value, list) else [value] if isinstance(value, Mapping) else []
            yield from (item for item in candidates if _holds(condition, item, root))


def _slice_items(step: Slice, items: list[Json]) -> Iterator[Json]:
    """Return a slice as Jayway does: with both bounds, a negative one does not count from the end."""
    length = len(items)
    if step.stop is None:
        start = step.start or 0
        yield from items[max(0, start + length if start < 0 else start) :]
    elif step.start is None:
        yield from items[: max(0, step.stop + length if step.stop < 0 else step.stop)]
    else:
        for index in range(max(-length, step.start), min(length, step.stop)):
            yield items[index]


_ABSENT: Any = object()


def _holds(condition: Condition, item: Any, root: Any) -> bool:
    match condition:
        case Present(path=path):
            return _operand(path, item, root) is not _ABSENT
        case Combination(operator="!", parts=parts):
            return not _holds(parts[0], item, root)
        case Combination(operator="&&", parts=parts):
            return all(_holds(part, item, root) for part in parts)
        case Combination(parts=parts):
            return any(_holds(part, item, root) for part in parts)
        case FilterComparison(left=left, operator=operator, right=right):
            return _compare(_operand(left, item, root), operator, _operand(right, item, root))


def _operand(operand: Path | Literally | Pattern, item: Any, root: Any) -> Any:
    if isinstance(operand, Literally):
        return operand.value
    if isinstance(operand, Pattern):
        return operand
    try:
        return find(operand, item if operand.root == "@" else root, root)
    except PathError:
        return _ABSENT


def _compare(left: Any, operator: str, right: Any) -> bool:
    """Compare as Jayway does, by which a number and a text that tells it are equal."""
    match operator:
        case "===" | "!==":
            return (type(left) is type(right) and equal(left, right)) == (operator == "===")
        case "==" | "!=":
            return _alike(left, right) == (operator == "==")
        case "in" | "nin":
            return _has(right, left) == (operator == "in")
        case "=~":
            return _matches(left, right)
    if left is _ABSENT or right is _ABSENT:
        return False
    match operator:
        case "contains":
            return right in left if isinstance(left, str) and isinstance(right, str) else _has(left, right)
        case "anyof" | "noneof":
            return isinstance(left, list) and any(_has(right, one) for one in left) == (operator == "anyof")
        case "subsetof":
            return isinstance(left, list) and all(_has(right, one) for one in left)
        case "all":
            return isinstance(left, list) and isinstance(right, list) and all(_has(left, one) for one in right)
        case "size" | "empty":
            length = len(left) if isinstance(left, (str, list)) else -1
            return length == right if operator == "size" else (length == 0) == bool(right)
    return _is_ordered(left, operator, right)


_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def _alike(left: Any, right: Any) -> bool:
    if left is _ABSENT or right is _ABSENT:
        return False
    if _is_number(left) and isinstance(right, str):
        return _DECIMAL.fullmatch(right) is not None and bool(float(right) == left)
    if isinstance(left, str) and _is_number(right):
        return left == compact(right)
    return equal(left, right)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _matches(left: Any, right: Any) -> bool:
    """Match a pattern on one side with the whole of the other; of a list, with any item."""
    if isinstance(left, Pattern) == isinstance(right, Pattern):
        return False
    pattern, value = (left, right) if isinstance(left, Pattern) else (right, left)
    texts = [_regex_text(one) for one in value] if isinstance(value, list) else [_regex_text(value)]
    try:
        return any(Regex(pattern.text).fullmatch(text) for text in texts)
    except re.error:
        return False


def _regex_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return compact(value) if isinstance(value, (bool, int, float)) else ""


def _has(items: Any, one: Any) -> bool:
    return isinstance(items, list) and any(_alike(one, item) for item in items)


def _is_ordered(left: Any, operator: str, right: Any) -> bool:
    if not (_is_number(left) and _is_number(right)):
        # A number beside a text is compared as a text.
        if not all(isinstance(side, str) or _is_number(side) for side in (left, right)):
            return False
        left, right = _regex_text(left), _regex_text(right)
    return bool(
        (operator == "<" and left < right)
        or (operator == "<=" and left <= right)
        or (operator == ">" and left > right)
        or (operator == ">=" and left >= right)
    )


def equal(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are the same; a boolean is never a number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    return bool(left == right)
