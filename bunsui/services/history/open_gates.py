"""Which gates are open: the rows name them, the history of each execution says how they stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bunsui.errors import Missing
from bunsui.model.gates import ApprovalGate, GateStanding
from bunsui.model.session import Session
from bunsui.operations.integrations.gates import opens_gate
from bunsui.ports.gates import GateRow
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.gates import gate_standings

_LATE = timedelta(minutes=5)
"""So long after its deadline Step Functions has ended the task for sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGates:
    """The gates at which sessions wait."""

    standings: tuple[GateStanding, ...]
    """The oldest first."""

    def of(self, session: Session) -> tuple[ApprovalGate, ...]:
        """Return those of a session."""
        running = {attempt.execution_arn for attempt in session.running}
        return tuple(one.gate for one in self.standings if one.gate.execution_arn in running or one.gate.session == session.id)

    def mark(self, session: Session) -> Session:
        """Return the session with the gates at which it waits."""
        return replace(session, gates=self.of(session)) if session.running else session


def open_gates(context: SessionContext, pipelines: Collection[str] | None = None) -> OpenGates:
    """Return the open gates of these pipelines, of all when None. A query for each pipeline that has approvals, and for each
    execution of which a row says that it waits a look at the execution and its history."""
    names = [name for name in gated_pipelines(context) if pipelines is None or name in pipelines]
    found = [row.gate for row in gate_rows(context, names) if may_be_open(context, row)]
    looked: dict[str, Mapping[str, GateStanding]] = {}
    standings = []
    for gate in found:
        if gate.execution_arn not in looked:
            looked[gate.execution_arn] = {one.gate.id: one for one in execution_gates(context, gate.execution_arn)}
        standing = looked[gate.execution_arn].get(gate.id)
        if standing is not None and standing.outcome == "open":
            standings.append(standing)
    return OpenGates(standings=tuple(standings))


def waiting_sessions(context: SessionContext, gates: OpenGates) -> Sequence[Session]:
    """Return the rows of the sessions that wait at these gates: a read for a hundred executions, and one for each session."""
    sessions = context.ports.sessions
    known = sessions.known([one.gate.execution_arn for one in gates.standings]) if gates.standings else {}
    ids = [one.session_id for one in known.values()] + [one.gate.session for one in gates.standings]
    found = [sessions.get(name) for name in dict.fromkeys(ids) if name]
    return [row for row in found if row is not None]


def gates_by_rows(context: SessionContext) -> OpenGates:
    """Return the gates that are open as far as the rows alone tell: no history is read."""
    rows = [row for row in gate_rows(context, gated_pipelines(context)) if may_be_open(context, row)]
    return OpenGates(standings=tuple(GateStanding(gate=row.gate, outcome="open") for row in rows))


def rows_as_told(context: SessionContext, sessions: Sequence[Session]) -> Sequence[Session]:
    """Return the sessions with the gates at which they wait as far as the rows alone tell: no history is read."""
    running = {session.pipeline for session in sessions if session.running}
    names = [name for name in gated_pipelines(context) if name in running] if running else []
    rows = [row for row in gate_rows(context, names) if may_be_open(context, row)]
    standings = tuple(GateStanding(gate=row.gate, outcome="open") for row in rows)
    return [OpenGates(standings=standings).mark(session) for session in sessions] if rows else sessions


def gate_rows(context: SessionContext, pipelines: Collection[str]) -> Sequence[GateRow]:
    """Return the rows of the gates of these pipelines, the oldest first."""
    ports = context.ports.gates
    return ports.rows.rows(pipelines) if ports is not None and pipelines else ()


def gated_pipelines(context: SessionContext) -> Sequence[str]:
    """Return the pipelines that have approvals, as their files say."""
    registry = context.repository.registry
    return [
        name
        for name, one in context.pipelines.items()
        if any(opens_gate(operation, registry) for job in one.jobs for operation in job.operations)
    ]


def every_pipeline(context: SessionContext) -> Sequence[str]:
    """Return all pipelines that may have a gate, those first that have approvals: of the others the file may be gone, or say
    something else by now."""
    others = (machine.pipeline for machine in context.all_machines())
    return list(dict.fromkeys([*gated_pipelines(context), *context.broken, *others]))


def may_be_open(context: SessionContext, row: GateRow) -> bool:
    """Tell whether it is worth asking Step Functions."""
    now = context.ports.clock.now()
    return row.closed_at is None and now < row.gate.deadline + _LATE and is_ours(context, row.gate)


def is_ours(context: SessionContext, gate: ApprovalGate) -> bool:
    """Tell whether the execution that a gate names is one of its pipeline's machine, in this account, region and environment;
    items of a distributed foreach run on MACHINE/LABEL."""
    machine = context.machine(gate.pipeline).arn.replace(":stateMachine:", ":execution:")
    return gate.execution_arn.startswith((f"{machine}:", f"{machine}/"))


def execution_gates(context: SessionContext, execution_arn: str) -> Sequence[GateStanding]:
    """Return how the gates of an execution stand; none when Step Functions does not know it (any more). The history of one that
    has ended is read as well: it says who decided."""
    try:
        return gate_standings(context.ports.execution.history(execution_arn))
    except Missing:
        return ()
