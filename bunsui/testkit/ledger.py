"""The ledger in memory: the lock, the journal and the record of applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from bunsui.apply.trail import following, mark_of
from bunsui.errors import Conflict, Unavailable
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.deployments.interventions import Hold, Interventions, Pause
from bunsui.model.resource import AppliedResource
from bunsui.ports.ledger import ApplyRecord, DeploymentEntry, Fence, JournalEntry, Ledger, LockRecord, StateMark
from bunsui.testkit.state import MemoryRows, MemoryStateStore


class MemoryLedger:
    """Implements all ports of `bunsui.ports.ledger` on the table of a state store."""

    def __init__(self, state: MemoryStateStore) -> None:
        """Make it beside a state store."""
        self._state = state

    @property
    def whole(self) -> Ledger:
        """Return it in all its roles."""
        return Ledger(locks=self, journal=self, log=self, deployed=self)

    def read(self) -> LockRecord | None:
        """Return the lock's record, None when it was never taken."""
        with self._state.rows() as rows:
            return rows.lock

    def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
        """Store the record if the stored one still has the version of `over`, else Conflict."""
        with self._state.rows() as rows:
            if (rows.lock.version if rows.lock else None) != (over.version if over else None):
                raise Conflict("lock-changed", "somebody else changed the lock first")
            rows.lock = record

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        """Store the entry, or its progress."""
        with self._state.rows() as rows:
            _check(rows, fence)
            rows.journal[entry.address] = entry

    def settle(
        self,
        outcome: Mapping[Address, AppliedResource | None],
        fence: Fence,
        *,
        texts: Sequence[AppliedText] = (),
        deployments: Sequence[Deployment] = (),
    ) -> None:
        """Remember or forget, and remove the entries."""
        with self._state.rows() as rows:
            _check(rows, fence)
            for address, resource in outcome.items():
                rows.journal.pop(address, None)
                if resource is None:
                    rows.applied.pop(address, None)
                    if address == Address(MACHINE, address.pipeline):
                        for kept in (rows.texts, rows.holds, rows.pauses):
                            kept.pop(address.pipeline, None)
                else:
                    rows.applied[address] = resource
            rows.texts.update((text.pipeline, text) for text in texts)
            for deployment in deployments:
                rows.deployments[deployment.pipeline, deployment.id] = deployment
                rows.holds.pop(deployment.pipeline, None)

    def pending(self) -> Mapping[Address, JournalEntry]:
        """Return the entries that were begun and not settled."""
        with self._state.rows() as rows:
            return dict(rows.journal)

    def deployments(self, pipeline: str, *, limit: int | None = None) -> Sequence[Deployment]:
        """Return the records of a pipeline, newest first; all when `limit` is None."""
        with self._state.rows() as rows:
            keys = sorted((key for key in rows.deployments if key[0] == pipeline), reverse=True)
            return [rows.deployments[key] for key in keys[:limit]]

    def interventions(self) -> Interventions:
        """Return the holds and pauses of all pipelines."""
        with self._state.rows() as rows:
            return Interventions(holds=dict(rows.holds), pauses=dict(rows.pauses))

    def write(self, entries: Sequence[DeploymentEntry], fence: Fence, *, ends: Sequence[Hold | Pause] = ()) -> None:
        """Store the entries and remove `ends`."""
        with self._state.rows() as rows:
            _check(rows, fence)
            for entry in entries:
                match entry:
                    case Deployment():
                        rows.deployments[entry.pipeline, entry.id] = entry
                    case Hold():
                        rows.holds[entry.pipeline] = entry
                    case Pause():
                        rows.pauses[entry.pipeline] = entry
                    case _:
                        assert_never(entry)
            for one in ends:
                if isinstance(one, Hold):
                    rows.holds.pop(one.pipeline, None)
                else:
                    rows.pauses.pop(one.pipeline, None)

    def mark(self) -> StateMark:
        """Return which state this is."""
        with self._state.rows() as rows:
            return rows.mark

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        """Store a new record behind the last one and count it; give it with its place in the trail."""
        with self._state.rows() as rows:
            _check(rows, fence)
            if rows.mark.head == record.id:
                return rows.applies[record.id]
            return _keep_record(rows, following(rows.mark, record, lineage=f"lineage of {record.id}"))

    def close(self, record: ApplyRecord, fence: Fence) -> None:
        """Store the record as it ended."""
        with self._state.rows() as rows:
            _check(rows, fence)
            _keep_record(rows, record)

    def applies(self, *, limit: int | None) -> Sequence[ApplyRecord]:
        """Return the latest records, newest first; all when `limit` is None."""
        with self._state.rows() as rows:
            return [rows.applies[key] for key in sorted(rows.applies, reverse=True)[:limit]]

    def of_plan(self, plan_id: str) -> ApplyRecord | None:
        """Return the last record that carried out the saved plan."""
        with self._state.rows() as rows:
            mine = [key for key, record in rows.applies.items() if record.plan_id == plan_id]
            return rows.applies[max(mine)] if mine else None


def _keep_record(rows: MemoryRows, record: ApplyRecord) -> ApplyRecord:
    rows.mark = mark_of(record)
    rows.applies[record.id] = replace(record, hash=rows.mark.head_hash)
    return rows.applies[record.id]


def _check(rows: MemoryRows, fence: Fence) -> None:
    if not rows.table_exists:
        raise Unavailable("no-state-table", "there is no state table", hint="Make it first: ensure().")
    lock = rows.lock
    if lock is None or not lock.held or (lock.id, lock.fence) != (fence.id, fence.number):
        raise Conflict("fenced", "the lock is no longer ours, so nothing was written", fence=fence.number)
