"""What a session that ended cost, from its histories."""

from __future__ import annotations

from dataclasses import replace

from bunsui.errors import CloudError
from bunsui.model.estimates.cost import Usage
from bunsui.services.running.expected_cost import cost_in
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.history.usage import UsageReader
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.sessions.trace import read_trace

_MOST_EXECUTIONS = 5
"""The latest, whose histories a page about the session reads anyway."""


def with_cost(context: SessionContext, snapshot: SessionSnapshot, reader: HistoryReader) -> SessionSnapshot:
    """Return the snapshot of a session that ended with what it cost; any other, and one of a machine of others, as it is."""
    session = snapshot.session
    if not snapshot.is_managed or not session.standing.is_final or session.running:
        return snapshot
    arns = list(dict.fromkeys(attempt.execution_arn for attempt in (*session.attempts, *session.duplicates)))
    usages = UsageReader(context.pipelines.get(session.pipeline), context.repository.registry)
    used = Usage(uncounted=("earlier executions",) if len(arns) > _MOST_EXECUTIONS else ())
    for arn in arns[-_MOST_EXECUTIONS:]:
        try:
            used += usages.usage(reader.shape(arn), read_trace(reader.events(arn)))
        except CloudError:
            used += Usage(uncounted=("an execution whose history is not known any more",))
    return replace(snapshot, cost=cost_in(context.repository, used)) if arns else snapshot
