"""A pipeline that waits for an approval, on the engine and in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bunsui.compile.pipeline import compile_pipeline
from bunsui.model.pipeline import Job, Operation, Parameter, Pipeline
from bunsui.model.session import Session
from bunsui.model.values import Expression
from bunsui.operations.approval import ApprovalParams
from bunsui.operations.check import CheckParams
from bunsui.operations.registry import builtin_registry
from bunsui.ports.gates import GatePorts
from bunsui.services.history.open_gates import OpenGates, open_gates
from bunsui.services.render import shown
from bunsui.services.run import RunRequest, start_session
from bunsui.services.running.approvals import DecidedGate, GateDecision, decide, find_gate
from bunsui.services.session_context import SessionContext
from bunsui.services.sessions import Recollection, find_session
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.gates import MemoryGates
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.acts import acts_in
from tests.fakes.session_room import Room

ANN = "arn:aws:sts::111111111111:assumed-role/Leads/ann@example.com"
MIKA = "arn:aws:iam::111111111111:user/mika"
"""Who starts sessions."""


def pipeline_with(*, reads: bool = True, **keys: Any) -> Pipeline:
    """A pipeline whose first job waits for an approval; its second, unless nobody `reads`, says what was decided."""
    message = Expression("'load ' & $params.rows & ' rows?'")
    params = ApprovalParams(message=message, evidence={"rows": Expression("$params.rows")}, deadline="24h", **keys)
    waits = Job(
        name="release",
        operations=(Operation(id="approval", type="approval", params=params),),
        outputs={"decision": Expression("$result.decision")} if reads else {},
    )
    goes_on = Job(
        name="load",
        operations=(Operation(id="check", type="check", params=CheckParams(that=Expression("1 = 1"))),),
        depends_on=("release",),
        outputs={"seen": Expression("$jobs.release.decision")},
    )
    rows = Parameter(name="rows", type="integer", schema={"type": "integer"}, default=3, required=False)
    jobs = (waits, goes_on) if reads else (waits,)
    return Pipeline(name="orders", path="pipelines/orders.yaml", timezone="UTC", parameters=(rows,), jobs=jobs)


class GatedRoom:
    """Everything in memory; the caller is `ann`, sessions are started by `mika`."""

    def __init__(self, sessions: MemorySessionRepository | None = None, **keys: Any) -> None:
        room = Room()
        self.clock = room.clock
        self.acts = room.acts
        self.gates = MemoryGates(clock=self.clock)
        self.execution = MemoryExecutionClient(self.clock, work=self.gates.work)
        pipeline = pipeline_with(**keys)
        ports = replace(
            room.context.ports,
            execution=self.execution,
            sessions=sessions if sessions is not None else room.sessions,
            gates=GatePorts(rows=self.gates, tokens=self.gates, answers=self.gates),
        )
        self.context: SessionContext = replace(room.context, ports=ports, pipelines={pipeline.name: pipeline})
        compiled = compile_pipeline(pipeline, scope=room.context.repository.scope, registry=builtin_registry())
        definition: Any = shown(compiled.definition)
        machine = self.context.machine(pipeline.name)
        self.execution.machine(machine.arn, definition=definition)
        self.execution.alias(machine.alias_arn, self.execution.publish(machine.arn))

    def as_caller(self, arn: str) -> SessionContext:
        """The same for another caller."""
        acts = replace(acts_in(self.acts, self.clock), actor=replace(acts_in().actor, who=arn))
        return replace(self.context, ports=replace(self.context.ports, caller_arn=arn, acts=acts))

    def pass_time(self, seconds: float) -> None:
        """Let it pass, for what runs, too."""
        self.clock.sleep(seconds)
        self.execution.executions(self.context.machine("orders").arn, limit=100)

    def waiting(self, **params: str) -> Session:
        """Run the pipeline up to its gate."""
        session = start_session(
            self.as_caller(MIKA), RunRequest(pipeline="orders", params=[f"{name}={value}" for name, value in params.items()])
        )
        self.pass_time(1)
        assert self.open.standings
        return session

    @property
    def open(self) -> OpenGates:
        return open_gates(self.context)

    def decide(self, name: str, decision: GateDecision, caller: str = ANN) -> DecidedGate:
        """Decide as somebody does on the command line."""
        context = self.as_caller(caller)
        gate = find_gate(context, name, lambda text: find_session(context, text, recollection=Recollection()))
        return decide(context, gate, decision)

    def ended(self, session: Session) -> Session:
        """Return the session after a while."""
        self.pass_time(5)
        row = self.context.ports.sessions.get(session.id)
        assert row is not None
        return self.context.manager.sync(row)
