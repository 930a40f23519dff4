"""The versions of functions that a definition names: what a version of a machine runs, whatever is deployed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bunsui.model.json import Json

_FUNCTION = ":function:"
_PARTS_WITH_VERSION = 8
"""How many parts a function's ARN has when it ends with a version."""


def named_versions(value: Json) -> Iterator[str]:
    """Return every text that is the ARN of a function's version, wherever it stands in a definition."""
    if isinstance(value, str):
        if _FUNCTION in value and value.startswith("arn:") and len(value.split(":")) == _PARTS_WITH_VERSION:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from named_versions(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from named_versions(item)
