"""Whose edits are asked for, which text is believed, and with which change a text is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bunsui import __version__
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.resource import AppliedResource
from bunsui.plan.edits import (
    FormerTexts,
    asked_texts,
    believed_texts,
    kept_texts,
    machines_as_applied,
    with_author_edits,
)
from bunsui.plan.model import Action, AuthorDiff, PipelineFacts, Plan, Reason, ResourceChange
from tests.unit.plan.test_checks import a_plan, wanting

BEFORE, AFTER = '{"jobs":{"a":{"timeout":1}}}', '{"jobs":{"a":{"timeout":2}}}'
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BY_FILES = {Reason.CONFIGURED, Reason.CONFIGURED_AND_DRIFT, Reason.CONFLICT, Reason.NEW, Reason.REMOVED, Reason.RULES}


def change(
    pipeline: str = "orders",
    *,
    kind: str = "state_machine",
    action: Action = Action.UPDATE,
    reason: Reason = Reason.CONFIGURED,
    known: bool = True,
) -> ResourceChange:
    address = Address(kind, pipeline)
    applied = AppliedResource(address=address, physical_name="x", attributes={}, written_at=WRITTEN)
    return replace(wanting(address, action), reason=reason, applied=applied if known else None)


def a_plan_of(*changes: ResourceChange, text: str = AFTER, others: str = "") -> Plan:
    names = {one.address.pipeline for one in changes} | ({others} if others else set())
    facts = {name: PipelineFacts(name=name, path="p", text=text) for name in names}
    return replace(a_plan(*changes), pipelines=facts)


@pytest.mark.parametrize("reason", list(Reason))
def test_edits_are_asked_where_the_files_change_something(reason: Reason) -> None:
    assert asked_texts(a_plan_of(change(reason=reason))) == (("orders",) if reason in BY_FILES else ())


@pytest.mark.parametrize(("known", "action", "text"), list(product([True, False], [Action.UPDATE, Action.NO_OP], [AFTER, ""])))
def test_edits_are_asked_of_what_was_applied_changes_and_has_a_text(known: bool, action: Action, text: str) -> None:
    plan = a_plan_of(change(known=known, action=action), text=text, others="elsewhere")
    assert asked_texts(plan) == (("orders",) if known and action is Action.UPDATE and text else ())
    two = a_plan_of(change("zebra"), change("ant"), change("ant", kind="role"))
    assert asked_texts(two) == ("ant", "zebra")


def kept(age: timedelta = timedelta(), by: str = __version__, text: str = BEFORE) -> AppliedText:
    return AppliedText(pipeline="orders", text=text, kept_at=WRITTEN - age, written_by=by)


@pytest.mark.parametrize(("age", "is_believed"), [(-SECOND, True), (0 * SECOND, True), (SECOND, False)])
def test_a_text_is_believed_from_the_moment_on_that_the_machine_was_written(age: timedelta, is_believed: bool) -> None:
    found = with_author_edits(a_plan_of(change()), {"orders": kept(age)}).edits
    assert set(found) == {"orders"}
    assert (found["orders"] is not None) is is_believed
    never = change()
    assert never.applied is not None
    never = replace(never, applied=replace(never.applied, written_at=None))
    assert with_author_edits(a_plan_of(never), {"orders": kept(age)}).edits["orders"] is not None


def test_an_unknown_text_is_said_of_a_machine_that_is_updated_and_of_nothing_else() -> None:
    assert with_author_edits(a_plan_of(change()), {}).edits == {"orders": None}
    assert with_author_edits(a_plan_of(change(action=Action.REPLACE)), {}).edits == {}
    assert with_author_edits(a_plan_of(change(kind="role")), {}).edits == {}
    assert with_author_edits(a_plan_of(change(), replace(change(kind="role"), desired=None)), {}).edits == {"orders": None}
    assert with_author_edits(a_plan_of(replace(change(), desired=None)), {}).edits == {}
    role, new = change(kind="role"), change(known=False)
    assert with_author_edits(a_plan_of(role, new), {}).edits == {}
    assert with_author_edits(a_plan_of(role), {"orders": kept(SECOND)}).edits["orders"] is not None, "no machine is younger"


def test_what_another_version_compiled_is_said_to_be() -> None:
    plan = a_plan_of(change())
    assert with_author_edits(plan, {"orders": kept(text=AFTER)}).edits == {"orders": AuthorDiff()}
    assert with_author_edits(plan, {"orders": kept(text=AFTER, by="0.1")}).edits == {"orders": AuthorDiff(compiled_by="0.1")}
    (edit,) = edits.edits if (edits := with_author_edits(plan, {"orders": kept()}).edits["orders"]) else ()
    assert "timeout" in str(edit)


@pytest.mark.parametrize("machine_first", [True, False])
def test_a_text_is_kept_with_the_machine_or_with_the_last_change_of_its_pipeline(machine_first: bool) -> None:
    machine, role, logs = change(), change(kind="role"), change(kind="log_group")
    rows = [machine, role, logs] if machine_first else [role, logs, machine]
    assert kept_texts(a_plan_of(*rows)) == {machine.address: AFTER}
    assert kept_texts(a_plan_of(role, logs)) == {logs.address: AFTER}
    assert kept_texts(a_plan_of(role, replace(machine, desired=None))) == {role.address: AFTER}
    assert kept_texts(a_plan_of(change(action=Action.NO_OP))) == {}
    assert kept_texts(a_plan_of(machine, text="")) == {}
    assert kept_texts(replace(a_plan(machine, change("other")), pipelines=a_plan_of(change("other")).pipelines)) == {
        Address("state_machine", "other"): AFTER
    }
    assert kept_texts(a_plan_of(machine, change("other", kind="role"))) == {
        machine.address: AFTER,
        Address("role", "other"): AFTER,
    }


def test_what_the_branch_began_with_stands_in_where_no_text_is_believed() -> None:
    plan = a_plan_of(change())
    former = FormerTexts(commit="abc", texts={"orders": BEFORE, "other": BEFORE})
    found = with_author_edits(plan, {}, former).edits["orders"]
    assert found is not None
    assert (len(found.edits), found.since, found.is_whole, found.compiled_by) == (1, "abc", False, "")
    applied = replace(former, applied=frozenset({"orders"}))
    assert with_author_edits(plan, {}, applied).edits == {"orders": replace(found, is_whole=True)}
    same = replace(former, texts={"orders": AFTER})
    assert with_author_edits(plan, {}, same).edits == {"orders": AuthorDiff(since="abc", is_whole=False)}
    assert with_author_edits(plan, {"orders": kept()}, applied).edits == {"orders": replace(found, since="", is_whole=True)}
    assert with_author_edits(plan, {"orders": kept(SECOND)}, applied).edits == {"orders": replace(found, is_whole=True)}
    elsewhere = replace(former, texts={"other": BEFORE})
    assert with_author_edits(plan, {}, elsewhere).edits == {"orders": None}
    assert believed_texts(plan, {"orders": kept(), "other": kept(SECOND)}) == {"orders": kept(), "other": kept(SECOND)}
    assert believed_texts(plan, {"orders": kept(SECOND)}) == {}


def test_machines_are_as_applied_where_the_plan_leaves_them() -> None:
    still, moved = change("still", action=Action.NO_OP), change("moved")
    role = change("role", kind="role", action=Action.NO_OP)
    gone = replace(change("gone", action=Action.NO_OP), desired=None)
    new = change("new", action=Action.NO_OP, known=False)
    assert machines_as_applied(a_plan_of(moved, still, role, gone, new)) == {"still"}
