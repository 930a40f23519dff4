"""The status of an execution."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What DescribeExecution says; NOT_STARTED is before the first event."""

    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"
