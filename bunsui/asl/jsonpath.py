"""JSONPath as Step Functions reads it: parse a path into steps.

Step Functions evaluates paths like the Java library Jayway: single and multiple names and indexes, slices, `*`, `..` and
filters, but no script expressions and no functions. A path starts at `$` (the data), `$$` (the context object) or `$name` (a
variable). Source: developer guide, "Managing state and transforming data", section "JSONPath".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias, TypeVar

from bunsui.model.json import Json

T = TypeVar("T")


class JsonPathSyntaxError(ValueError):
    """The text is no path."""


@dataclass(frozen=True, slots=True)
class NameSelector:
    """`.name`, `['name']` or `['a','b']`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[n]` or `[n,m]`; negative counts from the end."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`[a:b]`, one part optional."""

    start: int | None
    stop: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*` or `[*]`."""


@dataclass(frozen=True, slots=True)
class Descent:
    """`..`: the next step applies to the value here and to everything inside it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(...)]`."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Present:
    """A path inside a filter, standing alone: something is there."""

    path: Path


@dataclass(frozen=True, slots=True)
class FilterComparison:
    """`left op right` inside a filter."""

    left: Operand
    operator: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Combination:
    """`&&`, `||` or `!` (of one part)."""

    operator: Literal["&&", "||", "!"]
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Literally:
    """A value written in a filter."""

    value: Json


@dataclass(frozen=True, slots=True)
class BareText(Literally):
    """A text in a filter without quotes: Step Functions takes it for a text (aws-samples/parallel-translate,
    getmoto/moto issue 7825)."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression written in a filter, such as `/a.*/i`."""

    text: str
    """As Python has it."""


Step: TypeAlias = NameSelector | Indexes | Slice | Wildcard | Descent | Filter
Condition: TypeAlias = Present | FilterComparison | Combination


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path."""

    text: str
    root: str
    """`$` for the data, `$$` for the context object, `@` inside a filter, else the name of a variable."""
    steps: tuple[Step, ...]

    @property
    def definite(self) -> bool:
        """Tell whether the path can only name one value."""
        last = len(self.steps) - 1
        return all(
            (isinstance(step, NameSelector) and (len(step.names) == 1 or number == last))
            or (isinstance(step, Indexes) and len(step.indexes) == 1)
            for number, step in enumerate(self.steps)
        )

    @property
    def is_reference(self) -> bool:
        """Tell whether the path may say where to write: names and single indexes only."""
        return all(
            (isinstance(step, NameSelector) and len(step.names) == 1)
            or (isinstance(step, Indexes) and len(step.indexes) == 1 and step.indexes[0] >= 0)
            for step in self.steps
        )


Operand: TypeAlias = Path | Literally | Pattern

_ROOT = re.compile(r"\$\$|\$(?P<variable>[^\W\d]\w*)|\$")
_FILTER_NAME = re.compile(r"[^\s.\[\]()*,'\"?@$<>=~!&|][^\s.\[\]()*,'\"<>=~!&|]*")
"""Inside a filter an operator ends a name."""
_NAME = re.compile(r"[^\s.\[\]()*,'\"?@$][^\s.\[\]()*,'\"]*")
_INTEGER = re.compile(r"-?\d+")
_SLICE = re.compile(r"\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(?:-?\d+)?\s*)?")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"(true|false|null)\b")
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?![\w.(-])")
"""A text without quotes; one with `.` or `-` in it does not work on AWS (aws-samples/aws-batch-runtime-monitoring, issue 6)."""
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_UNICODE = re.compile(r"\\u([0-9A-Fa-f]{4})")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/(i?)")
_OPERATOR = re.compile(r"===|!==|==|!=|<=|>=|=~|<|>|(?:in|nin|contains|size|empty|all|anyof|noneof|subsetof)\b", re.IGNORECASE)


@lru_cache(maxsize=8192)
def parse(text: str) -> Path:
    """Parse a whole path. JsonPathSyntaxError when it is none."""
    reader = _PathReader(text.strip())
    try:
        path = reader.path(_ROOT)
    except RecursionError as error:
        raise JsonPathSyntaxError("the path is nested too deeply") from error
    if reader.at < len(reader.text):
        raise reader.wrong("unexpected characters")
    return path


def bare_texts(path: Path) -> Iterator[str]:
    """Return the texts of a path's filters that have no quotes."""
    for step in path.steps:
        if isinstance(step, Filter):
            yield from _bare_in(step.condition)


def _bare_in(part: Condition | Operand) -> Iterator[str]:
    match part:
        case BareText(value=str(text)):
            yield text
        case Path():
            yield from bare_texts(part)
        case Present(path=path):
            yield from bare_texts(path)
        case FilterComparison(left=left, right=right):
            yield from _bare_in(left)
            yield from _bare_in(right)
        case Combination(parts=parts):
            for inner in parts:
                yield from _bare_in(inner)


def parse_prefix(text: str, start: int) -> tuple[Path, int]:
    """Parse the path that begins at an offset of a longer text; give it with the offset after it."""
    reader = _PathReader(text, start)
    path = reader.path(_ROOT)
    return path, reader.at


class _PathReader:
    """Reads a path from left to right."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self.filters = 0
        """How many filters are open around."""

    def wrong(self, why: str) -> JsonPathSyntaxError:
        return JsonPathSyntaxError(f"{why} at character {self.at + 1}")

    def take(self, token: str) -> bool:
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def path(self, root: re.Pattern[str]) -> Path:
        start = self.at
        found = self.match(root)
        if not found:
            raise self.wrong("a path starts with $")
        name = found.groupdict().get("variable") or found.group()
        steps: list[Step] = []
        while self.at < len(self.text):
            if self.take(".."):
                steps.append(Descent())
                if not self.text.startswith("[", self.at):
                    steps.append(self.named())
            elif self.take("."):
                if not self.text.startswith("[", self.at):  # `$.[0]` is taken like `$[0]`
                    steps.append(self.named())
            elif self.take("["):
                steps.append(self.bracket())
            else:
                break
        return Path(self.text[start : self.at], name, tuple(steps))

    def named(self) -> Step:
        if self.take("*"):
            return Wildcard()
        found = self.match(_FILTER_NAME if self.filters else _NAME)
        if not found:
            raise self.wrong("a field name is missing")
        return NameSelector((found.group(),))

    def bracket(self) -> Step:
        self.spaces()
        step: Step
        if self.take("*"):
            step = Wildcard()
        elif self.take("?"):
            self.spaces()
            if not self.take("("):
                raise self.wrong("a filter is written [?( ... )]")
            self.filters += 1
            step = Filter(self.either())
            self.filters -= 1
            self.spaces()
            if not self.take(")"):
                raise self.wrong("the filter is not closed")
        elif self.text[self.at : self.at + 1] in ("'", '"'):
            step = NameSelector(tuple(self.separated(self.quoted)))
        else:
            sliced = self.match(_SLICE)
            step = self.sliced(sliced) if sliced else Indexes(tuple(self.separated(self.integer)))
        self.spaces()
        if not self.take("]"):
            raise self.wrong("] is missing")
        return step

    def sliced(self, found: re.Match[str]) -> Slice:
        """Read `a:b`; Jayway reads a third part and does nothing with it, and refuses a slice without any bound."""
        start, stop = map(_maybe, found.groups())
        if start is None and stop is None:
            raise self.wrong("a slice has a start or an end")
        return Slice(start, stop)

    def separated(self, one: Callable[[], T]) -> list[T]:
        found = [one()]
        self.spaces()
        while self.take(","):
            self.spaces()
            found.append(one())
            self.spaces()
        return found

    def integer(self) -> int:
        found = self.match(_INTEGER)
        if not found:
            raise self.wrong("an index or a quoted name is missing")
        return int(found.group())

    def quoted(self) -> str:
        quote = self.text[self.at : self.at + 1]
        if quote not in ("'", '"') or not quote:
            raise self.wrong("a quoted name is missing")
        self.at += 1
        pieces: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            following = self.text[self.at + 1 : self.at + 2]
            if char == "\\" and following in (quote, "\\"):
                pieces.append(following)
                self.at += 2
                continue
            if char == "\\" and self.filters and following in _ESCAPED:
                pieces.append(_ESCAPED[following])
                self.at += 2
                continue
            if char == "\\" and self.filters and (code := self.match(_UNICODE)):
                pieces.append(chr(int(code.group(1), 16)))
                continue
            self.at += 1
            if char == quote:
                return "".join(pieces)
            pieces.append(char)
        raise self.wrong("a quoted text is not closed")

    def either(self) -> Condition:
        parts = [self.both()]
        self.spaces()
        while self.take("||"):
            parts.append(self.both())
            self.spaces()
        return parts[0] if len(parts) == 1 else Combination("||", tuple(parts))

    def both(self) -> Condition:
        parts = [self.one()]
        self.spaces()
        while self.take("&&"):
            parts.append(self.one())
            self.spaces()
        return parts[0] if len(parts) == 1 else Combination("&&", tuple(parts))

    def one(self) -> Condition:
        self.spaces()
        if self.take("!"):
            return Combination("!", (self.one(),))
        if self.take("("):
            inner = self.either()
            self.spaces()
            if not self.take(")"):
                raise self.wrong(") is missing")
            return inner
        left = self.operand()
        self.spaces()
        found = self.match(_OPERATOR)
        if not found:
            if isinstance(left, Path):
                return Present(left)
            raise self.wrong("an operator is missing")
        self.spaces()
        return FilterComparison(left, found.group().lower(), self.operand())

    def operand(self) -> Operand:
        start = self.text[self.at : self.at + 1]
        if start in ("@", "$"):
            return self.path(_INNER_ROOT)
        if start in ("'", '"'):
            return Literally(self.quoted())
        if self.take("["):
            self.spaces()
            if self.take("]"):
                return Literally([])
            items = [operand.value for operand in self.separated(self.operand) if isinstance(operand, Literally)]
            if not self.take("]"):
                raise self.wrong("] is missing")
            return Literally(items)
        if word := self.match(_WORD):
            return Literally({"true": True, "false": False, "null": None}[word.group()])
        if expression := self.match(_REGEX):
            return Pattern(("(?i)" if expression.group(2) else "") + expression.group(1))
        if number := self.match(_NUMBER):
            text = number.group()
            return Literally(int(text) if _INTEGER.fullmatch(text) else float(text))
        if bare := self.match(_BARE):
            return BareText(bare.group())
        raise self.wrong("a value or a path is missing")


_INNER_ROOT = re.compile(r"[@$]")


def _maybe(text: str | None) -> int | None:
    return None if text is None else int(text)
