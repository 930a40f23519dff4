"""What is read of each history, event by event: `tests/cases/history-readings.txt`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from hashlib import sha256

import pytest

from bunsui.engine.clock import EngineClock
from bunsui.engine.mocks import MockedAnswer, give
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskRunner, TaskSucceeded
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, JobProgress
from bunsui.sessions.analysis import origin_of
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape, machine_shape
from bunsui.sessions.trace import Trace, read_trace
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from tests.unit.sessions.test_progress import CASES, NAMES, case, events_of
from tests.unit.sessions.unusual_histories import HISTORIES
from tests.unit.sessions.unusual_histories import events_of as unusual_events

EXPECTED = CASES.parent / "history-readings.txt"
MOST = 90
"""Characters of a text that are shown."""
ARN = "arn:aws:states:eu-west-1:111111111111:stateMachine:m"
COUNTED: dict[str, Json] = {
    "n": 3,
    "a": 1,
    "c": 2,
    "all": [{"id": "x"}, {"id": "y"}],
    "flag": True,
    "files": ["f"],
    "bucket": "b",
    "id": 7,
}
RUNS: Mapping[str, tuple[str, Json, Sequence[str]]] = {
    "all well": ("etl", {"params": {"limit": 2}}, ()),
    "one fails": ("etl", {"params": {"limit": 2}}, ("swap",)),
    "one fails beside another": ("etl", {"params": {"limit": 2}}, ("extract.fetch", "rates")),
    "wrong input": ("etl", {"params": {}}, ()),
    "handled": ("outcomes", {}, ("risky",)),
    "not handled": ("outcomes", {}, ("risky", "clean-up")),
    "items": ("items", {}, ()),
    "items fail": ("items", {}, ("each.count",)),
    "a poll": ("poll", {}, ()),
    "a poll that fails": ("poll", {}, ("copy.look",)),
    "reactions": ("reactions", {"params": {"mode": "full", "token": "arn:aws:ssm:eu-west-1:111111111111:parameter/t"}}, ()),
    "reactions to a failure": (
        "reactions",
        {"params": {"mode": "full", "token": "arn:aws:ssm:eu-west-1:111111111111:parameter/t"}},
        ("work.send",),
    ),
    "a chain": ("chain", {}, ()),
    "a chain that breaks": ("chain", {}, ("right", "many.three")),
    "crossing": ("crossing", {}, ()),
}


@dataclass(frozen=True)
class Worker:
    """Does the tasks of a recorded machine: they give what its jobs read, or fail."""

    clock: EngineClock
    answer: Json
    failing: Sequence[str]

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Answer after a second."""
        is_failing = any(request.state == one or request.state.endswith(f".{one}") for one in self.failing)
        last = TaskFailed(error="Mine", cause="it broke") if is_failing else TaskSucceeded(output=self.answer)
        return give(MockedAnswer(last=last, after_seconds=1), request, report, self.clock)


ANSWERS: Mapping[str, dict[str, Json]] = {"poll": {"id": 7, "state": "done", "rows": 3}, "reactions": COUNTED, "items": COUNTED}


def worker(machine: str, failing: Sequence[str]) -> Callable[[EngineClock], TaskRunner]:
    usual = ANSWERS.get(machine, {**COUNTED, "table": "t", "usd": 1, "rows": 4, "b": 2, "z": 9})
    return lambda clock: Worker(clock, {"Payload": usual}, failing)


@cache
def made(name: str) -> tuple[Mapping[str, Json], Sequence[HistoryEvent]]:
    """Return definition and history of a run of the engine, of a recorded case, or of one that was written by hand."""
    if name in HISTORIES:
        return HISTORIES[name][0], unusual_events(name)
    if name in NAMES:
        document = case(name)
        return document["definition"], events_of(document)
    machine, given, failing = RUNS[name]
    definition = json.loads((CASES.parent / "asl" / machine / "asl.json").read_text(encoding="utf-8"))
    clock = ManualClock()
    client = MemoryExecutionClient(clock, work=worker(machine, failing))
    client.machine(ARN, definition=definition)
    arn = client.start(ARN, name="n", payload=given)  # type: ignore[arg-type]
    clock.sleep(40 * 24 * 3600)
    return definition, client.history(arn)


def cut(text: str) -> str:
    """Return the text, a long one by its beginning and a digest."""
    return text if len(text) <= MOST else f"{text[:MOST]}... {sha256(text.encode()).hexdigest()[:8]}"


def told(value: object, start: datetime) -> str:
    """Return a dataclass in a line: the fields that are not as usual, instants in seconds."""
    parts = []
    for part in fields(value):  # type: ignore[arg-type]
        found = getattr(value, part.name)
        if isinstance(found, datetime):
            parts.append(f"{part.name}={(found - start).total_seconds():g}s")
        elif hasattr(found, "__dataclass_fields__"):
            parts.append(f"{part.name}=({told(found, start)})")
        elif isinstance(found, (list, tuple)) and found and hasattr(found[0], "__dataclass_fields__"):
            parts.append(f"{part.name}=[{'; '.join(told(one, start) for one in found)}]")
        elif found not in (None, "", (), 0, False) and found != []:
            parts.append(f"{part.name}={cut(str(getattr(found, 'value', found)))}")
    return ", ".join(parts)


def short(job: JobProgress) -> str:
    items = f" {job.items_done}/{job.items_total}" if job.items_total is not None else ""
    tries = f" x{job.tries}" if job.tries > 1 else ""
    return f"{job.name} {job.status.value}{tries}{items}{'~' if job.coarse else ''}"


def visits(trace: Trace, start: datetime) -> Iterator[str]:
    yield f"trace: {trace.status.value if trace.status else 'runs'}, {'' if trace.is_chained else 'not '}chained"
    for visit in trace.visits:
        yield f"  {told(visit, start)}"


def reading(name: str) -> Iterator[str]:
    definition, events = made(name)
    shape: MachineShape = machine_shape(definition)
    yield f"## {name}"
    if not events:
        return
    start = events[0].at
    before = ""
    for count in range(1, len(events) + 1):
        now = ", ".join(short(job) for job in job_progress(shape, events[:count]))
        if now != before:
            yield f"{count} {events[count - 1].type}: {now}"
        before = now
    for job in job_progress(shape, events):
        yield f"job: {told(job, start)}"
    trace = read_trace(events)
    yield from visits(trace, start)
    loose = [replace(event, previous_id=0) for event in events]
    yield "without links: " + ", ".join(short(job) for job in job_progress(shape, loose))
    if trace.end is not None and trace.end.type != "ExecutionSucceeded":
        for links, found in (("", trace), (" without links", read_trace(loose))):
            yield f"origin{links}: {told(origin_of(shape, found), start)}"


def recorded() -> dict[str, str]:
    blocks = EXPECTED.read_text(encoding="utf-8").strip("\n").split("\n\n") if EXPECTED.exists() else []
    return {block.partition("\n")[0][3:]: block for block in blocks}


EVERY = (*NAMES, *RUNS, *HISTORIES)


@pytest.mark.parametrize("name", EVERY)
def test_a_history_is_read_as_it_was_recorded(name: str, update_cases: bool) -> None:
    if update_cases and name == EVERY[0]:
        EXPECTED.write_text("\n\n".join("\n".join(reading(one)) for one in EVERY) + "\n", encoding="utf-8")
    assert "\n".join(reading(name)) == recorded()[name]
