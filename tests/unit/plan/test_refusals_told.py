"""What a refusal of a plan says: its code and every fact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.errors import Refused
from bunsui.model.address import Address
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.resource import AppliedResource, DesiredResource
from bunsui.plan.model import Action, Plan, Reason
from bunsui.plan.partial import can_apply, divided, forbidden
from bunsui.plan.prevention import is_prevented, newly_prevented
from bunsui.plan.saved.check import Progress, check_saved_plan
from bunsui.plan.saved.saved_plan import SavedPlan
from tests.unit.plan.saved.test_check import OTHER, ROLE, error_about, saved, update
from tests.unit.plan.test_checks import a_plan, wanting

LOGS = Address("log_group", "orders")
PROTECTED = Lifecycle(prevent_destroy=True)


def wants(address: Address, lifecycle: Lifecycle) -> DesiredResource:
    return DesiredResource(address=address, physical_name="x", attributes={}, lifecycle=lifecycle)


def wrote(address: Address, lifecycle: Lifecycle) -> AppliedResource:
    return AppliedResource(address=address, physical_name="x", attributes={}, lifecycle=lifecycle)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("address", [LOGS, ROLE, Address("gone_kind", "orders")])
def test_only_what_holds_data_is_protected_and_only_from_what_takes_it_away(address: Address, action: Action) -> None:
    ends = address is LOGS and action in (Action.DELETE, Action.REPLACE, Action.RETIRE)
    free = Lifecycle(protect=True)
    for file_says in (None, free, PROTECTED):
        for state_says in (None, free, PROTECTED):
            desired = wants(address, file_says) if file_says is not None else None
            applied = wrote(address, state_says) if state_says is not None else None
            found = is_prevented(address, action, desired=desired, applied=applied)
            assert found is (ends and PROTECTED in (file_says, state_says))


def test_what_is_protected_by_the_plan_or_by_a_newer_state_is_named() -> None:
    going = replace(wanting(LOGS, Action.DELETE), desired=None, physical_name="/logs")
    kept = replace(going, applied=wrote(LOGS, PROTECTED))
    for changes, newer in (((kept,), {}), ((going,), {LOGS: wrote(LOGS, PROTECTED)})):
        (error,) = newly_prevented(changes, newer).values()
        assert (error.code, error.facts) == ("destroy-prevented", {"resource": "log_group.orders", "name": "/logs"})
        assert error.hint.endswith("first:\n  bunsui apply orders")
    assert newly_prevented((going,)) == {}
    other = replace(kept, address=replace(LOGS, name="other"))
    assert newly_prevented((kept, other))["orders"].facts["resource"] == "log_group.orders"


def refusal_of(plan: Plan, promise: SavedPlan) -> Refused:
    with pytest.raises(Refused) as refused:
        check_saved_plan(promise, plan, Progress())
    return refused.value


def test_a_saved_plan_that_is_refused_says_why() -> None:
    plan = replace(a_plan(update(), replace(update(OTHER), reason=Reason.CONFIGURED)), commit="def")
    whole = saved(plan)
    elsewhere = refusal_of(plan, replace(whole, desired="x", commit="abc"))
    assert (elsewhere.code, elsewhere.facts) == ("plan-of-another-checkout", {"planned": "abc", "checkout": "def"})
    unknown = refusal_of(replace(plan, commit=""), replace(whole, desired="x"))
    assert unknown.facts == {}
    first, second = whole.changes
    for promise, facts in (
        (replace(whole, at_once=True), {"why": "it deletes without waiting, and has nothing to delete"}),
        (
            replace(whole, changes=(first, replace(second, after="x"))),
            {"why": "it says something else of a resource than the files", "resource": "role.refunds"},
        ),
        (
            replace(whole, changes=(first,)),
            {"why": "it leaves out a change that the repository asks for", "resource": "role.refunds"},
        ),
    ):
        error = refusal_of(plan, promise)
        assert (error.code, error.facts) == ("plan-edited", facts)


def test_errors_of_a_plan_are_named_once_each() -> None:
    found = (error_about("role.orders"), replace(error_about("role.orders"), code="BS2"), error_about("role.orders"))
    plan = replace(a_plan(update()), diagnostics=found)
    error = forbidden(plan)["orders"]
    assert (error.code, error.facts) == ("plan-has-errors", {"findings": "BS1, BS2"})
    assert can_apply(plan) is False
    assert can_apply(replace(plan, diagnostics=(error_about(""),))) is False
    assert can_apply(replace(plan, diagnostics=())) is True
    assert can_apply(a_plan()) is False


def test_what_forbids_a_pipeline_is_what_is_not_ours_before_findings_and_what_is_protected_before_both() -> None:
    refused = replace(update(), action=Action.REFUSE, reason=Reason.NOT_OURS, note="why")
    going = replace(wanting(LOGS, Action.DELETE), desired=None, applied=wrote(LOGS, PROTECTED))
    plan = replace(a_plan(refused), diagnostics=(error_about("role.orders"),))
    assert forbidden(plan)["orders"].code == "plan-refused"
    assert forbidden(replace(plan, changes=(refused, going)))["orders"].code == "destroy-prevented"
    prevented = replace(refused, address=LOGS, reason=Reason.PREVENTED)
    error = forbidden(a_plan(refused, prevented))["orders"]
    assert (error.code, error.facts["resource"]) == ("destroy-prevented", "log_group.orders")


def test_the_one_error_of_an_apply_that_does_nothing_is_the_first_with_the_names_of_all() -> None:
    first, second = Refused("one", "no", hint="wait", run="r"), Refused("two", "never")
    plan = a_plan(update(), update(OTHER))
    division = divided(plan, {"orders": first, "refunds": second})
    assert division.is_refused is True
    whole = division.refusal()
    assert (whole.code, whole.summary, whole.hint, whole.facts) == (
        "one",
        "no",
        "wait",
        {"run": "r", "pipelines": "orders, refunds"},
    )
    alone = divided(plan, {"orders": first})
    assert alone.is_refused is False
    assert alone.refusal().facts == {"run": "r"}
    assert alone.under("digest").plan == replace(alone.plan, saved_digest="digest")
    assert divided(plan, {}).is_refused is False


def test_a_refusal_reaches_whatever_needs_it_through_others_in_whatever_order_they_stand() -> None:
    first, second, third = (Address("role", name) for name in ("a", "b", "c"))
    changes = [replace(update(first), depends_on=(second,)), replace(update(second), depends_on=(third,)), update(third)]
    for order in (changes, changes[::-1]):
        division = divided(a_plan(*order), {"c": Refused("x", "no")})
        assert set(division.left) == {"a", "b", "c"}
        assert not division.plan.pending
