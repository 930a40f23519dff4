"""Desired, actual and applied of one resource to an action with its reason.

=================  =================  ================================================================
desired / applied  applied / actual   action, reason
=================  =================  ================================================================
same               same               no-op, in sync
changed            same               update, the repository changed
same               changed            update, changed outside
changed            changed elsewhere  update, both
changed            changed, same one  update, conflict
changed            changed to it      adopt, already as desired
removed            same               delete, removed from the repository
removed            changed            delete, removed and changed outside
removed            absent             forget, already gone
present            absent             create, deleted outside
present            never applied      our tags: adopt or update, unknown origin; others: refuse
=================  =================  ================================================================

What could not be read is never called in sync. What the journal says an apply was writing when it died is never called somebody
else's change: where AWS has what was being written, that is what was applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bunsui.diff.model import DiffItem, Operation, ResourceDiff, Section
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Value
from bunsui.plan.comparison import difference, forces_replacement, newly_allowed
from bunsui.plan.ignored import applied_held, held
from bunsui.plan.model import Action, Reason, ResourceChange
from bunsui.plan.prevention import LIFTING, is_prevented
from bunsui.plan.risk import risk_of
from bunsui.plan.veil import veiled
from bunsui.ports.ledger import JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Trio:
    """The three values of one resource; any may be absent, though not all."""

    address: Address
    desired: DesiredResource | None = None
    expected: Mapping[str, Value] | None = None
    """The desired attributes with references resolved as far as they can be foreseen (`bunsui.plan.references.foreseen`)."""
    actual: ActualResource | None = None
    applied: AppliedResource | None = None
    pending: JournalEntry | None = None
    """What an apply that died was doing here."""
    needs: tuple[Address, ...] = ()
    """What `desired` must come after (`bunsui.plan.references.dependencies`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    action: Action
    reason: Reason
    diff: ResourceDiff = field(default_factory=ResourceDiff)
    drift: ResourceDiff = field(default_factory=ResourceDiff)
    note: str = ""


def compare(trio: Trio, scope: Scope) -> ResourceChange:
    """Decide what happens to one resource, and why."""
    seen, name = trio.actual, _physical_name(trio)
    trio = _left_to_others(trio)
    trio = replace(trio, applied=_truly_applied(trio))
    verdict = _removed(trio, scope) if trio.desired is None else _wanted(trio, trio.desired, scope)
    if trio.pending is not None:
        verdict = _interrupted(verdict)
    if verdict.action is Action.NO_OP and _is_said_otherwise(trio):
        verdict = replace(verdict, action=Action.ADOPT, reason=Reason.RULES, note=_what_is_said(trio))
    if is_prevented(trio.address, verdict.action, desired=trio.desired, applied=trio.applied):
        note = f"lifecycle.prevent_destroy forbids to {verdict.action.value} it. {LIFTING}"
        verdict = replace(verdict, action=Action.REFUSE, reason=Reason.PREVENTED, note=note)
    widened = _newly_allowed(trio, verdict)
    said = (
        trio.desired.attributes if trio.desired is not None else None,
        trio.applied.attributes if trio.applied is not None else None,
    )
    return ResourceChange(
        address=trio.address,
        physical_name=name,
        action=verdict.action,
        reason=verdict.reason,
        risk=risk_of(
            kind=trio.address.kind, action=verdict.action, reason=verdict.reason, diff=verdict.diff, widened=bool(widened)
        ),
        diff=ResourceDiff(items=veiled(trio.address.kind, verdict.diff.items, *said)),
        drift=veiled(trio.address.kind, verdict.drift.items, *said),
        desired=trio.desired,
        actual=seen,
        applied=trio.applied,
        depends_on=trio.needs,
        note=verdict.note,
        newly_allowed=widened,
    )


def _left_to_others(trio: Trio) -> Trio:
    """Give the values with everything that belongs to others as it is in AWS."""
    said = trio.desired or trio.applied
    if said is None or not said.lifecycle.ignore or trio.actual is None or trio.actual.unreadable:
        return trio
    kind, ignore, actual = trio.address.kind, said.lifecycle.ignore, trio.actual.attributes
    expected = trio.expected if trio.expected is not None else trio.desired.attributes if trio.desired is not None else None
    before = applied_held(trio.applied, actual, ignore) if trio.applied is not None else None
    pending = trio.pending
    if pending is not None and pending.intended is not None:
        pending = replace(pending, intended=applied_held(pending.intended, actual, ignore))
    return replace(
        trio,
        expected=held(kind, expected, actual, ignore) if expected is not None else None,
        actual=_with_its_alias(trio.actual, before),
        applied=before,
        pending=pending,
    )


def _with_its_alias(actual: ActualResource, before: AppliedResource | None) -> ActualResource:
    """Give a machine as one whose alias leads where it should, when it leads to the version that was applied and the machine
    differs from that only where it belongs to others: nobody moved the alias."""
    if before is None or actual.outputs.get("version_arn") != before.outputs.get("version_arn"):
        return actual
    alias = before.attributes.get("alias")
    if alias is None or actual.attributes.get("alias") == alias:
        return actual
    unmoved = replace(actual, attributes={**actual.attributes, "alias": alias})
    same = difference(actual.address.kind, before.attributes, unmoved.attributes).is_empty
    return unmoved if same else actual


def _is_said_otherwise(trio: Trio) -> bool:
    """True when the state remembers other rules than the file has, or that the resource was taken out of service."""
    if trio.desired is None or trio.applied is None:
        return False
    return trio.applied.lifecycle != trio.desired.lifecycle or trio.applied.retired_at is not None


def _what_is_said(trio: Trio) -> str:
    rules = trio.desired.lifecycle if trio.desired is not None else Lifecycle()
    words = [name for name, on in (("prevent_destroy", rules.prevent_destroy), ("protect", rules.protect)) if on]
    words += [f"{place} is left to others" for place in rules.ignore]
    return f"from now on: {', '.join(words) or 'no rules of its lifecycle'}"


_OWN_DOING = frozenset(
    {
        Reason.DRIFT,
        Reason.CONFLICT,
        Reason.CONFIGURED_AND_DRIFT,
        Reason.UNKNOWN_ORIGIN,
        Reason.DELETED_OUTSIDE,
        Reason.ALREADY_THERE,
    }
)
"""What differs for these reasons, an apply that died half-way explains."""


def _truly_applied(trio: Trio) -> AppliedResource | None:
    """Give what was applied last: what the journal says was being written, if AWS has it; None when nobody knows."""
    if trio.applied is not None and not trio.applied.is_known:
        return None
    if trio.pending is None or trio.pending.intended is None or trio.actual is None or trio.actual.unreadable:
        return trio.applied
    intended = trio.pending.intended
    if not difference(trio.address.kind, intended.attributes, trio.actual.attributes).is_empty:
        return trio.applied
    return replace(intended, outputs=trio.actual.outputs, revision=trio.actual.revision)


def _interrupted(verdict: _Verdict) -> _Verdict:
    if verdict.action is Action.NO_OP and verdict.reason in (Reason.IN_SYNC, Reason.ASSUMED):
        return replace(verdict, action=Action.ADOPT, reason=Reason.INTERRUPTED)
    if verdict.reason in _OWN_DOING:
        return replace(verdict, reason=Reason.INTERRUPTED, drift=ResourceDiff())
    if verdict.reason is Reason.REMOVED_AND_DRIFT:
        return replace(verdict, reason=Reason.REMOVED, drift=ResourceDiff())
    return verdict


def _newly_allowed(trio: Trio, verdict: _Verdict) -> tuple[tuple[str, str], ...]:
    if trio.actual is None or trio.desired is None or verdict.action not in (Action.UPDATE, Action.REPLACE):
        return ()
    expected = trio.expected if trio.expected is not None else trio.desired.attributes
    return newly_allowed(trio.address.kind, trio.actual.attributes, expected)


def _wanted(trio: Trio, desired: DesiredResource, scope: Scope) -> _Verdict:
    actual, applied = trio.actual, trio.applied
    expected = trio.expected if trio.expected is not None else desired.attributes
    if actual is None:
        reason = Reason.NEW if applied is None else Reason.DELETED_OUTSIDE
        return _Verdict(action=Action.CREATE, reason=reason)
    if actual.unreadable:
        return _unreadable(trio, actual, expected)
    if not actual.owned_by(scope):
        return _Verdict(action=Action.REFUSE, reason=Reason.NOT_OURS, note=_import_hint(trio, actual, scope))
    if actual.physical_name != desired.physical_name:
        renamed = _renamed(actual.physical_name, desired.physical_name)
        rest = difference(trio.address.kind, actual.attributes, expected)
        diff = ResourceDiff(items=(renamed, *rest.items))
        return _Verdict(action=Action.REPLACE, reason=Reason.CONFIGURED, diff=diff)
    if applied is None:
        return _unknown_origin(trio, actual, expected)
    return _known(trio.address.kind, expected, actual, applied)


def _known(kind: str, expected: Mapping[str, Value], actual: ActualResource, applied: AppliedResource) -> _Verdict:
    change = difference(kind, actual.attributes, expected)
    drift = difference(kind, applied.attributes, actual.attributes)
    if change.is_empty:
        if drift.is_empty:
            return _Verdict(action=Action.NO_OP, reason=Reason.ASSUMED if actual.is_assumed else Reason.IN_SYNC)
        return _Verdict(action=Action.ADOPT, reason=Reason.ALREADY_THERE, drift=drift)
    wanted = difference(kind, applied.attributes, expected)
    action = Action.REPLACE if forces_replacement(kind, change) else Action.UPDATE
    return _Verdict(action=action, reason=_reason(wanted, drift), diff=change, drift=drift)


def _reason(wanted: ResourceDiff, drift: ResourceDiff) -> Reason:
    if drift.is_empty:
        return Reason.CONFIGURED
    if wanted.is_empty:
        return Reason.DRIFT
    if any(_overlap(one, other) for one in wanted.items for other in drift.items):
        return Reason.CONFLICT
    return Reason.CONFIGURED_AND_DRIFT


def _overlap(one: DiffItem, other: DiffItem) -> bool:
    """True when one place lies in the other."""
    if (one.section, one.attribute, one.subject) != (other.section, other.attribute, other.subject):
        return False
    shared = min(len(one.path), len(other.path))
    return one.path[:shared] == other.path[:shared]


def _unknown_origin(trio: Trio, actual: ActualResource, expected: Mapping[str, Value]) -> _Verdict:
    change = difference(trio.address.kind, actual.attributes, expected)
    if change.is_empty:
        return _Verdict(action=Action.ADOPT, reason=Reason.UNKNOWN_ORIGIN)
    action = Action.REPLACE if forces_replacement(trio.address.kind, change) else Action.UPDATE
    return _Verdict(action=action, reason=Reason.UNKNOWN_ORIGIN, diff=change)


def _unreadable(trio: Trio, actual: ActualResource, expected: Mapping[str, Value]) -> _Verdict:
    note = f"it could not be read: {actual.unreadable}"
    if trio.applied is None:
        hint = f"{note}; whose it is cannot be told"
        return _Verdict(action=Action.REFUSE, reason=Reason.UNREADABLE, note=hint)
    wanted = difference(trio.address.kind, trio.applied.attributes, expected)
    action = Action.NO_OP if wanted.is_empty else Action.UPDATE
    return _Verdict(action=action, reason=Reason.UNREADABLE, diff=wanted, note=note)


def _removed(trio: Trio, scope: Scope) -> _Verdict:
    actual, applied = trio.actual, trio.applied
    if actual is None:
        return _Verdict(action=Action.FORGET, reason=Reason.GONE)
    if actual.unreadable:
        note = f"it could not be read, so it is left alone: {actual.unreadable}"
        return _Verdict(action=Action.NO_OP, reason=Reason.UNREADABLE, note=note)
    if not actual.owned_by(scope):
        return _Verdict(action=Action.FORGET, reason=Reason.NOT_OURS, note="it no longer carries our tags, so it stays in AWS")
    if applied is None:
        return _Verdict(action=Action.DELETE, reason=Reason.UNKNOWN_ORIGIN)
    drift = difference(trio.address.kind, applied.attributes, actual.attributes)
    reason = Reason.REMOVED if drift.is_empty else Reason.REMOVED_AND_DRIFT
    return _Verdict(action=Action.DELETE, reason=reason, drift=drift)


def _physical_name(trio: Trio) -> str:
    for value in (trio.desired, trio.actual, trio.applied, trio.pending):
        if value is not None:
            return value.physical_name
    raise ValueError("a resource needs at least one of its values")


def _renamed(before: str, after: str) -> DiffItem:
    return DiffItem(
        section=Section.ATTRIBUTE,
        subject="name",
        path=(),
        operation=Operation.CHANGED,
        before=before,
        after=after,
        attribute="name",
    )


def _import_hint(trio: Trio, actual: ActualResource, scope: Scope) -> str:
    tags = ", ".join(f"{key}={value}" for key, value in scope.tags(trio.address).items())
    if trio.applied is not None and trio.applied.physical_name == actual.physical_name:
        return f"{actual.physical_name} no longer carries our tags. If it is still ours, give them back: {tags}"
    return (
        f"{actual.physical_name} exists and is not ours. To hand it over, give it the tags {tags}; "
        "to leave it alone, rename ours in the YAML: `resource_name: ANOTHER-NAME`"
    )
