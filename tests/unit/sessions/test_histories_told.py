"""What is told of each history to people: why it failed, what its operations were given, what a row and a resume keep of it.

The same histories as in `test_histories_read`; what was read of them stands in `tests/cases/history-tellings.txt`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from bunsui.model.json import Json
from bunsui.model.session import Attempt, HistoryEvent, SessionStatus
from bunsui.sessions.checkpoints import AttemptHistory, checkpoints
from bunsui.sessions.explain import explain, note_failure, root_cause
from bunsui.sessions.history.operation_runs import operation_runs
from bunsui.sessions.logs.calls import calls_of
from bunsui.sessions.progress import COMPLETED, job_progress
from bunsui.sessions.remarks import may_have_remarks, remarks_of
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace, with_end
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.logs import MemoryLogReader
from tests.unit.sessions.test_histories_read import EVERY, made, told
from tests.unit.sessions.test_progress import CASES

EXPECTED = CASES.parent / "history-tellings.txt"
MACHINES = sorted(path.parent.name for path in (CASES.parent / "asl").glob("*/asl.json"))


def attempt_of(events: Sequence[HistoryEvent]) -> Attempt:
    """Return the attempt that a history is all of."""
    trace = read_trace(events)
    return Attempt(
        number=1,
        execution_arn="arn",
        kind="run",
        status=trace.status or SessionStatus.RUNNING,
        started_at=events[0].at,
        stopped_at=trace.end.at if trace.end is not None else None,
    )


def failure(definition: Mapping[str, Json], events: Sequence[HistoryEvent]) -> Iterator[str]:
    """Tell why it failed, as `show` has it and as a row keeps it."""
    attempt, trace, shape = attempt_of(events), read_trace(events), machine_shape(definition)
    client = MemoryExecutionClient(ManualClock(events[0].at))
    found = explain(attempt, trace, shape, execution=client, logs=MemoryLogReader())
    if found is None:
        return
    yield f"failure: {told(found, events[0].at)}"
    done = [job.name for job in job_progress(shape, events) if job.status in COMPLETED]
    yield f"note: {told(note_failure(root_cause(attempt, trace, shape, execution=client), done), events[0].at)}"


def telling(name: str) -> Iterator[str]:
    definition, events = made(name)
    yield f"## {name}"
    if not events:
        return
    start, shape, trace = events[0].at, machine_shape(definition), read_trace(events)
    for kept in checkpoints([AttemptHistory(number=1, definition=definition, events=events)]).values():
        yield f"checkpoint: {told(kept, start)}"
    for run in operation_runs(shape, trace, ""):
        yield f"operation: {told(run, start)}"
    for call in calls_of(shape, trace):
        yield f"call: {told(call, start)}"
    status = trace.status or SessionStatus.RUNNING
    remarks = told(remarks_of(shape, job_progress(shape, events), status), start)
    yield f"remarks: {'may be' if may_have_remarks(shape) else 'none can be'}; {remarks}"
    yield from failure(definition, events)
    if trace.end is None:
        ended = replace(attempt_of(events), status=SessionStatus.CANCELLED, error="E", cause="killed")
        yield from failure(definition, with_end(events, ended))


def shape(machine: str) -> Iterator[str]:
    """Tell the states of a recorded machine."""
    definition = json.loads((CASES.parent / "asl" / machine / "asl.json").read_text(encoding="utf-8"))
    found = machine_shape(definition)
    start = made(EVERY[0])[1][0].at
    yield f"## machine {machine}"
    yield f"jobs: {', '.join(found.jobs)}; last: {', '.join(found.last)}; timeout: {found.timeout_seconds}; raw: {found.is_raw}"
    yield f"sensitive: { {job: sorted(names) for job, names in found.sensitive.items()} }"
    yield from (f"state: {told(state, start)}" for state in found.states.values())


def block(name: str) -> str:
    return "\n".join(shape(name.removeprefix("machine ")) if name.startswith("machine ") else telling(name))


NAMED = (*EVERY, *(f"machine {machine}" for machine in MACHINES))


def recorded() -> Mapping[str, str]:
    blocks = EXPECTED.read_text(encoding="utf-8").strip("\n").split("\n\n") if EXPECTED.exists() else []
    return {found.partition("\n")[0].removeprefix("## "): found for found in blocks}


@pytest.mark.parametrize("name", NAMED)
def test_a_history_or_machine_is_told_as_it_was_recorded(name: str, update_cases: bool) -> None:
    if update_cases and name == NAMED[0]:
        EXPECTED.write_text("\n\n".join(map(block, NAMED)) + "\n", encoding="utf-8")
    assert block(name) == recorded()[name]
