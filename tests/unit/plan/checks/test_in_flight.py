"""Sessions in flight are named with what happens to each; where they could not be listed, the plan says that it is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bunsui.diagnostics import Severity
from bunsui.document.rules import Rules
from bunsui.errors import AccessDenied
from bunsui.model.address import Address
from bunsui.model.session import SessionStatus
from bunsui.plan.build import with_looked_up
from bunsui.plan.model import Action, Plan
from bunsui.ports.execution import ExecutionSummary
from bunsui.refresh.running_sessions import running_sessions
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from tests.fakes.project import Project, a_pipeline

MACHINE = Address("state_machine", "orders")


def a_plan(action: Action) -> Plan:
    project = Project()
    project.converge(a_pipeline("orders"))
    plan = project.plan(a_pipeline("orders", seconds=9))
    changes = tuple(replace(change, action=action) if change.address == MACHINE else change for change in plan.changes)
    return replace(plan, changes=changes, diagnostics=())


@pytest.mark.parametrize(
    ("action", "severity"),
    [(Action.UPDATE, Severity.INFO), (Action.DELETE, Severity.WARNING), (Action.REPLACE, Severity.WARNING)],
)
def test_sessions_that_could_not_be_listed_are_unknown_and_never_none(action: Action, severity: Severity) -> None:
    (found,) = with_looked_up(a_plan(action), Rules(), running={MACHINE: None}).diagnostics
    assert found.severity is severity
    assert "whether sessions are in flight is unknown" in found.summary


def test_a_missing_permission_to_list_is_no_error() -> None:
    class Denied(MemoryExecutionClient):
        def executions(
            self, machine_arn: str, *, limit: int, status: SessionStatus | None = None
        ) -> Sequence[ExecutionSummary]:
            raise AccessDenied("access-denied", "no")

    plan = a_plan(Action.UPDATE)
    known = tuple(
        replace(change, actual=replace(change.actual, outputs={"arn": "arn:x"})) if change.actual is not None else change
        for change in plan.changes
    )
    assert running_sessions(replace(plan, changes=known), Denied(ManualClock())) == {MACHINE: None}
