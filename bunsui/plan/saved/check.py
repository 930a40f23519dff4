"""Check a saved plan against a plan made anew: what of it is still to be done, or why none of it may be.

Nothing of the file is ever carried out. The new plan is, reduced to what the file names, and only where both say the same; so a
file that somebody edited can at most be refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bunsui.errors import Refused
from bunsui.model.address import Address
from bunsui.plan.digest import after_hash, before_hash, desired_digest
from bunsui.plan.model import Action, Plan, Reason, ResourceChange
from bunsui.plan.partial import relied_on
from bunsui.plan.saved.saved_plan import SavedChange, SavedPlan, edited
from bunsui.ports.ledger import JournalEntry

_MOVED = frozenset(
    {
        Reason.DRIFT,
        Reason.DELETED_OUTSIDE,
        Reason.ALREADY_THERE,
        Reason.UNKNOWN_ORIGIN,
        Reason.GONE,
        Reason.NOT_OURS,
        Reason.OBSERVED,
        Reason.TAKEN_OVER,
        Reason.UNREADABLE,
        Reason.INTERRUPTED,
    }
)
"""Reasons that come from outside the repository: such a change can have come up after the plan was saved."""


_NOT_THERE = frozenset({Action.CREATE, Action.REPLACE, Action.DELETE, Action.RETIRE, Action.REFUSE})
"""Of something that a saved plan left alone: it is gone, is going, or is somebody else's by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the saved plan was carried out before."""

    begun: bool = False
    pending: Mapping[Address, JournalEntry] = field(default_factory=dict)
    """What the journal says is half done, of whatever apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlanCheck:
    """What of a saved plan may be carried out."""

    plan: Plan
    """The part of the new plan that carries out, or continues, the saved one."""
    stale: Mapping[str, Refused] = field(default_factory=dict)
    """The pipelines of which something moved that the saved plan touches or relies on, by name, each with the error."""


def check_saved_plan(saved: SavedPlan, fresh: Plan, progress: Progress) -> SavedPlanCheck:
    """Compare the saved plan with one that was made anew.

    Raises:
        Refused: the checkout is another, or the file was edited.

    """
    if desired_digest(fresh) != saved.desired:
        raise Refused(
            "plan-of-another-checkout",
            "the files say something else than when the plan was made",
            hint="Check out the plan's commit, or plan again:\n  bunsui plan --out plan.json",
            planned=saved.commit or None,
            checkout=fresh.commit or None,
        )
    if saved.at_once and not any(row.action is Action.DELETE for row in saved.changes):
        raise edited("it deletes without waiting, and has nothing to delete")
    by_address = {change.address: change for change in fresh.changes}
    kept: set[Address] = set()
    moved: set[Address] = set()
    stale: dict[str, Refused] = {}
    for row in saved.changes:
        verdict = _still_to_do(row, by_address.get(row.address), saved, progress)
        if isinstance(verdict, Refused):
            stale.setdefault(row.address.pipeline, verdict)
            moved.add(row.address)
        elif verdict:
            kept.add(row.address)
    named = {row.address for row in saved.changes}
    for address, error in _relying(kept, moved, named, fresh):
        stale.setdefault(address.pipeline, error)
    for change in fresh.pending:
        if change.address not in named and not _came_up_since(change, saved, by_address):
            raise edited("it leaves out a change that the repository asks for", resource=change.address)
    subjects = {str(address) for address in kept}
    plan = replace(
        fresh,
        changes=tuple(change if change.address in kept else replace(change, action=Action.NO_OP) for change in fresh.changes),
        diagnostics=tuple(found for found in fresh.diagnostics if not found.subject or found.subject in subjects),
        saved_as=saved.id,
        saved_digest=saved.digest,
    )
    return SavedPlanCheck(plan=plan, stale=stale)


def _relying(
    kept: Iterable[Address], moved: Iterable[Address], named: Iterable[Address], fresh: Plan
) -> Iterator[tuple[Address, Refused]]:
    """Find changes that rely on something that moved, or that the plan left alone and that is no longer there."""
    by_address = {change.address: change for change in fresh.changes}
    alone = by_address.keys() - set(named)
    missing = {address for address in alone if by_address[address].action in _NOT_THERE} | set(moved)
    for address in sorted(kept):
        need = next((one for one in relied_on(fresh, by_address[address]) if one in missing), None)
        if need is not None:
            yield address, _stale_need(address, need)


def _still_to_do(row: SavedChange, now: ResourceChange | None, saved: SavedPlan, progress: Progress) -> bool | Refused:
    """Tell whether the change is still to be done; the error when something moved."""
    if now is None:
        is_done = progress.begun and row.action in (Action.DELETE, Action.FORGET)
        return False if is_done else _stale(row, "it is gone")
    if after_hash(now.desired) != row.after:
        raise edited("it says something else of a resource than the files", resource=row.address)
    if _is_as_planned(row, now):
        return True
    is_settled = not now.is_change and _revision(now) == row.revision
    if progress.begun and (is_settled or _is_own_work(now, saved, progress)):
        return now.is_change
    return _stale(row, _what_happened(row, now))


def _is_as_planned(row: SavedChange, now: ResourceChange) -> bool:
    # A revision also tells of what belongs to others
    said = now.desired or now.applied
    is_unmoved = _revision(now) == row.revision or (said is not None and bool(said.lifecycle.ignore))
    return is_unmoved and (now.action, before_hash(now)) == (row.action, row.before)


def _is_own_work(now: ResourceChange, saved: SavedPlan, progress: Progress) -> bool:
    """True when this plan wrote the resource, or died while it did, and nobody else has changed it since."""
    entry = progress.pending.get(now.address)
    if entry is not None:
        return entry.plan_id == saved.id
    return now.applied is not None and now.applied.plan == saved.id and not now.drift


def _came_up_since(change: ResourceChange, saved: SavedPlan, by_address: Mapping[Address, ResourceChange]) -> bool:
    """True when the change has another cause than the repository, or follows from one that has."""
    if change.reason in _MOVED:
        return True
    if change.retirement is not None and change.retirement.is_over:
        return True  # its time came up since
    written = change.applied.written_at if change.applied is not None else None
    if written is not None and written > saved.as_of:
        return True
    needs = (by_address[need] for need in change.depends_on if need in by_address)
    return any(need.is_change and _came_up_since(need, saved, by_address) for need in needs)


def _revision(change: ResourceChange) -> str:
    return change.actual.revision if change.actual is not None else ""


def _what_happened(row: SavedChange, now: ResourceChange) -> str:
    if not row.before and now.actual is not None:
        return "it was created"
    if row.before and now.actual is None:
        return "it is gone"
    if not now.is_change:
        return "somebody else already made it as the plan says"
    if _revision(now) == row.revision:
        return f"the plan would {row.action.value} it, and now it is to {now.action.value}"
    return "it was changed"


def _stale_need(address: Address, need: Address) -> Refused:
    return Refused(
        "plan-stale",
        "something that the plan relies on has moved since it was made",
        hint="Plan again and look at the difference:\n  bunsui plan --out plan.json",
        resource=address,
        relies_on=need,
    )


def _stale(row: SavedChange, what: str) -> Refused:
    return Refused(
        "plan-stale",
        "something that the plan touches has moved since it was made",
        hint="Plan again and look at the difference:\n  bunsui plan --out plan.json",
        resource=row.address,
        what=what,
    )
