"""What of a saved plan is still to be done, row by row: each case of what became of a resource since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.errors import BunsuiError, Refused
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.digest import after_hash, before_hash, change_digest, desired_digest, rows_digest
from bunsui.plan.model import Action, PipelineFacts, Plan, Reason, ResourceChange, Retirement
from bunsui.plan.partial import can_apply, count_words, dependents, divided, forbidden, pipeline_of, relied_on
from bunsui.plan.saved.check import Progress, SavedPlanCheck, check_saved_plan
from bunsui.plan.saved.planfile import plan_document, saved_plan
from bunsui.plan.saved.saved_plan import SavedChange, SavedPlan
from bunsui.plan.selection import only
from bunsui.ports.ledger import JournalEntry, StateMark
from tests.unit.plan.test_checks import a_plan, wanting

ROLE, OTHER = Address("role", "orders"), Address("role", "refunds")
BEGUN = Progress(begun=True)


def there(change: ResourceChange, revision: str = "1", **attributes: Any) -> ResourceChange:
    actual = ActualResource(
        address=change.address, physical_name="x", attributes={"path": "/", **attributes}, revision=revision
    )
    return replace(change, actual=actual)


def update(address: Address = ROLE) -> ResourceChange:
    return there(wanting(address, Action.UPDATE, path="/new"))


def written(change: ResourceChange, plan: str, hours: float = -1) -> ResourceChange:
    at = a_plan().as_of + timedelta(hours=hours)
    return replace(
        change, applied=AppliedResource(address=change.address, physical_name="x", attributes={}, plan=plan, written_at=at)
    )


def saved(plan: Plan, *, at_once: bool = False) -> SavedPlan:
    rows = tuple(
        SavedChange(
            address=one.address,
            action=one.action,
            before=before_hash(one),
            after=after_hash(one.desired),
            revision=one.actual.revision if one.actual is not None else "",
        )
        for one in plan.pending
    )
    return SavedPlan(
        id="the-plan", project="sales", project_id="x", environment="dev", account="111111111111", region="eu-west-1",
        commit="", as_of=plan.as_of, mark=StateMark(), select=None, refresh="full", at_once=at_once,
        digest=change_digest(plan), desired=desired_digest(plan), changes=rows,
    )  # fmt: skip


def again(before: ResourceChange, *now: ResourceChange, progress: Progress | None = None) -> SavedPlanCheck:
    """Return what of a saved plan of one change may be carried out when the account is found like this."""
    fresh = a_plan(*now)
    promise = replace(saved(a_plan(before)), desired=desired_digest(fresh))
    return check_saved_plan(promise, fresh, progress or Progress())


def what(promise: SavedPlanCheck, pipeline: str = "orders") -> object:
    assert not promise.plan.pending
    return promise.stale[pipeline].facts.get("what", promise.stale[pipeline].facts.get("relies_on"))


def test_what_is_as_it_was_is_done_under_the_saved_plans_name() -> None:
    promise = again(update(), update())
    assert [one.address for one in promise.plan.pending] == [ROLE]
    assert (promise.plan.saved_as, promise.plan.saved_digest, dict(promise.stale)) == (
        "the-plan",
        change_digest(a_plan(update())),
        {},
    )


def test_what_became_of_a_resource_is_told() -> None:
    create, made = wanting(ROLE, path="/new"), wanting(ROLE, Action.NO_OP, path="/new")
    assert what(again(create, update())) == "it was created"
    assert what(again(update(), create)) == "it is gone"
    assert what(again(update(), there(made, "2"))) == "somebody else already made it as the plan says"
    replaced = replace(update(), action=Action.REPLACE)
    assert what(again(update(), replaced)) == "the plan would update it, and now it is to replace"
    for changed in (there(update(), "2", path="/other"), there(update(), "2")):
        assert what(again(update(), changed)) == "it was changed"


@pytest.mark.parametrize("action", [Action.DELETE, Action.FORGET, Action.UPDATE])
@pytest.mark.parametrize("begun", [True, False])
def test_what_is_nowhere_any_more_was_removed_by_this_plan_or_by_somebody(action: Action, begun: bool) -> None:
    before = replace(update(), action=action, desired=None)
    promise = again(before, progress=Progress(begun=begun))
    if begun and action is not Action.UPDATE:
        assert (dict(promise.stale), promise.plan.pending) == ({}, ())
    else:
        assert what(promise) == "it is gone"


def test_places_that_belong_to_others_may_move() -> None:
    desired = update().desired
    assert desired is not None
    theirs = (IgnoredPlace(attribute="description"),)
    ignoring = replace(update(), desired=replace(desired, lifecycle=Lifecycle(ignore=theirs)))
    assert again(ignoring, there(ignoring, "2")).plan.pending
    assert not again(update(), there(update(), "2")).plan.pending


def test_a_plan_that_was_begun_goes_on_with_its_own_work_only() -> None:
    done, half = there(wanting(ROLE, Action.NO_OP, path="/new"), "2"), there(wanting(ROLE, Action.UPDATE, path="/new"), "2")
    assert not again(update(), written(done, "the-plan"), progress=BEGUN).stale
    assert again(update(), written(half, "the-plan"), progress=BEGUN).plan.pending
    assert again(update(), written(half, "another"), progress=BEGUN).stale
    assert again(update(), written(half, "the-plan")).stale
    drift = DiffItem(section=Section.ATTRIBUTE, subject="path", path=(), operation=ChangeOperation.CHANGED)
    drifted = replace(written(half, "the-plan"), drift=(drift,))
    assert again(update(), drifted, progress=BEGUN).stale
    same = there(wanting(ROLE, Action.NO_OP, path="/new"))
    assert not again(update(), same, progress=BEGUN).stale
    assert again(update(), same).stale


def test_the_journal_says_whose_work_is_half_done() -> None:
    half = there(wanting(ROLE, Action.UPDATE, path="/new"), "2")
    for plan_id in ("the-plan", "another"):
        entry = JournalEntry(address=ROLE, physical_name="x", action="update", steps=("update",), plan_id=plan_id)
        promise = again(update(), half, progress=Progress(begun=True, pending={ROLE: entry}))
        assert bool(promise.plan.pending) is (plan_id == "the-plan")


def test_a_change_relies_on_what_was_left_alone_and_has_to_be_there() -> None:
    needing = replace(update(), depends_on=(OTHER,))
    for action in Action:
        alone = replace(there(wanting(OTHER, action)), reason=Reason.DRIFT)
        promise = again(needing, needing, alone)
        gone = action in (Action.CREATE, Action.REPLACE, Action.DELETE, Action.RETIRE, Action.REFUSE)
        assert (promise.stale.keys() == {"orders"}) is gone
    promise = check_saved_plan(
        replace(saved(a_plan(needing, update(OTHER))), desired=desired_digest(a_plan(needing, update(OTHER)))),
        a_plan(needing, there(update(OTHER), "2")),
        Progress(),
    )
    assert promise.stale["orders"].facts == {"resource": str(ROLE), "relies_on": str(OTHER)}
    assert promise.stale["refunds"].facts == {"resource": str(OTHER), "what": "it was changed"}


OUTSIDE = [
    Reason.DRIFT, Reason.DELETED_OUTSIDE, Reason.ALREADY_THERE, Reason.UNKNOWN_ORIGIN, Reason.GONE, Reason.NOT_OURS,
    Reason.OBSERVED, Reason.TAKEN_OVER, Reason.UNREADABLE, Reason.INTERRUPTED,
]  # fmt: skip


@pytest.mark.parametrize("reason", list(Reason))
def test_a_change_that_the_plan_does_not_name_came_from_outside_or_was_left_out_of_it(reason: Reason) -> None:
    new = replace(update(OTHER), reason=reason)
    if reason in OUTSIDE:
        assert [one.address for one in again(update(), update(), new).plan.pending] == [ROLE]
    else:
        with pytest.raises(Refused) as refused:
            again(update(), update(), new)
        assert (refused.value.code, refused.value.facts["resource"]) == ("plan-edited", str(OTHER))


def test_a_change_came_up_when_its_time_was_over_it_was_written_since_or_its_need_did() -> None:
    new = replace(update(OTHER), reason=Reason.CONFIGURED)
    third = replace(update(Address("role", "third")), reason=Reason.DRIFT)
    for came in (
        replace(new, retirement=Retirement(is_over=True)),
        written(new, "x", hours=1),
        replace(new, depends_on=(third.address,)),
    ):
        assert again(update(), update(), came, third).plan.pending
    for left_out in (
        replace(new, retirement=Retirement(is_over=False)),
        written(new, "x", hours=0),
        replace(new, depends_on=(Address("role", "nowhere"),)),
        replace(new, depends_on=(ROLE,)),
    ):
        with pytest.raises(Refused):
            again(update(), replace(update(), reason=Reason.CONFIGURED), left_out, third)


def test_an_edited_plan_is_refused_with_what_gave_it_away() -> None:
    plan = a_plan(update())
    with pytest.raises(Refused) as refused:
        check_saved_plan(replace(saved(plan), desired="x"), plan, Progress())
    assert refused.value.code == "plan-of-another-checkout"
    with pytest.raises(Refused) as refused:
        check_saved_plan(saved(plan, at_once=True), plan, Progress())
    assert "nothing to delete" in str(refused.value.facts["why"])
    deleting = a_plan(replace(update(), action=Action.DELETE, desired=None))
    assert check_saved_plan(saved(deleting, at_once=True), deleting, Progress()).plan.pending
    row = replace(saved(plan).changes[0], after="x")
    with pytest.raises(Refused) as refused:
        check_saved_plan(replace(saved(plan), changes=(row,)), plan, Progress())
    assert "something else of a resource" in str(refused.value.facts["why"])


def test_findings_of_other_resources_do_not_forbid_what_is_carried_out() -> None:
    def found(subject: str) -> Diagnostic:
        return Diagnostic(code="BS1", severity=Severity.ERROR, summary="x", subject=subject)

    fresh = replace(a_plan(update(), update(OTHER)), diagnostics=(found(""), found("role.orders"), found("role.refunds")))
    other = replace(fresh, changes=(update(), replace(update(OTHER), reason=Reason.DRIFT)))
    promise = check_saved_plan(replace(saved(a_plan(update())), desired=desired_digest(fresh)), other, Progress())
    assert [one.subject for one in promise.plan.diagnostics] == ["", "role.orders"]
    part = only(fresh, [ROLE])
    assert [one.subject for one in part.diagnostics] == ["", "role.orders"]
    assert (part.complete, [one.address for one in part.pending]) == (False, [ROLE])


def error_about(subject: str, hint: str = "") -> Diagnostic:
    return Diagnostic(code="BS1", severity=Severity.ERROR, summary="x", subject=subject, hint=hint)


def test_an_error_stops_its_pipeline_and_those_that_need_it() -> None:
    needing, free = replace(update(), depends_on=(OTHER,)), update(Address("role", "third"))
    plan = replace(a_plan(needing, update(OTHER), free), diagnostics=(error_about("role.refunds", "mend it"),))
    division = divided(plan, forbidden(plan))
    assert list(division.left) == ["refunds", "orders"]
    assert (division.left["refunds"].hint, division.left["orders"].hint) == ("mend it", "mend it")
    assert division.left["orders"].facts == {"resource": str(ROLE), "needs": str(OTHER)}
    assert ([one.address.pipeline for one in division.plan.pending], division.plan.diagnostics) == (["third"], ())
    assert dependents(plan) == {"orders": str(OTHER)}
    assert can_apply(plan)
    assert not division.is_refused
    alone = divided(replace(plan, changes=(needing, update(OTHER))), forbidden(plan))
    assert alone.is_refused
    assert alone.refusal().facts["pipelines"] == "refunds, orders"
    single = divided(replace(plan, changes=(update(OTHER),)), forbidden(plan))
    assert "pipelines" not in single.refusal().facts
    assert not divided(a_plan(update()), {}).left


def test_a_pipeline_relies_on_the_machines_of_those_that_it_starts() -> None:
    plan = a_plan(update(), wanting(Address("state_machine", "refunds"), Action.UPDATE))
    facts = PipelineFacts(name="orders", path="p", jobs=1, starts=frozenset({"refunds", "aaa"}))
    starting = replace(plan, pipelines={"orders": facts})
    assert relied_on(starting, update()) == (Address("state_machine", "aaa"), Address("state_machine", "refunds"))
    assert list(divided(starting, {"refunds": Refused("x", "no")}).left) == ["refunds", "orders"]
    assert list(divided(plan, {"refunds": Refused("x", "no")}).left) == ["refunds"]


def test_an_error_about_the_whole_plan_forbids_everything() -> None:
    plan = replace(a_plan(update()), diagnostics=(error_about(""), error_about("elsewhere")))
    assert (can_apply(plan), dependents(plan), pipeline_of("")) == (False, {}, "")
    with pytest.raises(Refused) as refused:
        forbidden(plan)
    assert (refused.value.code, refused.value.hint) == ("plan-has-errors", "Look at the findings of the plan.")


def test_a_refusal_names_the_first_resource_and_how_many_more() -> None:
    refused = [replace(update(Address("role", "orders", name)), action=Action.REFUSE, note="why") for name in ("a", "b")]
    for reason, summary in (
        (Reason.UNREADABLE, "a resource cannot be read"),
        (Reason.NOT_OURS, "a resource is not ours to change"),
    ):
        error = forbidden(a_plan(*(replace(one, reason=reason) for one in refused)))["orders"]
        assert (error.summary, error.hint, error.facts) == (summary, "why", {"resources": "role.orders.a and 1 more"})
    assert count_words(refused[:1]) == "role.orders.a"


@pytest.mark.parametrize("content", [b"[]", b"{", b"3", b"[" * 100_000])
def test_a_file_without_a_json_object_is_no_plan(content: bytes) -> None:
    with pytest.raises(BunsuiError) as refused:
        plan_document(content)
    assert refused.value.code == "not-a-plan"


def test_a_plan_as_it_is_printed_has_no_checksum_and_is_told_how_to_be_saved() -> None:
    cases: list[tuple[dict[str, Json], str]] = [
        ({}, "it has no format_version"),
        ({"format_version": 0}, "it has no format_version"),
        ({"format_version": 1}, "bunsui plan --out FILE"),
    ]
    for document, why in cases:
        with pytest.raises(BunsuiError) as refused:
            saved_plan(document)
        assert why in refused.value.facts["why"]


def test_a_fingerprint_tells_what_is_protected_and_not_what_is_hidden() -> None:
    desired = update().desired
    assert desired is not None
    protected = replace(desired, lifecycle=Lifecycle(prevent_destroy=True))
    assert (
        len({after_hash(desired), after_hash(protected), after_hash(replace(desired, physical_name="y")), after_hash(None)})
        == 4
    )
    rows = [(f"role.p{number}", "update", "a", "b") for number in range(3)]
    assert rows_digest(rows) == rows_digest(reversed(rows)) != rows_digest(rows[:2])
