"""Builds a plan from the three values of every resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bunsui.diagnostics import Diagnostic
from bunsui.document.rules import Rules
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.role import ROLE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import NO_INTERVENTIONS, Interventions
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.values import Reference
from bunsui.plan.addressing import (
    Places,
    by_address,
    is_leftover,
    is_leftover_of,
    object_of,
    renamed_apart,
)
from bunsui.plan.checks import LOOKED_UP, run_checks
from bunsui.plan.checks.account.task_roles import without_answered
from bunsui.plan.exclusive import removing_beside
from bunsui.plan.model import (
    AccountRoom,
    Action,
    Basis,
    Behind,
    GivenBucket,
    PipelineFacts,
    Plan,
    Reason,
    ResourceChange,
    Risk,
)
from bunsui.plan.order import order_by_needs, removal_needs
from bunsui.plan.references import dependencies, foreseen
from bunsui.plan.retirement import KEPT_FOR, Blockers, RetirementPolicy, in_two_steps, retirement_of
from bunsui.plan.roles.trust import also_trusting
from bunsui.plan.three_way import ResourceValues, compare
from bunsui.ports.account import TaskRoles
from bunsui.ports.ledger import JournalEntry, StateMark

NOTHING_KNOWN = AccountRoom()


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
    kept_for: timedelta = KEPT_FOR
    """How long retired machines stay."""
    holds: Mapping[Address, Blockers] = field(default_factory=dict)
    """What runs on, or can be redriven on, what is retired already."""
    moved: Mapping[str, str] = field(default_factory=dict)
    """Names of pipelines by the names that they had before."""
    frozen: str = ""
    """The freeze window that `as_of` lies in, in words; empty for none."""
    interventions: Interventions = NO_INTERVENTIONS
    """What operators decided by hand."""
    at_once: bool = False
    """Delete what is removed, and what is retired, without waiting."""

    @property
    def terms(self) -> RetirementPolicy:
        """What decides when a retirement ends."""
        return RetirementPolicy(
            as_of=self.as_of, kept_for=self.kept_for, holds=self.holds, at_once=self.at_once, moved=self.moved
        )


def build_plan(facts: Facts) -> Plan:
    """Compare everything, put it in order, run the checks."""
    changes = _ordered_changes(*_compare_all(facts))
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
        frozen=facts.frozen,
        interventions=facts.interventions,
        at_once=facts.at_once and any(change.action is Action.DELETE for change in changes),
    )
    return replace(plan, diagnostics=(*facts.diagnostics, *facts.rules.applied(run_checks(plan))))


def with_looked_up(
    plan: Plan,
    rules: Rules,
    *,
    running: Mapping[Address, tuple[str, ...] | None] = MappingProxyType({}),
    reserved: Mapping[str | Reference, int | None] = MappingProxyType({}),
    given_roles: Mapping[str, frozenset[str] | None] = MappingProxyType({}),
    given_bucket: GivenBucket | None = None,
    account: AccountRoom = NOTHING_KNOWN,
    task_roles: Mapping[str, TaskRoles | None] = MappingProxyType({}),
    behind: Mapping[str, Behind] = MappingProxyType({}),
) -> Plan:
    """Return the plan with what was asked of AWS about its changes only (see the fields of `Plan`), and what is found in it."""
    known = replace(
        plan,
        running=running,
        reserved=reserved,
        given_roles=given_roles,
        given_bucket=given_bucket,
        account=account,
        task_roles=task_roles,
        behind=behind,
    )
    found = tuple(finding for check in LOOKED_UP.values() for finding in check(known))
    return replace(known, diagnostics=(*without_answered(known), *rules.applied(found)))


def _compare_all(facts: Facts) -> tuple[dict[Address, ResourceChange], Mapping[Address, AppliedResource]]:
    """Return the changes by address, and what was applied by the same addresses."""
    desired = {item.address: item for item in facts.desired if facts.select is None or item.address.pipeline in facts.select}
    places = Places(actual=by_address(facts.actual, desired, facts.applied), applied=facts.applied)
    places = renamed_apart(places, desired, facts.scope, keeps_data=not facts.at_once)
    if not facts.at_once:
        desired = _trusting_what_stays(desired, places, facts.terms)
    changes = _plan_wanted(facts, desired, places)
    names = {object_of(item): address for address, item in desired.items()}
    for address in sorted({*places.actual, *places.applied, *facts.pending} - set(desired)):
        if facts.select is None or address.pipeline in facts.select:
            trio = ResourceValues(
                address=address,
                actual=places.actual.get(address),
                applied=places.applied.get(address),
                pending=facts.pending.get(address),
                is_held=_is_held(address, facts),
            )
            changes[address] = _kept_name(compare(trio, facts.scope), names)
    return in_two_steps(changes, places.applied, facts.terms), places.applied


def _plan_wanted(facts: Facts, desired: Mapping[Address, DesiredResource], places: Places) -> dict[Address, ResourceChange]:
    outputs = {address: item.outputs for address, item in places.applied.items()} | {
        address: item.outputs for address, item in places.actual.items() if item.outputs
    }
    actions: dict[Address, Action] = {}
    changes: dict[Address, ResourceChange] = {}
    needs = {address: dependencies(item) for address, item in desired.items()}
    for address in order_by_needs(needs):
        wanted = desired[address]
        trio = ResourceValues(
            address=address,
            desired=wanted,
            needs=needs[address],
            expected=foreseen(wanted.attributes, actions=actions, outputs=outputs),
            actual=places.actual.get(address),
            applied=places.applied.get(address),
            pending=facts.pending.get(address),
            is_held=_is_held(address, facts),
        )
        compared = compare(trio, facts.scope)
        actions[address] = compared.action  # what stands beside it goes without a change of its outputs
        changes[address] = removing_beside(compared)
    return changes


def _is_held(address: Address, facts: Facts) -> bool:
    return address == Address(MACHINE, address.pipeline) and address.pipeline in facts.interventions.holds


def _trusting_what_stays(
    desired: Mapping[Address, DesiredResource], places: Places, terms: RetirementPolicy
) -> dict[Address, DesiredResource]:
    """Let machines that got another name go on to assume the role that the new one has now."""
    result = dict(desired)
    for address, actual in places.actual.items():
        if address.kind != MACHINE or not is_leftover(address):
            continue
        role = result.get(Address(ROLE, address.pipeline))
        if role is None:
            continue
        retirement = retirement_of(address, places.applied.get(address), terms)
        if retirement is not None and not retirement.is_over and "arn" in actual.outputs:
            result[role.address] = also_trusting(role, [actual.outputs["arn"]])
    return result


def _kept_name(change: ResourceChange, names: Mapping[tuple[str, str, str], Address]) -> ResourceChange:
    """Turn the removal of an object that another address took over into forgetting its old address."""
    leaving = change.actual or change.applied
    heir = names.get(object_of(leaving)) if leaving is not None else None
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


def _movers(
    address: Address, changes: Mapping[Address, ResourceChange], applied: Mapping[Address, AppliedResource]
) -> tuple[Address, ...]:
    """Return what has to be moved from an object that another took the place of, before that may go."""
    if not is_leftover(address) or not kind_named(address.kind).serves_sessions:
        return ()
    return tuple(
        one
        for one, change in changes.items()
        if change.desired is not None
        and any(
            is_leftover_of(address, need) for need in (*change.depends_on, *(applied[one].depends_on if one in applied else ()))
        )
    )


def _ordered_changes(
    changes: Mapping[Address, ResourceChange], applied: Mapping[Address, AppliedResource]
) -> tuple[ResourceChange, ...]:
    removals = removal_needs({address: _asked_for(change) for address, change in changes.items()}, applied)
    linked: dict[Address, ResourceChange] = {}
    for address, change in changes.items():
        needs = (*removals.get(address, ()), *change.depends_on, *_movers(address, changes, applied))
        linked[address] = replace(change, depends_on=tuple(need for need in needs if need in changes))
    order = order_by_needs({address: change.depends_on for address, change in linked.items()})
    position = {address: index for index, address in enumerate(order)}
    return tuple(sorted(linked.values(), key=lambda change: (change.address.pipeline, position[change.address])))
