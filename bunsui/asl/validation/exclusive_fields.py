"""Fields that exclude each other, or of which a state needs one.

Source: states-language.net, sections of each state type.
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.asl.validation.finding import DefinitionFinding, error
from bunsui.asl.validation.views import StateView

_EXCLUSIVE = (
    ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("ItemProcessor", "Iterator"),
    ("ItemSelector", "Parameters"),
)


def exclusive(state: StateView) -> Iterator[DefinitionFinding]:
    """Check that fields which exclude each other do not stand side by side, and that a Wait knows how long."""
    for group in _EXCLUSIVE:
        given = [name for name in group if name in state.fields]
        if len(given) > 1:
            words = f"A state should have only one of the following fields: [{', '.join(group)}]"
            message = f"{' and '.join(given)} exclude each other"
            yield error("ASL006", (*state.path, given[1]), message, aws=words, at=state.path, on_key=True)
    waits = _EXCLUSIVE[0] if state.language == "JSONPath" else ("Seconds", "Timestamp")
    if state.type == "Wait" and not any(name in state.fields for name in _EXCLUSIVE[0]):
        words = f"A state should have one of the following fields: [{', '.join(waits)}]"
        message = f"the Wait state {state.name} does not say how long"
        yield error("ASL002", state.path, message, aws=words, hint="Give it Seconds or Timestamp.", on_key=True)
