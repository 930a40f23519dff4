"""`$toMillis` as jsonata 2.0.6 has it: ISO 8601 in the forms that it names, to the millisecond.

Python's own reader takes more forms (a blank for the `T`, weeks) and rounds through floating-point seconds.
Source: docs.jsonata.org, "Date/Time functions"; forms as the reference suite has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bunsui.engine.jsonata.jsonata_python import error, parse_millis

_ISO_8601 = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))?)?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = frozenset("HhPmsf")
_COMPONENT = re.compile(r"\[([A-Za-z])[^\]]*\]")


def millis_by(now: Callable[[], datetime]) -> Callable[..., Any]:
    """Return `$toMillis`; `now` gives the date of a picture that has only a time."""

    def millis(text: Any = None, picture: Any = None) -> Any:
        if text is None:
            return None
        if picture is None:
            return _read_iso(text)
        parts = set(_COMPONENT.findall(picture))
        if parts and parts <= _TIME:
            # The library would take the date of its own clock.
            return parse_millis(f"{now().astimezone(UTC):%Y-%m-%d} {text}", f"[Y0001]-[M01]-[D01] {picture}")
        return parse_millis(text, picture)

    return millis


def _read_iso(text: str) -> int:
    found = _ISO_8601.fullmatch(text)
    if found is None:
        raise error("D3110", text)
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    try:
        at = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    except ValueError as problem:
        raise error("D3110", text) from problem
    if sign is not None:
        away = timedelta(hours=int(hours), minutes=int(minutes))
        at = at - away if sign == "+" else at + away
    return (at - _EPOCH) // timedelta(seconds=1) * 1000 + int(f"{fraction or '0'}00"[:3])
