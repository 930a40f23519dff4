"""One change carried out: what is written and remembered of it, what is said, and what a write that is repeated does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bunsui.apply.events import ApplyEvent, ChangeDone, ChangeFailed, ChangeNoted, ChangeStarted
from bunsui.apply.executor import Effects, execute
from bunsui.apply.lease import LeaseTerms, Request, take
from bunsui.apply.perform import perform, users_tags
from bunsui.apply.stop import Stop
from bunsui.errors import CloudError, Throttled
from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, CodeSource, DesiredResource
from bunsui.plan.model import Action, Plan
from bunsui.ports.cloud import ResolvedResource
from bunsui.ports.ledger import Actor
from bunsui.testkit.ledger import MemoryLedger
from tests.fakes.cloud import FaultyProvider
from tests.fakes.project import SCOPE, Project, a_pipeline
from tests.unit.apply.test_retention import Store

LOGS, MACHINE = Address("log_group", "orders"), Address("state_machine", "orders")
NAME = "sales--dev--orders"


def a_group(**changes: Any) -> DesiredResource:
    attributes = {"retention_days": 30, "tags": {"team": "data"}, **changes.pop("attributes", {})}
    return DesiredResource(address=LOGS, physical_name=changes.pop("physical_name", NAME), attributes=attributes, **changes)


@dataclass
class Applying:
    """A project whose applies have a commit, a plan file and whatever else a test puts in."""

    project: Project = field(default_factory=Project)
    provider: Callable[[Any], Any] = lambda provider: provider
    versions: Store | None = None

    def run(self, plan: Plan) -> list[ApplyEvent]:
        project = self.project
        project.state.ensure()
        ledger = MemoryLedger(project.state)
        lease = take(ledger, project.clock, Request(operation="apply", actor=Actor(), terms=LeaseTerms()))
        effects = Effects(
            providers={kind: self.provider(one) for kind, one in project.account.providers().items()},
            state=project.state,
            clock=project.clock,
            journal=ledger,
            lease=lease,
            apply_id="a-1",
            plan_id="p-1",
            versions=self.versions,
        )
        try:
            return list(execute(plan, effects, stop=Stop()))
        finally:
            lease.release()

    def converge(self, *desired: DesiredResource) -> list[ApplyEvent]:
        return self.run(self.project.plan(desired))


def failures(events: list[ApplyEvent]) -> list[str]:
    return [event.code for event in events if isinstance(event, ChangeFailed)]


def test_what_was_written_is_remembered_with_all_that_a_later_plan_asks() -> None:
    applying = Applying()
    code = CodeSource(path="p", requirements=None, runtime="r", architecture="a", digest="d", files={"a.py": "0123"})
    desired = a_group(code=code, lifecycle=Lifecycle(protect=True), depends_on=(Address("role", "orders"),))
    role = DesiredResource(address=Address("role", "orders"), physical_name=NAME, attributes={"path": "/"})
    applying.converge(role, desired)
    known = applying.project.state.applied()[LOGS]
    actual = applying.project.account.objects["log_group", NAME]
    assert (known.physical_name, known.commit, known.plan, known.written_at) == (
        NAME,
        "abc",
        "p-1",
        applying.project.clock.now(),
    )
    assert (dict(known.attributes), known.lifecycle, known.files) == (dict(desired.attributes), desired.lifecycle, code.files)
    assert (known.outputs, known.revision) == (actual.outputs, actual.revision)
    assert known.depends_on == (Address("role", "orders"),)
    assert known.retired_at is None
    assert actual.tags == {"team": "data", **SCOPE.tags(LOGS)}


def test_what_aws_has_already_is_not_written_and_remembered_all_the_same() -> None:
    applying = Applying()
    plan = applying.project.plan((a_group(),))
    applying.run(plan)
    applying.project.lose_state()
    adopted = applying.project.plan((a_group(),))
    assert [change.action for change in adopted.pending] == [Action.ADOPT]
    calls = len(applying.project.account.calls)
    applying.run(adopted)
    assert len(applying.project.account.calls) == calls
    actual = applying.project.account.objects["log_group", NAME]
    known = applying.project.state.applied()[LOGS]
    assert (known.attributes, known.outputs, known.revision) == (actual.attributes, actual.outputs, actual.revision)


@pytest.mark.parametrize("name", [NAME, "another"])
def test_a_replacement_leaves_one_object_with_the_new_values(name: str) -> None:
    applying = Applying()
    role = DesiredResource(address=Address("role", "orders"), physical_name=NAME, attributes={"path": "/"})
    applying.converge(role)
    moved = replace(role, physical_name=name, attributes={"path": "/new/"})
    applying.project.at_once = True
    events = applying.converge(moved)
    assert failures(events) == []
    found = {one: item.attributes["path"] for one, item in applying.project.account.objects.items() if one[0] == "role"}
    assert found == {("role", name): "/new/"}
    assert not applying.project.plan((moved,)).pending


def test_nothing_to_perform_is_a_mistake_of_the_caller() -> None:
    plan = Project().plan((a_group(),))
    for action in (Action.NO_OP, Action.REFUSE):
        step: Any = type("Step", (), {"change": replace(plan.changes[0], action=action)})()
        with pytest.raises(ValueError, match=f"{action.value} is nothing to perform"):
            perform(step)


@dataclass
class Sized(FaultyProvider):
    """A provider whose writes are as large as one says."""

    size: int = 0

    def upload_bytes(self, resource: ResolvedResource, actual: ActualResource | None) -> int:
        return self.size if actual is None else 0


@pytest.mark.parametrize(("size", "words"), [(999_999, []), (1_000_000, ["uploading 1 MB"]), (2_600_000, ["uploading 3 MB"])])
def test_a_large_upload_is_announced_while_it_goes_on(size: int, words: list[str]) -> None:
    applying = Applying(provider=lambda one: Sized(one.inner, one.account, size=size))
    for name in (NAME, "another"):
        events = applying.converge(a_group(physical_name=name))
        notes = [event for event in events if isinstance(event, ChangeNoted)]
        assert [note.note for note in notes] == words
        assert all(note.is_passing for note in notes)
    updated = applying.converge(a_group(physical_name="another", attributes={"retention_days": 60}))
    assert not [event for event in updated if isinstance(event, ChangeNoted)]


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_write_that_failed_is_repeated_after_a_look_at_what_came_of_it(is_lost: bool) -> None:
    for ignore in ((), (IgnoredPlace(attribute="tags", path=("cost",)),)):
        applying = Applying()
        rules = Lifecycle(ignore=ignore)
        left = [1, 1]

        def throttle(verb: str, name: str, left: list[int] = left) -> None:
            kind = ("create", "update").index(verb)
            if left[kind]:
                left[kind] -= 1
                raise Throttled("throttled", "slow down")

        if is_lost:
            applying.project.account.after = throttle
        else:
            applying.project.account.before = throttle
        assert failures(applying.converge(a_group(lifecycle=rules))) == []
        assert failures(applying.converge(a_group(lifecycle=rules, attributes={"retention_days": 60}))) == []
        assert left == [0, 0]
        assert applying.project.account.objects["log_group", NAME].attributes["retention_days"] == 60
        assert not applying.project.plan((a_group(lifecycle=rules, attributes={"retention_days": 60}),)).pending


def test_an_update_that_is_repeated_does_not_write_over_what_became_somebody_elses() -> None:
    applying = Applying()
    applying.converge(a_group())
    account = applying.project.account

    def taken(verb: str, name: str) -> None:
        if verb == "update":
            account.before = lambda verb, name: None
            account.objects["log_group", NAME] = replace(account.objects["log_group", NAME], tags={})
            raise Throttled("throttled", "slow down")

    account.before = taken
    events = applying.converge(a_group(attributes={"retention_days": 60}))
    assert len(failures(events)) == 1
    assert account.objects["log_group", NAME].attributes["retention_days"] == 30

    def gone(verb: str, name: str) -> None:
        if verb == "update":
            account.before = lambda verb, name: None
            del account.objects["log_group", NAME]
            raise Throttled("throttled", "slow down")

    account.objects["log_group", NAME] = replace(account.objects["log_group", NAME], tags=SCOPE.tags(LOGS))
    account.before = gone
    assert failures(applying.converge(a_group(attributes={"retention_days": 60}))) == ["stale-resource"]
    assert ("log_group", NAME) not in account.objects


def test_an_update_writes_the_places_of_others_as_they_are_tags_among_them() -> None:
    applying = Applying()
    rules = Lifecycle(ignore=(IgnoredPlace(attribute="tags", path=("cost",)),))
    applying.converge(a_group(lifecycle=rules))
    account = applying.project.account
    found = account.objects["log_group", NAME]
    theirs = {"team": "data", "cost": "7"}
    account.objects["log_group", NAME] = replace(
        found, attributes={**found.attributes, "tags": theirs}, tags={**found.tags, "cost": "7"}, revision="theirs"
    )
    sent: list[ResolvedResource] = []

    @dataclass
    class Watching(FaultyProvider):
        def update(self, resource: ResolvedResource, actual: ActualResource) -> Any:
            sent.append(resource)
            return super().update(resource, actual)

    applying.provider = lambda one: Watching(one.inner, one.account)
    assert failures(applying.converge(a_group(lifecycle=rules, attributes={"retention_days": 60}))) == []
    (written,) = sent
    assert written.attributes == {"retention_days": 60, "tags": theirs}
    assert written.tags == {**theirs, **SCOPE.tags(LOGS)}
    applying.converge(a_group(attributes={"retention_days": 60}))
    assert sent[-1].tags == {"team": "data", **SCOPE.tags(LOGS)}, "what nobody leaves to others is ours"


def test_tags_are_what_people_declared() -> None:
    assert users_tags({"tags": {"a": 1}}) == {"a": "1"}
    assert users_tags({"tags": "x"}) == users_tags({}) == {}


def test_a_removal_takes_the_object_and_its_memory_and_one_that_is_gone_the_memory() -> None:
    applying = Applying()
    applying.converge(a_group())
    plan = applying.project.plan(())
    assert [event.action for event in applying.run(plan) if isinstance(event, ChangeDone)] == [Action.DELETE]
    assert (applying.project.account.objects, applying.project.state.applied()) == ({}, {})
    applying.converge(a_group())
    plan = applying.project.plan(())
    applying.project.account.objects.clear()
    calls = len(applying.project.account.calls)
    assert failures(applying.run(plan)) == []
    assert (len(applying.project.account.calls), applying.project.state.applied()) == (calls, {})


class Machines(Store):
    """Versions of one machine, whose store may fail."""

    fails = False

    def machine_versions(self, machine_arn: str) -> Any:
        if self.fails:
            raise CloudError("denied", "it may not be listed")
        return super().machine_versions(machine_arn)


def test_old_versions_are_looked_at_once_in_as_many_updates_as_stay_and_a_failure_is_only_told() -> None:
    store = Machines()
    applying = Applying(versions=store)
    keeping = Lifecycle(keep_versions=2)
    notes: list[list[str]] = []
    for seconds in range(1, 8):
        store.fails = seconds > 4
        desired = tuple(
            replace(one, lifecycle=keeping) if one.address == MACHINE else one for one in a_pipeline("orders", seconds=seconds)
        )
        events = applying.converge(*desired)
        assert failures(events) == []
        notes.append([event.note for event in events if isinstance(event, ChangeNoted)])
    told = ["removed 18 old versions of the machine", "removed 17 old versions of its functions"]
    assert notes == [[], [], [], told, [], ["old versions could not be removed: it may not be listed (denied)"], []]
    assert store.machine == [19, 20]
    without = Applying()
    for seconds in range(1, 6):
        assert not [
            event for event in without.converge(*a_pipeline("orders", seconds=seconds)) if isinstance(event, ChangeNoted)
        ]


def test_a_kind_that_nobody_writes_is_a_failure_of_its_own_change() -> None:
    applying = Applying()
    plan = applying.project.plan((a_group(), *a_pipeline("other")))
    project = applying.project
    project.state.ensure()
    ledger = MemoryLedger(project.state)
    lease = take(ledger, project.clock, Request(operation="apply", actor=Actor(), terms=LeaseTerms()))
    providers = {kind: one for kind, one in project.account.providers().items() if kind != "log_group"}
    effects = Effects(providers=providers, state=project.state, clock=project.clock, journal=ledger, lease=lease)
    events = list(execute(plan, effects, stop=Stop()))
    assert failures(events) == ["unknown-kind", "unknown-kind"]


@pytest.mark.parametrize("is_running", [True, False])
def test_whoever_leaves_while_a_call_is_under_way_lets_the_lock_run_out(is_running: bool) -> None:
    project = Project()
    plan = project.plan((a_group(),))
    project.state.ensure()
    ledger = MemoryLedger(project.state)
    lease = take(ledger, project.clock, Request(operation="apply", actor=Actor(), terms=LeaseTerms()))
    goes_on = threading.Event()
    project.account.before = lambda verb, name: None if not is_running else assert_waited(goes_on)
    effects = Effects(
        providers=project.account.providers(), state=project.state, clock=project.clock, journal=ledger, lease=lease
    )
    events = execute(plan, effects, stop=Stop())
    assert isinstance(next(events), ChangeStarted)
    if not is_running:
        list(events)
    events.close()
    assert lease.is_lost is is_running
    goes_on.set()


def assert_waited(event: threading.Event) -> None:
    assert event.wait(30)


@pytest.mark.parametrize("reason", ["ours", "somebody else's"])
def test_what_appeared_since_the_plan_is_not_written_over_unless_somebody_knows_better(reason: str) -> None:
    applying = Applying()
    plan = applying.project.plan((a_group(),))
    other = Applying()
    other.converge(a_group(attributes={"retention_days": 7}))
    there = other.project.account.objects["log_group", NAME]
    found = there if reason == "ours" else replace(there, tags={})
    applying.project.account.objects["log_group", NAME] = found
    assert failures(applying.run(plan)) == ["stale-resource" if reason == "ours" else "not-owned"]
    assert applying.project.account.objects["log_group", NAME] == found


def test_a_role_that_was_removed_by_hand_and_made_anew_is_written_to_its_function_again() -> None:
    project = Project()
    wanted = a_pipeline("orders", functions=2)
    project.converge(wanted)
    del project.account.objects["role", NAME]
    project.account.calls.clear()
    refused = iter([CloudError("iam-not-propagated", "not yet")])

    def refuse_once(verb: str, name: str) -> None:
        if verb == "update" and (error := next(refused, None)) is not None:
            raise error

    project.account.before = refuse_once
    project.converge(wanted)

    written = {(verb, kind, name) for verb, kind, name in project.account.calls if kind != "state_machine"}
    assert ("create", "role", NAME) in written
    assert {name for verb, kind, name in written if kind == "lambda_function"} == {f"{NAME}--job0.call", f"{NAME}--job1.call"}
    project.account.calls.clear()
    project.converge(wanted)
    assert project.account.calls == []
