"""Log lines from CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bunsui.aws.connect import Connection
from bunsui.errors import Missing
from bunsui.ports.monitoring import LogLine


class CloudWatchLogReader:
    """Reads log groups with FilterLogEvents; implements `bunsui.ports.monitoring.LogReader`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def lines(
        self, group: str, *, start: datetime, end: datetime | None = None, contains: str = "", limit: int = 1000
    ) -> Sequence[LogLine]:
        """Give the group's lines in the window, oldest first; empty when the group does not exist."""
        arguments: dict[str, object] = {"logGroupName": group, "startTime": _milliseconds(start)}
        if end is not None:
            arguments["endTime"] = _milliseconds(end)
        if contains:
            arguments["filterPattern"] = f'"{_quoted(contains)}"'
        try:
            with self._connection.translated("logs", "FilterLogEvents", group=group):
                pages = self._connection.reader("logs").get_paginator("filter_log_events")
                events = [
                    event
                    for page in pages.paginate(**arguments, PaginationConfig={"MaxItems": limit})
                    for event in page["events"]
                ]
        except Missing:
            return []
        lines = [
            LogLine(
                at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
                message=str(event["message"]).rstrip("\n"),
                stream=str(event.get("logStreamName", "")),
            )
            for event in events
        ]
        return sorted(lines, key=lambda line: line.at)


def _milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
