"""Documents as the commands make them, with all that they may hold; `tests/cases/output` keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bunsui.apply.events import (
    ApplyFinished,
    ChangeDone,
    ChangeFailed,
    ChangeNoted,
    ChangeSkipped,
    ChangeStarted,
    SmokeRunEnded,
    SmokeRunStarted,
    SmokeVerdict,
)
from bunsui.apply.trail import Broken, Verified
from bunsui.cli.local_json import LocalEnvDocument, LocalLogDocument, LocalResetDocument, LocalStopDocument, local_document
from bunsui.codec.shape import Shape
from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.order import JobOrder, order_of
from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.emulator.launcher.judged_calls import parse_judged
from bunsui.emulator.launcher.launcher import LocalEndpoint, LocalStatus
from bunsui.engine.run import ExecutionResult
from bunsui.engine.status import Status
from bunsui.errors import Unavailable
from bunsui.finding_codes import FindingCode
from bunsui.folders.known_projects import KnownProject
from bunsui.model.address import Address, parse_address
from bunsui.model.beside import BesideOurs
from bunsui.model.estimates.cost import Usage, estimate_cost
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.failures import ErrorClass
from bunsui.model.gates import ApprovalGate, Decided, GateOutcome, GateStanding
from bunsui.model.json import Json
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.outcomes import ClosingPhase, Outcome
from bunsui.model.pipeline import Job
from bunsui.model.pipeline_test import PipelineTest
from bunsui.model.recovery import Strategy
from bunsui.model.resource import AppliedResource, Scope
from bunsui.model.session import Attempt, Checkpoint, FailedItem, FailureNote, JobProgress, JobStatus, Session, SessionStatus
from bunsui.operations.registry import builtin_registry
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.checks import beside_ours
from bunsui.plan.model import Action, Retirement
from bunsui.ports.account import LookedAt, Presence, ReferredObject
from bunsui.ports.acts import ActRecord
from bunsui.ports.ledger import Actor, ApplyRecord, JournalEntry, LockRecord
from bunsui.ports.machines import DescribedMachine, ListedMachine
from bunsui.ports.monitoring import LogLine
from bunsui.ports.schedules import ScheduleTimes
from bunsui.services.adoption.candidates import ImportCandidate
from bunsui.services.adoption.definition_file import DefinitionImport, ImportedDefinition, NamedDefinition
from bunsui.services.adoption.definition_text import DefinitionText
from bunsui.services.adoption.importing import ImportedMachine, ImportStatus
from bunsui.services.adoption.owners import Owner, OwnerKind
from bunsui.services.adoption.survey import AccountSurvey, NightFailure, SurveyedMachine
from bunsui.services.alerts.listing import AlertList, AlertStanding, ListedAlert
from bunsui.services.audit import Audit, SessionAct
from bunsui.services.channels.trial import ChannelTrial, TrialOutcome
from bunsui.services.ci.comment import Posted
from bunsui.services.ci.digest import ReviewedPlan
from bunsui.services.doctor.checks import Area, Diagnosis, fail, say_ok, skip, warn
from bunsui.services.graph import graph_of
from bunsui.services.history.completed_jobs import JobCheckpoint, ResumeVerdict
from bunsui.services.history.events import EventList, SessionEvent
from bunsui.services.history.job_runs import JobRuns, JobTurn
from bunsui.services.history.open_gates import OpenGates
from bunsui.services.init import InitOutcome
from bunsui.services.morning.causes import causes_of
from bunsui.services.morning.expected import ExpectedRun, RunState
from bunsui.services.morning.page import Morning, NextStart
from bunsui.services.morning.schedules import SWITCHED_OFF, DeployedSchedule
from bunsui.services.overview.details import PipelineDetails
from bunsui.services.overview.drift import DriftReport
from bunsui.services.overview.runs import recent_runs
from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.services.recovery.carrying import RecoveryOutcome, RecoveryStatus, RecoveryStep
from bunsui.services.resident.standing import Report, ResidentStanding, ResidentState
from bunsui.services.resume import Resumption, ResumptionEstimate
from bunsui.services.rewriting.formatting import format_files
from bunsui.services.rewriting.upgrade import upgrade_files
from bunsui.services.running.approvals import DecidedGate
from bunsui.services.running.backfill import BackfillPlan
from bunsui.services.running.durations import KnownRuns
from bunsui.services.running.foreseen_jobs import ForeseenJob, JobProspect
from bunsui.services.running.learning import Learning, LearntJob, LearntPipeline
from bunsui.services.running.run_plan import RunPlan
from bunsui.services.running.stops import StopOutcome
from bunsui.services.sessions import SessionList
from bunsui.services.simulate import Simulation
from bunsui.services.state import Rebuilt, StateRow
from bunsui.services.state_graph import state_graph
from bunsui.services.status import ProjectStatus
from bunsui.services.verify.judge import LookedUp, TrustedRole
from bunsui.services.verify.verify import VerifyOutcome
from bunsui.sessions.checkpoints import ResumePlan
from bunsui.sessions.history.operation_runs import OperationRun, OperationTry
from bunsui.sessions.items.reading import ItemPlan
from bunsui.sessions.logs.task_logs import LogEntry, TaskLogs
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.manager import Intent
from bunsui.sessions.recovery.nested import ChildResume
from bunsui.sessions.recovery.plan import RecoveryGroup, RecoveryPart, RecoveryPlace, RecoveryPlan, RecoveryTarget
from bunsui.sessions.rounds import Round, Visit
from bunsui.sessions.snapshot import AttemptJobs, FailureStreak, SessionFailure, SessionSnapshot
from bunsui.testing.coverage import Coverage, Way
from bunsui.testing.expectations import Mismatch
from bunsui.testing.facts import RunFacts
from bunsui.testing.verdict import Verdict, VerdictProblem
from bunsui.view.documents.adoption.definitions import definitions_document
from bunsui.view.documents.adoption.exports import ExportDocument
from bunsui.view.documents.adoption.imports import import_document
from bunsui.view.documents.adoption.surveys import survey_document, unmanaged_document
from bunsui.view.documents.apply import apply_document
from bunsui.view.documents.channels import ChannelTrials, ChannelTrialsDocument
from bunsui.view.documents.ci import PlanCommentDocument, ReviewedPlanDocument
from bunsui.view.documents.estimates import LearningDocument
from bunsui.view.documents.findings import ExplainedDocument
from bunsui.view.documents.formatting import formatting_document, upgrade_document
from bunsui.view.documents.graphs import GraphDocument, state_graph_document
from bunsui.view.documents.init import InitDocument
from bunsui.view.documents.morning import morning_document
from bunsui.view.documents.projects import projects_document
from bunsui.view.documents.resident import ResidentDocument
from bunsui.view.documents.running.alerts import AlertListDocument
from bunsui.view.documents.running.backfill import backfill_document
from bunsui.view.documents.running.checkpoints import checkpoints_document
from bunsui.view.documents.running.events import events_document
from bunsui.view.documents.running.gates import ApprovalsDocument, DecisionDocument
from bunsui.view.documents.running.job_runs import job_runs_document
from bunsui.view.documents.running.logs import logs_document
from bunsui.view.documents.running.recovery import RecoveryDocument, RecoveryPlanDocument
from bunsui.view.documents.running.resumption import ResumptionDocument
from bunsui.view.documents.running.run_plan import run_plan_document
from bunsui.view.documents.running.runs import report_document, simulation_document
from bunsui.view.documents.running.sessions import SessionDocument, SessionPart, StoppedDocument, StoppedPart, sessions_document
from bunsui.view.documents.state import (
    ForgottenDocument,
    HistoryDocument,
    MovedDocument,
    RebuildDocument,
    RecordPart,
    UnlockDocument,
    audit_document,
    state_document,
)
from bunsui.view.documents.status import drift_document, status_document
from bunsui.view.documents.trust.doctor import DoctorDocument
from bunsui.view.documents.trust.verify import verify_document
from tests.unit.view.printed_deployments import a_history, a_pause, a_rollback

START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=1, milliseconds=250)
ROLE = "arn:aws:sts::123456789012:assumed-role/ops/mika"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:sales--dev--daily"
RUN = MACHINE.replace("stateMachine", "execution") + ":01KBH3X2J4"


def _session(*, failed: bool = True) -> Session:
    status = SessionStatus.FAILED if failed else SessionStatus.RUNNING
    first = Attempt(
        number=1, execution_arn=f"{RUN}-1", kind="run", status=SessionStatus.FAILED, started_at=START, stopped_at=LATER,
        error="ValueError", cause='{"errorMessage": "x"}',
    )  # fmt: skip
    return Session(
        id="01KBH3X2J4ABCDEFGHJKMNPQRS",
        pipeline="daily",
        status=status,
        slot=START,
        date="2026-02-01",
        params={"region": "jp", "days": [1, 2]},
        started_by=ROLE,
        created_at=START,
        attempts=(first, Attempt(number=2, execution_arn=f"{RUN}-2", kind="resume", status=status, started_at=LATER)),
        commit="0123abc*",
        version_arn=f"{MACHINE}:3",
        failed_job="load" if failed else "",
        failure=_noted() if failed else None,
        output=None if failed else {"rows": 3},
    )


def _noted() -> FailureNote:
    return FailureNote(
        fingerprint="f1-0123456789ab", error_class="code", error="ValueError", message="x", place="load", completed=("extract",)
    )  # fmt: skip


def _logs() -> Shape:
    line = LogEntry(at=START, job="load", function="daily-load", stream="2026/01/31/[3]ab", message="\x1b[31mred\n", item="a")
    found = TaskLogs(entries=(line,), is_cut=True, others=1, other_lines=3, missing_ends=1, unlogged=("main",))
    return logs_document("01A", found)


def _sessions() -> Shape:
    visits = (
        Visit(pipeline="daily", is_reached=True, back_to=START),
        Visit(pipeline="hourly", is_reached=False, why="AWS refused the call"),
    )
    twice = replace(_session(failed=False), duplicates=_session().attempts[:1], is_described=False)
    done = Round(visits=visits, seconds=0.25, undescribed=1)
    return sessions_document(SessionList(sessions=[_session(), twice], round=done, is_cut=True), {"daily": "Daily sales"})


DECIDED = Decided(decision="rejected", by="arn:aws:iam::123456789012:user/ann", note="wrong day", at=LATER)


def gate_as(outcome: GateOutcome = "open") -> GateStanding:
    """A gate, decided or not."""
    gate = ApprovalGate(
        id="3f2a9c01b7de",
        pipeline="daily",
        execution_arn=RUN,
        session="01KBH3X2J4ABCDEFGHJKMNPQRT",
        started_by="arn:aws:iam::123456789012:user/mika",
        state="release.approve",
        message="load 7 rows?\nReally?",
        evidence={"rows": 7, "report": "s3://reports/1"},
        approvers=("ann", "arn:aws:sts::*:assumed-role/Leads/*"),
        four_eyes=True,
        opened_at=START,
        deadline=START + timedelta(hours=24),
        on_deadline="reject",
        on_reject="continue",
    )
    decided = {"approved": replace(DECIDED, decision="approved", note=""), "rejected": DECIDED}.get(outcome)
    return GateStanding(gate=gate, outcome=outcome, decided=decided)


def _morning() -> Shape:
    times = ScheduleTimes(expression="cron(0 3 * * ? *)", timezone="Asia/Tokyo", is_enabled=True, input={})
    nightly = DeployedSchedule(pipeline="daily", id="nightly", times=times, since=START - timedelta(days=9))
    paused = replace(nightly, id="noon", times=replace(times, is_enabled=False), outside=SWITCHED_OFF)
    failed = ExpectedRun(pipeline="daily", schedule="nightly", at=START, state=RunState.FAILED, session=_session(), slot=START)
    missing = replace(failed, at=LATER, state=RunState.MISSING, session=None, slot=LATER, params={"days": [1], "region": "jp"})
    held = replace(missing, schedule="noon", state=RunState.HELD, why=SWITCHED_OFF)
    page = Morning(
        scope=Scope(project="sales", environment="dev", account="123456789012", region="eu-west-1"),
        commit="0123abc*",
        is_local=False,
        since=START - timedelta(hours=8),
        now=LATER + timedelta(hours=2),
        schedules=(nightly, paused),
        is_checked=True,
        runs=(failed, missing, held),
        causes=causes_of([failed]),
        next_starts=(NextStart(pipeline="daily", schedule="nightly", at=START + timedelta(days=1)),),
        round=Round(visits=(Visit(pipeline="daily", is_reached=True),), seconds=0.25),
        looked_at={"daily": LATER},
        startable=frozenset({"daily"}),
        gates=(gate_as(),),
    )
    return morning_document(page, UTC)


def _snapshot(*, failed: bool) -> Shape:
    jobs = (
        JobProgress(name="extract", status=JobStatus.RESTORED, started_at=START, stopped_at=LATER, output={"n": 1}),
        JobProgress(
            name="load", status=JobStatus.FAILED if failed else JobStatus.RUNNING, started_at=LATER, tries=2, polls=4,
            items_done=3, items_total=5, items_failed=1, error="ValueError" if failed else "", coarse=True,
            failed_items=(FailedItem(label="a", error="E", message="m"),),
        ),
        JobProgress(name="report", status=JobStatus.WAITING),
    )  # fmt: skip
    failure = SessionFailure(
        error="ValueError", cause='{"errorMessage": "x"}', message="x", error_class=ErrorClass.CODE, job="load", state="load.1",
        resource="arn:aws:lambda:eu-west-1:123456789012:function:load", child_arn=f"{RUN}-child", item="2026-01",
        traceback=("load.py:3",), traceback_from="the error", hint="Correct the code, then resume.",
    )  # fmt: skip
    session = _session(failed=failed)
    if not failed:
        return SessionDocument.of(SessionSnapshot(session=session, jobs=jobs, taken_at=LATER))
    compared = (AttemptJobs(number=1, jobs=jobs), AttemptJobs(number=2, jobs=None))
    streak = FailureStreak(count=2, first=session, last_success=session, different=session, is_open=True, unknown=1)
    return SessionDocument.of(
        SessionSnapshot(session=session, jobs=jobs, taken_at=LATER, failure=failure, compared=compared, streak=streak)
    )


def _apply(*, nothing: bool = False) -> Shape:
    if nothing:
        return apply_document([ApplyFinished(done=0, failed=0, skipped=0, interrupted=False, seconds=0.0)])
    role, machine, function = (parse_address(text) for text in ("role.daily", "state_machine.daily", "function.daily.load"))
    return apply_document(
        [
            ChangeStarted(address=role, action=Action.UPDATE),
            ChangeNoted(address=role, note="removed 2 old versions"),
            ChangeDone(address=role, action=Action.UPDATE, seconds=1.25),
            ChangeFailed(address=function, action=Action.CREATE, code="denied", message="not allowed", hint="Ask for it."),
            ChangeSkipped(address=machine, action=Action.REPLACE, because="function.daily.load failed"),
            SmokeRunStarted(pipeline="daily", version="3", session="01S", within_seconds=600),
            SmokeRunEnded(
                pipeline="daily",
                version="3",
                session="01S",
                verdict=SmokeVerdict.FAILED,
                seconds=4.5,
                cause="load: ValueError: no rows",
                rolled_back_to="2",
                hint="See why:\n  bunsui show 01S",
            ),
            ApplyFinished(done=1, failed=1, skipped=1, interrupted=True, seconds=2.5),
        ]
    )


def _record(*, ended: bool = True) -> ApplyRecord:
    return ApplyRecord(
        id="01KBH3X2J4ABCDEFGHJKMNPQRT",
        operation="apply",
        actor=Actor(who=ROLE, host="runner-7", link="https://ci.example/runs/7"),
        begun_at=START,
        commit="0123abc",
        plan_id="01KBH3X2J4ABCDEFGHJKMNPQRU",
        digest="ab" * 32,
        fence=4,
        outcome="complete" if ended else "begun",
        ended_at=LATER if ended else None,
        facts={"changes": {"done": 3}, "break_glass": "the fire"},
        serial=2,
        previous="cd" * 32,
        hash="ef" * 32,
    )


def _state() -> Shape:
    address = parse_address("state_machine.daily")
    lifecycle = Lifecycle(
        prevent_destroy=True, protect=True, ignore=(IgnoredPlace(attribute="definition", path=("Wait", "Seconds")),)
    )
    written = AppliedResource(
        address=address, physical_name="sales--dev--daily", attributes={"type": "STANDARD", "definition": {"StartAt": "a"}},
        outputs={"arn": MACHINE}, revision="r3", written_at=START, commit="0123abc", depends_on=(parse_address("role.daily"),),
        plan="01KBH3X2J4ABCDEFGHJKMNPQRU", lifecycle=lifecycle, retired_at=LATER,
    )  # fmt: skip
    entry = JournalEntry(
        address=address, physical_name="sales--dev--daily", action="update", steps=("update", "publish"), done=1
    )
    rebuilt = AppliedResource(address=parse_address("role.daily"), physical_name="daily", attributes={}, is_known=False)
    return state_document([StateRow(resource=rebuilt), StateRow(resource=written, pending=entry)])


def _act() -> ActRecord:
    return ActRecord(
        id="a1",
        at=START,
        act="stop",
        call="StopExecution",
        actor=Actor(who=ROLE, host="context", link="https://ci.example/1"),
        pipeline="daily",
        session="01KBH3X2J4ABCDEFGHJKMNPQRT",
        attempt=1,
        execution_arn=RUN,
        slot=START,
        params=("region",),
        reason="wrong day",
        serial=1,
        hash="ac" * 32,
    )


def _audit(*, broken: bool) -> Shape:
    fault = Broken(serial=1, id="01KBH3X2J4ABCDEFGHJKMNPQRT", why="its hash is another") if broken else None
    chain = Verified(links=2, unchained=1, head="ef" * 32, broken=fault)
    anchor = "" if broken else "ef" * 32
    return audit_document(
        Audit(
            records=[_record()],
            chain=chain,
            acts=[SessionAct(begun=_act(), ended=None if broken else replace(_act(), of="a1", at=LATER, outcome="done"))],
            acts_chain=Verified(links=2, unchained=0, head="ab" * 32, broken=fault),
            anchor=anchor,
            anchored=_record() if anchor else None,
        ),
        limit=1,
    )


FAULT = Diagnostic(code="BS101", severity=Severity.ERROR, summary="no such key", position=Position("pipelines/bad.yaml", 3, 1))


def _drift() -> Shape:
    scope = Scope(project="sales", environment="dev", account="123456789012", region="eu-west-1")
    before = AppliedResource(address=Address("log_group", "daily"), physical_name="g", attributes={"retention_days": 30})
    after = replace(before.as_actual(scope), attributes={"retention_days": 1}, is_assumed=False)
    beside = BesideOurs(what="subscription filter", name="theirs", effect="sends logs on")
    facts = Facts(
        scope=scope, as_of=START, desired=(before.as_desired(),), actual=(replace(after, beside=(beside,)),),
        applied={before.address: before},
    )  # fmt: skip
    plan = build_plan(facts)
    told = tuple(beside_ours.check(plan))
    return drift_document(DriftReport(scope=scope, taken_at=START, resources=1, drifted=plan.pending, beside=told))


def _status(*, errors: bool) -> Shape:
    scope = Scope(project="sales", environment="dev", account="123456789012", region="eu-west-1")
    if errors:
        return status_document(ProjectStatus(scope=scope, commit="", is_local=False, pipelines=()))
    retirement = Retirement(since=START, until=LATER, running=("01A",), redrivable=("01B",))
    pipelines = (
        PipelineStatus(
            name="daily",
            path="pipelines/daily.yaml",
            standing=PipelineStanding.IN_SYNC,
            changes=0,
            last_session=_session(),
            looked_at=LATER,
            next_start=LATER,
            runs=recent_runs([_session()], is_whole=True),
            applied_commit="0123abc",
            applied_at=START,
        ),
        PipelineStatus(name="old", path="", standing=PipelineStanding.RETIRED, changes=1, retirement=retirement, fault=FAULT),
    )
    details = PipelineDetails(
        name="daily",
        read_at=LATER,
        runs=recent_runs([_session()], is_whole=True),
        durations={"load": TypicalDuration(seconds=2.0, runs=1)},
        cost=estimate_cost(Usage(transitions=10), "us-east-1"),
        tests=2,
    )
    return status_document(
        ProjectStatus(scope=scope, commit="0123abc*", is_local=False, pipelines=pipelines, details={"daily": details})
    )


def _upgrade() -> Shape:
    text = b'version: 1\njobs: {b: {run_if: none_failed_or_skipped, depends_on: [a], outputs: {n: "{% $result.n %}"}}}\n'
    return upgrade_document(upgrade_files({"a.yaml": text}), is_written=False)


def _format() -> Shape:
    outcome = format_files({"a.yaml": b"name: a\nversion: 1\n", "b.yaml": b"[", "c.yaml": b"x: 1\n"}, builtin_registry())
    return formatting_document(outcome, prefix="", is_written=True)


def _graph() -> Shape:
    dag: dict[str, tuple[str, ...]] = {"a": (), "b": (), "c": ("a", "b"), "d": ("b",), "end": ("c", "d")}
    order = order_of(dag)
    jobs = [Job(name=name, operations=(), depends_on=needs, description="Loads.") for name, needs in dag.items()]
    assert isinstance(order, JobOrder)
    return GraphDocument.of(graph_of("sales", jobs, structured(order)))


def _state_graph() -> Shape:
    rule: dict[str, Json] = {"Variable": "$.n", "NumericGreaterThan": 1, "Next": "each"}
    inner: dict[str, Json] = {"StartAt": "work", "States": {"work": {"Type": "Wait", "Seconds": 5, "End": True}}}
    branches: list[Json] = [inner, {"StartAt": "say", "States": {"say": {"Type": "Pass", "End": True}}}]
    caught: list[Json] = [{"ErrorEquals": ["States.ALL"], "Next": "lost"}]
    states: dict[str, Json] = {
        "choose": {"Type": "Choice", "Choices": [rule], "Default": "call"},
        "call": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Catch": caught, "Next": "${Later}"},
        "each": {"Type": "Parallel", "Branches": branches, "End": True},
        "lost": {"Type": "Fail", "Error": "Lost"},
    }
    return state_graph_document(state_graph("orders", {"StartAt": "choose", "States": states}))


def _simulation(*, failed: bool) -> Shape:
    began = {"timestamp": START, "type": "ExecutionStarted", "id": 1, "previousEventId": 0}
    ended = {"timestamp": LATER, "type": "ExecutionFailed", "id": 2, "previousEventId": 0, "executionFailedEventDetails": {}}
    result = ExecutionResult(
        status=Status.FAILED if failed else Status.SUCCEEDED,
        output=None if failed else {"n": 1},
        error="Busy" if failed else None,
        cause="too much" if failed else None,
        events=[began, ended],
    )
    return simulation_document(Simulation(name="t", result=result, facts=RunFacts(status="failed"), started_at=START))


def _tests() -> Shape:
    place = Position(file="pipelines/daily.yaml", line=9, column=3)
    facts = RunFacts(status="failed", error="Busy", path=("extract",), seconds=300.0)
    verdicts = (
        Verdict(test=PipelineTest(name="works", pipeline="daily", position=place), facts=facts),
        Verdict(
            test=PipelineTest(name="fails", pipeline="daily", position=place),
            facts=facts,
            mismatches=(
                Mismatch(name="output", expected={"n": 1}, actual=None, position=place),
                Mismatch(name="status", expected="succeeded", actual="failed"),
            ),
        ),
        Verdict(
            test=PipelineTest(name="session 01A", pipeline="daily"), problem=VerdictProblem(code="mock-missing", summary="none")
        ),
    )
    ways = (Way(state="choose", place=0, label="to a"), Way(state="choose", place=None, label="default, to b"))
    covered = Coverage(pipeline="daily", states=3, ways=2, missed_states=("report",), missed_ways=ways)
    return report_document(verdicts, [covered], untested=["old"])


def _resumption() -> Shape:
    plan = ResumePlan(
        restored=("extract",), to_run=("load",), skipped=("report",), outdated={"clean": "its code changed"}, payload={},
        items={"load": ItemPlan(total=3, done=2, results={0: {}, 2: {}})},
    )  # fmt: skip
    session = _session(failed=False)
    inner = replace(plan, outdated={})
    child = ChildResume(job="load", state="load", pipeline="loads", plan=inner, params={})
    return ResumptionDocument.of(
        Resumption(
            session=session,
            plan=plan,
            checkpoints={},
            is_unchanged=True,
            repeats=_noted(),
            children=(child,),
            unapplied=("load", ""),
            durations={"load": TypicalDuration(seconds=60.0, runs=2)},
            estimate=ResumptionEstimate(seconds=60.0, is_learnt=True, cost=None),
        )
    )


def _events() -> Shape:
    def event(number: int, kind: str, **told: str) -> SessionEvent:
        about: Any = {"job": "", "state": "", "item": "", "error": "", "message": "", **told}
        return SessionEvent(at=START, execution=1, execution_arn=RUN, id=number, type=kind, **about)

    failed = event(4, "TaskFailed", job="load", state="load.call", item="a", error="Busy", message="no")
    found = EventList(events=(event(1, "ExecutionStarted"), failed), forgotten=(2,))
    return events_document("01KBH3X2J4ABCDEFGHJKMNPQRS", found)


def _job_runs() -> Shape:
    tried = OperationTry(started_at=START, stopped_at=LATER, error="Busy", message="no", cause='{"errorMessage":"no"}')
    run = OperationRun(
        state="load.call", item="a", status=JobStatus.FAILED, calls="lambda:invoke", target="load:3", started_at=START,
        stopped_at=LATER, input={"rows": 1}, output=None, tries=(tried,), child_arn=RUN,
    )  # fmt: skip
    long = replace(run, output={"ok": True}, item="", status=JobStatus.SUCCEEDED)
    turn = JobTurn(execution=2, progress=JobProgress(name="load", status=JobStatus.FAILED, started_at=START, error="Busy"))
    found = JobRuns(job="load", turns=(turn,), execution=2, runs=(run, long), left_out=7, forgotten=(1,))
    return job_runs_document(_session(failed=True), found)


def _checkpoints() -> Shape:
    done = Checkpoint(job="extract", outcome=Outcome.SUCCEEDED, outputs={}, at=START, attempt=1, fingerprint="8f14.e45f")
    jobs = (
        JobCheckpoint(job="extract", verdict=ResumeVerdict.RUNS_AGAIN, checkpoint=done, why="its code changed"),
        JobCheckpoint(job="load", verdict=ResumeVerdict.RUNS, items=ItemPlan(total=3, done=2, why_again="its code changed")),
    )
    return checkpoints_document(_session(failed=True), jobs)


def _projects() -> Shape:
    prod = KnownProject(project="shop", environment="prod", id="7f3a0c52", account="1" * 12, region="eu-west-1", profile="look")
    local = KnownProject(project="shop", environment="local", id="7f3a0c52", timezone="Asia/Tokyo", folder="/home/mika/shop")
    return projects_document(Path("/home/mika/.config/bunsui/projects.toml"), (prod, local))


def _recovery_plan() -> RecoveryPlan:
    target = RecoveryTarget(session="01KBH3X2J4ABCDEFGHJKMNPQRS", execution_arn=f"{RUN}-1", redrive=0)
    part = RecoveryPart(
        pipeline="daily", strategy=Strategy.RESUME, reason="load: its code changed", kept=("extract",), runs=("load",),
        outdated=(("clean", "its code changed"),), side_effects=("load.call",), is_certain=True, typical_seconds=61.5,
        known_runs=3, targets=(target,), items=("load",), learnt_seconds=40.0, usd_each=0.003,
        uncounted=("glue_job in load",),
    )  # fmt: skip
    group = RecoveryGroup(
        fingerprint="f1-0123456789ab", error_class="code", error="ValueError", message="x", place="load", first_at=START,
        last_at=LATER, sample=target.session, parts=(part,),
    )  # fmt: skip
    place = RecoveryPlace(project="sales", project_id="x", environment="dev", account="111111111111", region="eu-west-1")
    return RecoveryPlan(place=place, made_at=LATER, asked="since:1d", groups=(group,), unreached=("hourly",))


def _recovery() -> Shape:
    step = RecoveryStep(
        session=_session().id, pipeline="daily", strategy=Strategy.RESUME, status=RecoveryStatus.STARTED, attempt=2
    )  # fmt: skip
    return RecoveryDocument.of(RecoveryOutcome(plan=_recovery_plan(), steps=(step,)))


def _learning() -> Shape:
    change = LearntJob(pipeline="daily", job="load", before=300, after=900)
    measured = LearntPipeline(pipeline="daily", runs=10, unread=1)
    learning = Learning(text="version: 1", is_new=True, changes=(change,), measured=(measured,), calls=21)
    return LearningDocument.of(learning, file="bunsui.durations.yaml")


def _backfill() -> Shape:
    intents = tuple(
        Intent(machine=PipelineMachine(pipeline="daily", arn=RUN, timezone="UTC"), params={}, slot=slot, started_by=ROLE)
        for slot in (START, LATER)
    )
    plan = BackfillPlan(
        pipeline="daily", intents=intents, left_out=1, schedule="nightly", seconds_each=61.5, concurrency=4, timezone="UTC"
    )
    return backfill_document(plan, [_session(failed=False)])


def _run_plan(existing: Session | None = None) -> Shape:
    jobs = (
        ForeseenJob(name="extract", level=1, depends_on=(), prospect=JobProspect.RUNS),
        ForeseenJob(
            name="weekly", level=2, depends_on=("extract",), prospect=JobProspect.SKIPPED, why="its when does not hold",
            when="$session.weekday = 'Monday'",
        ),
        ForeseenJob(
            name="tell", level=3, depends_on=("extract", "weekly"), prospect=JobProspect.DEPENDS,
            why="runs only when a job before it fails", closing=ClosingPhase.ON_FAILURE,
        ),
    )  # fmt: skip
    plan = RunPlan(
        pipeline="daily", slot=START, date="2026-01-31", timezone="UTC", is_slot_given=existing is not None,
        params={"region": "jp", "limit": None}, open_params=("batch",), is_raw=False, jobs=jobs, existing=existing,
        history=KnownRuns(count=0, typical_seconds=None) if existing else KnownRuns(count=3, typical_seconds=61.5), running=1,
        unapplied=("extract",),
    )  # fmt: skip
    return run_plan_document(plan, command="bunsui run daily")


def _local(*, runs: bool) -> Shape:
    folder = Path("/data/.bunsui/local")
    notices = ("one could not be read",)
    endpoint = (
        LocalEndpoint(url="http://127.0.0.1:4566", pid=7, secret_file=folder / "secret", notices=notices) if runs else None
    )
    unsaved = "no space left" if runs else ""
    call: dict[str, Json] = {
        "role": ROLE,
        "action": "glue",
        "resource": "",
        "outcome": "not judged",
        "reason": "why",
        "count": 2,
        "at": 7.0,
    }
    judged = parse_judged(
        {"iam": "warn", "totals": {"allowed": 3, "refused": 1, "not judged": 2}, "calls": [call | {"count": 2, "at": 7.0}]}
    )
    return local_document(
        LocalStatus(folder=folder, endpoint=endpoint, unsaved=unsaved, size_bytes=5, judged=judged if runs else None)
    )


def _lock() -> LockRecord:
    return LockRecord(
        id="01L", fence=4, version="v", held=True, lease_seconds=60, operation="apply", actor=Actor(who=ROLE), since=START
    )  # fmt: skip


def _resident() -> Shape:
    report = Report(
        at=START, cause="sweep", machines=3, visited=2, news=1, left=0, seconds=1.5, version="0.1.0", problems=("p: why",)
    )
    return ResidentDocument.of(
        ResidentStanding(
            state=ResidentState.AWAKE,
            version_here="0.1.0",
            version="0.1.0",
            log_group="/aws/lambda/tests--local--_resident--look",
            applied_at=START,
            reports=(report,),
            failures=(LogLine(at=START, message="[ERROR] NotFound: nothing", stream="s"),),
        )
    )


def _verify() -> Shape:
    one = ReferredObject(kind="queue", name="arn:aws:sqs:eu-west-1:111111111111:jobs")
    denied = LookedAt(presence=Presence.UNKNOWN, permission="sqs:GetQueueUrl")
    finding = Diagnostic(
        code="BS591",
        severity=Severity.WARNING,
        summary="unknown",
        position=Position(file="pipelines/daily.yaml", line=3, column=5),
    )
    return verify_document(
        VerifyOutcome(
            pipelines=("daily",),
            looked=(LookedUp(target=one, pipelines=("daily",), found=denied),),
            roles=(
                TrustedRole(
                    arn=ROLE,
                    pipeline="daily",
                    services=(
                        "a",
                        "b",
                    ),
                    trusted=None,
                ),
            ),
            findings=(finding,),
        )
    )


def _channel_trials() -> Shape:
    failed = ChannelTrial(
        channel="oncall",
        type="slack_webhook",
        outcome=TrialOutcome.FAILED,
        code="channel-refused",
        problem="the channel's server refused it",
        facts={"status": "404", "answer": "no_service"},
        remedy="Nobody listens there.",
    )
    sent = ChannelTrial(channel="ops", type="sns", outcome=TrialOutcome.SENT)
    return ChannelTrialsDocument.of(ChannelTrials(environment="prod", channels=(sent, failed)))


def _alerts() -> Shape:
    sent = ListedAlert(
        standing=AlertStanding.SENT,
        pipeline="orders",
        event="recovered",
        channel="oncall",
        subject="orders succeeds again in prod of sales",
        key="recovered-0123456789abcdef-20260301T030000Z",
        made_at=START,
        not_before=None,
        settled_at=START,
        tries=1,
        problem="",
    )
    held = replace(sent, standing=AlertStanding.HELD, event="late", not_before=START, settled_at=None, tries=0)
    return AlertListDocument.of(AlertList(environment="prod", alerts=(held, sent), is_cut=True))


def _doctor() -> Shape:
    clock = fail(Area.NETWORK, "clock", "it is 600 s behind AWS's", next_step="Set this machine's clock.", code="clock-off")
    state = warn(Area.STATE, "table", "there is no table", next_step="The first apply makes it:\n  bunsui apply")
    checks = (say_ok(Area.MACHINE, "Python", "3.11.7"), clock, skip(Area.CREDENTIALS, "caller", "why"), state)
    return DoctorDocument.of(Diagnosis(version="0.1.0", environment="prod", checks=checks))


EXAMPLES: Mapping[str, Callable[[], Shape]] = {
    "apply": _apply,
    "apply-of-nothing": lambda: _apply(nothing=True),
    "audit": lambda: _audit(broken=False),
    "resident": _resident,
    "channel-trials": _channel_trials,
    "alerts": _alerts,
    "resident-of-nobody": lambda: ResidentDocument.of(ResidentStanding(state=ResidentState.NONE, version_here="0.1.0")),
    "backfill": _backfill,
    "learning": _learning,
    "audit-of-a-broken-chain": lambda: _audit(broken=True),
    "deployments": a_history,
    "pause": a_pause,
    "rollback": a_rollback,
    "finding": lambda: ExplainedDocument.of(FindingCode("something is too wide", "make it narrower"), code="BS505"),
    "forgotten": lambda: ForgottenDocument(addresses=("role.daily", "state_machine.daily")),
    "format": _format,
    "upgrade": _upgrade,
    "graph": _graph,
    "history": lambda: HistoryDocument(applies=tuple(map(RecordPart.of, [_record(ended=False), _record()]))),
    "run-plan": _run_plan,
    "run-plan-of-a-used-key": lambda: _run_plan(_session(failed=False)),
    "doctor": _doctor,
    "verify": _verify,
    "export": lambda: ExportDocument(
        pipeline="orders",
        arn="arn:aws:states:eu-west-1:111111111111:stateMachine:orders",
        folder="out",
        files=("orders.asl.json", "orders.tf"),
    ),
    "import": lambda: import_document(
        (
            ImportedMachine(
                candidate=ImportCandidate(
                    machine=DescribedMachine(
                        arn="arn:aws:states:eu-west-1:111111111111:stateMachine:Nightly",
                        name="Nightly",
                        is_express=False,
                        definition="{}",
                        role_arn="arn:aws:iam::111111111111:role/theirs",
                    ),
                    pipeline="Nightly",
                    files={},
                ),
                status=ImportStatus.UNDONE,
                reason="the plan is not empty",
            ),
        ),
        ("pipelines/nightly.yaml",),
        is_complete=False,
    ),
    "definitions": lambda: definitions_document(
        DefinitionImport(
            definitions=(
                ImportedDefinition(
                    source=NamedDefinition(file="load.asl.json", content=b"{}"),
                    pipeline="load",
                    text=DefinitionText(content=b"{}", substitutions={"LoadArn": "arn:aws:lambda"}),
                    files={"pipelines/load.asl.json": b"{}", "pipelines/load.yaml": b""},
                ),
            ),
            plan=None,
        )
    ),
    "survey": lambda: survey_document(
        AccountSurvey(
            machines=(
                SurveyedMachine(
                    machine=ListedMachine(arn="arn:aws:states:eu-west-1:111111111111:stateMachine:Nightly", name="Nightly"),
                    owner=Owner(kind=OwnerKind.CLOUDFORMATION, name="etl"),
                ),
            ),
            since=datetime(2026, 1, 30, 18, tzinfo=UTC),
            failures=(NightFailure(note=None, sessions=()),),
        )
    ),
    "unmanaged": lambda: unmanaged_document(
        (
            SurveyedMachine(
                machine=ListedMachine(arn="arn:aws:states:eu-west-1:111111111111:stateMachine:Nightly", name="Nightly"),
                owner=Owner(kind=OwnerKind.NOBODY),
            ),
        )
    ),
    "init": lambda: InitDocument.of(
        InitOutcome(folder=Path("shop"), template="etl", written=("a.yaml",), kept=("bunsui.yaml",)), folder="shop"
    ),
    "local": lambda: _local(runs=True),
    "local-not-running": lambda: _local(runs=False),
    "local-env": lambda: LocalEnvDocument(variables={"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_SESSION_TOKEN": ""}),
    "local-log": lambda: LocalLogDocument(lines=("ready on port 4566",)),
    "local-reset": lambda: LocalResetDocument(reset=True),
    "local-stop": lambda: LocalStopDocument(stopped=True),
    "logs": _logs,
    "moved": lambda: MovedDocument(from_="role.daily", to="role.nightly"),
    "rebuild": lambda: RebuildDocument.of(Rebuilt(found=(parse_address("role.daily"),), dropped=(parse_address("role.old"),))),
    "recovery": _recovery,
    "recovery-plan": lambda: RecoveryPlanDocument.of(_recovery_plan()),
    "resumption": _resumption,
    "checkpoints": _checkpoints,
    "events": _events,
    "job": _job_runs,
    "session": lambda: _snapshot(failed=True),
    "session-running": lambda: _snapshot(failed=False),
    "session-started": lambda: SessionDocument(session=SessionPart.of(_session(failed=False))),
    "sessions": _sessions,
    "simulation": lambda: _simulation(failed=False),
    "simulation-failed": lambda: _simulation(failed=True),
    "state": _state,
    "state-graph": _state_graph,
    "drift": _drift,
    "status": lambda: _status(errors=False),
    "status-of-nothing": lambda: _status(errors=True),
    "tests": _tests,
    "morning": _morning,
    "projects": _projects,
    "plan-comment": lambda: PlanCommentDocument(pull_request=7, comment=Posted.CREATED),
    "reviewed-plan": lambda: ReviewedPlanDocument.of(ReviewedPlan(number=7, digest="0" * 64, select=("orders",))),
    "stopped": lambda: StoppedDocument(
        sessions=(
            StoppedPart.of(StopOutcome(session=_session(failed=False))),
            StoppedPart.of(StopOutcome(session=_session(failed=False), error=Unavailable("unavailable", "not now"))),
        )
    ),
    "approvals": lambda: ApprovalsDocument.of(OpenGates(standings=(gate_as(),))),
    "decision": lambda: DecisionDocument.of(
        DecidedGate(session=_session(failed=False), gate=gate_as().gate, decided=DECIDED)
    ),
    "unlock": lambda: UnlockDocument.of(_lock()),
}  # fmt: skip
"""By name. The kind is in the document."""
