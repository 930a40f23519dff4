"""A part of a plan: what was marked, and what it needs."""

from __future__ import annotations

from dataclasses import replace

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.address import Address
from bunsui.plan.partial import can_apply, forbidden
from bunsui.plan.selection import only
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from tests.fakes.project import Project, a_pipeline


def test_a_marked_machine_takes_along_what_it_needs_and_nothing_else() -> None:
    project = Project()
    plan = project.plan((*a_pipeline("orders"), *a_pipeline("billing")))
    part = only(plan, [Address("state_machine", "orders")])
    assert {str(change.address) for change in part.pending} == {
        "state_machine.orders",
        "lambda_function.orders.job0.call",
        "role.orders",
    }
    assert len(part.changes) == len(plan.changes)


def test_a_part_says_that_it_is_one_and_what_holds_every_change_is_no_part() -> None:
    plan = Project().plan(a_pipeline("orders"))
    part, whole = only(plan, [Address("role", "orders")]), only(plan, [change.address for change in plan.pending])
    assert (part.complete, whole.complete) == (False, True)
    assert "its other changes stay to do" in plain(plan_lines(plan_view(part)))
    assert "stay to do" not in plain(plan_lines(plan_view(whole)))


def test_applying_a_part_leaves_the_rest_pending() -> None:
    project = Project()
    desired = (*a_pipeline("orders"), *a_pipeline("billing"))
    part = only(project.plan(desired), [change.address for change in project.plan(a_pipeline("orders")).changes])
    project.apply(part)
    assert {change.address.pipeline for change in project.plan(desired).pending} == {"billing"}


def test_an_error_about_another_resource_does_not_forbid_the_part() -> None:
    project = Project()
    plan = project.plan((*a_pipeline("orders"), *a_pipeline("billing")))
    error = Diagnostic(code="BS501", severity=Severity.ERROR, summary="no", subject="role.billing")
    whole = replace(plan, diagnostics=(error,))
    assert set(forbidden(whole)) == {"billing"}
    assert can_apply(only(whole, [Address("role", "orders")]))
    assert not can_apply(only(whole, [Address("role", "billing")]))
