"""The hidden lines of a comment: found again whatever the names are, and forged by none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.digest import pipeline_digests
from bunsui.plan.marker import WITHDRAWN, PlanHead, PlanMarker, marker_of, read_marker, without_marker
from bunsui.plan.model import Basis, Plan
from bunsui.services.apply.request import read_digest
from tests.fakes.project import Project, a_pipeline

HEAD = PlanHead(commit="1" * 40, order=(17, 2))


def marked(plan: Plan) -> PlanMarker:
    return marker_of(plan, tuple(pipeline_digests(plan).values()))


@given(project=st.text(), environment=st.text(), head=st.sampled_from([None, HEAD]), rest=st.text())
def test_what_was_written_is_read_again(project: str, environment: str, head: PlanHead | None, rest: str) -> None:
    marker = PlanMarker(project=project, environment=environment, digest="a" * 64, select=("orders", "fresh"), head=head)
    assert read_marker(f"{marker.text}### {rest}") == marker
    assert without_marker(f"{marker.text}### {rest}").startswith("###")
    first = marker.text.split("\n")[0]
    assert first.isascii()
    assert "--" not in first[4:-3]


def test_a_marker_counts_at_the_very_beginning_only() -> None:
    forged = PlanMarker(project="sales", environment="prod", digest="a" * 64)
    true = PlanMarker(project="sales", environment="prod")
    assert read_marker(f"see\n{forged.text}") is None
    assert read_marker(f"{true.text}### x\n{forged.text}") == true


def test_the_digest_of_several_pipelines_is_one_that_an_apply_takes() -> None:
    marker = marked(Project().plan((*a_pipeline("orders"), *a_pipeline("fresh"))))
    assert len(read_digest(marker.digest).pipelines) == 2


def test_a_plan_without_a_change_lets_nothing_else_be_applied() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    marker = marked(project.plan(a_pipeline("orders")))
    assert not marker.is_withdrawn
    assert marker.digest not in (marked(project.plan(a_pipeline("orders", seconds=9))).digest, WITHDRAWN)


def test_what_cannot_be_applied_has_no_digest() -> None:
    plan = Project().plan(a_pipeline("orders"))
    error = Diagnostic(code="BS999", severity=Severity.ERROR, summary="no")
    empty = Plan(scope=plan.scope, as_of=datetime(2026, 1, 1, tzinfo=UTC), commit="", changes=())
    assert marked(replace(plan, diagnostics=(error,))).is_withdrawn
    assert marked(replace(empty, diagnostics=(error,))).is_withdrawn
    assert marked(replace(plan, basis=Basis(revision="main", commit="1" * 40))).is_withdrawn


def test_the_selected_pipelines_are_named_so_that_the_apply_plans_the_same() -> None:
    plan = replace(Project().plan(a_pipeline("orders")), select=("orders",), complete=False)
    assert marked(plan).select == ("orders",)
    assert marked(replace(plan, select=("a`$(b)",))).select == ()
