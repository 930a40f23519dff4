"""A project on disk and an account in memory, for the terminal UI to work on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial, wraps
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import textual._wait
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.folders.tui_settings import DEFAULT_SETTINGS, TuiSettings
from bunsui.model.json import Json
from bunsui.model.resource import Scope
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.monitoring import LogLine
from bunsui.project.files import RootFolder
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.plan import plan_project
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import open_context
from bunsui.sessions.ports import SessionPorts
from bunsui.testkit.acts import MemoryActLog
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient, Script, ScriptedStep
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.logs import MemoryLogReader
from bunsui.testkit.provider import MemoryAccount
from bunsui.testkit.schedules import MemoryScheduleReader
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.testkit.state import MemoryStateStore
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge
from tests.fakes.acts import acts_in
from tests.fakes.cloud import NoPackager

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1", project_id="p-1")
HISTORIES = Path(__file__).parents[1] / "cases" / "history"
START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# Textual's pilot looks twice for each key whether the process did nothing for 20 ms, which is most of what a test here takes.
# A shorter look is enough: `press` and `until` wait for what they are about.
textual._wait.SLEEP_GRANULARITY = 1 / 200
textual._wait.SLEEP_IDLE = 1 / 1000


def pipeline_text(name: str, *, seconds: int = 5) -> str:
    return f"""\
version: 1
name: {name}
jobs:
  extract:
    operations:
      - {{type: wait, for: {seconds}s}}
    outputs: {{n: "{{% 3 %}}"}}
  load:
    depends_on: [extract]
    operations:
      - {{type: wait, for: 1s}}
"""


def recorded(name: str, **changes: Any) -> tuple[Mapping[str, Json], Script]:
    """Return the definition and the script of a recorded history."""
    document = json.loads((HISTORIES / f"{name}.json").read_text(encoding="utf-8"))
    events = document["events"]
    ends = events[-1][2].startswith("Execution") and len(events) > 1
    steps = [ScriptedStep(after_seconds=at, type=kind, details=details) for _, _, kind, at, details in events[1:]]
    ended = {
        "ExecutionSucceeded": SessionStatus.SUCCEEDED,
        "ExecutionFailed": SessionStatus.FAILED,
        "ExecutionTimedOut": SessionStatus.TIMED_OUT,
        "ExecutionAborted": SessionStatus.CANCELLED,
    }
    last = events[-1][4] if ends else {}
    script = Script(
        steps=tuple(steps[:-1] if ends else steps),
        ends_after_seconds=events[-1][3] if ends else None,
        status=ended[events[-1][2]] if ends else SessionStatus.SUCCEEDED,
        output=json.loads(last.get("output", "null")),
        error=changes.get("error", last.get("error", "")),
        cause=changes.get("cause", last.get("cause", "")),
    )
    return document["definition"], script


@dataclass
class Stage:
    """Everything that the bridge is given, and ways to change it behind its back."""

    root: Path
    protected: bool = False
    account: MemoryAccount = field(default_factory=lambda: MemoryAccount(account=SCOPE.account, region=SCOPE.region))
    state: MemoryStateStore = field(default_factory=lambda: MemoryStateStore(SCOPE))
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    rows: MemorySessionRepository = field(default_factory=MemorySessionRepository)
    acts: MemoryActLog = field(default_factory=MemoryActLog)
    logs: MemoryLogReader = field(default_factory=MemoryLogReader)
    schedules: MemoryScheduleReader = field(default_factory=MemoryScheduleReader)
    failure: Exception | None = None
    """What every opening of the account side raises."""
    openings: int = 0
    """How often the account side was opened or asked."""

    kept_themes: list[str] = field(default_factory=list)
    """What the user chose, to be kept."""

    def __post_init__(self) -> None:
        self.execution = MemoryExecutionClient(self.clock)
        self._ids = count(1)

    def write(self, name: str, text: str | None = None, **more: Any) -> None:
        folder = self.root / "pipelines"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.yaml").write_text(pipeline_text(name, **more) if text is None else text, encoding="utf-8")

    def repository(self) -> Repository:
        environment = EnvironmentDocument(name="dev", region=SCOPE.region, protected=self.protected)
        project = ProjectDocument(name="sales", id="p-1", environment=environment, timezone="UTC")
        return Repository(source=RootFolder(self.root), project=project, scope=SCOPE, commit="a1b2c3d", is_local=False)

    def reconcile(self) -> tuple[Repository, ReconcilePorts]:
        self._open()
        ports = ReconcilePorts(
            providers=self.account.providers(),
            state=self.state,
            clock=self.clock,
            packager=NoPackager(),
            ledger=MemoryLedger(self.state).whole,
            new_id=lambda: f"{next(self._ids):04d}",
        )
        return self.repository(), ports

    def sessions(self) -> tuple[Repository, SessionPorts]:
        self._open()
        ports = SessionPorts(
            execution=self.execution,
            sessions=self.rows,
            logs=self.logs,
            clock=self.clock,
            caller_arn="arn:aws:sts::111111111111:assumed-role/dev/mika",
            acts=acts_in(self.acts, self.clock),
            new_id=self._next_id,
        )
        return self.repository(), ports

    def bridge(self, **more: Any) -> Bridge:
        opened: dict[str, Any] = {"open_sessions": lambda: partial(open_context, *self.sessions()), "now": self.clock.now}
        return Bridge(open_project=self.repository, open_reconcile=self.reconcile, **{**opened, **more})

    def apply(self) -> None:
        repository, ports = self.reconcile()
        plan = plan_project(repository, ports).plan
        assert plan is not None
        list(apply_plan(plan, ports))

    def session(self, pipeline: str, history: str, *, seconds: float = 10.0, **changes: Any) -> Session:
        """Run the pipeline as in the recorded history, and let some time pass."""
        repository, ports = self.sessions()
        context = open_context(repository, ports)
        definition, script = recorded(history, **changes)
        self.execution.machine(context.machine(pipeline).arn, definition=definition, writer=lambda _payload: script)
        session = start_session(context, RunRequest(pipeline=pipeline))
        self.clock.sleep(seconds)
        return context.manager.sync(session, target_arn=context.machine(pipeline).alias_arn)

    def log(self, function: str, *messages: str) -> None:
        """Write what an invocation of the function logs now, between the marks that Lambda writes."""
        marked = ("START RequestId: 1 Version: 1", *messages, "REPORT RequestId: 1\tDuration: 1.00 ms")
        lines = [LogLine(at=self.clock.now(), message=message, stream="s") for message in marked]
        self.logs.write(f"/aws/lambda/{function}", *lines)

    def hold_writes(self) -> Callable[[], None]:
        """Let every write to the account wait; gives what lets them go on."""
        self.account.lock.acquire()
        return self.account.lock.release

    def hold_histories(self) -> Callable[[], None]:
        """Let every question to Step Functions wait; gives what lets them go on."""
        self.execution._lock.acquire()
        return self.execution._lock.release

    def _next_id(self) -> str:
        """Return the id of the next row; the same until there is one, so that pictures do not depend on who else asks."""
        return f"01KBH3X2{len(self.rows.find_prefix('01', limit=1000)) + 1:02d}{LETTERS[16:32]}"

    def _open(self) -> None:
        self.openings += 1
        if self.failure is not None:
            raise self.failure


@asynccontextmanager
async def on_stage(
    stage: Stage, *, size: tuple[int, int] = (100, 30), settings: TuiSettings = DEFAULT_SETTINGS, **more: Any
) -> AsyncIterator[Pilot[None]]:
    """Run the app on the stage and wait for the first screen.

    It is begun once the first frame was drawn, which a busy machine does late: before that nothing is under way either.
    """
    app, openings = BunsuiApp(stage.bridge(**more), settings, keep_theme=stage.kept_themes.append), stage.openings
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: stage.openings > openings and not busy(app))
        yield pilot


@asynccontextmanager
async def on_plan(stage: Stage, **more: Any) -> AsyncIterator[Pilot[None]]:
    """Run the app on the stage, go to the Plan screen and wait for its first plan."""
    async with on_stage(stage, **more) as pilot:
        await press(pilot, "3")
        yield pilot


def played(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a test of a coroutine."""

    @wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run


def busy(app: App[None]) -> bool:
    assert isinstance(app, BunsuiApp)
    return not app.bridge.is_idle


async def until(pilot: Pilot[None], holds: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait until the condition holds, and the screen has shown it."""
    limit = monotonic() + seconds
    while not holds():
        assert monotonic() < limit, "the screen did not get there in time"
        await asyncio.sleep(0.01)
    # What was posted last may push a screen, which is then laid out and drawn.
    await pilot.pause(0.05)
    await settled(pilot)


def is_drawn(screen: Screen[Any]) -> bool:
    """Tell whether the screen has drawn everything, and done what waited for that."""
    due = (screen._layout_required, screen._scroll_required, screen._repaint_required, screen._recompose_required)
    return not any((*due, screen._dirty_widgets, screen._callbacks))


QUIET_ROUNDS = 4
"""A key closes a dialog, whose answer begins work, which posts a message, which draws: so many times may be handed on."""


async def settled(pilot: Pilot[None]) -> None:
    """Wait until nothing was under way for some rounds in which every widget did what was in its queue.

    Pilot.pause() looks at the process's CPU time: on a busy machine a process that was not given any looks idle.
    """
    quiet, screen = 0, None
    while quiet < QUIET_ROUNDS:
        await pilot.pause(0)
        is_quiet = not busy(pilot.app) and pilot.app.screen is screen and is_drawn(screen)
        quiet, screen = quiet + 1 if is_quiet else 0, pilot.app.screen
        if busy(pilot.app):
            return


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait until what they set going has come to rest."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
        if busy(pilot.app):
            await until(pilot, lambda: not busy(pilot.app))
    await until(pilot, lambda: not busy(pilot.app))


def screen_text(app: App[None]) -> str:
    """Return what stands on the screen, line by line."""
    _, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines[:height])
