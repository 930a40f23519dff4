"""Parameters of an operation of which some are known only when a plan is made.

Files alone do not know what a look-up gives, and types ask for forms: the ARN of a topic, a list of subnets. So where nothing
but an unknown value is wrong, a value of a form that the type takes stands for it, as zeros stand for an account that nobody
asked for. The plan, which knows the value, checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bunsui.document.schema.lookups import is_unknown
from bunsui.document.yaml.tree import Path
from bunsui.model.values import Expression, Value

_ARN = "arn:aws:{}:us-east-1:000000000000:{}"
_ARNS = {
    "sns": "looked-up",
    "sqs": "looked-up",
    "lambda": "function:looked-up:1",
    "states": "stateMachine:looked-up",
    "kms": "key/00000000-0000-0000-0000-000000000000",
    "dynamodb": "table/looked-up",
    "logs": "log-group:looked-up",
    "ecs": "cluster/looked-up",
    "secretsmanager": "secret:looked-up",
    "events": "event-bus/looked-up",
}
_TEXTS = (
    *(_ARN.format(service, resource) for service, resource in _ARNS.items()),
    "arn:aws:iam::000000000000:role/looked-up",
    "https://sqs.us-east-1.amazonaws.com/000000000000/looked-up",
    *("subnet-0123456789abcdef0", "sg-0123456789abcdef0", "looked-up", "looked-up:1"),
)
_FORMS: tuple[object, ...] = (Expression("$lookedUp"), *_TEXTS, *([text] for text in _TEXTS), 1, 1.0, True, {})
_MOST_PLACES = 12
"""So many unknown values of one operation are stood for."""


def with_forms(
    validate: Callable[[Any], Any], own: Mapping[str, Value], places: Callable[[Any, ValidationError], Sequence[Path]]
) -> Any:
    """Return the parameters with values of other forms for what is looked up and refused as it is written. `places` tells where
    a refusal of such parameters lies."""
    current: Any = own
    for _ in range(_MOST_PLACES):
        try:
            validate(dict(current))
        except ValidationError as error:
            wrong = places(current, error)
            place = next((one for path in wrong for one in _unknown_places(current, path)), None)
        else:
            break
        if place is None:
            break
        current = _with_form(validate, current, place, places)
    return current


def _with_form(
    validate: Callable[[Any], Any], own: Any, place: Path, places: Callable[[Any, ValidationError], Sequence[Path]]
) -> Any:
    """Return the parameters with a form at the place that is not refused there; with the last one where all are."""
    tried = own
    for form in _FORMS:
        tried = _with_value(own, place, form)
        try:
            validate(dict(tried))
        except ValidationError as error:
            if not any(path[: len(place)] == place for path in places(tried, error)):
                return tried
        else:
            return tried
    return tried


def _unknown_places(value: Any, path: Path) -> Iterator[Path]:
    """Yield the places of unknown texts at the path and below."""
    found: Any = value
    for step in path:
        found = found[step]
    yield from ((*path, *below) for below in _texts_below(found))


def _texts_below(value: Any) -> Iterator[Path]:
    if isinstance(value, str):
        if is_unknown(value):
            yield ()
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from ((key, *below) for below in _texts_below(item))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from ((index, *below) for below in _texts_below(item))


def _with_value(value: Any, path: Path, new: object) -> Any:
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return {**value, step: _with_value(value[step], rest, new)}
    items = list(value)
    items[int(step)] = _with_value(items[int(step)], rest, new)
    return items
