"""Step Functions as it was at one moment: what is read of an execution is asked for once, however many ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary, SessionExecutions


class RememberedExecutions:
    """Executions over others, for one look: a decision that compares several ways must not read each history for each way."""

    def __init__(self, executions: SessionExecutions) -> None:
        """Remember nothing yet."""
        self._executions = executions
        self._described: dict[str, Execution] = {}
        self._definitions: dict[str, Mapping[str, Json]] = {}
        self._histories: dict[tuple[str, int], Sequence[HistoryEvent]] = {}

    def describe(self, execution_arn: str) -> Execution:
        """Return the execution as it was when first asked for."""
        if execution_arn not in self._described:
            self._described[execution_arn] = self._executions.describe(execution_arn)
        return self._described[execution_arn]

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        """Return the events as they were when first asked for."""
        key = (execution_arn, after)
        if key not in self._histories:
            self._histories[key] = tuple(self._executions.history(execution_arn, after=after))
        return self._histories[key]

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Return the definition as it was when first asked for."""
        if arn not in self._definitions:
            self._definitions[arn] = self._executions.definition(arn)
        return self._definitions[arn]

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        """Return the latest executions, asked for anew."""
        return self._executions.executions(machine_arn, limit=limit, status=status)

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
    ) -> Iterator[Sequence[ExecutionSummary]]:
        """Return all executions, asked for anew."""
        return self._executions.pages(machine_arn, status=status, size=size)

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        """Start one, as ever."""
        return self._executions.start(target_arn, name=name, payload=payload)

    def stop(self, execution_arn: str, *, reason: str) -> None:
        """Abort one, as ever."""
        self._executions.stop(execution_arn, reason=reason)

    def redrive(self, execution_arn: str, *, token: str) -> None:
        """Revive one, as ever."""
        self._executions.redrive(execution_arn, token=token)
