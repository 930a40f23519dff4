"""Log lines from CloudWatch Logs.

Sources: API reference of CloudWatch Logs, FilterLogEvents (both ends of the window included; a page may be partly full or
empty, only one without a token is the last) and GetLogEvents (the end excluded; at either end of the stream the token that was
given comes back); its user guide, "Filter pattern syntax".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import foreign_answer
from bunsui.errors import Missing
from bunsui.ports.monitoring import LogLine

_LONGEST_PATTERN = 1024
_LARGEST_PAGE = 10_000


class CloudWatchLogReader:
    """Implements `bunsui.ports.monitoring.LogReader`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def containing(
        self, group: str, texts: Sequence[str], *, start: datetime, end: datetime | None = None
    ) -> Sequence[LogLine]:
        """Return every line of the group in the window, both ends included, that holds one of the texts, oldest first; empty
        when the group does not exist."""
        window: dict[str, object] = {"logGroupName": group, "startTime": _milliseconds(start)}
        if end is not None:
            window["endTime"] = _milliseconds(end)
        found: dict[object, LogLine] = {}
        try:
            for pattern in _patterns(texts):
                for number, event in enumerate(self._filter_events(group, {**window, "filterPattern": pattern})):
                    line = _line(event, str(event.get("logStreamName", "")))
                    # An endpoint that reads the pattern otherwise gives more than was asked for.
                    if any(text in line.message for text in texts):
                        found[event.get("eventId") or (pattern, number)] = line
        except Missing:
            return []
        return sorted(found.values(), key=lambda line: line.at)

    def backwards(
        self, group: str, stream: str, *, start: datetime, end: datetime | None = None, page: int = _LARGEST_PAGE
    ) -> Iterator[Sequence[LogLine]]:
        """Return the stream's lines in the window, both ends included, in pages from the newest to the oldest; within a page
        oldest first. Nothing when the group or the stream does not exist."""
        arguments: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startTime": _milliseconds(start)}
        if end is not None:
            arguments["endTime"] = _milliseconds(end) + 1
        arguments |= {"limit": min(page, _LARGEST_PAGE), "startFromHead": False}
        while True:
            try:
                with self._connection.translated("logs", "GetLogEvents", group=group):
                    answer: Mapping[str, Any] = self._connection.reader("logs").get_log_events(**arguments)
            except Missing:
                return
            if answer["events"]:
                yield [_line(event, stream) for event in answer["events"]]
            token = answer.get("nextBackwardToken")
            if not token or token == arguments.get("nextToken"):
                return
            arguments["nextToken"] = token

    def _filter_events(self, group: str, arguments: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        with self._connection.translated("logs", "FilterLogEvents", group=group):
            for page in self._connection.reader("logs").get_paginator("filter_log_events").paginate(**arguments):
                yield from page["events"]


def _patterns(texts: Sequence[str]) -> Iterator[str]:
    """Return filter patterns that together find every line with one of the texts, each as long as it may be."""
    pattern = ""
    for text in texts:
        term = f'?"{_quote_text(text)}"'
        if pattern and len(pattern) + 1 + len(term) > _LONGEST_PATTERN:
            yield pattern
            pattern = ""
        pattern = f"{pattern} {term}" if pattern else term
    if pattern:
        yield pattern


def _line(event: Mapping[str, Any], stream: str) -> LogLine:
    try:
        at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        raise foreign_answer({"Message": "a line of a time that no calendar has"}, "logs", "GetLogEvents") from None
    return LogLine(at=at, message=str(event["message"]).rstrip("\n"), stream=stream)


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _quote_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
