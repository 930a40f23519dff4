"""Whose the lines of a function's log group are.

An execution environment serves one invocation after the other and writes one stream, in which Lambda says where each begins:
what stands from there to the next beginning is that invocation's, what an environment writes while it starts belongs to its
first. Lines themselves need not name the request: `print` does not.
Sources: Lambda developer guide, "Working with Lambda function logs", "Lambda runtime environment lifecycle"; with the log
format JSON the beginnings and ends are the events `platform.start` and `platform.report`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.ports.monitoring import LogLine
from bunsui.sessions.logs.calls import TaskCall

_START, _REPORT, _INIT = "START RequestId: ", "REPORT RequestId: ", "INIT_START "
_JSON_START, _JSON_REPORT = "platform.start", "platform.report"
MARKS = (_START, _REPORT, f'"{_JSON_START}"', f'"{_JSON_REPORT}"')
"""Texts in the lines that say where any invocation begins and ends."""
_ID = re.compile(r"(?:START|REPORT) RequestId: ([0-9A-Za-z-]+)")

SKEW = timedelta(seconds=2)
"""How far the clocks of Step Functions and Lambda may be apart."""
SLOWEST_START = timedelta(seconds=60)
"""What may pass between the call and the beginning of the invocation, an environment's start included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedInvocation:
    """One invocation, as its log group shows it."""

    request_id: str
    stream: str
    started_at: datetime
    ended_at: datetime | None
    """None while its end was not seen."""


def marks_of(request_ids: Iterable[str]) -> tuple[str, ...]:
    """Return texts in the lines that say where these invocations begin and end."""
    named = [mark + request_id for request_id in request_ids for mark in (_START, _REPORT)]
    return (*named, *MARKS[2:])


def invocations_in(lines: Sequence[LogLine]) -> dict[str, LoggedInvocation]:
    """Return the invocations whose beginning is among the lines, by request id."""
    found: dict[str, LoggedInvocation] = {}
    ends: dict[str, datetime] = {}
    for line in lines:
        kind, request_id = _mark(line.message)
        if kind == _START:
            found[request_id] = LoggedInvocation(request_id=request_id, stream=line.stream, started_at=line.at, ended_at=None)
        elif kind == _REPORT:
            ends[request_id] = line.at
    return {
        request_id: LoggedInvocation(
            request_id=request_id, stream=one.stream, started_at=one.started_at, ended_at=ends.get(request_id)
        )
        for request_id, one in found.items()
    }


def owned_lines(lines: Sequence[LogLine], mine: Mapping[str, LoggedInvocation], *, is_cut: bool) -> list[tuple[str, LogLine]]:
    """Return those of a stream's lines, in their order, that belong to one of my invocations, with its request id.

    `is_cut`: lines stand before the first one that are not there, so that the invocation which it belongs to is known by time.
    """
    found: list[tuple[str, LogLine]] = []
    current = _around(lines[0].at, mine) if is_cut and lines else ""
    starting: list[LogLine] | None = None
    for line in lines:
        kind, request_id = _mark(line.message)
        if kind == _INIT:
            starting = []
        elif kind == _START:
            current = request_id
            if starting and request_id in mine:
                found += [(request_id, earlier) for earlier in starting]
            starting = None
        if starting is not None:
            starting.append(line)
        elif current in mine:
            found.append((current, line))
    return found


def match_invocations(
    calls: Sequence[TaskCall], others: Sequence[TaskCall], seen: Iterable[LoggedInvocation]
) -> tuple[list[LoggedInvocation], list[LoggedInvocation]]:
    """Tell which of the invocations belong to calls whose request ids no event names, and which cannot be told apart.

    `seen` are all invocations of one function around these calls but those that somebody is known to have made, `others` the
    unnamed calls of the same function by other executions at that time. Only what nobody else can have made is taken: where
    there are more invocations than calls, or somebody else called as well, none is.
    """
    fitting = [one for one in seen if any(_fits(call, one) for call in calls)]
    rivals = [call for call in others if any(_fits(call, one) for one in fitting)]
    return (fitting, []) if len(fitting) <= len(calls) and not rivals else ([], fitting)


def latest_start(call: TaskCall) -> datetime:
    """Return the instant at which the call's invocation has begun, if it ever does."""
    latest = call.started_at + SLOWEST_START
    return latest if call.ended_at is None else min(latest, call.ended_at + SKEW)


def _fits(call: TaskCall, one: LoggedInvocation) -> bool:
    if not call.started_at - SKEW <= one.started_at <= latest_start(call):
        return False
    if not call.is_answered or call.ended_at is None:
        return True
    return one.ended_at is not None and one.ended_at <= call.ended_at + SKEW


def _around(at: datetime, mine: Mapping[str, LoggedInvocation]) -> str:
    """Return the latest of my invocations that was at work then; empty for none."""
    open_then = [one for one in mine.values() if one.started_at <= at and (one.ended_at is None or at <= one.ended_at)]
    return max(open_then, key=lambda one: one.started_at).request_id if open_then else ""


def _mark(message: str) -> tuple[str, str]:
    """Return which mark a message is, and of which request; empty texts for a line of the function's own."""
    if message.startswith((_START, _REPORT)):
        named = _ID.match(message)
        return (_START if message.startswith(_START) else _REPORT, named[1] if named else "")
    if message.startswith(_INIT):
        return _INIT, ""
    if message.startswith("{") and '"platform.' in message:
        return _json_mark(message)
    return "", ""


def _json_mark(message: str) -> tuple[str, str]:
    try:
        event = json.loads(message)
    except ValueError:
        return "", ""
    kinds = {_JSON_START: _START, _JSON_REPORT: _REPORT, "platform.initStart": _INIT}
    kind = kinds.get(str(event.get("type", "")), "") if isinstance(event, dict) else ""
    record = event.get("record") if kind else None
    return kind, str(record.get("requestId", "")) if isinstance(record, dict) else ""
