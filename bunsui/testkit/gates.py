"""Gates in memory: what machines write when they come to one, and the answers to the tasks that wait."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bunsui.engine.clock import EngineClock
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSubmitted, TaskSucceeded
from bunsui.errors import AccessDenied, Refused
from bunsui.model.gates import APPROVAL_RESOURCE, APPROVALS_TABLE, REJECTED, STATE_TABLE, ApprovalGate, rejection_cause
from bunsui.ports.clock import Clock
from bunsui.ports.gates import GateRow, HeldToken
from bunsui.sessions.history.gates import gate_in

_Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A task that waits for its token."""

    token: str
    clock: EngineClock
    report: Callable[[TaskReport], None]

    def tell(self, report: TaskReport, at: datetime) -> None:
        """Report at that instant."""
        self.clock.call_at(at, lambda: self.report(report))


@dataclass(slots=True, kw_only=True)
class MemoryGates:
    """Implements the ports of `bunsui.ports.gates`, and does the tasks of machines that open gates: `work`."""

    clock: Clock
    items: dict[tuple[str, str, str], _Attributes] = field(default_factory=dict)
    """By table, partition and gate: whoever may write there can put anything."""
    may_read_tokens: bool = True
    """False: IAM refuses the caller."""
    _waiting: dict[str, _Waiting] = field(default_factory=dict)
    _closed: dict[str, datetime] = field(default_factory=dict)

    def work(self, clock: EngineClock) -> _GateRunner:
        """Return who does the tasks of an execution."""
        return _GateRunner(gates=self, clock=clock)

    def open(self, arguments: Any, waiting: _Waiting) -> None:
        """Keep what a machine hands over when it comes to a gate, as its role may."""
        for entry in arguments["TransactItems"]:
            item: dict[str, Any] = {name: _plain(value) for name, value in entry["Put"]["Item"].items()}
            self.items[entry["Put"]["TableName"], item["pk"], item["sk"]] = item
            self._closed.pop(item["sk"], None)
        self._waiting[waiting.token] = waiting

    def forget(self, token: str) -> None:
        """Wait for the token no more."""
        self._waiting.pop(token, None)

    def rows(self, pipelines: Collection[str]) -> Sequence[GateRow]:
        """Return the gates of these pipelines, the oldest first."""
        found = [
            GateRow(gate=gate_in(item), closed_at=self._closed.get(gate))
            for (table, partition, gate), item in self.items.items()
            if table == STATE_TABLE and partition.rpartition("#")[2] in pipelines and not self._is_over(item)
        ]
        return sorted(found, key=lambda row: (row.gate.opened_at, row.gate.id))

    def close(self, gate: ApprovalGate, at: datetime) -> None:
        """Note that the gate was decided; nothing happens when it was opened again meanwhile."""
        if any(row.gate == gate for row in self.rows([gate.pipeline])):
            self._closed[gate.id] = at

    def token(self, gate: ApprovalGate) -> HeldToken | None:
        """Return what is held of the gate, by pipeline and id; None when nothing is. AccessDenied for who may not."""
        if not self.may_read_tokens:
            raise AccessDenied("access-denied", "AWS refused the call", service="dynamodb", operation="GetItem")
        found = (
            item
            for (table, partition, name), item in self.items.items()
            if (table, partition.rpartition("#")[2], name) == (APPROVALS_TABLE, gate.pipeline, gate.id)
        )
        item = next((item for item in found if not self._is_over(item)), None)
        return HeldToken(execution_arn=item["execution"], token=item["token"]) if item is not None else None

    def approve(self, token: str, *, by: str, note: str, at: datetime) -> None:
        """Let the task succeed with who approved."""
        self._answer(token, TaskSucceeded(output=_output("approved", by, note, at)))

    def reject(self, token: str, *, by: str, note: str, at: datetime, carries_on: bool) -> None:
        """Let the task fail as rejected; where it `carries_on`, let it succeed with that decision."""
        if carries_on:
            self._answer(token, TaskSucceeded(output=_output("rejected", by, note, at)))
        else:
            self._answer(token, TaskFailed(error=REJECTED, cause=rejection_cause(by=by, note=note)))

    def _answer(self, token: str, report: TaskReport) -> None:
        waiting = self._waiting.pop(token, None)
        if waiting is None:
            raise Refused("task-over", "Step Functions waits no more for what the token answers", reason="TaskTimedOut")
        waiting.tell(report, self.clock.now())

    def _is_over(self, item: _Attributes) -> bool:
        return bool(item["expires_at"] <= self.clock.now().timestamp())


@dataclass(frozen=True, slots=True, kw_only=True)
class _GateRunner:
    """Opens gates; other tasks succeed with nothing."""

    gates: MemoryGates
    clock: EngineClock

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Begin, and report in the clock's time."""
        now, token = self.clock.now(), request.token or ""
        if not request.resource.endswith(APPROVAL_RESOURCE):
            self.clock.call_at(now, lambda: report(TaskSucceeded(output={})))
            return lambda: None
        self.gates.open(request.arguments, _Waiting(token=token, clock=self.clock, report=report))
        self.clock.call_at(now, lambda: report(TaskSubmitted(output={})))
        return lambda: self.gates.forget(token)


def _plain(value: Mapping[str, str]) -> str | int:
    return int(value["N"]) if "N" in value else value["S"]


def _output(decision: str, by: str, note: str, at: datetime) -> dict[str, Any]:
    return {"decision": decision, "by": by, "note": note, "at": at.isoformat()}
