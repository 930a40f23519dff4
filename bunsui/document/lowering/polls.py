"""`poll` of an operation: its times, its conditions."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.lowering.values import Lowering
from bunsui.document.yaml.tree import Path
from bunsui.model.pipeline import Poll
from bunsui.model.values import Expression, Value
from bunsui.operations.contract import OperationType

_LONGEST_SECONDS = 366 * 86_400
"""Longer than an execution may last."""


def lower_poll(lowering: Lowering, path: Path, entry: Value, operation_type: OperationType) -> Poll | None:
    """Return the poll; None where there is none, and where it cannot be read or makes no sense, with findings."""
    if not isinstance(entry, Mapping):
        return None
    if operation_type.no_poll:
        lowering.report(
            "BS115",
            f"there is nothing to poll: {operation_type.no_poll}",
            path,
            hint="Put poll on the operation that asks, such as a lambda or aws.",
        )
        return None
    until, fail_if = entry.get("until"), entry.get("fail_if")
    if "until" not in entry:
        until = Expression(operation_type.poll_until) if operation_type.poll_until else None
        if until is None:
            hint = "Say over $result when the answer is there: until: \"{% $result.state = 'done' %}\"."
            lowering.report("BS102", "until is missing", path, hint=hint)
    if not isinstance(until, Expression):
        return None  # the schema has said so
    poll = Poll(
        until=until,
        fail_if=fail_if if isinstance(fail_if, Expression) else None,
        every_seconds=_seconds(lowering, (*path, "every"), entry.get("every"), 30),
        backoff=lowering.number((*path, "backoff"), entry.get("backoff"), 1.0),
        max_delay_seconds=_seconds(lowering, (*path, "max_delay"), entry["max_delay"], 1) if "max_delay" in entry else None,
        timeout_seconds=_seconds(lowering, (*path, "timeout"), entry.get("timeout"), 3600),
    )
    _check(lowering, path, poll)
    return poll


def _seconds(lowering: Lowering, path: Path, value: Value, default: int) -> int:
    found = lowering.duration(path, value)
    if found is None:
        return default
    if not 0 < found <= _LONGEST_SECONDS:
        why = "must be longer than nothing" if found <= 0 else "is longer than a session can last: a year"
        lowering.report("BS113", f"{path[-1]} {why}", path)
        return default
    return found


def _check(lowering: Lowering, path: Path, poll: Poll) -> None:
    if poll.every_seconds >= poll.timeout_seconds:
        lowering.report(
            "BS113",
            "every must be shorter than timeout",
            (*path, "every"),
            hint="Raise timeout: the poll gives up before it has asked twice.",
        )
    if poll.max_delay_seconds is None:
        return
    if poll.backoff <= 1:
        lowering.report("BS115", "max_delay does nothing without a backoff", (*path, "max_delay"), hint="Add backoff: 2.")
    elif poll.max_delay_seconds < poll.every_seconds:
        lowering.report("BS113", "max_delay must not be shorter than every", (*path, "max_delay"))
