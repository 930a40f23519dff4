"""Executions made in four ways on the embedded AWS, looked at from many terminals at once: calls, seconds, rows.

    python -m benchmarks.sessions [EXECUTIONS] [TERMINALS]

A schedule, the console, `bunsui run` and a parent pipeline start them, a quarter each; the lists of Step Functions lag, by
another time at each look, and hold three executions a page. Every terminal is a process. What must come out: a row for every
execution, none for two, each with the status that Step Functions says.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bunsui.composition.workspace import Workspace
from bunsui.emulator.launcher.control import set_lag
from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from bunsui.emulator.launcher.launcher import LocalEndpoint, ensure_running, stop
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext, open_context
from bunsui.sessions.rounds import DESCRIBED_AT_ONCE, MachineRounds
from tests.embedded import EmbeddedAccount
from tests.fakes.passing import PassingExecution
from tests.fakes.workspace import Asked
from tests.forking import forked
from tests.typed import typed, without_ours

SIZE = 3
"""Executions a page."""
LAGS = (1.0, 5.0, 15.0, 30.0)
"""Seconds that lists are behind, in turn."""
_THREADS = 8
_FIRST_SLOT = datetime(2026, 1, 1, tzinfo=UTC)

_PROJECT = """\
version: 1
project: scale
id: 01KBH3X2J4ABCDEFGHJKMNPQRT
"""
_TINY = """\
version: 1
name: tiny
parameters: {good: {type: boolean, default: true}}
jobs:
  one:
    operations: [{type: check, that: "{% $params.good %}", message: not today}]
"""
_MOTHER = """\
version: 1
name: mother
jobs:
  kid:
    operations: [{type: pipeline, pipeline: tiny}]
"""


@dataclass(frozen=True, slots=True)
class _Here(Asked):
    """A project's folder, as faces name it, with its embedded AWS."""

    def connected(self, traffic: object) -> None:
        """Count nothing."""


@dataclass
class CountedExecution(PassingExecution):
    """Step Functions in pages of so many, every call counted."""

    calls: Counter[str] = field(default_factory=Counter)

    def describe(self, execution_arn: str) -> Execution:
        """Count it."""
        self.calls["describe"] += 1
        return self.inner.describe(execution_arn)

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
    ) -> Iterator[Sequence[ExecutionSummary]]:
        """Count each page."""
        for page in self.inner.pages(machine_arn, status=status, size=size):
            self.calls["pages"] += 1
            yield page


@dataclass(slots=True)
class Field:
    """A project on an embedded AWS of its own."""

    folder: Path
    endpoint: LocalEndpoint
    context: SessionContext
    made: list[str] = field(default_factory=list)
    """The ARNs of everything that was started."""

    def client(self, service: str) -> Any:
        """Return a plain client of the account."""
        return EmbeddedAccount(endpoint=self.endpoint, account=self.endpoint.account, region=self.endpoint.region).client(
            service
        )

    def lag(self, seconds: float) -> None:
        """Have the lists be so far behind from now on."""
        running = read_announcement(DataFolder(self.folder / ".bunsui" / "local"))
        assert running is not None
        assert set_lag(running, lists_seconds=seconds)

    def start(self, first: int, count: int) -> None:
        """Start so many executions of `tiny`, a quarter each way; those of a parent are started by executions of `mother`."""
        with ThreadPoolExecutor(_THREADS) as pool:
            for arns in pool.map(self._start, range(first, first + count)):
                self.made.extend(arns)

    def _start(self, number: int) -> Sequence[str]:
        ports, good = self.context.ports, number % 9 != 0
        tiny, mother = self.context.machine("tiny"), self.context.machine("mother")
        match number % 4:
            case 0:
                at = (_FIRST_SLOT + timedelta(minutes=number)).isoformat().replace("+00:00", "Z")
                told: dict[str, Any] = {"params": {"good": good}, "session": {"schedule": "nightly", "scheduled_at": at}}
                return (ports.execution.start(tiny.alias_arn, name=f"schedule-{number}", payload=told),)
            case 1:
                return (ports.execution.start(tiny.arn, name=f"console-{number}", payload={"params": {"good": good}}),)
            case 2:
                session = start_session(self.context, RunRequest(pipeline="tiny"))
                return tuple(attempt.execution_arn for attempt in session.attempts)
            case _:
                return (ports.execution.start(mother.alias_arn, name=f"mother-{number}", payload={"params": {}}),)

    def settle(self) -> Mapping[str, str]:
        """Wait until nothing runs, and return what Step Functions has: the status by ARN, children included."""
        self.lag(0)
        deadline = time.monotonic() + 120
        while True:
            found = {one.arn: one.status.value for name in ("tiny", "mother") for one in self._every(name)}
            if all(status != "running" for status in found.values()) and found.keys() >= set(self.made):
                return found
            assert time.monotonic() < deadline, "executions that do not end"
            time.sleep(0.2)

    def _every(self, name: str) -> Iterator[ExecutionSummary]:
        for page in self.context.ports.execution.pages(self.context.machine(name).arn):
            yield from page

    def rows(self) -> Sequence[Session]:
        """Return every row."""
        return self.context.ports.sessions.find(SessionQuery(limit=1_000_000))

    def look_at_once(self, terminals: int) -> Sequence[Mapping[str, Any]]:
        """Have so many processes look at the same time; return what each counted."""
        go = self.folder / "go"
        go.unlink(missing_ok=True)
        answers = [self.folder / f"look-{number}.json" for number in range(terminals)]
        for answer in answers:
            answer.unlink(missing_ok=True)
        processes = [forked(look, self.folder, go, answer) for answer in answers]
        ready = [answer.with_suffix(".ready") for answer in answers]
        while not all(one.exists() for one in ready) and all(one.is_alive() for one in processes):
            time.sleep(0.02)
        go.touch()
        for process in processes:
            process.join()
        return [json.loads(answer.read_text(encoding="utf-8")) for answer in answers]


def look(folder: Path, go: Path, answer: Path) -> None:
    """Be a terminal: open the project, wait for the word, look once, and write down what it took."""
    os.environ["BUNSUI_ENV"] = "local"
    context = _context(folder)
    counted = CountedExecution(context.ports.execution)
    rounds = MachineRounds(
        execution=counted, sessions=context.ports.sessions, clock=context.ports.clock, manager=context.manager, page_size=SIZE
    )
    answer.with_suffix(".ready").touch()
    while not go.exists():
        time.sleep(0.01)
    begun = time.monotonic()
    done = rounds.visit(context.all_machines())
    reached = all(visit.is_reached for visit in done.visits)
    told = {"seconds": time.monotonic() - begun, "reached": reached, **counted.calls}
    answer.write_text(json.dumps(told), encoding="utf-8")


def _context(folder: Path) -> SessionContext:
    workspace = Workspace(_Here(directory=folder))
    return open_context(workspace.repository, workspace.sessions)


@contextmanager
def field_in(folder: Path, **more: str) -> Iterator[Field]:
    """Make the project, with `more` files by path, start its embedded AWS and apply it; stopped afterwards."""
    (folder / "pipelines").mkdir(parents=True)
    for name, text in {"bunsui.yaml": _PROJECT, "pipelines/tiny.yaml": _TINY, "pipelines/mother.yaml": _MOTHER, **more}.items():
        (folder / name).write_text(text, encoding="utf-8")
    local = folder / ".bunsui" / "local"
    try:
        applied = typed(folder, "apply", "--yes", environment=without_ours(BUNSUI_ENV="local"))
        assert applied.returncode == 0, applied.stderr
        os.environ["BUNSUI_ENV"] = "local"
        yield Field(folder, ensure_running(local), _context(folder))
    finally:
        os.environ.pop("BUNSUI_ENV", None)
        stop(local)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came out."""

    executions: int
    rows: int
    missing: int
    """Executions without a row."""
    doubled: int
    """Executions in more than one row."""
    wrong: int
    """Rows whose status is not that of Step Functions."""
    most_pages: int
    """Pages that one look needed at most; of `allowed_pages`."""
    allowed_pages: int
    most_described: int
    seconds: float
    """The longest look."""
    started_in: float
    """Seconds that starting took."""


def measure(field_: Field, *, executions: int, terminals: int, lags: Sequence[float] = LAGS) -> Figures:
    """Start executions in as many parts as there are lags; two terminals look after each, all of them at once at the end, when
    the lists no longer lag."""
    looks: list[Mapping[str, Any]] = []
    part, started = executions // len(lags), 0.0
    for number, lag in enumerate(lags):
        begun = time.monotonic()
        field_.start(number * part, part)
        started += time.monotonic() - begun
        field_.lag(lag)
        looks += field_.look_at_once(min(2, terminals))
    there = field_.settle()
    looks += field_.look_at_once(terminals)
    rows = field_.rows()
    known = Counter(one.execution_arn for row in rows for one in (*row.attempts, *row.duplicates))
    wrong = sum(there.get(row.attempts[-1].execution_arn) != row.status.value for row in rows if row.attempts)
    return Figures(
        executions=len(there),
        rows=len(rows),
        missing=len(there.keys() - known.keys()),
        doubled=sum(count > 1 for count in known.values()),
        wrong=wrong + sum(not row.attempts for row in rows),
        most_pages=max(one["pages"] for one in looks),
        # A page more for each of the two machines that is not full, and one that tells that there are no more.
        allowed_pages=math.ceil(len(there) / SIZE) + 4,
        most_described=max(one.get("describe", 0) for one in looks),
        seconds=max(one["seconds"] for one in looks),
        started_in=started,
    )


def main(executions: int, terminals: int) -> int:
    """Print the figures; 1 where something is missing, doubled or wrong, or asked for too often."""
    with tempfile.TemporaryDirectory() as folder, field_in(Path(folder) / "project") as field_:
        figures = measure(field_, executions=executions, terminals=terminals)
    print(
        f"{figures.executions} executions, {terminals} terminals, pages of {SIZE}, lists {LAGS[0]:.0f}-{LAGS[-1]:.0f} s behind"
    )
    print(f"rows {figures.rows}: {figures.missing} missing, {figures.doubled} doubled, {figures.wrong} with another status")
    print(f"a look: at most {figures.most_pages} pages of {figures.allowed_pages} allowed, {figures.most_described} described,")
    print(f"  {figures.seconds:.1f} s with all terminals at once; starting took {figures.started_in:.0f} s")
    return int(not is_right(figures))


def is_right(figures: Figures) -> bool:
    """Tell whether everything is known once and as it is, at the promised price."""
    priced = figures.most_pages <= figures.allowed_pages and figures.most_described <= DESCRIBED_AT_ONCE
    return not (figures.missing or figures.doubled or figures.wrong) and priced and figures.rows == figures.executions


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(arguments + [5000, 10][len(arguments) :])))
