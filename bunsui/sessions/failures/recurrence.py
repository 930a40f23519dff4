"""Whether a failure comes again when the same is run again: what the class of it tells."""

from __future__ import annotations

from enum import Enum

from bunsui.model.failures import ErrorClass


class Recurrence(Enum):
    """What becomes of a failure when nothing changed."""

    CERTAIN = "it fails again in the same way"
    UNLESS_MENDED = "it fails again in the same way, unless what it reads or needs was mended elsewhere"
    PASSING = ""
    """It lay outside of code and definition, and may be over."""


_CERTAIN = frozenset({ErrorClass.CODE, ErrorClass.PAYLOAD, ErrorClass.MEMORY})
_PASSING = frozenset({ErrorClass.THROTTLING, ErrorClass.INFRASTRUCTURE, ErrorClass.TIMEOUT, ErrorClass.CANCELLED})


def recurrence_of(error_class: str, *, has_own_code: bool = True) -> Recurrence:
    """Return what becomes of a failure of a class, by its value, when neither definition nor code of the job changed; without
    code of its own somebody else may have changed what it calls."""
    found = next((kind for kind in ErrorClass if kind.value == error_class), None)
    if found is None or found in _PASSING:
        return Recurrence.PASSING
    return Recurrence.CERTAIN if found in _CERTAIN and has_own_code else Recurrence.UNLESS_MENDED
