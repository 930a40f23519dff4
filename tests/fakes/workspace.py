"""A project in a folder, made by `init`, with everything of the account in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bunsui.apply.events import ApplyEvent, ApplyFinished
from bunsui.composition import workspace as bootstrap
from bunsui.ports.ledger import Actor
from bunsui.project.repository import Repository
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.init import init_project
from bunsui.services.plan import PlanOutcome, plan_project
from bunsui.services.plan_request import PlanRequest
from bunsui.testkit.acts import MemoryActLog
from bunsui.testkit.beside import MemoryBesideReader
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore, MemoryTable
from tests.fakes.cloud import FaultyAccount, NoPackager


@dataclass(frozen=True)
class Asked:
    """The options of a command line that says nothing special."""

    directory: Path
    project: str | None = None
    environment: str | None = "local"
    profile: str | None = None
    region: str | None = None

    def notice(self, message: str) -> None:
        raise AssertionError(message)

    def connected(self, traffic: object) -> None:
        raise AssertionError("no account is needed")


@dataclass
class Workspace:
    """Plans and applies the files of a folder."""

    folder: Path
    account: FaultyAccount = field(default_factory=FaultyAccount)
    table: MemoryTable = field(default_factory=MemoryTable)
    environment: str = "local"
    clock: ManualClock = field(default_factory=ManualClock)
    ids: Iterator[int] = field(default_factory=count)
    acts: MemoryActLog = field(default_factory=MemoryActLog)
    beside: MemoryBesideReader = field(default_factory=MemoryBesideReader)

    @property
    def repository(self) -> Repository:
        return bootstrap.repository(Asked(directory=self.folder, environment=self.environment))

    @property
    def ports(self) -> ReconcilePorts:
        state = MemoryStateStore(self.repository.scope, self.table)
        return ReconcilePorts(
            providers=self.account.providers(),
            state=state,
            clock=self.clock,
            packager=NoPackager(),
            ledger=MemoryLedger(state).whole,
            new_id=lambda: f"{next(self.ids):04d}",
            actor=Actor(who="arn:aws:iam::111111111111:user/mika", host="context", link="https://ci.example/1"),
            gated=self.account.gate,
            beside=self.beside,
        )

    def plan(self, *select: str) -> PlanOutcome:
        return plan_project(self.repository, self.ports, PlanRequest(select=select))

    def apply(self, *select: str) -> ApplyFinished:
        outcome = self.plan(*select)
        assert outcome.plan is not None, outcome.diagnostics
        events: list[ApplyEvent] = list(apply_plan(outcome.plan, self.ports))
        assert isinstance(events[-1], ApplyFinished)
        return events[-1]

    def edit(self, path: str, before: str, after: str) -> None:
        """Change a file; the text must be there."""
        text = (self.folder / path).read_text()
        assert before in text
        (self.folder / path).write_text(text.replace(before, after))


def a_workspace(folder: Path, *templates: str) -> Workspace:
    for template in templates or ("etl",):
        init_project(folder, template=template)
    return Workspace(folder)
