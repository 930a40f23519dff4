"""Whatever several people and a crash do to one session, its row stays lawful and comes to the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.errors import BunsuiError, Missing
from bunsui.model.session import Session, SessionStatus, check_transition
from bunsui.ports.execution import Execution
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.sessions import list_sessions
from bunsui.services.stop import stop_session
from bunsui.sessions.truth import UNKNOWN
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.lagging import LaggingExecution
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import Room, with_claim
from tests.faults.amount import amount


class LawfulRepository(MemorySessionRepository):
    """Refuses edges of ours that the table of transitions does not allow, and attempts that change after their end."""

    def save(self, session: Session) -> Session:
        """Check the change, then save."""
        before = self.get(session.id)
        assert before is not None
        if before.row_version == session.row_version:
            if before.status is not session.status and before.attempts == session.attempts:
                check_transition(before.status, session.status)
            kept = {attempt.turn: replace(attempt, number=0) for attempt in session.attempts}
            for attempt in before.attempts:
                if attempt.status.is_final and attempt.error != UNKNOWN:
                    assert kept[attempt.turn] == replace(attempt, number=0)
        return super().save(session)


@dataclass
class Doubtful(PassingExecution):
    """Says of every execution that there is none, as often as it is told to."""

    times: int = 0

    def describe(self, execution_arn: str) -> Execution:
        if self.times:
            self.times -= 1
            raise Missing("missing", "the object does not exist in AWS")
        return self.inner.describe(execution_arn)


class OneSession(RuleBasedStateMachine):
    """People act on one session, some of them on a stale row."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()
        self.repository = LawfulRepository()
        self.lists = LaggingExecution(self.room.execution, self.room.clock.now, size=3)
        self.client = Doubtful(self.lists)
        ports = replace(self.room.context.ports, sessions=self.repository, execution=self.client)
        self.context = replace(self.room.context, ports=ports)
        self.session_id = start_session(self.context, RunRequest(pipeline="daily")).id
        self.seen = [self.row]

    @property
    def row(self) -> Session:
        row = self.repository.get(self.session_id)
        assert row is not None
        return row

    @rule(seconds=st.floats(0, 5))
    def time_passes(self, seconds: float) -> None:
        self._wait(seconds)

    @rule(seconds=st.integers(0, 30))
    def lists_lag(self, seconds: int) -> None:
        """How old what ListExecutions tells is from now on."""
        self.lists.lag = timedelta(seconds=seconds)

    @rule()
    def somebody_lists(self) -> None:
        self._act(lambda: list_sessions(self.context))

    @rule(job=st.sampled_from(["extract", "load", ""]))
    def code_changes(self, job: str) -> None:
        self.room.failing = {job}

    @rule(times=st.integers(1, 2))
    def step_functions_forgets_for_a_moment(self, times: int) -> None:
        self.client.times = times

    @rule()
    def an_hour_passes(self) -> None:
        self._wait(3600)

    @rule()
    def somebody_looks(self) -> None:
        self.seen.append(self.row)

    @rule(data=st.data())
    def somebody_syncs(self, data: st.DataObject) -> None:
        self._act(lambda: self.context.manager.sync(self._stale(data), target_arn=self.room.machine.alias_arn))

    @rule(data=st.data())
    def somebody_stops(self, data: st.DataObject) -> None:
        self._act(lambda: stop_session(self.context, self._stale(data), reason="enough"))

    @rule(data=st.data())
    def somebody_resumes(self, data: st.DataObject) -> None:
        self._act(lambda: resume_session(self.context, self._stale(data)))

    @rule(data=st.data())
    def somebody_redrives_elsewhere(self, data: st.DataObject) -> None:
        """A person in the console does that while nothing runs."""
        known = self.room.execution.executions(self.room.machine.arn, limit=100)
        chosen = data.draw(st.sampled_from([one.arn for one in known]))
        if not self.running:
            self._act(lambda: self.room.execution.redrive(chosen))

    @rule()
    def a_resume_dies_after_its_claim(self) -> None:
        row = self.row
        if row.status in (SessionStatus.FAILED, SessionStatus.CANCELLED):
            self.repository.save(with_claim(row, self.room.machine, at=self.room.clock.now()))

    @invariant()
    def attempts_are_counted(self) -> None:
        assert [attempt.number for attempt in self.row.attempts] == list(range(1, len(self.row.attempts) + 1))

    @property
    def running(self) -> int:
        """How many executions run."""
        return len(self.room.execution.executions(self.room.machine.arn, limit=100, status=SessionStatus.RUNNING))

    @invariant()
    def at_most_one_execution_runs(self) -> None:
        assert self.running <= 1

    def teardown(self) -> None:
        self.client.times = 0
        self._wait(600)
        self._wait(30)
        (row,) = list_sessions(self.context)
        told = {attempt.turn for attempt in row.attempts}
        for one in self.room.execution.executions(self.room.machine.arn, limit=100):
            assert {(one.arn, turn) for turn in range(one.redrive_count + 1)} <= told
        if row.standing is not SessionStatus.RECOVERING:
            latest = row.latest
            assert latest is not None
            truth = self.room.execution.describe(latest.execution_arn)
            assert (row.status, latest.redrive) == (truth.status, truth.redrive_count)
            assert not row.running

    def _wait(self, seconds: float) -> None:
        self.room.clock.sleep(seconds)
        self.lists.keep([self.room.machine.arn])

    def _stale(self, data: st.DataObject) -> Session:
        return data.draw(st.sampled_from([*self.seen[-3:], self.row]))

    def _act(self, action: object) -> None:
        assert callable(action)
        try:
            action()
        except BunsuiError:
            return


class OneSessionForLong(OneSession):
    """The same, ten times as often: `make test-slow`."""


TestOneSession = OneSession.TestCase
TestOneSession.settings = settings(max_examples=amount(80, 200, 2000), stateful_step_count=20, deadline=None)
TestOneSessionForLong = pytest.mark.slow(pytest.mark.timeout(580)(OneSessionForLong.TestCase))
TestOneSessionForLong.settings = settings(max_examples=2000, stateful_step_count=20, deadline=None)
