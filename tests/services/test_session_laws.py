"""Whatever several people and a crash do to one session, its row stays lawful and comes to the truth."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.errors import BunsuiError
from bunsui.local.memory.sessions import MemorySessionRepository
from bunsui.model.session import Session, SessionStatus, check_transition
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.sessions import list_sessions
from bunsui.services.stop import stop_session
from tests.fakes.session_room import Room


class LawfulRepository(MemorySessionRepository):
    """Refuses rows that the table of transitions does not allow, and attempts that change afterwards."""

    def save(self, session: Session) -> Session:
        """Check the change, then save."""
        before = self.get(session.id)
        assert before is not None
        if before.row_version == session.row_version:
            if before.status is not session.status:
                check_transition(before.status, session.status)
            ended = [attempt for attempt in before.attempts if attempt.status.is_final]
            assert list(session.attempts[: len(ended)]) == ended
        return super().save(session)


class OneSession(RuleBasedStateMachine):
    """People act on one session, some of them on a stale row."""

    def __init__(self) -> None:
        super().__init__()
        self.room = Room()
        self.repository = LawfulRepository()
        edges = replace(self.room.desk.edges, sessions=self.repository)
        self.desk = replace(self.room.desk, edges=edges)
        self.session_id = start_session(self.desk, RunRequest(pipeline="daily")).id
        self.seen = [self.row]

    @property
    def row(self) -> Session:
        row = self.repository.get(self.session_id)
        assert row is not None
        return row

    @rule(seconds=st.floats(0, 5))
    def time_passes(self, seconds: float) -> None:
        self.room.clock.sleep(seconds)

    @rule(job=st.sampled_from(["extract", "load", ""]))
    def code_changes(self, job: str) -> None:
        self.room.failing = {job}

    @rule()
    def somebody_looks(self) -> None:
        self.seen.append(self.row)

    @rule(data=st.data())
    def somebody_syncs(self, data: st.DataObject) -> None:
        self._act(lambda: self.desk.manager.sync(self._stale(data), target_arn=self.room.machine.alias_arn))

    @rule(data=st.data())
    def somebody_stops(self, data: st.DataObject) -> None:
        self._act(lambda: stop_session(self.desk, self._stale(data), reason="enough"))

    @rule(data=st.data())
    def somebody_resumes(self, data: st.DataObject) -> None:
        self._act(lambda: resume_session(self.desk, self._stale(data)))

    @rule()
    def a_resume_dies_after_its_claim(self) -> None:
        row = self.row
        if row.status in (SessionStatus.FAILED, SessionStatus.CANCELLED):
            self.repository.save(replace(row, status=SessionStatus.RECOVERING))

    @invariant()
    def attempts_are_counted(self) -> None:
        assert [attempt.number for attempt in self.row.attempts] == list(range(1, len(self.row.attempts) + 1))

    @invariant()
    def at_most_one_execution_runs(self) -> None:
        running = self.room.execution.executions(self.room.machine.arn, limit=100, status=SessionStatus.RUNNING)
        assert len(running) <= 1

    def teardown(self) -> None:
        self.room.clock.sleep(600)
        (row,) = list_sessions(self.desk)
        if row.status is not SessionStatus.RECOVERING:
            latest = row.latest
            assert latest is not None
            assert row.status is self.room.execution.describe(latest.execution_arn).status

    def _stale(self, data: st.DataObject) -> Session:
        return data.draw(st.sampled_from([*self.seen[-3:], self.row]))

    def _act(self, action: object) -> None:
        assert callable(action)
        try:
            action()
        except BunsuiError:
            return


TestOneSession = OneSession.TestCase
TestOneSession.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
