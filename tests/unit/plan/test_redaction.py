"""What only AWS has in a function's environment is named and never shown, in whichever direction it differs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bunsui.codec.writing import to_json
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource
from bunsui.plan.model import Plan
from bunsui.plan.redaction import without_foreign
from bunsui.view.documents.plan import plan_document
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from tests.fakes.project import Project, a_pipeline

CANARY = "canary-9f3c1b"
FUNCTION = Address("lambda_function", "orders", "job0.call")


def everything(plan: Plan) -> str:
    view = plan_view(plan, context=3)
    rows = "".join(line.text for node in view.pipelines for row in node.rows for line in (*row.lines, *row.drift))
    return plain(plan_lines(view)) + plan_markdown(view) + json.dumps(to_json(plan_document(plan))) + rows


def with_stage(stage: str) -> tuple[DesiredResource, ...]:
    return tuple(
        replace(item, attributes={**item.attributes, "environment": {"STAGE": stage}}) if item.address == FUNCTION else item
        for item in a_pipeline("orders")
    )


@pytest.fixture
def project() -> Project:
    project = Project()
    project.converge(with_stage("dev"))
    return project


def test_a_secret_that_was_set_by_hand_is_drift_without_its_value(project: Project) -> None:
    project.account.change("lambda_function", "sales--dev--orders--job0.call", environment={"STAGE": "dev", "TOKEN": CANARY})
    shown = everything(project.plan(with_stage("dev")))
    assert "TOKEN" in shown
    assert "(sensitive)" in shown
    assert CANARY not in shown


def test_a_value_that_was_replaced_by_hand_shows_only_what_the_repository_says(project: Project) -> None:
    project.account.change("lambda_function", "sales--dev--orders--job0.call", environment={"STAGE": CANARY})
    shown = everything(project.plan(with_stage("prod")))
    assert "(sensitive) → prod" in shown
    assert CANARY not in shown


def test_a_removed_function_takes_its_secret_with_it_unseen(project: Project) -> None:
    project.account.change("lambda_function", "sales--dev--orders--job0.call", environment={"TOKEN": CANARY})
    assert CANARY not in everything(project.plan(a_pipeline("other")))


def test_a_secret_of_unknown_origin_stays_unseen(project: Project) -> None:
    project.account.change("lambda_function", "sales--dev--orders--job0.call", environment={"TOKEN": CANARY})
    project.lose_state()
    assert CANARY not in everything(project.plan(with_stage("dev")))


def test_a_change_of_the_repository_is_shown(project: Project) -> None:
    assert "environment.STAGE: dev → prod" in everything(project.plan(with_stage("prod")))


def test_what_is_stored_of_what_was_read_leaves_it_out() -> None:
    kept = without_foreign("lambda_function", {"memory_mb": 128, "environment": {"TOKEN": CANARY}})
    assert kept == {"memory_mb": 128}
