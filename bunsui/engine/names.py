"""What an execution is called: its ARN, its machine, its role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
