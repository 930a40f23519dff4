"""Which sessions keep roles from losing permissions: asked only of machines whose roles would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bunsui.errors import CloudError
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.session import SessionStatus
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan, ResourceChange
from bunsui.plan.roles.narrowing import NarrowingBlockers, keeping_permissions, narrowing_roles, with_notes
from bunsui.ports.execution import ExecutionClient, ExecutionSummary

_LISTED = 100
"""A page; so many sessions at once, none of which needs it, are taken for all."""


def plan_narrowing(plan: Plan, facts: Facts, execution: ExecutionClient | None) -> Plan:
    """Return the plan in which roles keep what sessions in flight may need; the same where none does, or nothing is to wait."""
    if facts.at_once or execution is None:
        return plan
    blocked = _blocked_roles(plan, execution)
    if not blocked:
        return plan
    again = build_plan(replace(facts, desired=keeping_permissions(facts.desired, plan, blocked)))
    return with_notes(again, blocked)


def _blocked_roles(plan: Plan, execution: ExecutionClient) -> dict[Address, NarrowingBlockers]:
    machines = {change.address.pipeline: change for change in plan.changes if change.address == _machine(change.address)}
    answers: dict[str, NarrowingBlockers | None] = {}
    found: dict[Address, NarrowingBlockers] = {}
    for role in narrowing_roles(plan):
        pipeline = role.address.pipeline
        if pipeline not in answers:
            machine = machines.get(pipeline)
            answers[pipeline] = _blockers(machine, execution) if machine is not None else None
        if (blockers := answers[pipeline]) is not None:
            found[role.address] = blockers
    return found


def _machine(address: Address) -> Address:
    return Address(MACHINE, address.pipeline)


def _blockers(machine: ResourceChange, execution: ExecutionClient) -> NarrowingBlockers | None:
    """Return what runs on a version that is older than the wanted one; None when nothing does."""
    outputs: Mapping[str, str] = machine.applied.outputs if machine.applied is not None else {}
    arn = outputs.get("arn")
    if arn is None:
        return None
    try:
        running = execution.executions(arn, limit=_LISTED, status=SessionStatus.RUNNING)
    except CloudError as error:
        return NarrowingBlockers(unknown=f"what runs could not be asked: {error.summary}")
    older = tuple(one.name for one in running if machine.is_change or not _is_current(one, machine))
    return NarrowingBlockers(sessions=older) if older else None


def _is_current(session: ExecutionSummary, machine: ResourceChange) -> bool:
    """Tell whether a session runs on the version that was applied last, and that stays."""
    applied = machine.applied
    if applied is None:
        return False
    if session.version_arn:
        return session.version_arn == applied.outputs.get("version_arn")
    return applied.written_at is not None and session.started_at > applied.written_at
