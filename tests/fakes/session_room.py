"""A pipeline of two jobs on scripted machines in virtual time: `extract`, then `load`, which reads what `extract` found."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Parameter, Pipeline
from bunsui.model.resource import Scope
from bunsui.model.session import Claim, Session, SessionStatus
from bunsui.model.values import Expression
from bunsui.operations.lambda_function import LambdaParams
from bunsui.ports.monitoring import LogLine
from bunsui.project.files import RootFolder
from bunsui.project.repository import Repository
from bunsui.services.session_context import SessionContext
from bunsui.sessions.admission.line import LineSettings
from bunsui.sessions.ids import derived_id, execution_arn_of, execution_name, next_execution
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.ports import SessionPorts
from bunsui.testkit.acts import MemoryActLog
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient, Script, ScriptedStep
from bunsui.testkit.logs import MemoryLogReader
from bunsui.testkit.pools import MemoryPoolStore
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.acts import acts_in

START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:sales--dev--daily--"
REQUEST_ID = "8f2ad7c1-6a54-4bb0-9b1a-0f3f3c1b2d4e"
"""Of the invocation that fails."""
BOOM = json.dumps({"errorType": "ValueError", "errorMessage": "no such region", "requestId": REQUEST_ID})

DEFINITION: Mapping[str, Json] = {
    "StartAt": "_start",
    "States": {
        "_start": {"Type": "Pass", "Next": "extract.guard"},
        "extract.guard": {"Type": "Choice", "Default": "extract"},
        "extract": {"Type": "Task", "Resource": f"{FUNCTION}extract:1", "Next": "load.guard"},
        "load.guard": {"Type": "Choice", "Default": "load"},
        "load": {"Type": "Task", "Resource": f"{FUNCTION}load:1", "End": True},
    },
}

LOAD = LambdaParams(function="load:1", payload={"files": Expression("$jobs.extract.files")})
PIPELINE = Pipeline(
    name="daily",
    path="pipelines/daily.yaml",
    timezone="Asia/Tokyo",
    parameters=(
        Parameter(name="region", type="string", schema={"enum": ["jp", "us"], "type": "string"}, default="jp", required=False),
    ),
    jobs=(
        Job(
            name="extract",
            operations=(Operation(id="call", type="lambda", params=LambdaParams(function="extract:1")),),
            outputs={"files": Expression("$result.files"), "unread": Expression("$result.unread")},
        ),
        Job(
            name="load",
            operations=(Operation(id="call", type="lambda", params=LOAD),),
            depends_on=("extract",),
            outputs={"rows": Expression("$result.rows")},
        ),
    ),
)

OUTPUTS: Mapping[str, Json] = {"extract": {"files": ["a", "b"], "unread": 1}, "load": {"rows": 7}}


def with_claim(session: Session, machine: PipelineMachine, *, at: datetime = START) -> Session:
    """Return the session as a resume leaves it that was cut short after its claim."""
    name = execution_name(session.pipeline, session.id, next_execution(session))
    arn = execution_arn_of(machine.alias_arn, name)
    return replace(session, claim=Claim(how="resume", actor="arn:aws:iam::111111111111:user/ann", at=at, execution_arn=arn))


def invocation(*messages: str, first: float, request_id: str = REQUEST_ID, stream: str = "s") -> Iterator[LogLine]:
    """Return the lines of one invocation, that many seconds after START, between the marks that Lambda writes."""
    at = START + timedelta(seconds=first)
    marks = f"START RequestId: {request_id} Version: 1", f"REPORT RequestId: {request_id}\tDuration: 1.00 ms"
    for text in (marks[0], *messages, marks[1]):
        yield LogLine(at=at, message=text, stream=stream)


class Room:
    """Everything in memory. `failing` names the jobs whose function raises; each job takes one second."""

    def __init__(self, *pipelines: Pipeline, is_local: bool = True) -> None:
        self.clock = ManualClock(START)
        self.execution = MemoryExecutionClient(self.clock)
        self.sessions = MemorySessionRepository()
        self.acts = MemoryActLog()
        self.logs = MemoryLogReader()
        self.pools = MemoryPoolStore()
        self.failing: set[str] = set()
        self.outputs = OUTPUTS
        self.inputs: list[Mapping[str, Json]] = []
        numbers = itertools.count(1)
        scope = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")
        project = ProjectDocument(name="sales", id="x", environment=EnvironmentDocument(name="dev"), timezone="UTC")
        self.context = SessionContext(
            repository=Repository(
                source=RootFolder(Path(__file__).parent),
                project=project,
                scope=scope,
                is_local=is_local,
                commit="abc123",
            ),
            ports=SessionPorts(
                execution=self.execution,
                sessions=self.sessions,
                logs=self.logs,
                clock=self.clock,
                caller_arn="arn:aws:iam::111111111111:user/mika",
                acts=acts_in(self.acts, self.clock),
                new_id=lambda: derived_id(self.clock.now(), str(next(numbers))),
                line=LineSettings(pools=self.pools),
            ),
            pipelines={pipeline.name: pipeline for pipeline in pipelines or (PIPELINE,)},
            has_errors=False,
        )
        self.machine = self.context.machine("daily")
        self.apply()

    def apply(self, definition: Mapping[str, Json] = DEFINITION) -> None:
        """Put the machine into the account."""
        self.execution.machine(self.machine.arn, definition=definition, writer=self.script)

    def script(self, payload: Mapping[str, Json]) -> Script:
        """Play both jobs as the compiled machine does."""
        self.inputs.append(payload)
        resume = payload.get("resume")
        resume = resume if isinstance(resume, Mapping) else {"jobs": {}, "status": {}}
        steps: list[ScriptedStep] = []
        jobs: dict[str, Json] = {}
        status: dict[str, Json] = {}
        seconds = 0
        for job in ("extract", "load"):
            kept = resume["status"]
            if isinstance(kept, Mapping) and job in kept:
                restored = resume["jobs"]
                assert isinstance(restored, Mapping)
                jobs |= {job: restored[job]} if job in restored else {}
                status[job] = kept[job]
                steps += _state("Choice", f"{job}.guard", seconds, jobs, status)
                continue
            steps += _state("Choice", f"{job}.guard", seconds, jobs, status)
            steps.append(ScriptedStep(after_seconds=seconds, type="TaskStateEntered", details={"name": job}))
            steps.append(ScriptedStep(after_seconds=seconds, type="LambdaFunctionScheduled"))
            seconds += 1
            if job in self.failing:
                steps.append(
                    ScriptedStep(
                        after_seconds=seconds, type="LambdaFunctionFailed", details={"error": "ValueError", "cause": BOOM}
                    )
                )
                return Script(
                    steps=tuple(steps),
                    ends_after_seconds=seconds,
                    status=SessionStatus.FAILED,
                    error="ValueError",
                    cause=BOOM,
                )
            jobs[job], status[job] = self.outputs[job], "succeeded"
            steps.append(
                ScriptedStep(
                    after_seconds=seconds, type="TaskStateExited", details={"name": job, "output": _data(jobs, status)}
                )
            )
        return Script(steps=tuple(steps), ends_after_seconds=seconds, output={"load": jobs.get("load")})


def _state(
    kind: str, name: str, seconds: float, jobs: Mapping[str, Json], status: Mapping[str, Json]
) -> Iterator[ScriptedStep]:
    yield ScriptedStep(after_seconds=seconds, type=f"{kind}StateEntered", details={"name": name})
    yield ScriptedStep(after_seconds=seconds, type=f"{kind}StateExited", details={"name": name, "output": _data(jobs, status)})


def _data(jobs: Mapping[str, Json], status: Mapping[str, Json]) -> str:
    return json.dumps({"jobs": dict(jobs), "status": dict(status)})
