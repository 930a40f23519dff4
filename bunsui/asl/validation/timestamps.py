"""Timestamps that stand in a definition: RFC 3339, as Step Functions takes it.

Source: states-language.net, "Timestamps".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bunsui.asl.validation.finding import DefinitionFinding, Path, error
from bunsui.asl.validation.numbers import is_code
from bunsui.asl.validation.views import StateView, is_opaque

_RFC3339 = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)


def wait_timestamp(state: StateView) -> Iterator[DefinitionFinding]:
    """Check the fixed Timestamp of a Wait."""
    if state.type == "Wait" and "Timestamp" in state.fields:
        value, path = state.fields["Timestamp"], (*state.path, "Timestamp")
        if not is_opaque(value) and not (state.language == "JSONata" and is_code(value)):
            yield from timestamp(value, path)


def timestamp(value: Any, path: Path) -> Iterator[DefinitionFinding]:
    """Check one timestamp: RFC 3339 with capital T and Z."""
    if not isinstance(value, str):
        yield error("ASL004", path, f"{path[-1]} must be a string", aws="Expected value of type [STRING]")
    elif not is_timestamp(value):
        hint = "Such as 2026-03-14T01:59:00Z."
        yield error(
            "ASL070", path, f"{value[:60]} is no RFC 3339 timestamp", aws="String does not match RFC3339 timestamp", hint=hint
        )


def is_timestamp(text: str) -> bool:
    """Tell whether the text is a timestamp that exists."""
    found = _RFC3339.fullmatch(text)
    if not found:
        return False
    try:
        datetime.strptime(found.group(1), "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - only whether it exists
    except ValueError:
        return False
    return True
