"""Applies against an account in memory: order, failures, staleness, interruption, and that one more apply always converges."""

from __future__ import annotations

import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.apply.events import ApplyFinished, ChangeFailed, ChangeSkipped, ChangeWaiting
from bunsui.apply.retry import CALL_POLICIES, LATER_SECONDS, SOON_SECONDS
from bunsui.apply.stop import Stop
from bunsui.errors import CloudError, Conflict, Missing, Passing, Throttled
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource
from bunsui.plan.model import Action
from bunsui.retry import Retrying, retry
from bunsui.testkit.clock import ManualClock
from tests.fakes.project import SCOPE, Project, a_pipeline
from tests.faults.amount import amount


def finished(events: list[object]) -> ApplyFinished:
    last = events[-1]
    assert isinstance(last, ApplyFinished)
    return last


def test_a_plan_after_an_apply_is_empty() -> None:
    project = Project()
    assert finished([*project.converge(a_pipeline("orders"))]).is_complete
    assert not project.plan(a_pipeline("orders")).pending


def test_creates_wait_for_what_they_need() -> None:
    project = Project()
    project.converge(a_pipeline("orders", functions=3))
    kinds = [kind for _, kind, _ in project.account.calls]
    assert kinds.index("role") < kinds.index("lambda_function")
    assert kinds[-1] == "state_machine"


def test_a_machine_names_the_version_that_was_just_published() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.converge(a_pipeline("orders", memory=512))
    function = project.account.objects["lambda_function", "sales--dev--orders--job0.call"]
    machine = project.account.objects["state_machine", "sales--dev--orders"]
    assert function.outputs["version_arn"] in str(machine.attributes["definition"])
    assert not project.plan(a_pipeline("orders", memory=512)).pending


def test_removals_undo_everything_in_reverse() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.account.calls.clear()
    project.converge(())
    kinds = [kind for _, kind, _ in project.account.calls]
    assert kinds.index("state_machine") < kinds.index("lambda_function") < kinds.index("role")
    assert not project.account.objects
    assert not project.state.applied()


def test_a_failure_skips_its_dependents_and_nothing_else() -> None:
    project = Project()

    def fail(verb: str, name: str) -> None:
        if name == "sales--dev--orders--job0.call":
            raise CloudError("lambda-error", "Lambda refused", hint="Look at the facts.", reason="too large")

    project.account.before = fail
    events = project.converge((*a_pipeline("orders"), *a_pipeline("billing")))
    failed = [event for event in events if isinstance(event, ChangeFailed)]
    skipped = [event for event in events if isinstance(event, ChangeSkipped)]
    assert [event.code for event in failed] == ["lambda-error"]
    assert "too large" in failed[0].message
    assert [event.address.kind for event in skipped] == ["state_machine"]
    assert skipped[0].because == "lambda_function.orders.job0.call failed"
    assert ("state_machine", "sales--dev--billing") in project.account.objects
    assert (finished([*events]).failed, finished([*events]).skipped) == (1, 1)


def test_an_update_is_refused_when_the_resource_moved_since_the_plan() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    plan = project.plan(a_pipeline("orders", seconds=9))
    project.account.change("state_machine", "sales--dev--orders", tracing=True)
    events = project.apply(plan)
    assert [event.code for event in events if isinstance(event, ChangeFailed)] == ["stale-resource"]
    assert project.account.objects["state_machine", "sales--dev--orders"].attributes["tracing"] is True


def test_a_delete_is_refused_when_the_tags_are_gone() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    plan = project.plan(())
    key = ("log_group", "sales--dev--orders")
    project.account.objects[key] = replace(project.account.objects[key], tags={})
    events = project.apply(plan)
    assert [event.code for event in events if isinstance(event, ChangeFailed)] == ["not-owned"]
    assert key in project.account.objects


def test_a_role_that_iam_does_not_know_yet_is_waited_for() -> None:
    project = Project()
    refusals = iter(range(3))

    def refuse(verb: str, name: str) -> None:
        if name.endswith(".call") and next(refusals, None) is not None:
            raise CloudError("iam-not-propagated", "the role cannot be assumed")

    project.account.before = refuse
    begun = project.clock.now()
    events = project.converge(a_pipeline("orders"))
    assert [event.what for event in events if isinstance(event, ChangeWaiting)] == ["IAM"]
    assert project.clock.now() - begun == timedelta(seconds=1 + 2 + 4)
    assert finished([*events]).is_complete


@pytest.mark.parametrize(
    ("passes", "refusals", "is_complete"),
    [(Passing.SOON, 5, True), (Passing.LATER, 40, True), (Passing.SOON, 400, False), (Passing.LATER, 400, False)],
)
def test_a_refusal_that_passes_by_itself_is_waited_out_and_no_longer_than_it_is_worth(
    passes: Passing, refusals: int, is_complete: bool
) -> None:
    project = Project()
    left = iter(range(refusals))

    def refuse(verb: str, name: str) -> None:
        if verb == "create" and name == "sales--dev--orders--job0.call" and next(left, None) is not None:
            raise Conflict("conflict", "something goes on", passes=passes, waits_for="the end of it:")

    project.account.before = refuse
    begun = project.clock.now()
    events = project.converge(a_pipeline("orders"))
    assert "the end of it:" in [event.what for event in events if isinstance(event, ChangeWaiting)]
    assert finished([*events]).is_complete is is_complete
    if not is_complete:
        patience = SOON_SECONDS if passes is Passing.SOON else LATER_SECONDS
        assert project.clock.now() - begun == timedelta(seconds=patience)


@pytest.mark.parametrize(
    ("error", "is_of_all"),
    [
        (Conflict("conflict", "something goes on", passes=Passing.SOON, waits_for="its end"), False),
        (Throttled("throttled", "AWS asked to slow down"), True),
    ],
)
def test_only_an_aws_that_does_not_answer_ends_the_patience_for_all_calls(error: CloudError, is_of_all: bool) -> None:
    def refused() -> None:
        raise error

    retrying = Retrying(clock=ManualClock())
    with pytest.raises(CloudError):
        retry(refused, CALL_POLICIES, retrying)
    assert retrying.breaker.is_set() is is_of_all


def test_what_was_made_a_moment_ago_may_be_missing_for_a_moment() -> None:
    project = Project()
    unseen = iter(range(3))

    def not_yet(verb: str, name: str) -> None:
        if verb == "create" and name == "sales--dev--orders" and next(unseen, None) is not None:
            raise Missing("missing", "the role cannot be found")

    project.account.after = not_yet
    assert finished([*project.converge(a_pipeline("orders"))]).is_complete
    assert not project.plan(a_pipeline("orders")).pending


def test_the_patience_with_iam_ends() -> None:
    project = Project()

    def refuse(verb: str, name: str) -> None:
        if name.endswith(".call"):
            raise CloudError("iam-not-propagated", "the role cannot be assumed")

    project.account.before = refuse
    begun = project.clock.now()
    events = project.converge(a_pipeline("orders"))
    assert [event.code for event in events if isinstance(event, ChangeFailed)] == ["iam-not-propagated"]
    assert project.clock.now() - begun == timedelta(seconds=120)


def test_an_old_role_is_not_waited_for() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.clock.sleep(3600)
    begun = project.clock.now()

    def refuse(verb: str, name: str) -> None:
        if name.endswith(".call"):
            raise CloudError("iam-not-propagated", "the role cannot be assumed")

    project.account.before = refuse
    events = project.converge(a_pipeline("orders", memory=256))
    assert any(isinstance(event, ChangeFailed) for event in events)
    assert project.clock.now() == begun


def test_the_first_request_to_stop_finishes_what_runs_and_starts_nothing() -> None:
    project = Project()
    stop = Stop(seconds=iter([0.0, 10.0]).__next__)

    def ask(verb: str, name: str) -> None:
        if not stop.urgency:
            stop.request()

    project.account.after = ask
    desired = a_pipeline("orders", functions=3)
    events = project.apply(project.plan(desired), stop=stop, threads=1)
    assert finished([*events]).interrupted
    assert (finished([*events]).done, finished([*events]).skipped) == (1, 5)
    assert len(project.state.applied()) == 1
    assert finished([*project.converge(desired)]).is_complete


def test_the_second_request_to_stop_waits_for_nobody() -> None:
    project = Project()
    release = threading.Event()
    ticks = iter([0.0, 0.2, 10.0])
    stop = Stop(seconds=lambda: next(ticks))

    def hang(verb: str, name: str) -> None:
        stop.request()
        stop.request()
        assert stop.urgency == 1, "two requests within half a second count once"
        stop.request()
        release.wait(20)

    project.account.before = hang
    events = project.apply(project.plan(a_pipeline("orders")), stop=stop, threads=1)
    release.set()
    assert finished([*events]).interrupted
    assert finished([*events]).done == 0


@pytest.mark.skipif(sys.platform == "win32", reason="timers of POSIX systems")
def test_a_slow_signal_handler_does_not_make_the_apply_wait_for_ever() -> None:
    project = Project()
    release, under_way = threading.Event(), threading.Event()
    stop = Stop(seconds=iter([0.0, 10.0]).__next__)

    def hang(verb: str, name: str) -> None:
        under_way.set()
        release.wait(20)

    def slow(number: int, frame: FrameType | None) -> None:
        time.sleep(0.3)  # longer than the apply waits between two looks
        if not under_way.is_set():
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            return
        stop.request()
        stop.request()

    project.account.before = hang
    plan = project.plan(a_pipeline("orders"))
    before = signal.signal(signal.SIGALRM, slow)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        events = project.apply(plan, stop=stop, threads=1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        release.set()
    assert finished([*events]).interrupted
    assert finished([*events]).done == 0


def test_what_was_created_before_a_crash_is_adopted() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    project.lose_state()
    plan = project.plan(a_pipeline("orders"))
    assert {change.action for change in plan.pending} == {Action.ADOPT}
    project.account.calls.clear()
    project.apply(plan)
    assert not project.account.calls
    assert not project.plan(a_pipeline("orders")).pending


def test_a_bug_in_a_provider_is_a_failure_and_no_hang() -> None:
    project = Project()

    def explode(verb: str, name: str) -> None:
        raise KeyError(name)

    project.account.before = explode
    events = project.converge(a_pipeline("orders"))
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"unexpected"}


def _with_role(**changed: object) -> tuple[DesiredResource, ...]:
    role = Address("role", "orders")
    return tuple(replace(item, **changed) if item.address == role else item for item in a_pipeline("orders"))  # type: ignore[arg-type]


def test_a_role_whose_path_changes_is_made_anew_under_its_name() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))
    desired = _with_role(attributes={"path": "/new/", "policy": {"Version": "2012-10-17", "Statement": []}})
    plan = project.plan(desired)
    assert {change.address.kind: change.action for change in plan.pending}["role"] is Action.REPLACE
    project.apply(plan)
    assert [name for kind, name in project.account.objects if kind == "role"] == ["sales--dev--orders"]
    assert not project.plan(desired).pending


@pytest.mark.parametrize("at_once", [True, False])
def test_a_role_with_another_name_goes_only_after_all_that_used_it_was_moved(at_once: bool) -> None:
    project = Project(at_once=False)
    project.converge(a_pipeline("orders"))
    project.at_once = at_once
    project.account.calls.clear()
    desired = _with_role(physical_name="other-role")
    project.converge(desired)
    roles = {name for kind, name in project.account.objects if kind == "role"}
    assert roles == ({"other-role"} if at_once else {"other-role", "sales--dev--orders"})
    calls = [(verb, kind) for verb, kind, _ in project.account.calls]
    assert calls[0] == ("create", "role")
    if at_once:
        assert calls[-1] == ("delete", "role")
    assert {("update", "lambda_function"), ("update", "state_machine")} <= set(calls)
    assert not project.plan(desired).pending


def test_a_role_stays_when_what_uses_it_could_not_be_moved() -> None:
    project = Project()
    project.converge(a_pipeline("orders"))

    def refuse(verb: str, name: str) -> None:
        if verb == "update" and name == "sales--dev--orders":
            raise CloudError("aws-error", "AWS refused the call")

    project.account.before = refuse
    events = project.converge(_with_role(physical_name="other-role"))
    assert "role.orders.@sales--dev--orders" in {str(event.address) for event in events if isinstance(event, ChangeSkipped)}
    assert ("role", "sales--dev--orders") in project.account.objects


@st.composite
def repositories(draw: st.DrawFn) -> tuple[DesiredResource, ...]:
    names = draw(st.sets(st.sampled_from(["a", "b", "c"])))
    result: list[DesiredResource] = []
    for name in sorted(names):
        result += a_pipeline(
            name,
            memory=draw(st.sampled_from([128, 256])),
            seconds=draw(st.integers(1, 3)),
            functions=draw(st.integers(0, 2)),
        )
    return tuple(result)


@settings(max_examples=amount(24, 60, 600), deadline=None)
@given(
    before=repositories(),
    after=repositories(),
    faults=st.lists(st.tuples(st.sampled_from(["before", "after"]), st.integers(0, 12)), max_size=3),
)
def test_after_any_failed_apply_one_more_converges_and_nothing_is_duplicated(
    before: tuple[DesiredResource, ...], after: tuple[DesiredResource, ...], faults: list[tuple[str, int]]
) -> None:
    project = Project()
    project.converge(before)
    counts = {"before": 0, "after": 0}
    lock = threading.Lock()

    def faulty(when: str) -> None:
        with lock:
            number = counts[when]
            counts[when] += 1
        if (when, number) in faults:
            raise CloudError("broken", "the connection broke")

    project.account.before = lambda verb, name: faulty("before")
    project.account.after = lambda verb, name: faulty("after")
    project.converge(after)
    project.account.before = project.account.after = lambda verb, name: None
    events = project.converge(after)
    assert finished([*events]).is_complete
    assert {(item.address.kind, item.physical_name) for item in after} == set(project.account.objects)
    assert set(project.state.applied()) == {item.address for item in after}
    assert not project.plan(after).pending
    assert all(item.owned_by(SCOPE) for item in project.account.objects.values())
