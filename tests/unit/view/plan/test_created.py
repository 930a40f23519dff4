"""New resources as a reviewer reads them, and many that are alike in one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bunsui.model.address import Address
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Reference, Value
from bunsui.plan.model import Plan
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.created import created_lines
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.safe import safe
from bunsui.view.spans import plain
from tests.fakes.project import Project, a_pipeline

AS_OF = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


def said(kind: str, **attributes: Value) -> list[str]:
    desired = DesiredResource(address=Address(kind, "orders"), physical_name="x", attributes=attributes)
    return [line.text for line in created_lines(desired, as_of=AS_OF)]


def test_a_role_is_told_statement_by_statement() -> None:
    statements: list[Value] = [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "kms:Decrypt"], "Resource": ["arn:aws:s3:::orders/*"]},
        {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": Reference(Address("lambda_function", "f"), "arn")},
        {"Effect": "Allow", "NotAction": ["iam:*"], "Resource": ["*"]},
    ]
    trust: Value = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}
    assert said("role", policy={"Statement": statements}, trust={"Statement": [trust]}) == [
        "allow kms: Decrypt; s3: GetObject, PutObject on arn:aws:s3:::orders/*",
        "allow lambda: InvokeFunction on arn of lambda_function.f",
        "allow all but iam:* on *",
        'trust allow sts:AssumeRole to {"AWS": "222222222222"}',
    ]


def test_what_gives_power_is_never_cut_away() -> None:
    actions = [*(f"s3:Action{letter}" for letter in "ABCDEFGH"), "s3:PutBucketPolicy"]
    statement: Value = {"Effect": "Allow", "Action": actions, "Resource": ["arn:aws:s3:::orders"]}
    (line,) = said("role", policy={"Statement": [statement]})
    assert line.startswith("allow s3: PutBucketPolicy, ActionA, ")
    assert "and 3 more on" in line


def test_the_trust_of_a_service_goes_without_saying() -> None:
    trust: Value = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert said("role", policy={"Statement": []}, trust={"Statement": [trust]}) == []


def test_a_schedule_names_its_next_three_starts_in_its_own_zone() -> None:
    assert said("schedule", expression="cron(30 3 * * ? *)", timezone="Europe/Berlin", enabled=True, input={}) == [
        "cron(30 3 * * ? *) Europe/Berlin",
        "next starts: 2026-03-29 03:30, 2026-03-30 03:30, 2026-03-31 03:30",
    ]


def test_a_schedule_that_is_switched_off_starts_nothing() -> None:
    lines = said("schedule", expression="cron(30 3 * * ? *)", timezone="UTC", enabled=False, input={})
    assert lines == ["cron(30 3 * * ? *) UTC, switched off"]


def test_a_function_is_told_by_its_size_and_the_names_of_its_variables() -> None:
    assert said("lambda_function", runtime="python3.12", memory_mb=256, timeout_seconds=60, environment={"MODE": "x"}) == [
        "python3.12, 256 MB, timeout 60 s",
        "environment: MODE",
    ]


def a_comment(plan: Plan) -> str:
    return plan_markdown(plan_view(plan))


def test_a_protection_of_a_whole_pipeline_is_one_line() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    protected = tuple(replace(item, lifecycle=Lifecycle(protect=True)) for item in a_pipeline("orders"))
    comment = a_comment(project.plan(protected))
    assert comment.partition("<details>")[2].count("← adopt") == 2  # the block's title, and the line
    assert "← adopt 4 resources  what the file says of its lifecycle changed\n    from now on: protect\n" in comment
    assert "from now on: protect" in plain(plan_lines(plan_view(project.plan(protected))))


def test_a_change_that_functions_share_is_one_line() -> None:
    project = Project()
    project.converge(a_pipeline("orders", functions=4))
    desired = [
        replace(item, attributes={**item.attributes, "code_digest": "sha256:1"})
        if item.address.kind == "lambda_function"
        else item
        for item in a_pipeline("orders", functions=4)
    ]
    comment = a_comment(project.plan(tuple(desired)))
    heading = (
        "~ update 4 functions job0.call, job1.call, job2.call, job3.call  [new-sessions-only]\n    code: sha256:0 → sha256:1\n"
    )
    assert comment.count("code: ") == 1
    assert heading in comment


def test_functions_that_change_otherwise_are_told_apart() -> None:
    project = Project()
    project.converge(a_pipeline("orders", functions=2))
    one, *others = a_pipeline("orders", functions=2, memory=256)
    comment = a_comment(project.plan((one, *a_pipeline("orders", functions=2)[1:2], *others[1:])))
    assert "~ update function job1.call" in comment
    assert "2 functions" not in comment.partition("<details>")[2].partition("```text")[2]


def test_a_pipelines_title_stands_in_the_comments_heading() -> None:
    view = plan_view(Project().plan(a_pipeline("orders")))
    titled = replace(view, pipelines=tuple(replace(node, title=safe("Orders <daily>")) for node in view.pipelines))
    assert "create <b>orders</b> Orders &#60;daily&#62; " in plan_markdown(titled)
