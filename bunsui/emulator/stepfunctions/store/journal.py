"""What came to an execution from outside, in a form that is saved: reports of tasks, stops and redrives, with their instants.

An entry is a list: instant in microseconds since 1970, kind, and then by kind
    report   number of the request (counted from 0 in the order of the engine's requests), type of the report, its members
    stop     error, cause
    redrive  nothing
    map_run  ARN of a map run, limits that change
    object   what came of a call of an object store, and what a role permits; see `bunsui.emulator.stepfunctions.tasks.objects`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from bunsui.engine.tasks import TaskBeat, TaskFailed, TaskReport, TaskSubmitted, TaskSucceeded, TaskTaken
from bunsui.stored_words import StoredItem

Entry = list[Any]

REPORT = "report"
STOP = "stop"
REDRIVE = "redrive"
MAP_RUN = "map_run"
OBJECT = "object"
KINDS = (REPORT, STOP, REDRIVE, MAP_RUN, OBJECT)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REPORTS: dict[str, type[TaskReport]] = {
    kind.__name__: kind for kind in (TaskTaken, TaskSubmitted, TaskBeat, TaskSucceeded, TaskFailed)
}


def report_entry(at: datetime, number: int, report: TaskReport) -> Entry:
    """Return the entry of a task's report."""
    return [microseconds(at), REPORT, number, type(report).__name__, asdict(report)]


def stop_entry(at: datetime, error: str | None, cause: str | None) -> Entry:
    """Return the entry of a stop."""
    return [microseconds(at), STOP, error, cause]


def redrive_entry(at: datetime) -> Entry:
    """Return the entry of a redrive."""
    return [microseconds(at), REDRIVE]


def map_run_entry(at: datetime, arn: str, changes: Mapping[str, float]) -> Entry:
    """Return the entry of a change of a map run's limits."""
    return [microseconds(at), MAP_RUN, arn, dict(changes)]


def object_entry(at: datetime, came: list[Any]) -> Entry:
    """Return the entry of a call of an object store."""
    return [microseconds(at), OBJECT, came]


def instant(entry: Entry) -> datetime:
    """Return when it came."""
    return from_microseconds(entry[0])


def check_entry(entry: Entry, item: StoredItem) -> None:
    """Check the words of an entry that was stored; Refused where one of them is a newer bunsui's."""
    if item.word("journal entry", entry[1], KINDS) == REPORT:
        item.word("report", entry[3], _REPORTS)


def report_of(entry: Entry) -> tuple[int, TaskReport]:
    """Return the number of the request and the report."""
    return entry[2], _REPORTS[entry[3]](**entry[4])


def microseconds(at: datetime) -> int:
    """Return the instant as a whole number."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(number: int) -> datetime:
    """Return the instant back, exactly."""
    return _EPOCH + timedelta(microseconds=number)
