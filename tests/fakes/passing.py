"""A provider and a client of executions that pass everything on to another; fakes override what they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.ports.cloud import NOTHING_APPLIED, Provider, ResolvedResource, Written
from bunsui.ports.execution import Execution, ExecutionSummary, SessionExecutions


@dataclass
class PassingProvider:
    """Passes everything on. It retires nothing and is told no places: who can do that says so by having the method."""

    inner: Provider

    @property
    def kind(self) -> str:
        return self.inner.kind

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    ) -> Sequence[ActualResource]:
        return self.inner.read_owned(scope, wanted, applied=applied)

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        return self.inner.read(address, physical_name)

    def create(self, resource: ResolvedResource) -> Written:
        return self.inner.create(resource)

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        return self.inner.update(resource, actual)

    def delete(self, actual: ActualResource) -> None:
        self.inner.delete(actual)


@dataclass
class PassingExecution:
    """Passes everything on."""

    inner: SessionExecutions

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        return self.inner.start(target_arn, name=name, payload=payload)

    def describe(self, execution_arn: str) -> Execution:
        return self.inner.describe(execution_arn)

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        return self.inner.history(execution_arn, after=after)

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        return self.inner.executions(machine_arn, limit=limit, status=status)

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
    ) -> Iterator[Sequence[ExecutionSummary]]:
        return self.inner.pages(machine_arn, status=status, size=size)

    def stop(self, execution_arn: str, *, reason: str) -> None:
        self.inner.stop(execution_arn, reason=reason)

    def definition(self, arn: str) -> Mapping[str, Json]:
        return self.inner.definition(arn)

    def redrive(self, execution_arn: str, *, token: str) -> None:
        self.inner.redrive(execution_arn, token=token)
