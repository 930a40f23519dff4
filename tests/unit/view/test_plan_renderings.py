"""Text, JSON and Markdown of one plan: readable, versioned, harmless, and short enough."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

from jsonschema import Draft202012Validator

from bunsui.codec.writing import to_json
from bunsui.command_line import Invocation
from bunsui.diagnostics import Acceptance, Diagnostic, Severity
from bunsui.document.rules import Rules
from bunsui.model.address import Address
from bunsui.plan.build import with_looked_up
from bunsui.plan.digest import change_digest, pipeline_digests
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.plan.partial import can_apply
from bunsui.services.apply.request import read_digest
from bunsui.view.documents.plan import plan_document, plan_schema
from bunsui.view.plan.comment import LIMIT, fenced, plan_markdown
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from tests.fakes.project import Project, a_pipeline

HOSTILE = "x\x1b[2J\u202e|`a`@octocat<img src=x>"


def a_plan() -> Plan:
    """One pipeline changed and drifted, one removed, one new."""
    project = Project()
    project.converge((*a_pipeline("orders"), *a_pipeline("old")))
    project.account.change("state_machine", "sales--dev--orders", tracing=True)
    return project.plan((*a_pipeline("orders", seconds=9), *a_pipeline("fresh")))


def text(plan: Plan) -> str:
    return plain(plan_lines(plan_view(plan)))


def test_the_place_is_the_first_line_and_the_summary_the_last() -> None:
    lines = text(a_plan()).splitlines()
    assert lines[0] == "sales in dev, account 111111111111, eu-west-1"
    assert sum(line.startswith("Plan: ") for line in lines) == 1
    assert lines[-1] == "Plan: 4 to create, 1 to update, 4 to delete; 1 changed outside bunsui"


def test_only_changed_fields_show_and_drift_stands_apart() -> None:
    shown = text(a_plan())
    assert "    state wait: seconds 5 → 9\n" in shown
    assert "      changed outside bunsui:\n        tracing: false → true\n" in shown
    assert "memory" not in shown


def test_a_new_pipeline_folds_into_two_lines() -> None:
    shown = text(a_plan()).splitlines()
    at = shown.index("+ create fresh")
    assert shown[at + 1] == "    1 log group, 1 role, 1 function, 1 state machine with 2 states"


def test_an_empty_plan_is_one_line() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    shown = text(project.plan(a_pipeline("orders")))
    assert shown.splitlines() == [
        "No changes: 1 pipeline, 4 resources, all as the repository says  (sales in dev, account 111111111111, eu-west-1)"
    ]


def test_hostile_names_show_literally_everywhere() -> None:
    plan = a_plan()
    change = next(item for item in plan.changes if item.action is Action.DELETE)
    evil = replace(change, address=Address(change.address.kind, HOSTILE, HOSTILE), physical_name=HOSTILE, note=HOSTILE)
    finding = Diagnostic(code="BS999", severity=Severity.WARNING, summary=HOSTILE, detail=HOSTILE, hint=HOSTILE)
    plan = replace(plan, changes=(*plan.changes, evil), diagnostics=(finding,))
    shown = text(plan)
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert "x\\x1b[2J\\u202e|`a`@octocat<img src=x>" in shown
    comment = plan_markdown(plan_view(plan))
    outside = "".join(part for number, part in enumerate(comment.split("```")) if number % 2 == 0)
    assert "@octocat" not in outside
    assert "<img" not in outside
    assert "\x1b" not in comment


def test_accepted_findings_are_folded_counted_and_never_lost() -> None:
    mine = Acceptance(reason="the vendor @octocat is slow", until="2027-01-31")
    one = Diagnostic(code="BS505", severity=Severity.WARNING, summary="no timeout", hint="Give one.", accepted=mine)
    open_one = replace(one, accepted=None, code="BS503")
    plan = replace(a_plan(), diagnostics=(one, replace(one, summary="another"), open_one))
    shown = text(plan)
    assert "accepted BS505 ×2: the vendor @octocat is slow (until 2027-01-31)\n" in shown
    assert shown.count("Give one.") == 1
    comment = plan_markdown(plan_view(plan))
    assert "<details><summary>2 findings are accepted</summary>\n\n```text\naccepted BS505 ×2" in comment
    document = to_json(plan_document(plan))
    assert [found["accepted"] for found in document["findings"]] == [mine.reason, mine.reason, None]  # type: ignore[index, union-attr, call-overload]
    assert can_apply(plan)


def test_a_fence_is_longer_than_any_backticks_inside() -> None:
    assert fenced(["a ```` b"]).startswith("`````text\n")


def test_the_json_obeys_its_schema_and_round_trips() -> None:
    plan = a_plan()
    document = to_json(plan_document(plan))
    Draft202012Validator.check_schema(plan_schema())
    Draft202012Validator(plan_schema()).validate(document)
    assert json.loads(json.dumps(document)) == document


def test_five_hundred_new_pipelines_print_in_a_second_and_fit_in_a_comment() -> None:
    desired = tuple(item for number in range(500) for item in a_pipeline(f"pipeline{number}"))
    plan = Project().plan(desired)
    begun = time.process_time()  # what printing costs, whatever else the machine does
    shown = text(plan)
    assert time.process_time() - begun < 1.0
    assert shown.splitlines()[-1].startswith("Plan: 2000 to create")
    assert len(shown.splitlines()) < 100
    assert all(f"pipeline{number}" in shown for number in range(500))
    comment = plan_markdown(plan_view(plan))
    assert len(comment) < LIMIT
    assert "Plan&#58; 2000 to create" in comment
    assert all(f"pipeline{number}" in comment for number in range(500))
    assert len(comment) < 12_000


def test_a_comment_that_is_too_long_loses_its_middle_and_never_its_summary() -> None:
    project = Project()
    names = [f"pipeline{number}" for number in range(300)]
    project.converge(tuple(item for name in names for item in a_pipeline(name)))
    comment = plan_markdown(plan_view(project.plan(tuple(item for name in names for item in a_pipeline(name, seconds=9)))))
    assert len(comment) < LIMIT
    assert "\n### Plan&#58; 300 to update" in comment[:300]
    assert "| pipeline299 | 1 |" in comment
    assert "left out here" in comment
    assert comment.rstrip().splitlines()[-1].startswith("Apply exactly this")


def test_many_removed_pipelines_are_named_together_and_a_few_one_by_one() -> None:
    many = Project()
    many.converge(tuple(item for number in range(30) for item in a_pipeline(f"pipeline{number}")))
    shown = text(many.plan(a_pipeline("kept")))
    assert "- delete 30 pipelines, each" in shown
    few = Project()
    few.converge(a_pipeline("orders"))
    assert "  - delete state machine" in text(few.plan(a_pipeline("kept")))


def test_findings_of_one_code_are_counted_past_the_first_and_errors_never() -> None:
    warnings = [Diagnostic(code="BS505", severity=Severity.WARNING, summary=f"task {number}") for number in range(30)]
    errors = [Diagnostic(code="BS508", severity=Severity.ERROR, summary=f"thing {number}") for number in range(30)]
    shown = text(replace(a_plan(), diagnostics=(*warnings, *errors)))
    assert shown.count("warning BS505") == 10
    assert "… and 20 more of BS505" in shown
    assert shown.count("error BS508") == 30


def test_a_comment_fits_whatever_is_in_the_plan() -> None:
    plan = a_plan()
    update = next(change for change in plan.changes if change.diff.items)
    places = tuple(replace(update.diff.items[0], after="<@`|" * 500) for _ in range(1000))
    many = [
        replace(update, address=Address("state_machine", f"{number}{'`<' * 200}"), diff=replace(update.diff, items=places))
        for number in range(20)
    ]
    found = tuple(
        Diagnostic(code="BS999", severity=Severity.WARNING, summary=f"{number}" + "@<" * 1000, hint="`" * 900)
        for number in range(300)
    )
    comment = plan_markdown(plan_view(replace(plan, changes=tuple(many), diagnostics=found)))
    assert len(comment) < LIMIT
    assert "lines left out" in comment
    assert "pipelines left out" in comment


def test_the_comment_s_command_reaches_the_folder_that_was_planned() -> None:
    view = plan_view(a_plan())
    comment = plan_markdown(view, Invocation(directory="data/etl", environment="dev", region="eu-west-1"))
    assert f"`bunsui -C data/etl --region eu-west-1 apply --env {view.environment} --digest" in comment
    assert "Apply exactly this" not in plan_markdown(view, Invocation(directory="data`etl"))


def test_a_refusal_says_what_to_do() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    key = ("role", "sales--dev--orders")
    project.account.objects[key] = replace(project.account.objects[key], tags={})
    project.lose_state()
    shown = text(project.plan(a_pipeline("orders")))
    assert "! refuse role" in shown
    assert "aws iam tag-role --role-name sales--dev--orders --tags Key=bunsui:project,Value=sales" in shown


def test_every_change_of_the_view_is_in_the_text() -> None:
    plan = a_plan()
    shown = text(plan)

    def is_folded(change: ResourceChange) -> bool:
        return change.action is Action.CREATE

    for row in (row for node in plan_view(plan).pipelines for row in node.changed):
        change = next(item for item in plan.changes if item.address == row.address)
        assert is_folded(change) or row.heading.text in shown


def test_the_published_schema_is_current(update_cases: bool) -> None:
    path = Path(__file__).parents[3] / "schemas" / "plan-v1.json"
    text = json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"
    if update_cases:
        path.write_text(text)
    assert path.read_text() == text


def test_the_comment_ends_with_the_command_that_applies_what_was_reviewed() -> None:
    plan = a_plan()
    proof = ",".join((change_digest(plan), *pipeline_digests(plan).values()))
    assert plan_markdown(plan_view(plan)).endswith(f"--digest {proof}`\n")
    assert read_digest(proof).pipelines == set(pipeline_digests(plan).values())


def test_the_command_of_a_selection_names_it_unless_a_name_could_be_more_than_a_name() -> None:
    chosen = replace(a_plan(), select=("fresh", "orders"), complete=False)
    assert "`bunsui apply fresh orders --env dev --digest " in plan_markdown(plan_view(chosen))
    hostile = replace(a_plan(), select=("a`$(b)",), complete=False)
    assert "bunsui apply" not in plan_markdown(plan_view(hostile))


def test_a_plan_that_cannot_be_applied_offers_no_digest() -> None:
    error = Diagnostic(code="BS999", severity=Severity.ERROR, summary="no")
    assert "--digest" not in plan_markdown(plan_view(replace(a_plan(), diagnostics=(error,))))


def test_sessions_that_go_on_are_named_below_the_machine_that_changes() -> None:
    address = Address("state_machine", "orders")
    plan = with_looked_up(a_plan(), Rules(), running={address: ("orders--01--1",)})
    shown = text(plan).splitlines()
    at = next(index for index, shown_line in enumerate(shown) if "update state machine" in shown_line)
    assert any("sessions in flight" in shown_line and "orders--01--1" in shown_line for shown_line in shown[at : at + 6])
    assert "orders--01--1" in plan_markdown(plan_view(plan))
