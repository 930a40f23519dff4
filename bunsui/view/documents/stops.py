"""Sessions that were stopped together, as a JSON document."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import Shape, member
from bunsui.services.running.stops import StopOutcome
from bunsui.view.documents.sessions import SessionPart


class StoppedPart(ShapeOf[StopOutcome]):
    """A session that was to be stopped."""

    session: SessionPart = member()
    error: str | None = member("Why it was not stopped; null when it was, or had ended.", of="error.code")


class StoppedDocument(Shape, kind="stopped"):
    """Of `stop` with a filter: what became of each session that it found."""

    sessions: tuple[StoppedPart, ...] = member("Newest start first.")
