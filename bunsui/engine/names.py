"""What an execution is called and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

__all__ = ["ExecutionNames", "Status"]


class Status(StrEnum):
    """What DescribeExecution says; NOT_STARTED is before the first event."""

    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionNames:
    """Who the execution is, as its context object and history tell."""

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    role_arn: str
    start: datetime | None = None
    """When it started; the clock's time when it is not given."""

    @property
    def region(self) -> str:
        """The region in the machine's ARN."""
        parts = self.machine_arn.split(":")
        return parts[3] if len(parts) > 3 else ""
