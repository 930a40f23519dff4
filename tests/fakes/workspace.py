"""A project in a folder, made by `init`, with everything of the account in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bunsui import bootstrap
from bunsui.apply.events import ApplyEvent, ApplyFinished
from bunsui.local.memory.clock import VirtualClock
from bunsui.local.memory.state import MemoryStateStore, MemoryTable
from bunsui.services.apply import apply_plan
from bunsui.services.edges import ReconcileEdges, Repository
from bunsui.services.init import init_project
from bunsui.services.plan import PlanOutcome, plan_project
from tests.fakes.cloud import FaultyAccount, NoPackager


@dataclass(frozen=True)
class Asked:
    """The options of a command line that says nothing special."""

    directory: Path
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

    @property
    def repository(self) -> Repository:
        return bootstrap.repository(Asked(directory=self.folder, environment=self.environment))

    @property
    def edges(self) -> ReconcileEdges:
        return ReconcileEdges(
            providers=self.account.providers(),
            state=MemoryStateStore(self.repository.scope, self.table),
            clock=VirtualClock(),
            packager=NoPackager(),
        )

    def plan(self, *select: str) -> PlanOutcome:
        return plan_project(self.repository, self.edges, select=select)

    def apply(self, *select: str) -> ApplyFinished:
        outcome = self.plan(*select)
        assert outcome.plan is not None, outcome.diagnostics
        events: list[ApplyEvent] = list(apply_plan(outcome.plan, self.edges))
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
