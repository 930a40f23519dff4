"""One resource's action with its reason, from three values: desired, actual and applied.

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
removed            holds something    no-op, it holds what is not bunsui's to remove
present            absent             create, deleted outside
observed           whatever           no-op, or refuse: somebody else owns it as yet
present            never applied      our tags: adopt or update, unknown origin; none, and nobody needs it: update, taken
                                      over; others: refuse
=================  =================  ================================================================

What could not be read is never called in sync. What the journal says an apply was writing when it died is never called somebody
else's change: where AWS has what was being written, that is what was applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bunsui.command_line import command_line
from bunsui.diff.model import ChangeOperation, DiffItem, ResourceDiff, Section
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import OWN_MACHINES, Address
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import TAG_PROJECT_ID, TAG_REGION, ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Value
from bunsui.plan.comparison import difference, forces_replacement, newly_allowed, powers_of_new
from bunsui.plan.ignore_rules import applied_with_ignored_places, with_ignored_places
from bunsui.plan.interventions import with_held_alias
from bunsui.plan.model import KEEPABLE, Action, Reason, ResourceChange, undoes_drift
from bunsui.plan.prevention import LIFTING, is_prevented
from bunsui.plan.redaction import redact_items
from bunsui.plan.remedies import not_ours
from bunsui.plan.risk import risk_of
from bunsui.ports.ledger import JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceValues:
    """The three values of one resource; any may be absent, though not all."""

    address: Address
    desired: DesiredResource | None = None
    expected: Mapping[str, Value] | None = None
    """The desired attributes with references resolved as far as they can be foreseen (`bunsui.plan.references.foreseen`)."""
    actual: ActualResource | None = None
    applied: AppliedResource | None = None
    pending: JournalEntry | None = None
    """What an apply that died was doing here."""
    is_held: bool = False
    """True for a machine whose alias an operator leads elsewhere (`bunsui.plan.interventions`)."""
    needs: tuple[Address, ...] = ()
    """What `desired` must come after (`bunsui.plan.references.dependencies`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    action: Action
    reason: Reason
    diff: ResourceDiff = field(default_factory=ResourceDiff)
    drift: ResourceDiff = field(default_factory=ResourceDiff)
    note: str = ""


def compare(trio: ResourceValues, scope: Scope) -> ResourceChange:
    """Decide what happens to one resource, and why."""
    seen, name = trio.actual, _physical_name(trio)
    trio = _left_to_others(trio)
    trio = replace(trio, applied=_truly_applied(trio))
    if trio.is_held:
        wanted = trio.desired.attributes if trio.desired is not None else None
        actual, applied = with_held_alias(trio.expected if trio.expected is not None else wanted, trio.actual, trio.applied)
        trio = replace(trio, actual=actual, applied=applied)
    verdict = _judge_removed(trio, scope) if trio.desired is None else _judge_wanted(trio, trio.desired, scope)
    if trio.desired is not None and trio.desired.lifecycle.observed:
        verdict = _judge_observed(trio, trio.desired)
    elif trio.pending is not None:
        verdict = _judge_interrupted(verdict)
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
            kind=trio.address.kind,
            action=verdict.action,
            reason=_reason_of_risk(verdict),
            diff=verdict.diff,
            widened=bool(widened),
            by_sessions=trio.address.pipeline not in OWN_MACHINES,
        ),
        diff=ResourceDiff(items=redact_items(trio.address.kind, verdict.diff.items, *said)),
        drift=redact_items(trio.address.kind, verdict.drift.items, *said),
        desired=trio.desired,
        actual=seen,
        applied=trio.applied,
        depends_on=trio.needs,
        note=verdict.note,
        newly_allowed=widened,
    )


def _reason_of_risk(verdict: _Verdict) -> Reason:
    """Return the reason, without what was changed outside where the files want that as it is."""
    keeps = verdict.reason in KEEPABLE and not undoes_drift(verdict.drift.items, verdict.diff)
    return Reason.CONFIGURED if keeps else verdict.reason


def _left_to_others(trio: ResourceValues) -> ResourceValues:
    """Return the values with everything that belongs to others as it is in AWS."""
    said = trio.desired or trio.applied
    if said is None or not said.lifecycle.ignore or trio.actual is None or trio.actual.unreadable:
        return trio
    kind, ignore, actual = trio.address.kind, said.lifecycle.ignore, trio.actual.attributes
    expected = trio.expected if trio.expected is not None else trio.desired.attributes if trio.desired is not None else None
    before = applied_with_ignored_places(trio.applied, actual, ignore) if trio.applied is not None else None
    pending = trio.pending
    if pending is not None and pending.intended is not None:
        pending = replace(pending, intended=applied_with_ignored_places(pending.intended, actual, ignore))
    return replace(
        trio,
        expected=with_ignored_places(kind, expected, actual, ignore) if expected is not None else None,
        actual=_with_its_alias(trio.actual, before),
        applied=before,
        pending=pending,
    )


def _with_its_alias(actual: ActualResource, before: AppliedResource | None) -> ActualResource:
    """Return a machine as one whose alias leads where it should, when it leads to the version that was applied and the machine
    differs from that only where it belongs to others: nobody moved the alias."""
    if before is None or actual.outputs.get("version_arn") != before.outputs.get("version_arn"):
        return actual
    alias = before.attributes.get("alias")
    if alias is None or actual.attributes.get("alias") == alias:
        return actual
    unmoved = replace(actual, attributes={**actual.attributes, "alias": alias})
    same = difference(actual.address.kind, before.attributes, unmoved.attributes).is_empty
    return unmoved if same else actual


def _is_said_otherwise(trio: ResourceValues) -> bool:
    """True when the state remembers other rules than the file has, or that the resource was taken out of service."""
    desired, applied = trio.desired, trio.applied
    return (desired is not None and applied is not None) and (
        applied.lifecycle != desired.lifecycle or applied.retired_at is not None
    )


def _what_is_said(trio: ResourceValues) -> str:
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


def _truly_applied(trio: ResourceValues) -> AppliedResource | None:
    """Return what was applied last: what the journal says was being written, if AWS has it; None when nobody knows."""
    if trio.applied is not None and not trio.applied.is_known:
        return None
    if trio.pending is None or trio.pending.intended is None or trio.actual is None or trio.actual.unreadable:
        return trio.applied
    intended = trio.pending.intended
    if not difference(trio.address.kind, intended.attributes, trio.actual.attributes).is_empty:
        return trio.applied
    return replace(intended, outputs=trio.actual.outputs, revision=trio.actual.revision)


def _judge_interrupted(verdict: _Verdict) -> _Verdict:
    if verdict.action is Action.NO_OP and verdict.reason in (Reason.IN_SYNC, Reason.ASSUMED):
        return replace(verdict, action=Action.ADOPT, reason=Reason.INTERRUPTED)
    if verdict.reason in _OWN_DOING:
        return replace(verdict, reason=Reason.INTERRUPTED, drift=ResourceDiff())
    if verdict.reason is Reason.REMOVED_AND_DRIFT:
        return replace(verdict, reason=Reason.REMOVED, drift=ResourceDiff())
    return verdict


def _judge_observed(trio: ResourceValues, desired: DesiredResource) -> _Verdict:
    """Compare what somebody else owns as yet: a difference is refused, whoever's tags are there. Its alias is the owner's."""
    actual, owner = trio.actual, desired.lifecycle.observed
    if actual is None:
        note = f"AWS has no {desired.physical_name}, and {owner} would make it"
        return _Verdict(action=Action.REFUSE, reason=Reason.OBSERVED, note=note)
    if actual.unreadable:
        return _Verdict(action=Action.NO_OP, reason=Reason.UNREADABLE, note=f"it could not be read: {actual.unreadable}")
    expected = dict(trio.expected if trio.expected is not None else desired.attributes)
    if "alias" in expected:
        expected["alias"] = actual.attributes.get("alias", "")
    diff = difference(trio.address.kind, actual.attributes, expected)
    if diff.is_empty:
        return _Verdict(action=Action.NO_OP, reason=Reason.OBSERVED)
    handover = command_line("import", actual.physical_name, "--handover")
    note = f"{owner} owns {actual.physical_name}. Change it there; to take it over, `{handover}` says what to do first"
    return _Verdict(action=Action.REFUSE, reason=Reason.OBSERVED, diff=diff, note=note)


def _newly_allowed(trio: ResourceValues, verdict: _Verdict) -> tuple[tuple[str, str], ...]:
    if trio.desired is None:
        return ()
    expected = trio.expected if trio.expected is not None else trio.desired.attributes
    if verdict.action is Action.CREATE:
        return powers_of_new(trio.address.kind, expected)
    if trio.actual is None or verdict.action not in (Action.UPDATE, Action.REPLACE):
        return ()
    return newly_allowed(trio.address.kind, trio.actual.attributes, expected)


def _judge_wanted(trio: ResourceValues, desired: DesiredResource, scope: Scope) -> _Verdict:
    actual, applied = trio.actual, trio.applied
    expected = trio.expected if trio.expected is not None else desired.attributes
    if actual is None:
        reason = Reason.NEW if applied is None else Reason.DELETED_OUTSIDE
        return _Verdict(action=Action.CREATE, reason=reason)
    if actual.unreadable:
        return _unreadable(trio, actual, expected)
    if not actual.owned_by(scope) and actual.claimable:
        diff = difference(trio.address.kind, actual.attributes, expected)
        note = f"{actual.physical_name} is there and becomes ours: {actual.claimable}"
        return _Verdict(action=Action.UPDATE, reason=Reason.TAKEN_OVER, diff=diff, note=note)
    if not actual.owned_by(scope):
        return _Verdict(action=Action.REFUSE, reason=Reason.NOT_OURS, note=_import_hint(trio, actual, scope))
    if actual.physical_name != desired.physical_name:
        renamed = _rename_item(actual.physical_name, desired.physical_name)
        rest = difference(trio.address.kind, actual.attributes, expected)
        diff = ResourceDiff(items=(renamed, *rest.items))
        drift = difference(trio.address.kind, applied.attributes, actual.attributes) if applied is not None else ResourceDiff()
        reason = Reason.CONFIGURED if drift.is_empty else Reason.CONFIGURED_AND_DRIFT
        return _Verdict(action=Action.REPLACE, reason=reason, diff=diff, drift=drift)
    if applied is None:
        return _unknown_origin(trio, actual, expected)
    return _judge_known(trio.address.kind, expected, actual, applied)


def _judge_known(kind: str, expected: Mapping[str, Value], actual: ActualResource, applied: AppliedResource) -> _Verdict:
    change = difference(kind, actual.attributes, expected)
    drift = difference(kind, applied.attributes, actual.attributes)
    if change.is_empty:
        if drift.is_empty:
            return _Verdict(action=Action.NO_OP, reason=Reason.ASSUMED if actual.is_assumed else Reason.IN_SYNC)
        return _Verdict(action=Action.ADOPT, reason=Reason.ALREADY_THERE, drift=drift)
    wanted = difference(kind, applied.attributes, expected)
    action = Action.REPLACE if forces_replacement(kind, change) else Action.UPDATE
    reason = _reason(wanted, drift)
    if reason is Reason.CONFLICT and not undoes_drift(drift.items, change):
        reason = Reason.CONFIGURED_AND_DRIFT  # the files want it as it was made outside: nothing of it is overwritten
    return _Verdict(action=action, reason=reason, diff=change, drift=drift)


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
    shared = min(len(one.path), len(other.path))
    places = ((item.section, item.attribute, item.subject, item.path[:shared]) for item in (one, other))
    return len(set(places)) == 1


def _unknown_origin(trio: ResourceValues, actual: ActualResource, expected: Mapping[str, Value]) -> _Verdict:
    change = difference(trio.address.kind, actual.attributes, expected)
    if change.is_empty:
        return _Verdict(action=Action.ADOPT, reason=Reason.UNKNOWN_ORIGIN)
    action = Action.REPLACE if forces_replacement(trio.address.kind, change) else Action.UPDATE
    return _Verdict(action=action, reason=Reason.UNKNOWN_ORIGIN, diff=change)


def _unreadable(trio: ResourceValues, actual: ActualResource, expected: Mapping[str, Value]) -> _Verdict:
    note = f"it could not be read: {actual.unreadable}"
    if trio.applied is None:
        hint = f"{note}; whose it is cannot be told"
        return _Verdict(action=Action.REFUSE, reason=Reason.UNREADABLE, note=hint)
    wanted = difference(trio.address.kind, trio.applied.attributes, expected)
    action = Action.NO_OP if wanted.is_empty else Action.UPDATE
    return _Verdict(action=action, reason=Reason.UNREADABLE, diff=wanted, note=note)


def _judge_removed(trio: ResourceValues, scope: Scope) -> _Verdict:
    actual, applied = trio.actual, trio.applied
    if actual is None:
        return _Verdict(action=Action.FORGET, reason=Reason.GONE)
    if actual.unreadable:
        note = f"it could not be read, so it is left alone: {actual.unreadable}"
        return _Verdict(action=Action.NO_OP, reason=Reason.UNREADABLE, note=note)
    if not actual.owned_by(scope):
        return _Verdict(action=Action.FORGET, reason=Reason.NOT_OURS, note="it no longer carries our tags, so it stays in AWS")
    if actual.holds:
        emptying = kind_named(trio.address.kind).emptying
        how = f" (`{emptying(actual.physical_name)}`)" if emptying is not None else ""
        note = f"it stays: it holds {actual.holds}, which bunsui never removes; once it is empty{how}, an apply removes it"
        return _Verdict(action=Action.NO_OP, reason=Reason.HOLDS, note=note)
    if applied is None:
        return _Verdict(action=Action.DELETE, reason=Reason.UNKNOWN_ORIGIN)
    drift = difference(trio.address.kind, applied.attributes, actual.attributes)
    reason = Reason.REMOVED if drift.is_empty else Reason.REMOVED_AND_DRIFT
    return _Verdict(action=Action.DELETE, reason=reason, drift=drift)


def _physical_name(trio: ResourceValues) -> str:
    for value in (trio.desired, trio.actual, trio.applied, trio.pending):
        if value is not None:
            return value.physical_name
    raise ValueError("a resource needs at least one of its values")


def _rename_item(before: str, after: str) -> DiffItem:
    return DiffItem(
        section=Section.ATTRIBUTE,
        subject="name",
        path=(),
        operation=ChangeOperation.CHANGED,
        before=before,
        after=after,
        attribute="name",
    )


def _elsewhere(actual: ActualResource, scope: Scope) -> str | None:
    """Return whose an object is that carries our project's and environment's names and is not ours; None for any other."""
    name, environment = actual.physical_name, scope.environment
    if not replace(actual, tags=_without(actual.tags, TAG_REGION, TAG_PROJECT_ID), used_in="").owned_by(scope):
        return None
    if actual.region not in ("", scope.region):
        return (
            f"{name} is used by {environment} in {actual.region}, and roles are the same in all regions. "
            f"Give {scope.region} an environment of its own in bunsui.yaml; to move {environment}, "
            f"first remove it there: `{command_line('destroy', '--region', actual.region)}`"
        )
    return (
        f"{name} belongs to another project of the name {scope.project} (id {actual.tags.get(TAG_PROJECT_ID)}). "
        "Give one of them another `project:` name in bunsui.yaml"
    )


def _without(tags: Mapping[str, str], *names: str) -> dict[str, str]:
    return {key: value for key, value in tags.items() if key not in names}


def _import_hint(trio: ResourceValues, actual: ActualResource, scope: Scope) -> str:
    if (other := _elsewhere(actual, scope)) is not None:
        return other
    was_ours = trio.applied is not None and trio.applied.physical_name == actual.physical_name
    return not_ours(trio.address, actual, scope, was_ours=was_ours, is_alike=_is_alike(trio, actual))


def _is_alike(trio: ResourceValues, actual: ActualResource) -> bool:
    """Tell whether it is as the files want it, but for an alias where there is none."""
    expected = trio.expected if trio.expected is not None else trio.desired.attributes if trio.desired is not None else None
    if expected is None or actual.unreadable:
        return False
    items = difference(trio.address.kind, actual.attributes, expected).items
    return all(item.attribute == "alias" and not item.before for item in items)
