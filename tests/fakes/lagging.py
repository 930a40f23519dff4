"""Step Functions as others see it: lists and descriptions some seconds old, small pages, and every call counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bunsui.errors import Missing
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary
from tests.fakes.passing import PassingExecution


@dataclass
class LaggingExecution(PassingExecution):
    """Tells of executions as they were `lag` ago, as far as `keep` was called since; pages hold `size` at most."""

    now: Callable[[], datetime]
    size: int = 1000
    lag: timedelta = timedelta()
    describe_lag: timedelta = timedelta()
    calls: Counter[str] = field(default_factory=Counter)
    _kept: list[tuple[datetime, dict[str, list[ExecutionSummary]], dict[str, Execution]]] = field(default_factory=list)

    def keep(self, machines: Sequence[str]) -> None:
        """Remember how everything stands, for reads that lag."""
        lists = {machine: [one for page in self.inner.pages(machine) for one in page] for machine in machines}
        found = {one.arn: self.inner.describe(one.arn) for listed in lists.values() for one in listed}
        self._kept.append((self.now(), lists, found))
        del self._kept[:-100]

    def describe(self, execution_arn: str) -> Execution:
        self.calls["describe"] += 1
        if not self.describe_lag:
            return super().describe(execution_arn)
        execution = self._as_of(self.describe_lag)[1].get(execution_arn)
        if execution is None:
            raise Missing("missing", "the object does not exist in AWS")
        return execution

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        self.calls["history"] += 1
        return super().history(execution_arn, after=after)

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
    ) -> Iterator[Sequence[ExecutionSummary]]:
        if self.lag:
            listed = self._as_of(self.lag)[0].get(machine_arn, [])
        else:
            listed = [one for page in self.inner.pages(machine_arn) for one in page]
        chosen = [one for one in listed if status in (None, one.status)]
        for start in range(0, max(len(chosen), 1), min(size, self.size)):
            self.calls["pages"] += 1
            yield chosen[start : start + min(size, self.size)]

    def _as_of(self, lag: timedelta) -> tuple[dict[str, list[ExecutionSummary]], dict[str, Execution]]:
        instant = self.now() - lag
        for at, lists, found in reversed(self._kept):
            if at <= instant:
                return lists, found
        return {}, {}
