"""What the three-way table leaves to its helpers: interrupted applies, what belongs to others, prevention, whose a thing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource
from bunsui.model.values import Reference
from bunsui.plan.comparison import newly_allowed
from bunsui.plan.model import Action, Reason, ResourceChange, Risk
from bunsui.plan.three_way import ResourceValues, compare
from bunsui.ports.ledger import JournalEntry
from tests.unit.plan.test_three_way import GROUP, NAME, OTHER, SCOPE, A, B, C, found, wanted, written

MACHINE = Address("state_machine", "orders")


def entry(intended: AppliedResource | None) -> JournalEntry:
    return JournalEntry(address=GROUP, physical_name=NAME, action="update", steps=("write",), intended=intended)


@pytest.mark.parametrize(
    ("desired", "actual", "applied", "intended", "action", "reason"),
    [
        (wanted(**A), found(**A), written(**A), None, Action.ADOPT, Reason.INTERRUPTED),
        (wanted(**B), found(**B), written(**A), written(**B), Action.ADOPT, Reason.INTERRUPTED),
        (wanted(**B), found(**A), written(**A), written(**B), Action.UPDATE, Reason.CONFIGURED),
        (wanted(**A), found(**B), written(**A), None, Action.UPDATE, Reason.INTERRUPTED),
        (wanted(**C), found(**B), written(**A), None, Action.UPDATE, Reason.INTERRUPTED),
        (wanted(**C), found(**B), written(**A), written(**B), Action.UPDATE, Reason.CONFIGURED),
        (wanted(**B), found(**OTHER), written(**A), None, Action.UPDATE, Reason.INTERRUPTED),
        (wanted(**A), found(**A), None, None, Action.ADOPT, Reason.INTERRUPTED),
        (wanted(**A), None, written(**A), None, Action.CREATE, Reason.INTERRUPTED),
        (wanted(**A), None, None, written(**A), Action.CREATE, Reason.NEW),
        (wanted(**B), found(**B), written(**A), None, Action.ADOPT, Reason.INTERRUPTED),
        (None, found(**B), written(**A), None, Action.DELETE, Reason.REMOVED),
        (None, found(**A), written(**A), None, Action.DELETE, Reason.REMOVED),
        (None, None, written(**A), None, Action.FORGET, Reason.GONE),
        (wanted(**A), replace(found(**A), is_assumed=True), written(**A), None, Action.ADOPT, Reason.INTERRUPTED),
        (wanted(**A), replace(found(**A), tags={}), None, None, Action.REFUSE, Reason.NOT_OURS),
        (wanted(**A), replace(found(**A), unreadable="denied"), written(**A), written(**A), Action.NO_OP, Reason.UNREADABLE),
    ],
)
def test_what_an_apply_that_died_explains_is_no_outside_change(
    desired: DesiredResource | None,
    actual: ActualResource | None,
    applied: AppliedResource | None,
    intended: AppliedResource | None,
    action: Action,
    reason: Reason,
) -> None:
    values = ResourceValues(address=GROUP, desired=desired, actual=actual, applied=applied, pending=entry(intended))
    change = compare(values, SCOPE)
    assert (change.action, change.reason) == (action, reason)
    assert change.drift == ()
    assert change.physical_name == NAME


def test_what_the_journal_says_was_written_is_what_was_applied_if_it_is_there() -> None:
    values = ResourceValues(
        address=GROUP,
        desired=wanted(**B),
        actual=replace(found(**B), outputs={"arn": "new"}, revision="7"),
        applied=written(**A),
        pending=entry(written(**B)),
    )
    change = compare(values, SCOPE)
    assert change.applied == replace(written(**B), outputs={"arn": "new"}, revision="7")
    nothing_there = compare(replace(values, actual=found(**A)), SCOPE)
    assert nothing_there.applied == written(**A)


def test_what_was_rebuilt_from_aws_tells_of_no_drift() -> None:
    values = ResourceValues(
        address=GROUP, desired=wanted(**A), actual=found(**B), applied=replace(written(**A), is_known=False)
    )
    change = compare(values, SCOPE)
    assert (change.action, change.reason, change.applied) == (Action.UPDATE, Reason.UNKNOWN_ORIGIN, None)


def test_what_was_not_read_is_assumed_and_said_to_be() -> None:
    values = ResourceValues(
        address=GROUP, desired=wanted(**A), actual=replace(found(**A), is_assumed=True), applied=written(**A)
    )
    assert compare(values, SCOPE).reason is Reason.ASSUMED


PROTECTED = Lifecycle(prevent_destroy=True)


@pytest.mark.parametrize("said_by", ["file", "state", "both", "nobody"])
def test_what_the_file_or_the_state_protects_is_neither_removed_nor_replaced(said_by: str) -> None:
    in_file = Lifecycle() if said_by in ("state", "nobody") else PROTECTED
    in_state = Lifecycle() if said_by in ("file", "nobody") else PROTECTED
    applied = replace(written(**A), lifecycle=in_state)
    gone = compare(ResourceValues(address=GROUP, actual=found(**A), applied=applied), SCOPE)
    is_kept = in_state.prevent_destroy
    assert (gone.action, gone.reason is Reason.PREVENTED) == (Action.REFUSE if is_kept else Action.DELETE, is_kept)
    assert ("forbids to delete it" in gone.note) is is_kept
    renamed = ResourceValues(
        address=GROUP,
        desired=replace(wanted(**A), lifecycle=in_file),
        actual=replace(found(**A), physical_name="/old"),
        applied=applied,
    )
    moved = compare(renamed, SCOPE)
    assert (moved.action is Action.REFUSE) is (said_by != "nobody")
    assert moved.risk is (Risk.NONE if said_by != "nobody" else Risk.REPLACES)
    edit = ResourceValues(address=GROUP, desired=replace(wanted(**B), lifecycle=in_file), actual=found(**A), applied=applied)
    assert compare(edit, SCOPE).action is Action.UPDATE


@pytest.mark.parametrize(
    ("rules", "before", "words"),
    [
        (PROTECTED, Lifecycle(), "from now on: prevent_destroy"),
        (Lifecycle(prevent_destroy=True, protect=True), Lifecycle(), "from now on: prevent_destroy, protect"),
        (Lifecycle(protect=True), PROTECTED, "from now on: protect"),
        (Lifecycle(ignore=(IgnoredPlace(attribute="tags"),)), Lifecycle(), "from now on: tags is left to others"),
        (Lifecycle(), PROTECTED, "from now on: no rules of its lifecycle"),
    ],
)
def test_other_rules_alone_are_written_to_the_state(rules: Lifecycle, before: Lifecycle, words: str) -> None:
    values = ResourceValues(
        address=GROUP,
        desired=replace(wanted(**A), lifecycle=rules),
        actual=found(**A),
        applied=replace(written(**A), lifecycle=before),
    )
    change = compare(values, SCOPE)
    assert (change.action, change.reason, change.note) == (Action.ADOPT, Reason.RULES, words)
    same = replace(values, applied=replace(written(**A), lifecycle=rules))
    assert compare(same, SCOPE).action is Action.NO_OP
    assert compare(replace(values, actual=found(**B)), SCOPE).reason is not Reason.RULES


def test_what_comes_back_into_service_is_written_to_the_state() -> None:

    applied = replace(written(**A), retired_at=datetime(2026, 1, 1, tzinfo=UTC))
    change = compare(ResourceValues(address=GROUP, desired=wanted(**A), actual=found(**A), applied=applied), SCOPE)
    assert (change.action, change.reason) == (Action.ADOPT, Reason.RULES)


def machine(alias: str | None = "live", tags: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"definition": {"StartAt": "a", "States": {"a": {"Type": "Pass"}}}, "alias": alias, "tags": tags or {}, **more}


def judged(
    *, theirs: dict[str, Any], version: str = "v1", known: str = "v1", wants: dict[str, Any] | None = None
) -> ResourceChange:
    rules = Lifecycle(ignore=(IgnoredPlace(attribute="tags", path=("cost",)),))
    desired = DesiredResource(address=MACHINE, physical_name="m", attributes=wants or machine(), lifecycle=rules)
    applied = AppliedResource(
        address=MACHINE, physical_name="m", attributes=machine(), outputs={"version_arn": known}, lifecycle=rules
    )
    actual = ActualResource(
        address=MACHINE, physical_name="m", attributes=theirs, outputs={"version_arn": version}, tags=SCOPE.tags(MACHINE)
    )
    return compare(ResourceValues(address=MACHINE, desired=desired, actual=actual, applied=applied), SCOPE)


def test_a_machine_that_others_changed_where_they_may_has_an_alias_that_nobody_moved() -> None:
    theirs = machine(alias=None, tags={"cost": "7"})
    quiet = judged(theirs=theirs)
    assert (quiet.action, quiet.drift) == (Action.NO_OP, ())
    assert quiet.actual is not None
    assert quiet.actual.attributes == theirs, "what is shown is what AWS has"
    assert judged(theirs=theirs, version="v2").action is Action.UPDATE, "the alias was left behind by somebody's version"
    assert judged(theirs=machine(alias=None, tags={"team": "x"})).action is Action.UPDATE
    assert judged(theirs=machine(tags={"cost": "7"})).action is Action.NO_OP


def test_an_update_of_something_else_leaves_to_others_what_is_theirs() -> None:
    change = judged(theirs=machine(tags={"cost": "7"}), wants=machine(tracing=True))
    assert change.action is Action.UPDATE
    assert {item.attribute for item in change.diff.items} == {"tracing"}


def test_what_an_apply_that_died_wrote_beside_a_place_of_others_is_its_own() -> None:
    rules = Lifecycle(ignore=(IgnoredPlace(attribute="tags", path=("cost",)),))
    theirs = found(retention_days=60, tags={"cost": "7"})
    values = ResourceValues(
        address=GROUP,
        desired=replace(wanted(**B), lifecycle=rules),
        actual=theirs,
        applied=replace(written(**A), lifecycle=rules),
        pending=entry(replace(written(**B), lifecycle=rules)),
    )
    assert (compare(values, SCOPE).action, compare(values, SCOPE).reason) == (Action.ADOPT, Reason.INTERRUPTED)
    unread = compare(replace(values, actual=replace(theirs, unreadable="denied")), SCOPE)
    assert unread.reason is Reason.UNREADABLE
    removed = compare(replace(values, desired=None, pending=None, actual=found(tags={"cost": "7"})), SCOPE)
    assert (removed.action, removed.reason) == (Action.DELETE, Reason.REMOVED)


def test_a_log_group_that_lambda_made_is_taken_over_and_the_difference_is_shown() -> None:
    theirs = replace(found(**B), tags={}, claimable="Lambda made it")
    change = compare(ResourceValues(address=GROUP, desired=wanted(**A), actual=theirs), SCOPE)
    assert (change.action, change.reason) == (Action.UPDATE, Reason.TAKEN_OVER)
    assert [(item.before, item.after) for item in change.diff.items] == [(60, 30)]
    assert change.note == f"{NAME} is there and becomes ours: Lambda made it"
    ours = compare(
        ResourceValues(address=GROUP, desired=wanted(**A), actual=replace(found(**A), claimable="x"), applied=written(**A)),
        SCOPE,
    )
    assert ours.action is Action.NO_OP


@pytest.mark.parametrize(
    ("applied", "words"),
    [
        (None, "exists and is not ours. To hand it over: `aws logs"),
        (written(**A), "no longer carries our tags. If it is still ours, give them back: `aws logs"),
        (replace(written(**A), physical_name="/another"), "exists and is not ours"),
    ],
)
def test_a_refusal_tells_what_was_ours_from_what_never_was(applied: AppliedResource | None, words: str) -> None:
    change = compare(
        ResourceValues(address=GROUP, desired=wanted(**A), actual=replace(found(**A), tags={}), applied=applied), SCOPE
    )
    assert f"{NAME} {words}" in change.note


def test_another_name_tells_the_name_and_whatever_else_differs() -> None:
    actual = replace(found(**B), physical_name="/old")
    for applied, reason, drift in (
        (written(**A), Reason.CONFIGURED_AND_DRIFT, [(30, 60)]),
        (written(**B), Reason.CONFIGURED, []),
        (None, Reason.CONFIGURED, []),
    ):
        change = compare(ResourceValues(address=GROUP, desired=wanted(**A), actual=actual, applied=applied), SCOPE)
        assert (change.action, change.reason) == (Action.REPLACE, reason)
        assert [(item.before, item.after) for item in change.diff.items] == [("/old", NAME), (60, 30)]
        assert (change.diff.items[0].attribute, change.diff.items[0].subject) == ("name", "name")
        assert [(item.before, item.after) for item in change.drift] == drift


def test_a_resource_without_any_value_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        compare(ResourceValues(address=GROUP), SCOPE)
    only_pending = compare(ResourceValues(address=GROUP, pending=entry(None)), SCOPE)
    assert (only_pending.physical_name, only_pending.action) == (NAME, Action.FORGET)


def test_a_resource_keeps_what_it_needs() -> None:
    role = Address("role", "orders")
    assert compare(ResourceValues(address=GROUP, desired=wanted(**A), needs=(role,)), SCOPE).depends_on == (role,)


def test_a_permissions_boundary_that_changes_or_goes_allows_what_it_forbade() -> None:
    freed = (("what the old permissions boundary forbade", "*"),)
    assert newly_allowed("role", {"boundary": "a"}, {"boundary": "b"}) == freed
    assert newly_allowed("role", {"boundary": "a"}, {}) == freed
    assert newly_allowed("role", {"boundary": "a"}, {"boundary": "a"}) == ()
    assert newly_allowed("role", {}, {"boundary": "a"}) == ()
    assert newly_allowed("log_group", {"boundary": "a"}, {}) == ()


def test_what_is_allowed_on_a_resource_that_is_not_there_yet_names_it() -> None:
    def policy(*targets: Any) -> dict[str, Any]:
        return {"policy": {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": list(targets)}]}}

    after = policy("arn:aws:s3:::a/*", Reference(MACHINE, "arn"))
    assert set(newly_allowed("role", policy("arn:aws:s3:::a/*"), after)) == {("s3:GetObject", "arn of state_machine.orders")}
