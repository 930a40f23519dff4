"""JSONPath in states: payload templates, and the fields that hold a path or a call.

Fields ending in `.$` are replaced by what their text names (Parameters, ResultSelector, ItemSelector, Assign and others).
An index past the end of an array gives null there, as measured on AWS.
Source: developer guide, "Manipulating parameters in Step Functions workflows"; causes as recorded.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.asl.intrinsics import IntrinsicSyntaxError
from bunsui.asl.jsonpath import JsonPathSyntaxError, parse
from bunsui.engine.context import ExpressionScope
from bunsui.engine.failures import RESULT_PATH, RUNTIME, StateFailure
from bunsui.engine.jsonpath import intrinsics
from bunsui.engine.jsonpath.paths import NotAReferencePath, PastTheEnd, PathError, compact, place
from bunsui.model.json import Json

__all__ = ["fill", "select", "value_of", "write"]


def fill(template: Json, scope: ExpressionScope) -> Json:
    """Return the template with every `.$` field evaluated. Raises StateFailure."""
    if isinstance(template, Mapping):
        filled: dict[str, Json] = {}
        for key, item in template.items():
            if key.endswith(".$") and isinstance(item, str):
                filled[key[:-2]] = value_of(item, scope, field=key)
            else:
                filled[key] = fill(item, scope)
        return filled
    if isinstance(template, (list, tuple)):
        return [fill(item, scope) for item in template]
    return template


def value_of(text: str, scope: ExpressionScope, *, field: str) -> Json:
    """Return what a path or an intrinsic call in a field names, as in templates, `ErrorPath` and `CausePath`.

    Raises StateFailure with the cause that AWS gives for these fields."""
    if text.startswith("States."):
        try:
            return intrinsics.evaluate(text, scope)
        except IntrinsicSyntaxError as error:
            raise StateFailure(RUNTIME, f"Invalid intrinsic function '{text}' in the field '{field}': {error}") from error
    try:
        return intrinsics.look_up(parse(text), scope)
    except JsonPathSyntaxError as error:
        raise StateFailure(RUNTIME, f"Invalid path '{text}' : {error}") from error
    except PastTheEnd:
        return None
    except PathError as error:
        searched = scope.context if text.startswith("$$") else scope.data
        cause = f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input '{compact(searched)}'"
        raise StateFailure(RUNTIME, cause) from error


def select(path: str | None, scope: ExpressionScope) -> Json:
    """Return what InputPath, OutputPath, ItemsPath, TimeoutSecondsPath and the like name; None gives `{}`.

    Raises StateFailure with the cause that AWS gives for these fields."""
    if path is None:
        return {}
    if path.startswith("States."):
        return value_of(path, scope, field=path)
    try:
        return intrinsics.look_up(parse(path), scope)
    except JsonPathSyntaxError as error:
        raise StateFailure(RUNTIME, f"Invalid path '{path}' : {error}") from error
    except PathError as error:
        raise StateFailure(RUNTIME, str(error)) from error


def write(result_path: str | None, result: Json, into: Json) -> Json:
    """Return the state's input with its result written at ResultPath; None discards the result. Raises StateFailure."""
    if result_path is None:
        return into
    try:
        return place(result_path, result, into)
    except JsonPathSyntaxError as error:
        raise StateFailure(RUNTIME, f"Invalid path '{result_path}' : {error}") from error
    except NotAReferencePath as error:
        raise StateFailure(RESULT_PATH, str(error)) from error
