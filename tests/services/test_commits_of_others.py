"""Sessions that a schedule or the console began: the commit that what they ran was applied from, or that nobody knows it."""

from __future__ import annotations

from dataclasses import replace

from bunsui.errors import Unavailable
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.run import RunRequest, start_session
from bunsui.services.sessions import look_at_sessions
from bunsui.services.watch import show_session
from bunsui.sessions.history.commits import AppliedCommits
from bunsui.view.sessions.model import detail_lines, session_detail
from bunsui.view.spans import plain
from tests.services.test_rounds import Yard


class State:
    """The state, which says what was applied last; counts what is read."""

    def __init__(self, yard: Yard) -> None:
        self.yard = yard
        self.reads = 0
        self.is_down = False
        self.apply("abc123")

    def apply(self, commit: str) -> None:
        """Publish another version of the machine."""
        self.version = self.yard.execution.publish(self.yard.machine.arn)
        self.yard.execution.alias(self.yard.machine.alias_arn, self.version)
        self.commit = commit

    def resource(self, address: Address) -> AppliedResource | None:
        self.reads += 1
        if self.is_down:
            raise Unavailable("unavailable", "try again")
        assert address == Address(MACHINE, "daily")
        outputs = {"version_arn": self.version}
        return AppliedResource(address=address, physical_name="m", attributes={}, outputs=outputs, commit=self.commit)


def known(yard: Yard, state: State) -> dict[str, str]:
    """Look with a new process; give the commits by execution."""
    ports = replace(yard.context.ports, commit_of=AppliedCommits(state.resource))
    rows = look_at_sessions(replace(yard.context, ports=ports), SessionQuery(limit=100)).sessions
    return {one.execution_arn.rpartition(":")[2]: row.commit for row in rows for one in row.attempts}


def test_what_a_schedule_ran_is_known_by_the_version_that_was_applied() -> None:
    yard = Yard()
    state = State(yard)
    for hour in range(5):
        yard.scheduled(f"night-{hour}", hour)
        yard.clock.sleep(60)
    assert set(known(yard, state).values()) == {"abc123"}
    assert state.reads == 1
    by_commit = yard.sessions.find(SessionQuery(commit="abc1", limit=10))
    assert len(by_commit) == 5


def test_what_ran_before_the_last_apply_and_was_not_looked_at_since_is_not_known_and_said_so() -> None:
    yard = Yard()
    state = State(yard)
    yard.scheduled("before", 1)
    yard.clock.sleep(60)
    state.apply("def456")
    yard.scheduled("after", 2)
    yard.clock.sleep(60)
    found = known(yard, state)
    assert found == {"before": "", "after": "def456"}
    (before,) = (row for row in yard.rows() if not row.commit)
    told = plain(detail_lines(session_detail(show_session(yard.context, before))))
    assert ["commit", "not", "known"] in [line.split() for line in told.splitlines()]


def test_what_was_known_stays_known_after_a_later_apply() -> None:
    yard = Yard()
    state = State(yard)
    yard.scheduled("before", 1)
    yard.clock.sleep(60)
    known(yard, state)
    state.apply("def456")
    assert known(yard, state) == {"before": "abc123"}


def test_what_bunsui_started_keeps_the_commit_of_its_checkout() -> None:
    yard = Yard()
    state = State(yard)
    state.commit = "def456"
    start_session(yard.context, RunRequest(pipeline="daily"))
    yard.clock.sleep(60)
    assert set(known(yard, state).values()) == {yard.context.repository.commit}


def test_a_state_that_cannot_be_read_leaves_the_commit_unknown() -> None:
    yard = Yard()
    state = State(yard)
    state.is_down = True
    yard.scheduled("night", 1)
    yard.clock.sleep(60)
    assert known(yard, state) == {"night": ""}
