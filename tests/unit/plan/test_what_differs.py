"""What the planner asks of a difference: what is foreseen, newly allowed, hidden, and how grave it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bunsui.diff.model import ChangeOperation, DiffItem, ResourceDiff, Section
from bunsui.kinds.kind import Effect
from bunsui.kinds.registry import kind as kind_named
from bunsui.kinds.registry import kinds
from bunsui.model.address import Address
from bunsui.model.values import Reference, Sensitive, Unknown, Value
from bunsui.plan.comparison import difference, forces_replacement, newly_allowed, powers_of_new
from bunsui.plan.model import Action, Reason, Risk
from bunsui.plan.redaction import redact_items, without_foreign
from bunsui.plan.references import foreseen, referenced
from bunsui.plan.risk import risk_of
from tests.unit.plan.test_checks import a_plan, wanting

FUNCTION = Address("lambda_function", "orders", "load")
OUTPUTS = {"arn": "a", "alias_arn": "b", "version_arn": "c"}
STABLE = {Action.NO_OP: {"arn", "alias_arn", "version_arn"}, Action.ADOPT: {"arn", "alias_arn", "version_arn"}}
STABLE[Action.UPDATE] = {"arn", "alias_arn"}


@pytest.mark.parametrize("action", [None, *Action])
def test_a_reference_is_foreseen_where_the_plan_leaves_its_output_as_it_is(action: Action | None) -> None:
    actions = {FUNCTION: action} if action is not None else {}
    known = STABLE.get(action or Action.NO_OP, set())
    for name in (*OUTPUTS, "other"):
        values: dict[str, Value] = {"x": {"y": [Reference(FUNCTION, name), "z"]}, "plain": 1}
        found = foreseen(values, actions=actions, outputs={FUNCTION: OUTPUTS})
        assert found == {"x": {"y": [OUTPUTS[name] if name in known else Unknown(), "z"]}, "plain": 1}
        assert referenced(values) == {FUNCTION}
        assert foreseen(values, actions=actions, outputs={})["x"] == {"y": [Unknown(), "z"]}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, resource: Value) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [action], "Resource": [resource]}


TRUST = {"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}


def test_a_role_is_newly_allowed_what_its_trust_and_its_policy_add_and_what_its_boundary_forbade() -> None:
    before = {"policy": document(allow("s3:GetObject", "a")), "trust": document()}
    more = {"policy": document(allow("s3:GetObject", "a"), allow("s3:PutObject", "b")), "trust": document(TRUST)}
    added = (("sts:AssumeRole", "Service:x.amazonaws.com"), ("s3:PutObject", "b"))
    assert newly_allowed("role", before, more) == added
    assert newly_allowed("role", more, before) == newly_allowed("role", more, more) == ()
    assert newly_allowed("state_machine", before, more) == ()
    later = {"policy": document(allow("lambda:InvokeFunction", Reference(FUNCTION, "version_arn")))}
    assert newly_allowed("role", {}, later) == (("lambda:InvokeFunction", "version_arn of lambda_function.orders.load"),)
    freed = ("what the old permissions boundary forbade", "*")
    for old, new, expected in (("p", None, (freed,)), ("p", "q", (freed,)), ("p", "p", ()), (None, "p", ()), (None, None, ())):
        assert newly_allowed("role", {"boundary": old}, {"boundary": new}) == expected
    assert newly_allowed("role", {**before, "boundary": "p"}, more) == (*added, freed)
    assert powers_of_new("role", {"policy": document(allow("iam:PassRole", "r"), allow("s3:GetObject", "a"))}) == (
        ("iam:PassRole", "r"),
    )


EVERY_ATTRIBUTE = [(name, attribute) for name, kind in kinds().items() for attribute in kind.attributes]
RISKS = {
    Effect.COSMETIC: Risk.COSMETIC,
    Effect.NEW_SESSIONS: Risk.NEW_SESSIONS_ONLY,
    Effect.RUNNING_SESSIONS: Risk.AFFECTS_RUNNING_SESSIONS,
}


def a_diff(*attributes: str) -> ResourceDiff:
    changed = ChangeOperation.CHANGED
    return ResourceDiff(
        items=tuple(
            DiffItem(section=Section.ATTRIBUTE, subject=name, path=(), operation=changed, attribute=name) for name in attributes
        )
    )


@pytest.mark.parametrize(("kind", "attribute"), EVERY_ATTRIBUTE)
def test_an_update_is_as_grave_as_what_its_attribute_does(kind: str, attribute: Any) -> None:
    diff = a_diff(attribute.name)
    assert risk_of(kind, Action.UPDATE, Reason.CONFIGURED, diff, widened=False, by_sessions=True) is RISKS[attribute.effect]
    assert forces_replacement(kind, diff) is attribute.replaces
    assert forces_replacement(kind, ResourceDiff()) is False


def test_of_several_attributes_the_gravest_counts() -> None:
    mildest_first = list(Risk)
    for one, other in product(kind_named("state_machine").attributes, repeat=2):
        found = risk_of(
            "state_machine", Action.UPDATE, Reason.NEW, a_diff(one.name, other.name), widened=False, by_sessions=True
        )
        assert found is max(RISKS[one.effect], RISKS[other.effect], key=mildest_first.index)


def test_what_is_known_after_apply_only_is_taken_to_differ() -> None:
    assert not difference("role", {"path": "/"}, {"path": Unknown()}).is_empty
    assert difference("role", {"path": "/"}, {"path": "/"}).is_empty


def test_what_only_aws_has_is_hidden_and_what_somebody_said_is_shown() -> None:
    item = DiffItem(
        section=Section.ATTRIBUTE,
        subject="environment",
        path=("A",),
        operation=ChangeOperation.CHANGED,
        before={"A": ["theirs", "applied", 1]},
        after="ours",
        attribute="environment",
    )
    said: tuple[Mapping[str, Value] | None, ...] = (
        {"environment": {"A": "ours"}},
        None,
        {"environment": {"B": ["applied"]}, "memory_mb": "theirs"},
    )
    (found,) = redact_items("lambda_function", [item], *said)
    assert found == replace(item, before={"A": [Sensitive("theirs"), "applied", 1]})
    (hidden,) = redact_items("lambda_function", [item])
    assert hidden.after == Sensitive("ours")
    plain = replace(item, attribute="handler")
    assert redact_items("lambda_function", [plain]) == (plain,)
    assert without_foreign("lambda_function", {"environment": {}, "handler": "h"}) == {"handler": "h"}


def test_changes_are_counted_by_what_is_done() -> None:
    actions = [Action.CREATE, Action.NO_OP, Action.CREATE, Action.REFUSE]
    plan = a_plan(*(wanting(Address("role", f"p{number}"), action) for number, action in enumerate(actions)))
    assert plan.counts() == {Action.CREATE: 2, Action.REFUSE: 1}
    assert [change.address.pipeline for change in plan.pending] == ["p0", "p2", "p3"]
    assert [change.address.pipeline for change in plan.refused] == ["p3"]
    outside = {Reason.DRIFT, Reason.CONFIGURED_AND_DRIFT, Reason.CONFLICT, Reason.REMOVED_AND_DRIFT, Reason.DELETED_OUTSIDE}
    for action, reason in product(Action, Reason):
        change = replace(plan.changes[0], action=action, reason=reason)
        assert change.is_change is (action is not Action.NO_OP)
        assert change.undoes_outside_change is (action not in (Action.NO_OP, Action.REFUSE) and reason in outside)
