"""Whether sessions still need what is about to go: which ones count, and until when."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bunsui.apply.events import ApplyFinished, ChangeNoted, ChangeSkipped
from bunsui.apply.idleness import check_idle, check_unneeded
from bunsui.apply.outputs import Outputs
from bunsui.apply.step import as_planned
from bunsui.apply.stop import Stop
from bunsui.errors import Missing, Refused
from bunsui.model.address import Address
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Action, Reason, ResourceChange, Retirement
from bunsui.ports.execution import ExecutionSummary
from bunsui.retry import Retrying
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.project import SCOPE, Project, a_pipeline

MACHINE, FUNCTION, ROLE = (Address(kind, "orders") for kind in ("state_machine", "lambda_function", "role"))
SECOND = timedelta(seconds=1)
REDRIVABLE = timedelta(days=14)
"""As the Step Functions developer guide says."""


class Listed(MemoryExecutionClient):
    """A list of executions; `is_gone`: of a machine that is not there any more."""

    def __init__(self, *found: ExecutionSummary, is_gone: bool = False) -> None:
        self.found = found
        self.is_gone = is_gone

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        assert machine_arn == "arn:machine"
        if self.is_gone:
            raise Missing("missing", "no such machine")
        return [one for one in self.found if one.status is status]


CLOCK = ManualClock()
NOW = CLOCK.now()


def session(status: SessionStatus, ago: timedelta = SECOND) -> ExecutionSummary:
    stopped = None if status is SessionStatus.RUNNING else NOW - ago
    return ExecutionSummary(arn="arn:s", name="s", status=status, started_at=NOW - ago, stopped_at=stopped)


def step(address: Address, execution: Any, retirement: Retirement | None = None, *, knows_machine: bool = True) -> Any:
    """Return what the checks look at of a step."""
    outputs = Outputs((), MemoryStateStore(SCOPE))
    if knows_machine:
        outputs.record(MACHINE, {"arn": "arn:machine"})
    change = ResourceChange(
        address=address, physical_name="x", action=Action.DELETE, reason=Reason.RETIRED, retirement=retirement
    )
    return SimpleNamespace(change=change, execution=execution, outputs=outputs, clock=CLOCK, retrying=Retrying(clock=CLOCK))


def actual(address: Address) -> ActualResource:
    return ActualResource(address=address, physical_name="x", attributes={}, outputs={"arn": "arn:machine"})


def is_refused(check: Any, address: Address, *args: Any, **more: Any) -> bool:
    try:
        check(step(address, *args, **more), actual(address))
    except Refused as error:
        return error.facts["session"] == "s"
    return False


RETIRED = Retirement(since=NOW - 60 * SECOND)


@pytest.mark.parametrize("address", [MACHINE, FUNCTION, ROLE])
def test_what_was_retired_stays_while_a_session_runs_on_it(address: Address) -> None:
    running = Listed(session(SessionStatus.RUNNING, 61 * SECOND))
    assert is_refused(check_idle, address, running, RETIRED)
    assert not is_refused(check_idle, address, running, None)
    assert not is_refused(check_idle, address, Listed(session(SessionStatus.FAILED)), RETIRED)
    assert not is_refused(check_idle, address, Listed(is_gone=True), RETIRED)
    assert not is_refused(check_idle, address, None, RETIRED)


@pytest.mark.parametrize(("ago", "needs_it"), [(60 * SECOND, True), (59 * SECOND, False)])
def test_a_function_that_left_is_needed_by_sessions_that_began_until_then(ago: timedelta, needs_it: bool) -> None:
    running = Listed(session(SessionStatus.RUNNING, ago))
    assert is_refused(check_idle, FUNCTION, running, RETIRED) is needs_it
    assert is_refused(check_idle, MACHINE, running, RETIRED)
    assert not is_refused(check_idle, Address("log_group", "orders"), running, RETIRED)
    assert not is_refused(check_idle, FUNCTION, running, RETIRED, knows_machine=False)


@pytest.mark.parametrize("status", [SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED])
@pytest.mark.parametrize(("ago", "needs_it"), [(REDRIVABLE - SECOND, True), (REDRIVABLE, False)])
def test_what_has_to_make_room_is_needed_as_long_as_a_session_can_be_redriven(
    status: SessionStatus, ago: timedelta, needs_it: bool
) -> None:
    assert is_refused(check_unneeded, ROLE, Listed(session(status, ago))) is needs_it
    assert is_refused(check_unneeded, ROLE, Listed(session(SessionStatus.RUNNING, ago)))
    assert not is_refused(check_unneeded, ROLE, Listed(session(SessionStatus.SUCCEEDED)))
    schedulers = [Address("role", "orders", name) for name in ("scheduler", "scheduler@old")]
    for address in (Address("log_group", "orders"), *schedulers):
        assert not is_refused(check_unneeded, address, Listed(session(status, ago), session(SessionStatus.RUNNING)))


def test_an_apply_that_waits_for_nobody_says_what_is_unknown_and_what_was_not_begun() -> None:
    project, release = Project(), threading.Event()
    ticks = iter([0.0, 10.0])
    stop = Stop(seconds=lambda: next(ticks))

    def hang(verb: str, name: str) -> None:
        stop.request()
        stop.request()
        release.wait(20)

    project.account.before = hang
    try:
        events = project.apply(project.plan(a_pipeline("orders")), stop=stop, threads=1)
    finally:
        release.set()
    reasons = [event.because for event in events if isinstance(event, ChangeSkipped)]
    assert reasons[0] == "unknown: it was still running when the apply stopped"
    assert set(reasons[1:]) == {"the apply was stopped"}
    last = events[-1]
    assert isinstance(last, ApplyFinished)
    assert (last.interrupted, last.is_complete) == (True, False)
    assert not replace(last, interrupted=False, skipped=0, failed=1).is_complete


def test_a_note_is_of_interest_afterwards_unless_it_says_otherwise() -> None:
    assert not ChangeNoted(address=ROLE, note="removed 1 old version").is_passing


@pytest.mark.parametrize("said_by", ["desired", "applied", ""])
def test_who_leaves_places_to_others_is_compared_by_value_and_else_by_revision(said_by: str) -> None:
    rules = Lifecycle(ignore=(IgnoredPlace(attribute="description"),))
    seen = replace(actual(ROLE), attributes={"path": "/"}, tags=SCOPE.tags(ROLE), revision="1")
    moved = replace(seen, revision="2")
    change = ResourceChange(address=ROLE, physical_name="x", action=Action.UPDATE, reason=Reason.CONFIGURED, actual=seen)
    if said_by == "desired":
        change = replace(change, desired=DesiredResource(address=ROLE, physical_name="x", attributes={}, lifecycle=rules))
    if said_by == "applied":
        change = replace(change, applied=AppliedResource(address=ROLE, physical_name="x", attributes={}, lifecycle=rules))
    one: Any = SimpleNamespace(change=change, scope=SCOPE)
    assert as_planned(one, seen) is seen
    if said_by:
        assert as_planned(one, moved) is moved
    for other in (replace(moved, attributes={"path": "/other"}), *([] if said_by else [moved])):
        with pytest.raises(Refused) as refused:
            as_planned(one, other)
        assert refused.value.code == "stale-resource"
