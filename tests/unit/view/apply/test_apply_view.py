"""What a reader sees of an apply."""

from __future__ import annotations

from bunsui.apply.events import (
    ApplyFinished,
    ChangeDone,
    ChangeFailed,
    ChangeSkipped,
    ChangeStarted,
    ChangeWaiting,
)
from bunsui.codec.writing import to_json
from bunsui.model.address import Address
from bunsui.plan.model import Action
from bunsui.view.apply.events import event_lines
from bunsui.view.documents.apply import apply_document

ROLE = Address("role", "orders", "fetch.call")


def test_each_event_is_a_line_except_a_start() -> None:
    assert event_lines(ChangeStarted(address=ROLE, action=Action.CREATE)) == ()
    (waiting,) = event_lines(ChangeWaiting(address=ROLE, what="IAM"))
    assert waiting.text == "… role fetch.call of orders waits for IAM"
    (done,) = event_lines(ChangeDone(address=ROLE, action=Action.UPDATE, seconds=1.26))
    assert done.text == "✓ updated role fetch.call of orders  1.3 s"
    (skipped,) = event_lines(ChangeSkipped(address=ROLE, action=Action.DELETE, because="x failed"))
    assert skipped.text == "- did not delete role fetch.call of orders: x failed"


def test_a_failure_shows_code_and_every_line_of_the_hint_and_nothing_hostile() -> None:
    failed = ChangeFailed(
        address=ROLE, action=Action.CREATE, code="iam-error", message="no \x1b[31m", hint="Try this:\n  bunsui plan"
    )
    assert [line.text for line in event_lines(failed)] == [
        "✗ could not create role fetch.call of orders",
        "    no \\x1b[31m  (iam-error)",
        "    Try this:",
        "      bunsui plan",
    ]


def test_the_end_counts() -> None:
    complete = ApplyFinished(done=2, failed=0, skipped=0, interrupted=False, seconds=3)
    assert event_lines(complete)[0].text == "Applied 2 changes in 3.0 s"
    partly = ApplyFinished(done=2, failed=1, skipped=4, interrupted=False, seconds=3)
    assert event_lines(partly)[0].text == "Not everything was applied: 2 done, 1 failed, 4 not tried"
    stopped = ApplyFinished(done=2, failed=0, skipped=4, interrupted=True, seconds=3)
    assert event_lines(stopped)[0].text == "Stopped: 2 done, 0 failed, 4 not tried"


def test_the_json_has_one_entry_a_resource_and_the_counts() -> None:
    document = to_json(
        apply_document(
            [
                ChangeStarted(address=ROLE, action=Action.CREATE),
                ChangeDone(address=ROLE, action=Action.CREATE, seconds=1.0),
                ApplyFinished(done=1, failed=0, skipped=0, interrupted=False, seconds=1.0),
            ]
        )
    )
    assert document == {
        "format_version": 1,
        "kind": "apply",
        "changes": [{"address": "role.orders.fetch.call", "action": "create", "status": "done", "seconds": 1.0}],
        "done": 1,
        "failed": 0,
        "skipped": 0,
        "interrupted": False,
        "seconds": 1.0,
        "notes": [],
        "state_notes": [],
        "left": [],
        "smoke_runs": [],
    }
