"""What bunsui remembers: looked at, and put right by hand. Every write happens under the lock and is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from bunsui.command_line import command_line
from bunsui.errors import InvalidInput
from bunsui.model.address import Address, parse_address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.redaction import without_foreign
from bunsui.ports.ledger import ApplyRecord, JournalEntry
from bunsui.project.repository import Repository
from bunsui.project.unknown_names import unknown_name
from bunsui.refresh.full import Progress, no_progress, read_actual
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.locking import LockedWork, hold_lock, new_record, prepare_state
from bunsui.services.apply.patience import Patience

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


def list_state(ports: ReconcilePorts) -> Sequence[StateRow]:
    """Return everything that was applied, by address."""
    pending = ports.ledger.journal.pending()
    return [StateRow(resource=item, pending=pending.get(address)) for address, item in sorted(ports.state.applied().items())]


def show_state(ports: ReconcilePorts, address: str) -> StateRow:
    """Return one address.

    Raises:
        NotFound: the state does not know it.

    """
    wanted = known_address(ports.state.addresses(), address)
    return StateRow(resource=ports.state.applied()[wanted], pending=ports.ledger.journal.pending().get(wanted))


def move_state(ports: ReconcilePorts, old: str, new: str, *, patience: Patience) -> None:
    """Remember a resource under another address of the same kind, without touching AWS.

    Raises:
        InvalidInput: the new address is taken, of another kind, or none.

    """
    ports.state.applied()  # what a newer bunsui wrote is refused before anything is written
    with _work(ports, "state mv", {"from": old, "to": new}, patience) as work:
        applied = ports.state.applied()
        source, target = known_address(applied, old), _address(new)
        if target.kind != source.kind:
            raise InvalidInput("other-kind", "a resource stays of its kind", kind=source.kind, asked=target.kind)
        if target in applied:
            raise InvalidInput(
                "address-taken",
                "the state knows a resource under the new address",
                hint=f"If that one is to be forgotten:\n  {command_line('state', 'rm', target)}",
                address=target,
            )
        moved = {target: replace(applied[source], address=target), source: None}
        ports.ledger.journal.settle(moved, work.fence)
        work.outcome = "complete"


def remove_state(ports: ReconcilePorts, addresses: Sequence[str], *, patience: Patience) -> None:
    """Forget resources, without touching AWS; what still exists is adopted or reported by the next plan."""
    with _work(ports, "state rm", {"addresses": list(addresses)}, patience) as work:
        known = ports.state.addresses()
        _write(ports, work, {known_address(known, text): None for text in addresses})
        work.outcome = "complete"


def history(ports: ReconcilePorts, *, limit: int) -> Sequence[ApplyRecord]:
    """Return the latest applies and whatever else wrote the state, newest first."""
    return ports.ledger.log.applies(limit=limit)


def rebuild_state(
    repository: Repository, ports: ReconcilePorts, *, patience: Patience, progress: Progress = no_progress
) -> Rebuilt:
    """Make the state anew from what AWS has with our tags, damaged items included.

    What was last written stays unknown: the next plan says so of every resource, adopts what is as desired, and shows the
    rest as an update. It never claims that bunsui wrote what it found.
    """
    ports.account_checked()
    with _work(ports, "state rebuild", {}, patience) as work:
        actual = read_actual(ports.providers, repository.scope, (), progress=progress)
        found = {item.address: _unknown_resource(item) for item in actual if item.owned_by(repository.scope)}
        dropped = tuple(address for address in ports.state.addresses() if address not in found)
        _write(ports, work, {**found, **dict.fromkeys(dropped)})
        work.facts = {"found": len(found), "dropped": len(dropped)}
        work.outcome = "complete"
    return Rebuilt(found=tuple(sorted(found)), dropped=dropped)


def known_address(known: Iterable[Address], text: str) -> Address:
    """Return the address that the text names.

    Raises:
        NotFound: the state does not know it; with the one that was probably meant.

    """
    by_text = {str(address): address for address in known}
    if text in by_text:
        return by_text[text]
    see = command_line("state", "list")
    raise unknown_name("unknown-address", "the state knows no such address", what="address", name=text, known=by_text, see=see)


def _work(
    ports: ReconcilePorts, operation: str, facts: Mapping[str, Json], patience: Patience
) -> AbstractContextManager[LockedWork]:
    ports.state.addresses()  # also refused here: those of a newer bunsui
    prepare_state(ports)
    return hold_lock(ports, new_record(ports, operation, facts=facts), patience)


def _write(ports: ReconcilePorts, work: LockedWork, outcome: Mapping[Address, AppliedResource | None]) -> None:
    rows = list(outcome.items())
    for start in range(0, len(rows), _AT_ONCE):
        ports.ledger.journal.settle(dict(rows[start : start + _AT_ONCE]), work.fence)


def _unknown_resource(item: ActualResource) -> AppliedResource:
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
