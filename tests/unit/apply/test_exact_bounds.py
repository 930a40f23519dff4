"""Bounds of an apply, to the second and to the piece, and what it tells of changes that it did not try."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bunsui.apply.events import ApplyFinished, ChangeDone, ChangeFailed, ChangeSkipped, ChangeStarted, pipelines_left
from bunsui.apply.executor import _is_young_role
from bunsui.apply.outputs import Outputs
from bunsui.apply.retention import Retention, number_of, remove_old
from bunsui.apply.step import existing_of, wanted_of
from bunsui.apply.trail import verify
from bunsui.errors import CloudError, Refused
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource
from bunsui.model.session import SessionStatus
from bunsui.model.values import Reference
from bunsui.plan.model import Action, Reason, ResourceChange
from bunsui.ports.ledger import StateMark
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.project import SCOPE, Project, a_pipeline
from tests.unit.apply.test_retention import FUNCTION, MACHINE, NOW, Sessions, Store, session
from tests.unit.apply.test_trail import a_trail

ORDER = ("role", "lambda_function", "state_machine", "log_group")


def a_chain() -> tuple[DesiredResource, ...]:
    """A role, a function that needs it, a machine that needs both."""
    return a_pipeline("orders")


def test_dependents_of_a_skipped_change_are_skipped_and_name_what_failed() -> None:
    project = Project()
    role, function, machine = (one.address for one in sorted(a_chain(), key=lambda one: ORDER.index(one.address.kind))[:3])
    desired = [replace(one, physical_name="the-role") if one.address == role else one for one in a_chain()]

    def fail(verb: str, name: str) -> None:
        if name == "the-role":
            raise CloudError("iam-error", "IAM refused")

    project.account.before = fail
    plan = project.plan(tuple(desired))
    through_the_function = [
        replace(change, depends_on=(function,)) if change.address == machine else change for change in plan.changes
    ]
    events = project.apply(replace(plan, changes=tuple(through_the_function)))
    blamed = {event.address: event.because for event in events if isinstance(event, ChangeSkipped)}
    assert [event.address for event in events if isinstance(event, ChangeFailed)] == [role]
    assert blamed == {function: "role.orders failed", machine: "role.orders failed"}
    last = events[-1]
    assert isinstance(last, ApplyFinished)
    assert (last.failed, last.skipped, last.is_complete, last.interrupted) == (1, 2, False, False)


def test_every_change_is_told_when_it_begins_and_when_it_is_done() -> None:
    events = Project().converge(a_chain())
    begun = [event.address for event in events if isinstance(event, ChangeStarted)]
    done = [event.address for event in events if isinstance(event, ChangeDone)]
    assert sorted(begun) == sorted(done) == sorted(one.address for one in a_chain())
    for address in begun:
        kinds = [type(event) for event in events if getattr(event, "address", None) == address]
        assert (kinds[0], kinds[-1]) == (ChangeStarted, ChangeDone)


@pytest.mark.parametrize("fact", ["failed", "skipped", "interrupted", "left"])
def test_an_apply_is_complete_when_nothing_failed_was_skipped_interrupted_or_left(fact: str) -> None:
    whole = ApplyFinished(done=1, failed=0, skipped=0, interrupted=False, seconds=1.0)
    assert whole.is_complete
    changes: dict[str, Any] = {fact: 1}
    assert not replace(whole, **changes).is_complete


def test_a_pipeline_that_is_left_says_why_with_its_facts() -> None:
    bare, full = pipelines_left({"a": Refused("x", "no"), "b": Refused("y", "no", hint="wait", run="r", count=2)})
    assert (bare.pipeline, bare.code, bare.message) == ("a", "x", "no")
    assert (full.pipeline, full.message, full.hint) == ("b", "no (run: r, count: 2)", "wait")


@pytest.mark.parametrize(("age", "is_young"), [(119.999, True), (120, False)])
def test_a_role_is_young_for_as_long_as_iam_may_spread_it(age: float, is_young: bool) -> None:
    project = Project()
    project.converge(a_chain())
    plan = project.plan(a_chain())
    for change in plan.changes:
        assert change.applied is not None
        assert change.applied.written_at is not None
        as_of = change.applied.written_at + timedelta(seconds=age)
        assert _is_young_role(change, as_of) is (is_young and change.address.kind == "role")
        assert _is_young_role(replace(change, action=Action.UPDATE), as_of + timedelta(days=1)) is (
            change.address.kind == "role"
        )


def test_a_resource_has_only_the_outputs_that_were_written() -> None:
    address = Address("role", "orders")
    outputs = Outputs((), MemoryStateStore(SCOPE))
    outputs.record(address, {"arn": "arn:x"})
    assert outputs.of(Reference(address, "arn")) == "arn:x"
    for reference in (Reference(address, "name"), Reference(Address("role", "gone"), "arn")):
        with pytest.raises(Refused) as refused:
            outputs.of(reference)
        assert refused.value.code == "unresolved-reference"
        assert refused.value.facts["attribute"] == reference.attribute


def removed(store: Store, *sessions: object, kept: int = 10) -> list[str]:
    retention = Retention(machine_arn=MACHINE, function_arns=(FUNCTION,), kept=kept, as_of=NOW)
    return list(remove_old(retention, store, Sessions(*sessions)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("days", "stays"), [(14 - 1e-6, True), (14, False)])
def test_a_version_can_be_redriven_on_for_less_than_fourteen_days(days: float, stays: bool) -> None:
    store = Store()
    removed(store, session(4, SessionStatus.FAILED, days_ago=days))
    assert (4 in store.machine) is stays


@pytest.mark.parametrize(
    ("running", "late", "old", "is_whole"),
    [(999, 0, 0, True), (1000, 0, 0, False), (0, 999, 0, True), (0, 1000, 0, False), (0, 999, 1, True)],
)
def test_a_full_page_of_sessions_that_count_may_not_be_all(running: int, late: int, old: int, is_whole: bool) -> None:
    store = Store()
    removed(
        store,
        *[session(20, SessionStatus.RUNNING)] * running,
        *[session(20, SessionStatus.FAILED, days_ago=1)] * late,
        *[session(20, SessionStatus.FAILED, days_ago=20)] * old,
    )
    assert (store.machine != list(range(1, 21))) is is_whole


@pytest.mark.parametrize(("count", "is_told"), [(899, False), (900, True)])
def test_a_machine_is_near_its_limit_from_900_versions_on(count: int, is_told: bool) -> None:
    every = range(1, count + 1)
    store = Store(machine=list(every), function=[], others=frozenset(every), alias=count)
    told = f"the machine has {count} versions, and Step Functions takes 1000: see which of them are still needed"
    assert removed(store) == ([told] if is_told else [])


def test_one_version_is_told_as_one() -> None:
    assert removed(Store(), kept=19) == ["removed 1 old version of the machine", "removed 1 old version of its functions"]


def test_without_a_reader_of_sessions_only_the_newest_and_the_routed_stay() -> None:
    store = Store(alias=3)
    remove_old(Retention(machine_arn=MACHINE, function_arns=(), kept=10, as_of=NOW), store, None)
    assert store.machine == [3, *range(11, 21)]
    assert store.function == list(range(1, 21))


def test_the_record_at_which_a_trail_breaks_is_named() -> None:
    records, mark = a_trail(3)
    for count, changed, expected in (
        (3, StateMark(lineage="line", serial=3), (3, "0003", "the state's mark does not know it")),
        (3, replace(mark, head_hash="f" * 64), (3, "0003", "it was changed after it was written")),
        (2, mark, (3, "", "it is missing")),
        (0, mark, (3, "", "it is missing")),
    ):
        broken = verify(records[:count], changed).broken
        assert broken is not None
        assert (broken.serial, broken.id, broken.why) == expected
    twice = verify([*records, replace(records[1], id="9999")], mark).broken
    assert twice is not None
    assert (twice.serial, twice.id, twice.why) == (2, "9999", "there are two records of this number")


def test_old_versions_are_removed_oldest_first() -> None:
    class Noting(Store):
        def remove_machine_version(self, version_arn: str) -> None:
            gone.append(int(version_arn.rpartition(":")[2]))
            super().remove_machine_version(version_arn)

        def remove_function_version(self, version_arn: str) -> None:
            gone.append(int(version_arn.rpartition(":")[2]))
            super().remove_function_version(version_arn)

    gone: list[int] = []
    removed(Noting())
    assert gone == [*range(1, 11), 1, *range(3, 11)]


@pytest.mark.parametrize(
    ("version", "number"), [("arn:m:7", 7), ("arn:m:012", 12), ("7", 7), ("arn:m", 0), ("arn:m:live", 0), ("", 0), ("a:-1", 0)]
)
def test_a_version_has_the_number_at_its_end(version: str, number: int) -> None:
    assert number_of(version) == number


@pytest.mark.parametrize(("read", "remembered", "known"), [(True, True, "read"), (False, True, "old"), (True, False, "read")])
def test_what_was_read_may_be_referenced_before_what_is_remembered(read: bool, remembered: bool, known: str) -> None:
    address = Address("role", "orders")
    outputs = {"arn": "read"} if read else {}
    actual = ActualResource(address=address, physical_name="x", attributes={}, outputs=outputs)
    applied = AppliedResource(address=address, physical_name="x", attributes={}, outputs={"arn": "old"})
    change = ResourceChange(
        address=address,
        physical_name="x",
        action=Action.NO_OP,
        reason=Reason.IN_SYNC,
        actual=actual,
        applied=applied if remembered else None,
    )
    for one in (change, replace(change, actual=None)) if known == "old" else (change,):
        assert Outputs((one,), MemoryStateStore(SCOPE)).of(Reference(address, "arn")) == known


def test_an_apply_starts_threads_that_do_not_keep_the_program_alive() -> None:
    project, seen = Project(), list[tuple[str, bool]]()

    def look(verb: str, name: str) -> None:
        thread = threading.current_thread()
        seen.append((thread.name, thread.daemon))

    project.account.before = look
    project.converge(a_chain())
    assert sorted(seen) == sorted((f"apply {one.address}", True) for one in a_chain())


@pytest.mark.parametrize("value_of", [wanted_of, existing_of])
def test_a_change_without_the_value_that_it_needs_is_a_bug(value_of: Callable[[ResourceChange], object]) -> None:
    bare = ResourceChange(address=Address("role", "orders"), physical_name="x", action=Action.UPDATE, reason=Reason.NEW)
    with pytest.raises(ValueError, match=r"role\.orders has no"):
        value_of(bare)


def test_a_machine_from_which_enough_was_removed_is_no_longer_near_its_limit() -> None:
    store = Store(machine=list(range(1, 906)), function=[], alias=905)
    assert removed(store, kept=899) == ["removed 6 old versions of the machine"]
    assert removed(store, kept=899) == []
