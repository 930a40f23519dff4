"""Fingerprints: the same for the same, another for whatever else, and never of what is hidden; and what vouches after drift."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from types import MappingProxyType
from typing import Any

import pytest

from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.digest import (
    after_hash,
    before_hash,
    change_digest,
    change_row,
    digests_of,
    pipeline_digests,
    rows_digest,
    whole_digest,
)
from bunsui.plan.model import Action, Plan, Reason, ResourceChange
from bunsui.plan.untouched import vouched_for
from tests.unit.plan.test_checks import SCOPE, a_plan, wanting

ROLE = Address("role", "orders")


def update(address: Address = ROLE, path: str = "/new", before: str = "/") -> ResourceChange:
    actual = ActualResource(address=address, physical_name="x", attributes={"path": before})
    return replace(wanting(address, Action.UPDATE, path=path), actual=actual, reason=Reason.CONFIGURED)


def test_what_was_reviewed_keeps_its_fingerprint_in_a_later_bunsui() -> None:
    change = update()
    assert after_hash(change.desired) == "da781da47976f07546d629c8e186000e4f3353347e21604374d1083c370b8610"
    assert change_digest(a_plan(change)) == "e71d16b00d7414ba7677bc27a47206aef226806b9197eff37fc8049334c9edc9"


def test_a_fingerprint_of_what_is_wanted_is_of_its_name_values_and_rules() -> None:
    wanted = update().desired
    assert wanted is not None
    others = [
        replace(wanted, physical_name="y"),
        replace(wanted, attributes={"path": "/other"}),
        replace(wanted, lifecycle=Lifecycle(protect=True)),
        replace(wanted, lifecycle=Lifecycle(prevent_destroy=True)),
    ]
    assert len({after_hash(one) for one in (wanted, *others)}) == 5
    assert after_hash(replace(wanted, lifecycle=Lifecycle())) == after_hash(wanted)
    assert after_hash(replace(wanted, attributes=MappingProxyType(dict(wanted.attributes)))) == after_hash(wanted)
    assert after_hash(None) == ""


def test_a_fingerprint_of_what_is_there_leaves_out_what_belongs_to_others() -> None:
    ignoring = Lifecycle(ignore=(IgnoredPlace(attribute="path"),))
    one, other = update(before="/a"), update(before="/b")
    assert before_hash(one) != before_hash(other)
    assert before_hash(replace(one, actual=None)) == ""

    def left_alone(change: ResourceChange) -> ResourceChange:
        assert change.desired is not None
        return replace(change, desired=replace(change.desired, lifecycle=ignoring))

    assert before_hash(left_alone(one)) == before_hash(left_alone(other))
    applied = AppliedResource(address=ROLE, physical_name="x", attributes={}, lifecycle=ignoring)
    gone = [replace(change, desired=None, applied=applied) for change in (one, other)]
    assert before_hash(gone[0]) == before_hash(gone[1])
    forgotten = [replace(change, desired=None) for change in (one, other)]
    assert before_hash(forgotten[0]) != before_hash(forgotten[1])


def test_a_digest_is_of_its_rows_in_whatever_order_and_of_nothing_else() -> None:
    rows = [change_row(update(address)) for address in (ROLE, Address("role", "a"), Address("log_group", "orders"))]
    assert len({rows_digest(each) for each in permutations(rows)}) == 1
    assert len({tuple(sorted(digests_of(each).items())) for each in permutations(rows)}) == 1
    assert set(digests_of(rows)) == {"orders", "a"}
    assert rows_digest(rows) == whole_digest(reversed(list(digests_of(rows).values())))
    address, action, before, after = rows[0]
    several = [(address, action, before, after), (address, "delete", before, after), (address, action, "b", after)]
    several += [(address, action, before, "a"), (str(Address("role", "z")), action, before, after)]
    assert len({rows_digest([row]) for row in several}) == len(several)
    assert len({rows_digest(rows[:count]) for count in range(4)}) == 4


def test_a_plan_has_the_digests_of_the_pipelines_that_change() -> None:
    quiet = replace(update(Address("role", "quiet")), action=Action.NO_OP)
    plan = a_plan(update(), quiet)
    assert set(pipeline_digests(plan)) == {"orders"}
    assert change_digest(plan) == change_digest(a_plan(update())) == rows_digest([change_row(update())])
    assert change_row(update()) == (str(ROLE), "update", before_hash(update()), after_hash(update().desired))


def named(
    name: str, *, reason: Reason = Reason.CONFIGURED, before: str = "/", action: Action = Action.UPDATE
) -> ResourceChange:
    address = Address("role", name)
    applied = AppliedResource(address=address, physical_name="x", attributes={"path": "/"})
    return replace(update(address, before=before), reason=reason, applied=applied, action=action)


def reviewed(*changes: ResourceChange) -> str:
    return change_digest(a_plan(*changes))


def test_a_digest_vouches_for_every_pipeline_when_nothing_moved() -> None:
    changes = (named("a"), named("b"))
    assert vouched_for(a_plan(*changes), reviewed(*changes)) == {"a", "b"}
    assert vouched_for(a_plan(*changes), reviewed(named("a"))) == frozenset()
    assert vouched_for(a_plan(), reviewed()) == frozenset()


MOVED: list[tuple[str, ResourceChange, tuple[ResourceChange, ...]]] = [
    ("an outside change", named("b", reason=Reason.DRIFT, before="/x"), ()),
    ("an outside deletion", replace(named("b", reason=Reason.DELETED_OUTSIDE, action=Action.CREATE), actual=None), ()),
    ("a change in conflict", named("b", reason=Reason.CONFLICT, before="/x"), (named("b"),)),
    ("a change beside one", named("b", reason=Reason.CONFIGURED_AND_DRIFT, before="/x"), (named("b"),)),
    ("what is as wanted by now", named("b", reason=Reason.ALREADY_THERE, before="/new", action=Action.ADOPT), (named("b"),)),
    (
        "a removal",
        replace(named("b", reason=Reason.REMOVED_AND_DRIFT, before="/x", action=Action.DELETE), desired=None),
        (replace(named("b", reason=Reason.REMOVED, action=Action.DELETE), desired=None),),
    ),
    (
        "something in the way",
        replace(named("b", reason=Reason.NOT_OURS, action=Action.REFUSE), applied=None),
        (replace(named("b", reason=Reason.NEW, action=Action.CREATE), actual=None),),
    ),
    (
        "something that is taken over",
        replace(named("b", reason=Reason.TAKEN_OVER), applied=None),
        (replace(named("b", reason=Reason.NEW, action=Action.CREATE), actual=None),),
    ),
    ("what lost its tags", named("b", reason=Reason.NOT_OURS, action=Action.REFUSE), ()),
    ("what cannot be read", named("b", reason=Reason.UNREADABLE, action=Action.REFUSE), ()),
]


@pytest.mark.parametrize(("now", "then"), [(now, then) for _, now, then in MOVED], ids=[name for name, _, _ in MOVED])
def test_after_a_change_outside_a_digest_vouches_for_the_pipelines_that_did_not_move(
    now: ResourceChange, then: tuple[ResourceChange, ...]
) -> None:
    whole = reviewed(named("a"), *then)
    assert vouched_for(a_plan(named("a"), now), whole) == {"a"}
    assert vouched_for(a_plan(named("a"), now), reviewed(named("a"), now)) == {"a", "b"}
    assert vouched_for(a_plan(named("a", before="/other"), now), whole) == frozenset(), "the rest must be as it was reviewed"


def test_seven_pipelines_may_have_moved_and_no_more() -> None:
    for count, expected in ((7, {"z"}), (8, set())):
        drifted = [named(f"p{number}", reason=Reason.DRIFT, before="/x") for number in range(count)]
        assert vouched_for(a_plan(*drifted, named("z")), reviewed(named("z"))) == expected


def test_of_what_moved_each_may_be_as_now_or_as_before() -> None:
    one, other = (named(name, reason=Reason.CONFLICT, before="/x") for name in ("a", "b"))
    plan: Plan = a_plan(one, other)
    cases: list[tuple[Any, Any, set[str]]] = [
        (one, other, {"a", "b"}),
        (one, named("b"), {"a"}),
        (named("a"), named("b"), set()),
    ]
    for left, right, expected in cases:
        assert vouched_for(plan, reviewed(left, right)) == expected
    assert one.applied is not None
    assert before_hash(replace(one, actual=one.applied.as_actual(SCOPE))) == before_hash(named("a"))
