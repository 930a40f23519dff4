"""What bunsui remembers: looked at, and put right by hand. Every write happens under the lock and is recorded."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from bunsui.errors import InvalidInput, NotFound
from bunsui.model.resource import ActualResource, Address, AppliedResource, parse_address
from bunsui.model.values import Json
from bunsui.plan.veil import without_foreign
from bunsui.ports.ledger import ApplyRecord, JournalEntry
from bunsui.services.edges import ReconcileEdges, Repository
from bunsui.services.locking import Patience, Work, locked, new_record, prepare_state
from bunsui.services.reading import Progress, no_progress, read_actual

_AT_ONCE = 20
"""How many addresses are written in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One address of the state."""

    resource: AppliedResource
    pending: JournalEntry | None = None
    """What an apply that died was doing to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did."""

    found: tuple[Address, ...]
    """What AWS has with our tags; what was last written of it is now unknown."""
    dropped: tuple[Address, ...]
    """What the state knew and AWS does not have."""


def list_state(edges: ReconcileEdges) -> Sequence[StateRow]:
    """Give everything that was applied, by address."""
    pending = edges.ledger.journal.pending()
    return [StateRow(resource=item, pending=pending.get(address)) for address, item in sorted(edges.state.applied().items())]


def show_state(edges: ReconcileEdges, address: str) -> StateRow:
    """Give one address.

    Raises:
        NotFound: the state does not know it.

    """
    wanted = known_address(edges.state.addresses(), address)
    return StateRow(resource=edges.state.applied()[wanted], pending=edges.ledger.journal.pending().get(wanted))


def move_state(edges: ReconcileEdges, old: str, new: str, *, patience: Patience) -> None:
    """Remember a resource under another address of the same kind, without touching AWS.

    Raises:
        InvalidInput: the new address is taken, of another kind, or none.

    """
    with _work(edges, "state mv", {"from": old, "to": new}, patience) as work:
        applied = edges.state.applied()
        source, target = known_address(applied, old), _address(new)
        if target.kind != source.kind:
            raise InvalidInput("other-kind", "a resource stays of its kind", kind=source.kind, asked=target.kind)
        if target in applied:
            raise InvalidInput(
                "address-taken",
                "the state knows a resource under the new address",
                hint=f"If that one is to be forgotten:\n  bunsui state rm {target}",
                address=target,
            )
        moved = {target: replace(applied[source], address=target), source: None}
        edges.ledger.journal.settle(moved, work.fence)
        work.outcome = "complete"


def remove_state(edges: ReconcileEdges, addresses: Sequence[str], *, patience: Patience) -> None:
    """Forget resources, without touching AWS; what still exists is adopted or reported by the next plan."""
    with _work(edges, "state rm", {"addresses": list(addresses)}, patience) as work:
        known = edges.state.addresses()
        _write(edges, work, {known_address(known, text): None for text in addresses})
        work.outcome = "complete"


def history(edges: ReconcileEdges, *, limit: int) -> Sequence[ApplyRecord]:
    """Give the latest applies and whatever else wrote the state, newest first."""
    return edges.ledger.log.applies(limit=limit)


def rebuild_state(
    repository: Repository, edges: ReconcileEdges, *, patience: Patience, progress: Progress = no_progress
) -> Rebuilt:
    """Make the state anew from what AWS has with our tags, damaged items included.

    What was last written stays unknown: the next plan says so of every resource, adopts what is as desired, and shows the
    rest as an update. It never claims that bunsui wrote what it found.
    """
    edges.account_checked()
    with _work(edges, "state rebuild", {}, patience) as work:
        actual = read_actual(edges.providers, repository.scope, (), progress=progress)
        found = {item.address: _unknown(item) for item in actual if item.owned_by(repository.scope)}
        dropped = tuple(address for address in edges.state.addresses() if address not in found)
        _write(edges, work, {**found, **dict.fromkeys(dropped)})
        work.facts = {"found": len(found), "dropped": len(dropped)}
        work.outcome = "complete"
    return Rebuilt(found=tuple(sorted(found)), dropped=dropped)


def known_address(known: Iterable[Address], text: str) -> Address:
    """Give the address that the text names.

    Raises:
        NotFound: the state does not know it; with the one that was probably meant.

    """
    by_text = {str(address): address for address in known}
    if text in by_text:
        return by_text[text]
    near = difflib.get_close_matches(text, by_text, n=1, cutoff=0.5)
    hint = f"Did you mean `{near[0]}`?" if near else "See all of them:\n  bunsui state list"
    raise NotFound("unknown-address", "the state knows no such address", hint=hint, address=text)


def _work(edges: ReconcileEdges, operation: str, facts: Mapping[str, Json], patience: Patience) -> AbstractContextManager[Work]:
    prepare_state(edges)
    return locked(edges, new_record(edges, operation, facts=facts), patience)


def _write(edges: ReconcileEdges, work: Work, outcome: Mapping[Address, AppliedResource | None]) -> None:
    rows = list(outcome.items())
    for start in range(0, len(rows), _AT_ONCE):
        edges.ledger.journal.settle(dict(rows[start : start + _AT_ONCE]), work.fence)


def _unknown(item: ActualResource) -> AppliedResource:
    return AppliedResource(
        address=item.address,
        physical_name=item.physical_name,
        attributes=without_foreign(item.address.kind, item.attributes),  # nobody compares with what is unknown
        outputs=item.outputs,
        revision=item.revision,
        is_known=False,
    )


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as error:
        raise InvalidInput(
            "not-an-address", "that is no address", hint="An address is kind.pipeline or kind.pipeline.name.", given=text
        ) from error
