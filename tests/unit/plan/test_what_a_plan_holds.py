"""What the facts say stands in the plan, and what an apply that died was doing counts for what goes as well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.rules import Rules
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource
from bunsui.model.values import Value
from bunsui.plan.addressing import leftover
from bunsui.plan.build import Facts, build_plan, with_looked_up
from bunsui.plan.model import Action, Basis, Behind, PipelineFacts, Plan, Reason, ResourceChange
from bunsui.plan.retirement import Blockers
from bunsui.ports.ledger import JournalEntry, StateMark
from tests.unit.plan.test_build import SCOPE, exists, remembers, wants

AT = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE, FUNCTION, ROLE = (one.address for one in wants("orders"))


def facts(*pipelines: str, **more: Any) -> Facts:
    """Return the facts of pipelines that are as they were applied last."""
    deployed = [one for name in pipelines for one in wants(name)]
    usual: dict[str, Any] = {
        "scope": SCOPE,
        "as_of": AT,
        "desired": tuple(deployed),
        "actual": tuple(exists(one) for one in deployed),
        "applied": {one.address: remembers(exists(one), one) for one in deployed},
    }
    return Facts(**{**usual, **more})


def changes(value: Plan) -> dict[Any, ResourceChange]:
    return {change.address: change for change in value.changes}


def test_what_the_facts_say_stands_in_the_plan() -> None:
    said: dict[str, Any] = {
        "commit": "abc",
        "pipelines": {"orders": PipelineFacts(name="orders", path="p")},
        "mark": StateMark(lineage="l", serial=3),
        "refresh": "hinted",
        "basis": Basis(revision="main", commit="def"),
        "frozen": "year end",
    }
    plan = build_plan(facts("orders", **said))
    assert {name: getattr(plan, name) for name in said} == said
    assert (plan.scope, plan.as_of, plan.complete, plan.select, plan.at_once) == (SCOPE, AT, True, None, False)
    part = build_plan(facts("orders", "a", select=frozenset({"orders", "a"})))
    assert (part.select, part.complete) == (("a", "orders"), False)


def test_findings_from_before_come_first_and_once() -> None:
    before = Diagnostic(code="BS210", severity=Severity.INFO, summary="x")
    plan = build_plan(facts("orders", diagnostics=(before,), frozen="now", desired=wants("orders", size=512)))
    assert [found.code for found in plan.diagnostics] == ["BS210", "BS509"]


@pytest.mark.parametrize(("gone", "expected"), [(True, True), (False, False)])
def test_a_plan_is_at_once_only_where_it_deletes(gone: bool, expected: bool) -> None:
    deployed = facts("orders", at_once=True, desired=() if gone else wants("orders"))
    assert build_plan(deployed).at_once is expected


def interrupted(action: str, address: Any, intended: AppliedResource | None = None) -> dict[Any, JournalEntry]:
    entry = JournalEntry(address=address, physical_name="x", action=action, steps=(action,), intended=intended)
    return {address: entry}


def test_what_an_apply_that_died_was_doing_explains_what_differs() -> None:
    drifted = tuple(replace(one, attributes={**one.attributes, "tags": {"a": "b"}}) for one in facts("orders").actual)
    for desired, reason in (((), Reason.REMOVED), (wants("orders"), Reason.INTERRUPTED)):
        plain = build_plan(facts("orders", desired=desired, actual=drifted, at_once=True))
        died = build_plan(facts("orders", desired=desired, actual=drifted, at_once=True, pending=interrupted("x", ROLE)))
        assert changes(plain)[ROLE].reason in (Reason.REMOVED_AND_DRIFT, Reason.DRIFT)
        assert (changes(died)[ROLE].reason, changes(died)[ROLE].drift) == (reason, ())
        assert changes(died)[FUNCTION].reason is changes(plain)[FUNCTION].reason
    only = build_plan(facts(pending=interrupted("create", ROLE)))
    assert [(change.address, change.action) for change in only.changes] == [(ROLE, Action.FORGET)]


def test_what_still_runs_keeps_what_is_retired() -> None:
    applied = {address: replace(one, retired_at=AT - timedelta(days=30)) for address, one in facts("orders").applied.items()}
    for hold, action in ((Blockers(), Action.DELETE), (Blockers(running=("one",)), Action.NO_OP), (None, Action.NO_OP)):
        holds = {MACHINE: hold} if hold is not None else {}
        plan = build_plan(facts("orders", desired=(), applied=applied, holds=holds))
        assert changes(plan)[MACHINE].action is action
        assert changes(plan)[ROLE].action is action
    late = build_plan(facts("orders", desired=(), applied=applied, holds={MACHINE: Blockers()}, kept_for=timedelta(days=31)))
    assert changes(late)[MACHINE].action is Action.NO_OP


def test_a_pipeline_with_another_name_takes_its_place_after_the_new_one_is_there() -> None:
    moved = build_plan(facts("orders", desired=wants("sales"), moved={"orders": "sales"}))
    old = changes(moved)[MACHINE]
    assert (old.action, old.reason) == (Action.RETIRE, Reason.MOVED)
    assert old.note.startswith("the pipeline is now sales; ")
    assert [str(need) for need in old.depends_on][-1] == "state_machine.sales"
    gone = build_plan(facts("orders", desired=wants("sales")))
    assert changes(gone)[MACHINE].reason is Reason.REMOVED


def test_what_is_looked_up_is_held_and_what_is_found_in_it_obeys_the_rules() -> None:
    plan = build_plan(facts("orders", desired=wants("orders", size=512)))
    looked: dict[str, Any] = {
        "running": {MACHINE: ("one",)},
        "reserved": {"f": 3},
        "given_roles": {"r": None},
        "behind": {"orders": Behind(commit="abc")},
    }
    known = with_looked_up(plan, Rules(), **looked)
    assert {name: getattr(known, name) for name in looked} == looked
    assert [found.code for found in known.diagnostics] == ["BS507", "BS528"]
    assert with_looked_up(plan, Rules()) == plan


@pytest.mark.parametrize(("days", "trusts"), [(0, True), (13, True), (14, False), (30, False)])
def test_a_machine_that_stays_beside_its_successor_may_still_assume_the_role(days: int, trusts: bool) -> None:
    source: Value = {"Statement": [{"Effect": "Allow", "Condition": {"ArnLike": {"aws:SourceArn": "arn:new"}}}]}
    machine, function, role = wants("orders")
    new = (replace(machine, physical_name="new"), function, replace(role, attributes={**role.attributes, "trust": source}))
    old = leftover(MACHINE, machine.physical_name)
    plain = facts("orders")
    applied = {**plain.applied, MACHINE: replace(plain.applied[MACHINE], retired_at=AT - timedelta(days=days))}
    for at_once in (False, True):
        plan = build_plan(facts("orders", desired=new, applied=applied, holds={old: Blockers()}, at_once=at_once))
        wanted = changes(plan)[ROLE].desired
        assert wanted is not None
        assert ("arn:state_machine.orders" in str(wanted.attributes["trust"])) is (trusts and not at_once)
    without = build_plan(facts("orders", desired=new[:2], applied=applied, holds={old: Blockers()}))
    assert changes(without)[old].action is (Action.NO_OP if trusts else Action.DELETE)


def test_an_object_that_another_pipeline_took_over_is_forgotten_and_no_more_is_said_of_it() -> None:
    drifted = tuple(replace(one, attributes={**one.attributes, "tags": {"a": "b"}}) for one in facts("orders").actual)
    heirs = tuple(replace(one, physical_name="sales--dev--orders") for one in wants("sales"))
    assert changes(build_plan(facts("orders", desired=heirs, actual=drifted)))[ROLE] == ResourceChange(
        address=ROLE,
        physical_name="sales--dev--orders",
        action=Action.FORGET,
        reason=Reason.REMOVED,
        applied=facts("orders").applied[ROLE],
        depends_on=(FUNCTION, MACHINE, replace(ROLE, pipeline="sales")),
        note="it is now role.sales",
    )


def test_each_machine_that_stays_beside_its_successor_is_trusted_whatever_stands_before_it() -> None:
    source: Value = {"Statement": [{"Effect": "Allow", "Condition": {"ArnLike": {"aws:SourceArn": "arn:new"}}}]}
    desired = []
    for name in ("a", "b", "orders"):
        machine, function, role = wants(name)
        trusting = replace(role, attributes={**role.attributes, "trust": source})
        desired += [replace(machine, physical_name=f"new-{name}"), function, *([] if name == "a" else [trusting])]
    there = facts("a", "b", "orders", desired=tuple(desired))
    silent = tuple(replace(one, outputs={}) if one.address == Address("state_machine", "b") else one for one in there.actual)
    plan = changes(build_plan(replace(there, actual=silent)))
    trusts = {}
    for name in ("b", "orders"):
        wanted = plan[Address("role", name)].desired
        assert wanted is not None
        trusts[name] = str(wanted.attributes["trust"]).count("arn:state_machine")
    assert trusts == {"b": 0, "orders": 3}
