"""Executions that a session's jobs started: nested pipelines, with their jobs, as far down as is looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bunsui.errors import CloudError
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.logs.calls import CallKind, TaskCall, calls_of
from bunsui.sessions.progress import job_progress, shown_progress
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.snapshot import ChildRun
from bunsui.sessions.trace import Trace, read_trace

DEEPEST = 3
MOST_CHILDREN = 10
"""That are read of one execution, the latest."""


def child_runs(
    reader: HistoryReader,
    shape: MachineShape,
    trace: Trace,
    *,
    pipeline_of: Callable[[str], str],
    above: str = "",
    depth: int = DEEPEST,
) -> Iterator[ChildRun]:
    """Return the executions that the jobs started, each before those that it started itself; of retries the last. One that has
    ended is read once. `above` is the path of the job that runs this execution."""
    latest: dict[tuple[str, str, str], TaskCall] = {
        (call.job, call.state, call.item): call
        for call in calls_of(shape, trace)
        if call.kind is CallKind.EXECUTION and call.child_arn
    }
    for call in list(latest.values())[-MOST_CHILDREN:]:
        path = "/".join(filter(None, (above, call.job)))
        pipeline = pipeline_of(call.child_arn)
        try:
            inner, events = reader.shape(call.child_arn), reader.events(call.child_arn)
        except CloudError:  # forgotten, forbidden, or in another account
            yield ChildRun(job=path, item=call.item, execution_arn=call.child_arn, pipeline=pipeline)
            continue
        inside = read_trace(events)
        yield ChildRun(
            job=path,
            item=call.item,
            execution_arn=call.child_arn,
            pipeline=pipeline,
            status=inside.status,
            jobs=shown_progress(inner, job_progress(inner, events)),
        )
        if depth > 1:
            yield from child_runs(reader, inner, inside, pipeline_of=pipeline_of, above=path, depth=depth - 1)
