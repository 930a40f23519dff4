"""What an apply deployed is proved by one session, found again after a kill, and rolled back where it fails."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyEvent, ApplyFinished, SmokeRunEnded, SmokeRunStarted, SmokeVerdict
from bunsui.apply.stop import Stop
from bunsui.errors import AccessDenied
from bunsui.model.json import Json
from bunsui.model.session import SessionStatus
from bunsui.services.apply.patience import Patience
from bunsui.services.proof.smoke import Sessions, SmokeTest
from bunsui.services.session_context import SessionContext, open_context
from bunsui.sessions.ids import derived_id
from bunsui.sessions.ports import SessionPorts
from bunsui.testkit.execution import MemoryExecutionClient, Script
from bunsui.testkit.logs import MemoryLogReader
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.acts import acts_in
from tests.fakes.versions import MemoryVersions
from tests.fakes.workspace import Workspace, a_workspace

FILE, RAW = "pipelines/raw.yaml", "pipelines/definitions/raw.asl.json"
QUIET = Patience(seconds=0)
NOTHING = ApplyFinished(done=0, failed=0, skipped=0, interrupted=False, seconds=0)


@dataclass
class Room:
    """A pipeline with a smoke run of a minute, in memory; a session of it takes `seconds`."""

    workspace: Workspace
    seconds: int = 5
    fails: bool = False
    stop: Stop = field(default_factory=Stop)

    def __post_init__(self) -> None:
        clock = self.workspace.clock
        self.versions = MemoryVersions(self.workspace.account)
        self.execution, self.rows = MemoryExecutionClient(clock), MemorySessionRepository()
        numbers = itertools.count(1)
        self.ports = replace(self.workspace.ports, aliases=self.versions)
        self.session_ports = SessionPorts(
            execution=self.execution,
            sessions=self.rows,
            logs=MemoryLogReader(),
            clock=clock,
            caller_arn="arn:aws:iam::111111111111:user/mika",
            acts=acts_in(self.workspace.acts, clock),
            new_id=lambda: derived_id(clock.now(), str(next(numbers))),
        )

    def sessions(self) -> SessionContext:
        context = open_context(self.workspace.repository, self.session_ports)
        self.execution.machine(context.machine("raw").arn, definition={}, writer=self.script)
        return context

    def script(self, payload: Mapping[str, Json]) -> Script:
        if self.fails:
            return Script(ends_after_seconds=self.seconds, status=SessionStatus.FAILED, error="ValueError", cause="no rows")
        return Script(ends_after_seconds=self.seconds, output={})

    def deploy(self) -> None:
        """Change the pipeline and apply, without its smoke run: as an apply that was killed right after."""
        before = self.workspace.folder.joinpath(RAW).read_text()
        number = before.partition('"Seconds": ')[2].partition(",")[0].partition("\n")[0].strip()
        self.workspace.edit(RAW, f'"Seconds": {number}', f'"Seconds": {int(number) + 1}')
        assert self.workspace.apply().is_complete

    def prove(self) -> list[SmokeRunStarted | SmokeRunEnded | ApplyFinished]:
        """Apply with nothing to do."""
        told = list(self.events())
        return [one for one in told if isinstance(one, SmokeRunStarted | SmokeRunEnded | ApplyFinished)]

    def events(self, sessions: Sessions | None = None) -> Iterator[ApplyEvent]:
        plan = self.workspace.plan().plan
        assert plan is not None
        smoke = SmokeTest(ports=self.ports, sessions=sessions or self.sessions, stop=self.stop, patience=QUIET)
        yield from smoke.prove([NOTHING], plan)

    def ended(self) -> SmokeRunEnded:
        [one] = [one for one in self.prove() if isinstance(one, SmokeRunEnded)]
        return one

    @property
    def records(self) -> list[str]:
        return [one.act.value for one in self.ports.ledger.deployed.deployments("raw")]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """The pipeline was applied twice, and asked for a smoke run of the second version."""
    room = Room(a_workspace(tmp_path, "etl", "raw"))
    room.workspace.apply()
    file = room.workspace.folder / FILE
    file.write_text(file.read_text() + "\nverify: {run: {}, within: 1m}\n")
    room.deploy()
    return room


def test_a_version_that_runs_stays(room: Room) -> None:
    started, ended, last = room.prove()
    assert isinstance(started, SmokeRunStarted)
    assert isinstance(ended, SmokeRunEnded)
    assert (ended.verdict, ended.session, ended.rolled_back_to) == (SmokeVerdict.SUCCEEDED, started.session, "")
    assert isinstance(last, ApplyFinished)
    assert last.unproved == 0
    assert room.records == ["applied", "applied"]


def test_what_was_proved_is_not_run_again(room: Room) -> None:
    room.prove()
    assert [type(one) for one in room.prove()] == [ApplyFinished]


def test_a_version_that_fails_is_rolled_back_with_its_cause(room: Room) -> None:
    room.fails = True
    ended = room.ended()
    assert (ended.verdict, ended.rolled_back_to) == (SmokeVerdict.FAILED, "1")
    assert "ValueError" in ended.cause
    hold = room.ports.ledger.deployed.interventions().holds["raw"]
    assert hold.reason == f"the smoke run {ended.session} of version 2 failed"
    assert [type(one) for one in room.prove()] == [ApplyFinished], "it is held, and nothing is due"


def test_a_version_that_takes_longer_is_rolled_back(room: Room) -> None:
    room.seconds = 90
    ended = room.ended()
    assert (ended.verdict, ended.rolled_back_to) == (SmokeVerdict.TOO_LATE, "1")


def test_the_session_of_a_killed_apply_is_watched_to_its_end(room: Room) -> None:
    room.stop.request()
    assert room.ended().verdict is SmokeVerdict.UNSEEN, "none may start any more"
    room.stop = Stop()
    started = next(room.events())
    assert isinstance(started, SmokeRunStarted)
    room.fails = True  # a session that would start now
    again = room.prove()
    assert isinstance(again[0], SmokeRunStarted)
    assert (again[0].session, again[0].is_earlier) == (started.session, True)
    assert isinstance(again[1], SmokeRunEnded)
    assert again[1].verdict is SmokeVerdict.SUCCEEDED


def test_a_first_version_that_fails_stays_and_says_why(tmp_path: Path) -> None:
    room = Room(a_workspace(tmp_path, "etl", "raw"), fails=True)
    file = room.workspace.folder / FILE
    file.write_text(file.read_text() + "\nverify: {run: {}}\n")
    room.workspace.apply()
    ended = room.ended()
    assert (ended.verdict, ended.rolled_back_to) == (SmokeVerdict.FAILED, "")
    assert "nothing is known of an earlier version" in ended.not_rolled_back


def test_a_run_that_may_not_start_proves_nothing_and_rolls_nothing_back(room: Room) -> None:
    def denied() -> SessionContext:
        context = room.sessions()
        room.execution.machine(context.machine("raw").arn, definition={}, writer=refuse)
        return context

    def refuse(payload: Mapping[str, Json]) -> Script:
        raise AccessDenied("denied", "AWS does not allow it", hint="Ask for states:StartExecution.")

    told = list(room.events(denied))
    assert isinstance(told[0], SmokeRunEnded)
    assert told[0].verdict is SmokeVerdict.NOT_STARTED
    assert "states:StartExecution" in told[0].hint
    assert room.records == ["applied", "applied"]
    assert room.ended().verdict is SmokeVerdict.SUCCEEDED, "the next apply starts it"


def test_a_deployment_without_verify_is_not_run_when_the_key_comes_later(tmp_path: Path) -> None:
    room = Room(a_workspace(tmp_path, "etl", "raw"))
    room.workspace.apply()
    file = room.workspace.folder / FILE
    file.write_text(file.read_text() + "\nverify: {run: {}}\n")
    assert [type(one) for one in room.prove()] == [ApplyFinished]
