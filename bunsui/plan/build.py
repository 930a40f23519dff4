"""Builds a plan from the three values of every resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bunsui.diagnostics import Diagnostic
from bunsui.document.rules import Rules
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.resource import ActualResource, Address, AppliedResource, DesiredResource, Scope
from bunsui.plan.checks import in_flight, run_checks
from bunsui.plan.model import Action, Basis, PipelineFacts, Plan, Reason, ResourceChange, Risk
from bunsui.plan.order import ordered, removal_needs
from bunsui.plan.references import dependencies, foreseen
from bunsui.plan.three_way import Trio, compare
from bunsui.ports.ledger import JournalEntry, StateMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a plan is made from."""

    scope: Scope
    as_of: datetime
    desired: tuple[DesiredResource, ...]
    actual: tuple[ActualResource, ...]
    """What the providers read: all that is ours, and whatever bears a wanted name."""
    applied: Mapping[Address, AppliedResource]
    commit: str = ""
    pipelines: Mapping[str, PipelineFacts] = field(default_factory=dict)
    select: frozenset[str] | None = None
    """Names of the pipelines to plan; None means all, and only then are removed pipelines looked for."""
    rules: Rules = field(default_factory=Rules)
    """What the project and its pipelines say about findings."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Findings from before, such as those of the compiler; they become part of the plan."""
    pending: Mapping[Address, JournalEntry] = field(default_factory=dict)
    """What an apply that died was working on."""
    mark: StateMark = field(default_factory=StateMark)
    refresh: str = "full"
    """How much of AWS was read."""
    basis: Basis | None = None
    """What `actual` is, when it is not what AWS has."""


def build_plan(facts: Facts) -> Plan:
    """Compare everything, put it in order, run the checks."""
    changes = _ordered_changes(_compare_all(facts), facts.applied)
    plan = Plan(
        scope=facts.scope,
        as_of=facts.as_of,
        commit=facts.commit,
        changes=changes,
        diagnostics=facts.diagnostics,
        pipelines=facts.pipelines,
        complete=facts.select is None,
        mark=facts.mark,
        refresh=facts.refresh,
        basis=facts.basis,
        select=tuple(sorted(facts.select)) if facts.select is not None else None,
    )
    return replace(plan, diagnostics=(*facts.diagnostics, *facts.rules.applied(run_checks(plan))))


def with_running(plan: Plan, running: Mapping[Address, tuple[str, ...]], rules: Rules) -> Plan:
    """Give the plan with the sessions in flight on the machines that it changes, and what happens to each."""
    known = replace(plan, running=running)
    return replace(known, diagnostics=(*plan.diagnostics, *rules.applied(tuple(in_flight.check(known)))))


def _compare_all(facts: Facts) -> dict[Address, ResourceChange]:
    desired = {item.address: item for item in facts.desired if facts.select is None or item.address.pipeline in facts.select}
    actual = _by_address(facts.actual, desired, facts.applied)
    outputs = {address: item.outputs for address, item in facts.applied.items()} | {
        address: item.outputs for address, item in actual.items() if item.outputs
    }
    actions: dict[Address, Action] = {}
    changes: dict[Address, ResourceChange] = {}
    for address in ordered({address: dependencies(item) for address, item in desired.items()}):
        wanted = desired[address]
        trio = Trio(
            address=address,
            desired=wanted,
            expected=foreseen(wanted.attributes, actions=actions, outputs=outputs),
            actual=actual.get(address),
            applied=facts.applied.get(address),
            pending=facts.pending.get(address),
        )
        changes[address] = compare(trio, facts.scope)
        actions[address] = changes[address].action
    names = {_object(item): address for address, item in desired.items()}
    for address in sorted({*actual, *facts.applied, *facts.pending} - set(desired)):
        if facts.select is None or address.pipeline in facts.select:
            trio = Trio(
                address=address,
                actual=actual.get(address),
                applied=facts.applied.get(address),
                pending=facts.pending.get(address),
            )
            changes[address] = _kept_name(compare(trio, facts.scope), names)
    return changes


def _by_address(
    actual: Iterable[ActualResource],
    desired: Mapping[Address, DesiredResource],
    applied: Mapping[Address, AppliedResource],
) -> dict[Address, ActualResource]:
    """Give what AWS has by address.

    An object that bears a wanted name belongs to the address that wants it, else to the one that was applied under that
    name, whatever its tags say: a pipeline may have been renamed while it kept its `resource_name`. A second object with the
    same address in its tags is a leftover of a rename that died half-way; it gets an address of its own, so that it is
    removed.
    """
    wanted = {_object(item): address for address, item in desired.items()}
    remembered = {_object(item): address for address, item in applied.items()}
    result: dict[Address, ActualResource] = {}
    others: list[ActualResource] = []
    for item in actual:
        address = wanted.get(_object(item))
        if address is None:
            others.append(item)
        else:
            result[address] = replace(item, address=address)
    for item in others:
        address = remembered.get(_object(item), item.address)
        if address in result:
            address = replace(address, name=f"{address.name}@{item.physical_name}")
        result[address] = replace(item, address=address)
    return result


def _object(item: DesiredResource | ActualResource | AppliedResource) -> tuple[str, str, str]:
    """Give what is one object in AWS: kind, name, and what it lies in where names are unique only there."""
    within = kind_named(item.address.kind).within
    return item.address.kind, item.physical_name, str(item.attributes.get(within, "")) if within else ""


def _kept_name(change: ResourceChange, names: Mapping[tuple[str, str, str], Address]) -> ResourceChange:
    """Turn the removal of an object that another address took over into forgetting its old address."""
    leaving = change.actual or change.applied
    heir = names.get(_object(leaving)) if leaving is not None else None
    if heir is None:
        return change
    return replace(
        change,
        action=Action.FORGET,
        reason=Reason.REMOVED,
        risk=Risk.NONE,
        actual=None,
        drift=(),
        depends_on=(heir,),  # what the object relied on may go only when the heir has let go of it
        note=f"it is now {heir}",
    )


def _asked_for(change: ResourceChange) -> Action:
    """What would happen if nothing forbade it: what a forbidden removal relies on must not go alone either."""
    return Action.DELETE if change.reason is Reason.PREVENTED and change.desired is None else change.action


def _ordered_changes(
    changes: Mapping[Address, ResourceChange], applied: Mapping[Address, AppliedResource]
) -> tuple[ResourceChange, ...]:
    removals = removal_needs({address: _asked_for(change) for address, change in changes.items()}, applied)
    linked: dict[Address, ResourceChange] = {}
    for address, change in changes.items():
        needs = (*removals.get(address, ()), *change.depends_on)
        linked[address] = replace(change, depends_on=tuple(need for need in needs if need in changes))
    order = ordered({address: change.depends_on for address, change in linked.items()})
    position = {address: index for index, address in enumerate(order)}
    return tuple(sorted(linked.values(), key=lambda change: (change.address.pipeline, position[change.address])))
