"""What operators decided by hand, wherever values are compared: a held alias is no drift, a paused schedule is wanted off.

So neither is undone by an apply of something else. What changes a held pipeline's machine itself ends its hold, which somebody
must have agreed to (`ended_holds`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bunsui.kinds.schedule import SCHEDULE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import Hold, Interventions, Pause
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource
from bunsui.model.values import Value
from bunsui.plan.comparison import difference
from bunsui.plan.model import Action, Plan

_ALIAS = "alias"
ENABLED = "enabled"
"""The attribute of a schedule that says whether it starts anything."""


def with_held_alias(
    expected: Mapping[str, Value] | None, actual: ActualResource | None, applied: AppliedResource | None
) -> tuple[ActualResource | None, AppliedResource | None]:
    """Return actual and applied of a held machine as they are to be compared. `expected` are the desired attributes, None where
    nothing is wanted.

    Where nothing else differs the alias counts as being where it should; else as where it was applied, so that an apply moves
    it, and nobody calls that an outside change."""
    if actual is None or applied is None or actual.unreadable or actual.is_assumed:
        return actual, applied
    should = applied.attributes.get(_ALIAS)
    if actual.attributes.get(_ALIAS) == should or should is None:
        return actual, applied
    unmoved = replace(actual, attributes={**actual.attributes, _ALIAS: should})
    if expected is not None and difference(actual.address.kind, unmoved.attributes, expected).is_empty:
        return unmoved, applied
    return actual, replace(applied, attributes={**applied.attributes, _ALIAS: actual.attributes[_ALIAS]})


def with_pauses(
    desired: Iterable[DesiredResource], pauses: Mapping[str, Pause], as_of: datetime
) -> tuple[DesiredResource, ...]:
    """Return what the files want, with the schedules of paused pipelines off. A pause that is over switches nothing off."""
    paused = {name for name, pause in pauses.items() if not pause.is_over(as_of)}

    def switched_off(one: DesiredResource) -> DesiredResource:
        is_paused = one.address.kind == SCHEDULE and one.address.pipeline in paused
        return replace(one, attributes={**one.attributes, ENABLED: False}) if is_paused else one

    return tuple(switched_off(one) for one in desired)


def with_wanted_schedules(interventions: Interventions, desired: Iterable[DesiredResource], as_of: datetime) -> Interventions:
    """Return what was decided, each pause with the schedules that the files want on: those that its end switches on. `desired`
    is what the files say; a pipeline that is not among it keeps what its pause remembers."""
    on: dict[str, list[str]] = {}
    for one in desired:
        found = on.setdefault(one.address.pipeline, [])
        if one.address.kind == SCHEDULE and one.attributes.get(ENABLED) is not False:
            found.append(str(one.address))
    pauses = {
        name: replace(pause, schedules=tuple(sorted(on[name]))) if name in on and not pause.is_over(as_of) else pause
        for name, pause in interventions.pauses.items()
    }
    return replace(interventions, pauses=pauses)


def retold_pauses(plan: Plan, stored: Mapping[str, Pause]) -> tuple[Pause, ...]:
    """Return the stored pauses of planned pipelines that are to remember other schedules from now on."""
    planned = {change.address.pipeline for change in plan.changes}
    told = {
        name: pause for name, pause in plan.interventions.pauses.items() if name in planned and not pause.is_over(plan.as_of)
    }
    return tuple(
        replace(stored[name], schedules=pause.schedules)
        for name, pause in told.items()
        if name in stored and stored[name].id == pause.id and stored[name].schedules != pause.schedules
    )


def overdue_pauses(plan: Plan) -> tuple[Pause, ...]:
    """Return the pauses of planned pipelines whose time was over when the plan was made: applying it ends them."""
    planned = {change.address.pipeline for change in plan.changes}
    return tuple(one for name, one in plan.interventions.pauses.items() if name in planned and one.is_over(plan.as_of))


def ended_holds(plan: Plan) -> Mapping[str, Hold]:
    """Return the holds that applying the plan ends, by pipeline: those whose machine is written."""
    written = {
        change.address.pipeline
        for change in plan.pending
        if change.address == Address(MACHINE, change.address.pipeline) and change.action not in (Action.ADOPT, Action.REFUSE)
    }
    return {name: hold for name, hold in plan.interventions.holds.items() if name in written}
