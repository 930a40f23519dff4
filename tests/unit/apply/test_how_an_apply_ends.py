"""The end of an apply: what is told of what was not tried, and whether it was interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bunsui.apply.events import ApplyFinished, ChangeDone, ChangeFailed, ChangeNoted, ChangeSkipped, ChangeWaiting
from bunsui.apply.executor import Effects, _ApplyRun, execute
from bunsui.apply.lease import LeaseTerms, Request, take
from bunsui.apply.stop import Stop
from bunsui.errors import CloudError, Passing, Throttled
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.model import PipelineFacts, Plan
from bunsui.ports.ledger import Actor
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.ledger import MemoryLedger
from tests.fakes.project import Project, a_pipeline
from tests.unit.apply.test_retention import Store

NAME = "sales--dev--orders"
CHAIN = a_pipeline("orders")


def effects_of(project: Project, ledger: MemoryLedger | None = None) -> Effects:
    project.state.ensure()
    ledger = ledger or MemoryLedger(project.state)
    lease = take(ledger, project.clock, Request(operation="apply", actor=Actor(), terms=LeaseTerms()))
    return Effects(providers=project.account.providers(), state=project.state, clock=project.clock, journal=ledger, lease=lease)


def ticks() -> Iterator[float]:
    seconds = 0.0
    while True:
        yield seconds
        seconds += 10


def test_what_depends_on_a_skipped_change_is_skipped_with_it_in_whatever_order_they_stand() -> None:
    for turned in (False, True):
        project = Project()
        project.account.before = lambda verb, name: fail_at(name, NAME)
        plan = project.plan(CHAIN)
        alone = tuple(replace(change, depends_on=needs_before(plan, index)) for index, change in enumerate(plan.changes))
        events = project.apply(replace(plan, changes=tuple(reversed(alone)) if turned else alone), threads=1)
        first = alone[0].address
        assert [event.address for event in events if isinstance(event, ChangeFailed)] == [first]
        because = {event.address: event.because for event in events if isinstance(event, ChangeSkipped)}
        assert because == {change.address: f"{first} failed" for change in alone[1:]}


def fail_at(name: str, which: str) -> None:
    if name.startswith(which):
        raise CloudError("iam-error", "IAM refused")


def needs_before(plan: Plan, index: int) -> tuple[Address, ...]:
    return tuple(change.address for change in plan.changes[index - 1 : index])


@pytest.mark.parametrize(("last", "interrupted"), [(True, False), (False, True)])
def test_an_apply_that_was_to_stop_and_had_nothing_left_was_not_interrupted(last: bool, interrupted: bool) -> None:
    project, stop = Project(), Stop()
    project.account.before = lambda verb, name: stop.request() if last is (name == NAME) else None
    events = project.apply(project.plan(CHAIN), stop=stop, threads=1)
    end = events[-1]
    assert isinstance(end, ApplyFinished)
    done = sum(isinstance(event, ChangeDone) for event in events)
    skipped = [event for event in events if isinstance(event, ChangeSkipped)]
    assert (end.interrupted, end.done, end.skipped, end.failed) == (bool(skipped), done, len(skipped), 0)
    assert {event.because for event in skipped} <= {"the apply was stopped"}
    assert end.done + end.skipped == len(CHAIN)
    if interrupted:
        assert skipped


def test_what_was_not_begun_when_the_lock_was_lost_says_so() -> None:
    project = Project()
    effects = effects_of(project)
    project.account.before = lambda verb, name: effects.lease.leave()
    events = list(execute(project.plan(CHAIN), effects, stop=Stop(), threads=1))
    reasons = {event.because for event in events if isinstance(event, ChangeSkipped)}
    assert "the lock was lost" in reasons
    assert "the apply was stopped" not in reasons
    end = events[-1]
    assert isinstance(end, ApplyFinished)
    assert not end.interrupted


def test_once_aws_did_not_answer_for_long_the_other_changes_do_not_wait_for_it_again() -> None:
    project = Project()

    def slow(verb: str, name: str) -> None:
        raise Throttled("throttled", "slow down")

    project.account.before = slow
    begun = project.clock.steady()
    plan = project.plan((*CHAIN, *a_pipeline("other")))
    events = project.apply(replace(plan, changes=tuple(replace(one, depends_on=()) for one in plan.changes)), threads=1)
    assert project.clock.steady() - begun == 180
    assert len([event for event in events if isinstance(event, ChangeFailed)]) == 8
    (told,) = [event for event in events if isinstance(event, ChangeWaiting)]
    assert told.what == "AWS, which asked to slow down"


def test_an_apply_that_is_to_stop_waits_for_nothing_more() -> None:
    project, stop = Project(), Stop(seconds=ticks().__next__)

    def busy(verb: str, name: str) -> None:
        stop.request()
        raise CloudError("busy", "busy", passes=Passing.SOON, waits_for="the role")

    project.account.before = busy
    begun = project.clock.steady()
    project.apply(project.plan(CHAIN), stop=stop, threads=1)
    assert project.clock.steady() == begun


def test_what_a_change_relies_on_is_looked_at_where_another_apply_may_have_come_between() -> None:
    for rereads in (True, False):
        project = Project()
        project.converge(CHAIN)
        plan = project.plan(a_pipeline("orders", memory=512))
        there = project.account.objects["role", NAME]
        project.account.objects["role", NAME] = replace(there, outputs={"arn": "arn:other"})
        events = list(execute(plan, replace(effects_of(project), rereads_creates=rereads), stop=Stop(), threads=1))
        failed = [event.code for event in events if isinstance(event, ChangeFailed)]
        assert failed == (["stale-resource"] if rereads else [])


def test_a_pipeline_that_starts_another_relies_on_its_machine() -> None:
    project = Project()
    project.converge((*CHAIN, *a_pipeline("refunds")))
    plan = project.plan((*a_pipeline("orders", memory=512), *a_pipeline("refunds")))
    facts = {"orders": PipelineFacts(name="orders", path="p", starts=frozenset({"refunds"}))}
    del project.account.objects["state_machine", "sales--dev--refunds"]
    events = list(execute(replace(plan, pipelines=facts), effects_of(project), stop=Stop(), threads=1))
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"stale-resource"}


def test_what_could_not_be_read_may_be_retired_again_after_a_failure() -> None:
    project = Project(at_once=False)
    project.converge(CHAIN)
    failures = [Throttled("throttled", "slow down")]

    def slow(verb: str, name: str) -> None:
        if verb == "retire" and failures:
            raise failures.pop()

    project.account.before = slow
    events = project.apply(project.plan(()))
    assert not [event for event in events if isinstance(event, ChangeFailed)]
    machine = project.state.applied()[Address("state_machine", "orders")]
    there: ActualResource = project.account.objects["state_machine", NAME]
    assert (machine.attributes, machine.revision) == (there.attributes, there.revision)
    assert machine.retired_at is not None


def test_a_change_is_given_all_that_the_apply_works_through() -> None:
    project = Project()
    effects = replace(
        effects_of(project),
        apply_id="a-1",
        plan_id="p-1",
        execution=MemoryExecutionClient(project.clock),
        versions=Store(),
        rereads_creates=False,
    )
    facts = {"orders": PipelineFacts(name="orders", path="p", text="{}")}
    plan = replace(project.plan(CHAIN), pipelines=facts)
    run = _ApplyRun(plan, effects, stop=Stop(), threads=1)
    machine = next(change for change in plan.changes if change.address.kind == "state_machine")
    for change in plan.changes:
        step = run._step(change)
        assert (step.change, step.scope, step.commit, step.clock) == (change, plan.scope, "abc", project.clock)
        assert (step.apply_id, step.plan_id, step.fence) == ("a-1", "p-1", effects.lease.fence)
        assert step.provider is effects.providers[change.address.kind]
        assert step.execution is effects.execution
        assert step.versions is effects.versions
        assert step.rereads_creates is False
        assert step.text == ("{}" if change is machine else "")
        assert step.retrying.is_stopped() is False
        step.noted("done")
        step.passing("going on")
        notes = [run._next_event(), run._next_event()]
        assert notes == [
            ChangeNoted(address=change.address, note="done"),
            ChangeNoted(address=change.address, note="going on", is_passing=True),
        ]
