"""JSONata in states: expressions between `{%` and `%}`, evaluated as Step Functions does.

The library is `jsonata-python`. What it does otherwise than Step Functions is put right here: time and chance are injected,
`$eval` is gone, `$partition`, `$range`, `$hash`, `$random(seed)`, `$uuid` and `$parse` are there, null and undefined stay
apart, whole numbers have no fraction, an endless recursion ends, and causes read as AWS writes them. Source: developer guide,
"Transforming data with JSONata in Step Functions"; causes as recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import local
from typing import TYPE_CHECKING, Any

from bunsui.asl import expressions
from bunsui.engine.context import Sources
from bunsui.engine.failures import QUERY_EVALUATION, StateFailure
from bunsui.engine.jsonata.bounds import OutOfBounds
from bunsui.engine.jsonata.errors import reason
from bunsui.engine.jsonata.functions import bind_functions
from bunsui.engine.jsonata.program import program, run
from bunsui.engine.jsonata.values import UNDEFINED, finish_untouched, from_library, project_fields, to_library
from bunsui.engine.jsonpath.paths import compact
from bunsui.model.json import Json
from bunsui.performance import Shortcut, uses

if TYPE_CHECKING:
    from bunsui.engine.jsonata.jsonata_python import Jsonata

__all__ = ["EvaluationFailure", "evaluate", "evaluate_as", "fill", "is_expression", "kind_of", "text_of"]


class EvaluationFailure(StateFailure):
    """An expression failed; the history tells where."""

    def __init__(self, cause: str, location: str) -> None:
        """Keep the cause and the field, such as `Output/total`."""
        super().__init__(QUERY_EVALUATION, cause)
        self.location = location


def is_expression(value: Json) -> bool:
    """Tell whether the value is a text that is evaluated: it begins with `{%` and ends with `%}`."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def text_of(value: str) -> str:
    """Return the expression without its delimiters."""
    return value[2:-2].strip()


def evaluate(value: str, bindings: Mapping[str, Json], *, field: str, sources: Sources) -> Json:
    """Evaluate `{% ... %}`. `bindings` are the variables, `states` among them; `field` is the place that causes name.

    Raises EvaluationFailure, also when the result is undefined."""
    text = text_of(value)
    frame = f"The JSONata expression '{text}' specified for the field '{field}'"
    try:
        quick = uses(Shortcut.JSONATA_STEPS)
        result: Any = _plain(text, bindings) if quick else _NOT_PLAIN
        given: Any = None
        if result is _NOT_PLAIN:
            given = _parsed(text, quick).run(bindings, sources)
            result = from_library(given)
    except OutOfBounds as error:
        raise EvaluationFailure(f"{frame} threw an error during evaluation: {error}", field) from error
    except Exception as error:  # the library raises whatever Python does on odd values
        raise EvaluationFailure(f"{frame} threw an error during evaluation. {reason(error)}", field) from error
    if result is UNDEFINED:
        why = "nothing (undefined)" if given is None else "an unsupported result type"  # a function
        raise EvaluationFailure(f"{frame} returned {why}.", field)
    found: Json = result
    return found


def evaluate_as(kind: str, value: str, bindings: Mapping[str, Json], *, field: str, sources: Sources) -> Json:
    """Evaluate and insist on a kind of result: `array`, `object`, `string`, `number`, `boolean` or `null`.

    Raises EvaluationFailure."""
    result = evaluate(value, bindings, field=field, sources=sources)
    if kind_of(result) != kind:
        cause = (
            f"The JSONata expression '{text_of(value)}' specified for the field '{field}' returned an unexpected result type. "
            f"Expected '{kind}', but was '{kind_of(result)}' for value: {compact(result)}"
        )
        raise EvaluationFailure(cause, field)
    return result


def fill(template: Json, bindings: Mapping[str, Json], *, field: str, sources: Sources) -> Json:
    """Return the template with every expression in it evaluated; `field` names the template in causes.

    Raises EvaluationFailure."""
    if isinstance(template, str):
        return evaluate(template, bindings, field=field, sources=sources) if is_expression(template) else template
    if isinstance(template, Mapping):
        return {key: fill(item, bindings, field=f"{field}/{key}", sources=sources) for key, item in template.items()}
    if isinstance(template, (list, tuple)):
        return [fill(item, bindings, field=f"{field}[{at}]", sources=sources) for at, item in enumerate(template)]
    return template


def kind_of(value: Json) -> str:
    """Return JSON's name for the kind of value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


_NOT_PLAIN = object()


@lru_cache(maxsize=4096)
def _plain_path(text: str) -> tuple[str, ...] | None:
    """Return the names of `$name.field.field`, None for any other expression."""
    return tuple(text[1:].split(".")) if re.fullmatch(r"\$[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", text, re.ASCII) else None


def _plain(text: str, bindings: Mapping[str, Json]) -> Any:
    """Return what a plain path through objects names: most expressions are one, and the library takes its time."""
    path = _plain_path(text)
    if path is None or path[0] not in bindings:
        return _NOT_PLAIN
    value: Any = bindings
    for name in path:
        if not isinstance(value, Mapping):
            return _NOT_PLAIN
        if name not in value:
            return UNDEFINED
        value = value[name]
    return finish_untouched(value)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """An expression ready to run, with what it reads."""

    program: Jsonata
    reads: Mapping[str, Any]
    """Variable -> the fields of it that are read, as nested mappings; empty means the whole value."""

    def run(self, bindings: Mapping[str, Json], sources: Sources) -> Any:
        frame: dict[str, Any] = {"eval": None}
        for name, fields in self.reads.items():
            if name in bindings:
                frame[name] = to_library(project_fields(bindings[name], fields))
        frame.update((name, function) for name, function in bind_functions(sources, self.reads).items() if name not in bindings)
        return run(self.program, frame)


_caches = local()
"""The library's programs remember where they stand while they run: each thread has its own."""


def _parsed(text: str, quick: bool) -> _Parsed:  # noqa: FBT001 - a part of the cache's key
    cache: Callable[[str, bool], _Parsed] | None = getattr(_caches, "parse", None)
    if cache is None:
        cache = _caches.parse = lru_cache(maxsize=4096)(_parse)
    return cache(text, quick)


def _parse(text: str, _quick: bool) -> _Parsed:  # noqa: FBT001 - as above
    reads: dict[str, Any] = {}
    for use in expressions.variables(text):
        _note(reads, (use.name, *use.path))
    return _Parsed(program(text), reads)


def _note(reads: dict[str, Any], path: tuple[str, ...]) -> None:
    """Add a path to the tree of what is read; an empty mapping means that everything below is."""
    tree = reads
    for number, name in enumerate(path):
        if number == len(path) - 1:
            tree[name] = {}
            return
        if name in tree and not tree[name]:
            return
        tree = tree.setdefault(name, {})
