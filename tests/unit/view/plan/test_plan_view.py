"""The view-model of a plan: sentences, counts, and nothing hostile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bunsui.diff.model import ChangeOperation, DiffItem, ResourceDiff, Section
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Reference, Sensitive, Unknown, Value
from bunsui.plan.model import Action, Plan, Reason, ResourceChange, Risk
from bunsui.view.plan.model import plan_view, resource_row
from bunsui.view.plan.wording import SHORT, sentence, sentences, values

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")
MACHINE = Address("state_machine", "orders")


def a_state_change(
    path: tuple[str, ...], before: Value, after: Value, operation: ChangeOperation = ChangeOperation.CHANGED
) -> DiffItem:
    return DiffItem(
        section=Section.STATE,
        subject="load",
        path=path,
        operation=operation,
        before=before,
        after=after,
        attribute="definition",
    )


def a_change(*items: DiffItem, action: Action = Action.UPDATE, desired: DesiredResource | None = None) -> ResourceChange:
    return ResourceChange(
        address=MACHINE,
        physical_name="sales--dev--orders",
        action=action,
        reason=Reason.CONFIGURED,
        risk=Risk.NEW_SESSIONS_ONLY,
        diff=ResourceDiff(items=items),
        desired=desired,
    )


@pytest.mark.parametrize(
    ("path", "before", "after", "text"),
    [
        (("Retry", "0", "MaxAttempts"), 2, 5, "state load: retry attempts 2 → 5"),
        (("Retry", "1", "IntervalSeconds"), 1, 2, "state load: retry 2 delay in seconds 1 → 2"),
        (("TimeoutSeconds",), 60, 120, "state load: timeout in seconds 60 → 120"),
        (("Arguments", "Payload", "date"), "a", "b", "state load: arguments.Payload.date a → b"),
        (("Next",), "x", "y", "state load: next x → y"),
    ],
)
def test_a_changed_field_of_a_state_reads_as_a_sentence(path: tuple[str, ...], before: Value, after: Value, text: str) -> None:
    assert sentence(a_state_change(path, before, after)).text == text


def test_an_added_state_names_its_type() -> None:
    item = a_state_change((), None, {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}, ChangeOperation.ADDED)
    assert sentence(item).text == "state load added (Task, lambda:invoke)"


def test_a_new_permission_reads_as_a_sentence() -> None:
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*"]}
    item = DiffItem(
        section=Section.STATEMENT, subject="", path=(), operation=ChangeOperation.ADDED, after=statement, attribute="policy"
    )
    assert sentence(item).text == "policy adds: allow s3:GetObject on arn:aws:s3:::b/*"


def test_what_a_statement_gains_shares_a_line() -> None:
    def gain(action: str) -> DiffItem:
        return DiffItem(
            section=Section.STATEMENT,
            subject="Logs",
            path=("Action",),
            operation=ChangeOperation.ADDED,
            after=action,
            attribute="policy",
        )

    row = resource_row(a_change(*(gain(f"logs:A{number}") for number in range(6))))
    assert [line.text for line in row.lines] == ["policy Logs adds actions logs:A0, logs:A1, logs:A2, logs:A3 and 2 more"]


def test_long_values_are_cut_around_the_first_difference() -> None:
    text = sentence(a_state_change(("Output",), "x" * 500 + "OLD", "x" * 500 + "NEW")).text
    assert "OLD" in text
    assert "NEW" in text
    assert len(text) < 200


def test_sensitive_values_never_show_and_unknown_ones_say_so() -> None:
    hidden = sentence(a_state_change(("Output",), Sensitive("hunter2"), {"deep": Sensitive("hunter3")})).text
    assert "hunter" not in hidden
    assert "(sensitive)" in hidden
    unknown = sentence(a_state_change(("Resource",), "v1", Unknown())).text
    assert unknown.endswith("v1 → (known after apply)")
    reference = sentence(a_state_change(("Resource",), "v1", Reference(MACHINE, "arn"))).text
    assert reference.endswith("(arn of state_machine.orders)")


def test_hostile_names_show_literally() -> None:
    hostile = "\x1b[31mred\u202e"
    row = resource_row(a_change(a_state_change(("Output",), hostile, "x")))
    assert all(line.text.isprintable() for line in row.lines)
    assert "\\x1b[31mred\\u202e" in row.lines[0].text


def test_context_adds_unchanged_neighbours_of_the_changed_field() -> None:
    definition: Value = {
        "StartAt": "load",
        "States": {
            "p": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "load", "States": {"load": {"Type": "Wait", "Seconds": 5, "End": True}}}],
            }
        },
    }
    desired = DesiredResource(address=MACHINE, physical_name="m", attributes={"definition": definition})
    change = a_change(a_state_change(("Seconds",), 4, 5), desired=desired)
    texts = [line.text for line in resource_row(change, context=1).lines]
    assert texts == ["state load: Seconds 4 → 5".replace("Seconds", "seconds"), "  Type: Wait", "  End: true"]


def test_the_summary_counts_the_actions() -> None:
    plan = Plan(
        scope=SCOPE, as_of=datetime(2026, 1, 1, tzinfo=UTC), commit="", changes=(a_change(), a_change(action=Action.DELETE))
    )
    view = plan_view(plan)
    assert view.summary.text == "Plan: 1 to update, 1 to delete"
    assert view.pipelines[0].action is Action.UPDATE


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a" * 100, "a" * 99 + "b", f"…{'a' * 24}a → …{'a' * 24}b"),
        (f"start {'x ' * 60}one {'y ' * 60}", f"start {'x ' * 60}two {'y ' * 60}", f"…{'x ' * 11}one{' y' * 11}… → "),
        ("b" + "a" * 100, "c" + "a" * 100, f"b{'a' * 24}… → c{'a' * 24}…"),
        ("a" * 100, "a" * 120, f"…{'a' * 24} → …{'a' * 44}"),
    ],
)
def test_of_long_texts_what_differs_is_shown_with_a_little_around_it(before: str, after: str, shown: str) -> None:
    said = "".join(part.text for part in values(before, after))
    assert len(said) < 2 * SHORT + 6
    assert shown in said


def a_target_change(channel: str, place: tuple[str, ...], before: Value, after: Value) -> DiffItem:
    changed = ChangeOperation.CHANGED if before and after else ChangeOperation.ADDED if after else ChangeOperation.REMOVED
    return DiffItem(
        section=Section.ATTRIBUTE,
        subject="targets",
        path=(channel, *place),
        operation=changed,
        before=before,
        after=after,
        attribute="targets",
    )


def test_what_changed_of_a_target_is_one_line_that_says_where_it_leads() -> None:
    paths = [a_target_change("ops", ("paths", name), f"$.{name}", None) for name in ("at", "name")]
    role, text = a_target_change("ops", ("role_arn",), None, "arn:role"), a_target_change("ops", ("template",), "a", "b")
    moved = [a_target_change("ops", ("arn",), "arn:aws:sns:topic", "arn:aws:states:machine"), *paths, role, text]
    assert [said.text for _, said in sentences(moved)] == [
        "targets.ops: arn:aws:sns:topic → arn:aws:states:machine, and its paths, role_arn, template"
    ]
    told = [said.text for _, said in sentences([*paths, role, a_target_change("mail", ("template",), "a", "b")])]
    assert told == ["targets.ops: paths, role_arn changed", "targets.mail.template: a → b"]
    assert [said.text for _, said in sentences([role, text])] == [
        "targets.ops.role_arn: set to arn:role",
        "targets.ops.template: a → b",
    ]
