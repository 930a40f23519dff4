"""Findings about a plan: one analyzer a file, each with one stable code.

In: a plan and what was looked up beside it. Out: diagnostics. Called by `bunsui.plan.build`.

Rule: a check looks at a plan and gives findings; it changes nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.plan.checks import (
    approvals,
    behind,
    beside_ours,
    contract,
    cost,
    destructive,
    frozen,
    given_bucket,
    given_roles,
    in_flight,
    mass_deletion,
    outside_change,
    permissions,
    prevented,
    quotas,
    refused_values,
    resident_cost,
    timeouts,
    unbounded,
    unheard,
    unpinned,
    unreadable,
)
from bunsui.plan.checks.account import reserved, room, task_roles
from bunsui.plan.checks.decided import held, paused
from bunsui.plan.checks.ownership import observed
from bunsui.plan.checks.proof import smoke_run
from bunsui.plan.model import Plan

CHECKS: Mapping[str, Callable[[Plan], Iterable[Diagnostic]]] = {
    destructive.CODE: destructive.check,
    permissions.CODE: permissions.check,
    outside_change.CODE: outside_change.check,
    unreadable.CODE: unreadable.check,
    unbounded.CODE: unbounded.check,
    mass_deletion.CODE: mass_deletion.check,
    prevented.CODE: prevented.check,
    quotas.CODE: quotas.check,
    timeouts.CODE: timeouts.check,
    unpinned.CODE: unpinned.check,
    cost.CODE: cost.check,
    contract.CODE: contract.check,
    frozen.CODE: frozen.check,
    unheard.CODE: unheard.check,
    approvals.CODE: approvals.check,
    resident_cost.CODE: resident_cost.check,
    refused_values.CODE: refused_values.check,
    beside_ours.CODE: beside_ours.check,
    smoke_run.CODE: smoke_run.check,
    held.CODE: held.check,
    paused.CODE: paused.check,
    observed.CODE: observed.check,
}
"""Every check by its code that needs nothing but the three values."""

LOOKED_UP: Mapping[str, Callable[[Plan], Iterable[Diagnostic]]] = {
    in_flight.CODE: in_flight.check,
    reserved.CODE: reserved.check,
    given_roles.CODE: given_roles.check,
    given_bucket.CODE: given_bucket.check,
    room.CODE: room.check,
    task_roles.CODE: task_roles.check,
    behind.CODE: behind.check,
}
"""Those that need something besides, asked of AWS or git for what changes only (`bunsui.plan.build.with_looked_up`)."""


def run_checks(plan: Plan) -> tuple[Diagnostic, ...]:
    """Run every check."""
    return tuple(found for check in CHECKS.values() for found in check(plan))
