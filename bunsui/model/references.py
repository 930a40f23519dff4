"""References in place of values: their forms, and what a pipeline says is sensitive.

A reference is the address of a secret and none itself: it may be stored and shown. A value is read where it is used.
Sources: service authorization reference, "AWS Secrets Manager", "AWS Systems Manager" (the forms of their ARNs).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from bunsui.model.failures import START_STATE
from bunsui.model.json import Json

REFERENCE_PATTERN = (
    r"^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9\/_+=.@!-]{1,519}"
    r"|ssm:[a-z0-9-]+:[0-9]{12}:parameter\/[A-Za-z0-9_.\/-]{1,1010})$"
)
"""The ARN of a secret or of a parameter, as a regular expression that Python and JSONata read alike."""
REFERENCE_FORMS = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME or arn:aws:ssm:REGION:ACCOUNT:parameter/NAME"
REFERENCE_NEEDED = "must be the ARN of a secret, or of a parameter of Systems Manager"

SENSITIVE_KEY = "sensitive"
"""The variable by which a compiled machine names its sensitive outputs, by job; absent when there are none."""
HIDDEN = "(sensitive)"
_SHORTEST_PART = 4
"""Characters that a hidden text has at least to be looked for inside of others."""

_REFERENCE = re.compile(REFERENCE_PATTERN)


def is_reference(text: str) -> bool:
    """Tell whether the text is a reference."""
    return _REFERENCE.match(text) is not None


def sensitive_outputs(definition: Mapping[str, Json]) -> dict[str, frozenset[str]]:
    """Return the names of the sensitive outputs by job, as the machine's first state has them."""
    states = definition.get("States")
    first = states.get(START_STATE) if isinstance(states, Mapping) else None
    assigned = first.get("Assign") if isinstance(first, Mapping) else None
    named = assigned.get(SENSITIVE_KEY) if isinstance(assigned, Mapping) else None
    return {
        job: frozenset(name for name in names if isinstance(name, str))
        for job, names in (named.items() if isinstance(named, Mapping) else ())
        if isinstance(names, (list, tuple))
    }


def without_sensitive(outputs: Json, names: frozenset[str]) -> Json:
    """Return the outputs of a job with those hidden that have one of the names."""
    if not names or not isinstance(outputs, Mapping):
        return outputs
    return {name: HIDDEN if name in names else value for name, value in outputs.items()}


def without_values(params: Mapping[str, Json], names: frozenset[str]) -> Mapping[str, Json]:
    """Return the parameters with what is no reference hidden, where they must be references."""
    return {
        name: HIDDEN if name in names and not (isinstance(value, str) and is_reference(value)) else value
        for name, value in params.items()
    }


def hide_values(value: Json, hidden: Collection[str | int | float], *, put: str = HIDDEN) -> Json:
    """Return the value with `put` where a hidden one stands, also as a part of a text or of JSON in one; short ones only as a
    whole."""
    texts = {one for one in hidden if isinstance(one, str) and len(one) >= _SHORTEST_PART}
    parts = sorted({form for text in texts for form in (text, json.dumps(text)[1:-1])}, key=len, reverse=True)
    return _hide(value, frozenset(hidden), parts, put)


def _hide(value: Json, hidden: frozenset[str | int | float], parts: Sequence[str], put: str) -> Json:
    if isinstance(value, Mapping):
        return {key: _hide(item, hidden, parts, put) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hide(item, hidden, parts, put) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if value in hidden:
        return put
    if isinstance(value, str):
        for text in parts:
            value = value.replace(text, put)
    return value


def scalars(value: Json) -> Iterator[str | int | float]:
    """Return the texts and numbers in a value."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from scalars(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from scalars(item)
    elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield value
