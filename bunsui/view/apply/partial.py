"""The pipelines that an apply leaves as they are, with the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.apply.events import pipelines_left
from bunsui.errors import Refused
from bunsui.view.apply.events import event_lines
from bunsui.view.spans import Line


def left_lines(left: Mapping[str, Refused]) -> Iterator[Line]:
    """Return the lines that name each pipeline, why it is left, and what to do."""
    for event in pipelines_left(left):
        yield from event_lines(event)
