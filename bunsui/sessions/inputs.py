"""Parameters of a run: `NAME=VALUE` texts read as the parameter's type, checked against its schema, all mistakes at once."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable, Mapping, Sequence

from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import Parameter, Pipeline
from bunsui.model.references import REFERENCE_FORMS, REFERENCE_NEEDED, is_reference
from bunsui.model.values import Expression, Value, leaves


def read_parameters(pipeline: Pipeline, texts: Sequence[str]) -> dict[str, Json]:
    """Return the parameters of a run, in the pipeline's order.

    Literal defaults are filled in; defaults that are expressions are left for the run, which knows the session.

    Raises:
        InvalidInput: with one fact for each parameter that is unknown, missing, given twice or of another type.

    """
    known = {parameter.name: parameter for parameter in pipeline.parameters}
    problems: dict[str, str] = {}
    given: dict[str, Json] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator:
            problems[name] = "write it as NAME=VALUE"
        elif name not in known:
            problems[name] = _unknown_parameter(name, known)
        elif name in given:
            problems[name] = "given twice"
        else:
            try:
                given[name] = read_value(known[name], value)
            except ValueError as error:
                problems[name] = f"{error}{_describe_parameter(known[name])}"
    for parameter in pipeline.parameters:
        if parameter.required and parameter.default is None and parameter.name not in {**given, **problems}:
            problems[parameter.name] = (
                f"missing; give --param {parameter.name}=… ({_allowed_words(parameter)}){_describe_parameter(parameter)}"
            )
    return _complete(pipeline, given, problems)


def given_values(pipeline: Pipeline, values: Mapping[str, Json]) -> dict[str, Json]:
    """Return the parameters of a run that is given values rather than texts, as `read_parameters` does.

    Raises:
        InvalidInput: with one fact for each parameter that is unknown, missing or of another type.

    """
    known = {parameter.name: parameter for parameter in pipeline.parameters}
    problems = {name: _unknown_parameter(name, known) for name in values if name not in known}
    for parameter in pipeline.parameters:
        if parameter.name not in values:
            if parameter.required and parameter.default is None:
                problems[parameter.name] = f"missing ({_allowed_words(parameter)}){_describe_parameter(parameter)}"
        elif parameter.sensitive and not is_reference(str(values[parameter.name])):
            problems[parameter.name] = f"{REFERENCE_NEEDED}, and no value: {REFERENCE_FORMS}"
        elif problem := _schema_problem(parameter, values[parameter.name]):
            problems[parameter.name] = f"{problem}; allowed: {_allowed_words(parameter)}"
    return _complete(pipeline, values, problems)


def _complete(pipeline: Pipeline, given: Mapping[str, Json], problems: Mapping[str, str]) -> dict[str, Json]:
    if problems:
        raise InvalidInput(
            "bad-parameters",
            "the parameters of the run cannot be used",
            hint=f"Parameters of this pipeline: {_signature(pipeline)}",
            **{f"parameter {name}": problem for name, problem in problems.items()},
        )
    return {
        parameter.name: given[parameter.name] if parameter.name in given else _literal(parameter.default)
        for parameter in pipeline.parameters
        if parameter.name in given or _is_literal(parameter.default)
    }


def read_value(parameter: Parameter, text: str) -> Json:
    """Return the text as the parameter's type; ValueError, saying what is allowed, when it is not one or against the schema."""
    if parameter.sensitive and not is_reference(text):
        raise ValueError(f"{REFERENCE_NEEDED}, and no value: {REFERENCE_FORMS}")
    try:
        value = _READERS.get(parameter.type, str)(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is not {_article(parameter.type)}") from error
    problem = _schema_problem(parameter, value)
    if problem:
        near = difflib.get_close_matches(text, [str(item) for item in _enum(parameter)])
        raise ValueError(f"{problem}; allowed: {_allowed_words(parameter)}{f'; did you mean {near[0]}?' if near else ''}")
    return value


def _describe_parameter(parameter: Parameter) -> str:
    return f": {parameter.description}" if parameter.description else ""


def _integer(text: str) -> int:
    return int(text, 10)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not finite")
    return int(value) if value.is_integer() and "e" not in text.lower() and "." not in text else value


def _boolean(text: str) -> bool:
    match text.strip().lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError("not a boolean")


def _array(text: str) -> Json:
    value: Json = json.loads(text)
    if not isinstance(value, list):
        raise ValueError("not an array")
    return value


def _object(text: str) -> Json:
    value: Json = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


_READERS: Mapping[str, Callable[[str], Json]] = {
    "string": str,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}


def _article(kind: str) -> str:
    match kind:
        case "array" | "object":
            return f"an {kind} written as JSON"
        case "integer":
            return "an integer"
        case "boolean":
            return "true or false"
        case _:
            return f"a {kind}"


def _schema_problem(parameter: Parameter, value: Json) -> str:
    from jsonschema import Draft202012Validator, FormatChecker  # deferred: only runs with parameters need it

    validator = Draft202012Validator(parameter.schema, format_checker=FormatChecker())
    error = next(iter(validator.iter_errors(value)), None)
    return "" if error is None else error.message


def _unknown_parameter(name: str, known: Mapping[str, Parameter]) -> str:
    near = difflib.get_close_matches(name, list(known), cutoff=0.5)
    return f"no such parameter{f'; did you mean {near[0]}?' if near else ''}"


def _enum(parameter: Parameter) -> Sequence[Json]:
    values = parameter.schema.get("enum")
    return values if isinstance(values, (list, tuple)) else ()


def _allowed_words(parameter: Parameter) -> str:
    if values := _enum(parameter):
        return " | ".join(str(value) for value in values)
    rules = [
        f"{name} {parameter.schema[name]}" for name in ("format", "pattern", "minimum", "maximum") if name in parameter.schema
    ]
    return ", ".join([parameter.type, *rules])


def _signature(pipeline: Pipeline) -> str:
    return ", ".join(f"{parameter.name} ({_allowed_words(parameter)})" for parameter in pipeline.parameters) or "none"


def _is_literal(value: Value) -> bool:
    return value is not None and not any(isinstance(leaf, Expression) for leaf in leaves(value))


def _literal(value: Value) -> Json:
    if isinstance(value, Mapping):
        return {name: _literal(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_literal(item) for item in value]
    assert value is None or isinstance(value, (bool, int, float, str)), "a literal default holds only JSON"
    return value
