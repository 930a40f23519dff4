"""Gates in the two tables, as machines write them (`bunsui.operations.integrations.gates`): plain attributes, no checksum."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bunsui.aws.dynamodb import EXPIRES_AT, Condition, DynamoDBClient, Item
from bunsui.aws.stores.item import stored_item
from bunsui.errors import Conflict, Unavailable
from bunsui.model.gates import ON_DEADLINE, ON_REJECT, ApprovalGate, gates_partition, tokens_partition
from bunsui.model.resource import Scope
from bunsui.ports.clock import Clock
from bunsui.ports.gates import GateRow, HeldToken
from bunsui.sessions.history.gates import gate_in
from bunsui.stored_words import StoredForm, StoredItem
from bunsui.system_clock import SystemClock

_CLOSED = "closed_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoDBGateRows:
    """Implements `bunsui.ports.gates.GateRows`."""

    client: DynamoDBClient
    """Of the state's table."""
    scope: Scope
    clock: Clock = field(default_factory=SystemClock)

    def rows(self, pipelines: Collection[str]) -> Sequence[GateRow]:
        """Return the gates of these pipelines, the oldest first."""
        found = [
            GateRow(gate=_gate(item), closed_at=_instant(str(item[_CLOSED])) if _CLOSED in item else None)
            for pipeline in dict.fromkeys(pipelines)
            for item in self.client.query(gates_partition(self.scope.project, self.scope.environment, pipeline))
            if not _is_over(item, self.clock)
        ]
        return sorted(found, key=lambda row: (row.gate.opened_at, row.gate.id))

    def close(self, gate: ApprovalGate, at: datetime) -> None:
        """Note that the gate was decided; nothing happens when it was opened again meanwhile."""
        partition = gates_partition(self.scope.project, self.scope.environment, gate.pipeline)
        item = self.client.get(partition, gate.id)
        if item is None or _instant(str(item.get("opened_at"))) != gate.opened_at:
            return
        still = Condition(text="#opened_at = :seen", values={"seen": item["opened_at"]})
        try:
            self.client.put({**item, _CLOSED: at.isoformat()}, only_if=still)
        except Conflict:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamoDBGateTokens:
    """Implements `bunsui.ports.gates.GateTokens`."""

    client: DynamoDBClient
    """Of the table of tokens."""
    scope: Scope
    clock: Clock = field(default_factory=SystemClock)

    def token(self, gate: ApprovalGate) -> HeldToken | None:
        """Return what is held of the gate, by pipeline and id; None when nothing is."""
        item = self.client.get(tokens_partition(self.scope.project, self.scope.environment, gate.pipeline), gate.id)
        if item is None or _is_over(item, self.clock):
            return None
        _checked_format(item)
        return HeldToken(execution_arn=str(item.get("execution", "")), token=str(item.get("token", "")))


def _is_over(item: Item, clock: Clock) -> bool:
    at = item.get(EXPIRES_AT)
    return isinstance(at, int) and at <= clock.now().timestamp()


def _gate(item: Item) -> ApprovalGate:
    """Return the gate that the item tells of.

    Raises:
        Refused: a newer bunsui compiled the machine that wrote it.
        Unavailable: it is damaged, or no machine of bunsui's wrote it.

    """
    about = _checked_format(item)
    try:
        gate = gate_in(item)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise Unavailable(
            "gate-damaged",
            "what stands in the table of a gate is nothing that a machine of bunsui's writes, so nothing is done with it",
            hint="See who may write there besides; the gate ends at its deadline.",
            gate=item["sk"],
        ) from error
    about.word("on_deadline", gate.on_deadline, ON_DEADLINE)
    about.word("on_reject", gate.on_reject, ON_REJECT)
    return gate


def _checked_format(item: Item) -> StoredItem:
    about = stored_item(item, name="gate " + str(item["sk"]))
    about.check_format(item.get("format"), StoredForm.GATE)
    return about


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
