"""The sessions of machines of others on the screen: nothing to plan, nothing that may be changed, nothing kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from bunsui.command_line import Invocation
from bunsui.model.resource import Scope
from bunsui.ports.machines import ListedMachine
from bunsui.project.files import RootFolder
from bunsui.services.session_context import SessionContext
from bunsui.services.without_files.unmanaged import unmanaged_context
from bunsui.sessions.ports import SessionPorts
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient, Script
from bunsui.testkit.logs import MemoryLogReader
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from tests.fakes.acts import acts_in
from tests.tui.stage import START, busy, played, press, recorded, screen_text, until

pytestmark = pytest.mark.timeout(60)

SCOPE = Scope(project="", environment="unmanaged", account="111111111111", region="eu-west-1")


class Account:
    """Machines that somebody else made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(START)
        self.execution = MemoryExecutionClient(self.clock)
        self.rows = MemorySessionRepository()
        self.names: list[str] = []
        self.started = 0

    def machine(self, name: str, history: str = "failed", *, runs: int = 1) -> None:
        definition, script = recorded(history)
        self.names.append(name)
        self.execution.machine(self.arn(name), definition=definition, writer=lambda _payload: script)
        for _ in range(runs):
            self.started += 1
            self.execution.start(self.arn(name), name=f"run-{self.started}", payload={})
        self.clock.sleep(30)

    def arn(self, name: str) -> str:
        return f"arn:aws:states:eu-west-1:111111111111:stateMachine:{name}"

    def context(self) -> SessionContext:
        ports = SessionPorts(
            execution=self.execution,
            sessions=self.rows,
            logs=MemoryLogReader(),
            clock=self.clock,
            caller_arn="arn:aws:sts::111111111111:assumed-role/dev/mika",
            acts=acts_in(),
            new_id=lambda: f"01KBH3X2{len(self.rows.find_prefix('01', limit=1000)) + 1:02d}GHJKMNPQRSTVWXYZ",
        )
        machines = [ListedMachine(arn=self.arn(name), name=name) for name in self.names]
        return unmanaged_context(machines, ports=ports, scope=SCOPE, source=RootFolder(self.folder))

    def bridge(self, machines: str) -> Bridge:
        context = self.context()
        return Bridge(
            open_sessions=lambda: lambda: context,
            zone=START.tzinfo,
            now=self.clock.now,
            read_only=True,
            invocation=Invocation(unmanaged=machines),
        )


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


@asynccontextmanager
async def looking(account: Account, machines: str = "all", *, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[None]]:
    app = BunsuiApp(account.bridge(machines))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, SessionsScreen) and app.screen.read_at is not None and not busy(app))
        yield pilot


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_it_opens_on_what_ran_and_says_where_and_that_it_is_read_only(account: Account, size: tuple[int, int]) -> None:
    @played
    async def look() -> None:
        account.machine("by-hand")
        async with looking(account, "tag:team=data", size=size) as pilot:
            text = screen_text(pilot.app)
            header, footer = text.splitlines()[0], text.splitlines()[-1]
            assert "machines tag:team=data" in header
            assert "read-only" in header
            assert "111111111111" in header
            assert "✗ failed" in text
            assert "by-hand" in text
            assert "plan" not in footer

    look()


@played
async def test_one_run_is_explained_and_offers_what_can_be_done_with_it(account: Account) -> None:
    account.machine("by-hand")
    async with looking(account) as pilot:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        text = screen_text(pilot.app)
        assert "bunsui logs" in text
        assert "--unmanaged all" in text
        assert "bunsui resume" not in text
        assert "bunsui run" not in text
        await press(pilot, "R")
        assert not isinstance(pilot.app.screen, ConfirmScreen)
        await press(pilot, "y")
        assert "Copy" in screen_text(pilot.app)


@played
async def test_there_is_no_way_to_a_plan_and_help_names_no_key_that_writes(account: Account) -> None:
    account.machine("by-hand")
    async with looking(account) as pilot:
        await press(pilot, "3")
        assert isinstance(pilot.app.screen, SessionsScreen)
        await press(pilot, "enter", "question_mark")
        assert isinstance(pilot.app.screen, NoticeScreen)
        text = screen_text(pilot.app)
        assert "resume" not in text
        assert "plan" not in text
        assert "logs" in text


@played
async def test_machines_that_were_not_looked_at_yet_are_counted(account: Account) -> None:
    for number in range(7):
        account.machine(f"by-hand-{number}")
    async with looking(account) as pilot:
        await until(pilot, lambda: "2 machines not looked at yet" in screen_text(pilot.app))
        account.clock.sleep(5)
        await press(pilot, "r")
        await until(pilot, lambda: "not looked at yet" not in screen_text(pilot.app))
        assert all(f"by-hand-{number}" in screen_text(pilot.app) for number in range(7))


@played
async def test_older_runs_that_are_not_looked_at_are_told(account: Account) -> None:
    definition, _ = recorded("sequence")
    account.names.append("busy")
    account.execution.machine(account.arn("busy"), definition=definition, writer=lambda _payload: Script(steps=()))
    for number in range(1001):
        account.execution.start(account.arn("busy"), name=f"run-{number}", payload={})
    account.clock.sleep(timedelta(minutes=1).total_seconds())
    async with looking(account) as pilot:
        await until(pilot, lambda: "older runs of 1 machine not looked at" in screen_text(pilot.app))


@played
async def test_nothing_that_ran_is_no_invitation_to_run_something(account: Account) -> None:
    account.machine("idle", runs=0)
    async with looking(account) as pilot:
        text = screen_text(pilot.app)
        assert "No executions seen" in text
        assert "bunsui run" not in text
