"""Waits with a start until what was applied last is known everywhere.

Step Functions API reference, "UpdateStateMachineAlias": executions that are started immediately after it may run the version
before. IAM user guide, "Changes that I make are not always immediately visible": what a role may do is known to the services
that ask for it some seconds after it was written (aws-cdk #19272, centralized-logging-with-opensearch #216).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bunsui.ports.clock import Clock

SPREADING = timedelta(seconds=15)
"""As long after an apply it may be so."""


def never_written(_pipeline: str) -> datetime | None:
    """Tell that nothing was applied lately: where what is written is seen at once."""
    return None


def no_word(_message: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledStarts:
    """Lets a start of a pipeline wait, once."""

    written: Callable[[str], datetime | None] = never_written
    """Returns when the machine, its alias or a role of a pipeline was last written; None when nobody knows."""
    notice: Callable[[str], None] = no_word
    """Told for what is waited."""
    spreading: timedelta = SPREADING
    """As long after it was written AWS may not know it everywhere."""
    seen: set[str] = field(default_factory=set)
    """The pipelines that were waited for."""

    def wait(self, pipeline: str, clock: Clock) -> bool:
        """Return when what the pipeline runs on was written long enough ago; True where that had to be waited for."""
        if pipeline in self.seen:
            return False
        self.seen.add(pipeline)
        at = self.written(pipeline)
        if at is None:
            return False
        age = clock.now() - at
        left = (self.spreading - age).total_seconds()
        if age < timedelta() or left <= 0:  # a clock that is behind the one that wrote it tells nothing
            return False
        self.notice(
            f"{pipeline} was applied {math.floor(age.total_seconds())} s ago: for some seconds AWS may still run what was there"
            f" before, so the start waits {math.ceil(left)} s"
        )
        clock.sleep(left)
        return True
