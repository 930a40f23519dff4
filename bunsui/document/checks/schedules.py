"""Schedules that never start: EventBridge Scheduler takes them without a word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.pipeline import Pipeline, Schedule
from bunsui.model.starts import starts_again

_NOWHERE = timedelta(days=1)
"""Zones differ by a day: what is told to be past is past everywhere."""
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def check_schedules(document: Document, pipeline: Pipeline, today: date) -> Iterator[Diagnostic]:
    """Return a warning for each enabled schedule that starts nothing from today on. The expressions must be valid."""
    entries = document.data.get("schedules") if isinstance(document.data, dict) else None
    after = datetime.combine(today, time(), UTC) - _NOWHERE
    for index, schedule in enumerate(pipeline.schedules):
        if pipeline.enabled and schedule.enabled and not starts_again(schedule.expression, schedule.timezone, after=after):
            kind = schedule.expression.partition("(")[0]
            path: Path = ("schedules", index, kind) if isinstance(entries, list) else ("schedules",)
            yield _never(document, schedule, path, is_past=starts_again(schedule.expression, schedule.timezone, after=_FIRST))


def _never(document: Document, schedule: Schedule, path: Path, *, is_past: bool) -> Diagnostic:
    why = "all its starts are past" if is_past else "there is no such day"
    return document.finding(
        "BS223",
        f"the schedule {schedule.id} never starts: {why}",
        path,
        severity=Severity.WARNING,
        hint="Correct it, remove it, or keep it for later with enabled: false.",
    )
