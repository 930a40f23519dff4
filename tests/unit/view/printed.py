"""Documents as the commands' own functions write them, with all that they may hold; `tests/cases/output` keeps them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bunsui.apply.events import ApplyFinished, ChangeDone, ChangeFailed, ChangeNoted, ChangeSkipped, ChangeStarted
from bunsui.apply.trail import Broken, Verified
from bunsui.catalogue import Entry
from bunsui.cli.local_json import local_json, log_json, reset_json, stopped_json
from bunsui.compile.order import Order, order_of
from bunsui.compile.structure import structured
from bunsui.diagnostics import Position
from bunsui.engine.names import Status
from bunsui.engine.run import ExecutionResult
from bunsui.local.launcher import LocalEndpoint, LocalStatus
from bunsui.model.lifecycle import IgnoredPlace, Lifecycle
from bunsui.model.pipeline_test import PipelineTest
from bunsui.model.resource import AppliedResource, Scope, parse_address
from bunsui.model.session import Attempt, JobProgress, JobStatus, Session, SessionStatus
from bunsui.model.values import Json
from bunsui.plan.model import Action, Retirement
from bunsui.ports.ledger import Actor, ApplyRecord, JournalEntry, LockRecord
from bunsui.services.audit import Audit
from bunsui.services.graph import graph_of
from bunsui.services.init import InitOutcome
from bunsui.services.logs import LogEntry
from bunsui.services.resume import Resumption
from bunsui.services.simulate import Simulation
from bunsui.services.state import Rebuilt, StateRow
from bunsui.services.status import PipelineStatus, ProjectStatus, Standing
from bunsui.sessions.checkpoints import ResumePlan
from bunsui.sessions.snapshot import ErrorClass, Failure, SessionSnapshot
from bunsui.testing.coverage import Coverage, Way
from bunsui.testing.expectations import Mismatch
from bunsui.testing.facts import RunFacts
from bunsui.testing.verdict import Problem, Verdict
from bunsui.view.apply_view import events_json
from bunsui.view.audit_view import audit_json
from bunsui.view.findings_json import explained_json
from bunsui.view.graph import graph_json
from bunsui.view.init_json import init_json
from bunsui.view.lock_view import freed_json
from bunsui.view.session_json import resumption_document, session_document, sessions_document, started_document
from bunsui.view.session_logs import logs_document
from bunsui.view.simulation import simulation_json
from bunsui.view.state_json import forgotten_json, history_json, moved_json, rebuilt_json, state_json
from bunsui.view.status_view import status_json
from bunsui.view.test_report import report_json

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
        output=None if failed else {"rows": 3},
    )


def _snapshot(*, failed: bool) -> dict[str, Json]:
    jobs = (
        JobProgress(name="extract", status=JobStatus.RESTORED, started_at=START, stopped_at=LATER, output={"n": 1}),
        JobProgress(
            name="load", status=JobStatus.FAILED if failed else JobStatus.RUNNING, started_at=LATER, tries=2, polls=4,
            items_done=3, items_total=5, items_failed=1, error="ValueError" if failed else "", coarse=True,
        ),
        JobProgress(name="report", status=JobStatus.WAITING),
    )  # fmt: skip
    failure = Failure(
        error="ValueError", cause='{"errorMessage": "x"}', message="x", error_class=ErrorClass.CODE, job="load", state="load.1",
        resource="arn:aws:lambda:eu-west-1:123456789012:function:load", child_arn=f"{RUN}-child", item="2026-01",
        traceback=("load.py:3",), traceback_from="the error", hint="Correct the code, then resume.",
    )  # fmt: skip
    session = _session(failed=failed)
    return session_document(SessionSnapshot(session=session, jobs=jobs, taken_at=LATER, failure=failure if failed else None))


def _apply(*, nothing: bool = False) -> dict[str, Json]:
    if nothing:
        return events_json([ApplyFinished(done=0, failed=0, skipped=0, interrupted=False, seconds=0.0)])
    role, machine, function = (parse_address(text) for text in ("role.daily", "state_machine.daily", "function.daily.load"))
    return events_json(
        [
            ChangeStarted(address=role, action=Action.UPDATE),
            ChangeNoted(address=role, note="removed 2 old versions"),
            ChangeDone(address=role, action=Action.UPDATE, seconds=1.25),
            ChangeFailed(address=function, action=Action.CREATE, code="denied", message="not allowed", hint="Ask for it."),
            ChangeSkipped(address=machine, action=Action.REPLACE, because="function.daily.load failed"),
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


def _state() -> dict[str, Json]:
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
    return state_json([StateRow(resource=rebuilt), StateRow(resource=written, pending=entry)])


def _audit(*, broken: bool) -> dict[str, Json]:
    fault = Broken(serial=1, id="01KBH3X2J4ABCDEFGHJKMNPQRT", why="its hash is another") if broken else None
    chain = Verified(links=2, unchained=1, head="ef" * 32, broken=fault)
    anchor = "" if broken else "ef" * 32
    return audit_json(Audit(records=[_record()], chain=chain, anchor=anchor, anchored=_record() if anchor else None), limit=1)


def _status(*, errors: bool) -> dict[str, Json]:
    scope = Scope(project="sales", environment="dev", account="123456789012", region="eu-west-1")
    if errors:
        return status_json(ProjectStatus(scope=scope, commit="", is_local=False, pipelines=()))
    retirement = Retirement(since=START, until=LATER, running=("01A",), redrivable=("01B",))
    pipelines = (
        PipelineStatus(
            name="daily",
            path="pipelines/daily.yaml",
            standing=Standing.IN_SYNC,
            changes=0,
            last_session=_session(),
            next_start=LATER,
        ),
        PipelineStatus(name="old", path="", standing=Standing.RETIRED, changes=1, retirement=retirement),
    )
    return status_json(ProjectStatus(scope=scope, commit="0123abc*", is_local=False, pipelines=pipelines))


def _graph() -> dict[str, Json]:
    dag: dict[str, tuple[str, ...]] = {"a": (), "b": (), "c": ("a", "b"), "d": ("b",), "end": ("c", "d")}
    order = order_of(dag)
    assert isinstance(order, Order)
    return graph_json(graph_of("sales", dag, structured(order)))


def _simulation(*, failed: bool) -> dict[str, Json]:
    began = {"timestamp": START, "type": "ExecutionStarted", "id": 1, "previousEventId": 0}
    ended = {"timestamp": LATER, "type": "ExecutionFailed", "id": 2, "previousEventId": 0, "executionFailedEventDetails": {}}
    result = ExecutionResult(
        status=Status.FAILED if failed else Status.SUCCEEDED,
        output=None if failed else {"n": 1},
        error="Busy" if failed else None,
        cause="too much" if failed else None,
        events=[began, ended],
    )
    return simulation_json(Simulation(name="t", result=result, facts=RunFacts(status="failed"), started_at=START))


def _tests() -> dict[str, Json]:
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
        Verdict(test=PipelineTest(name="session 01A", pipeline="daily"), problem=Problem(code="mock-missing", summary="none")),
    )
    ways = (Way(state="choose", place=0, label="to a"), Way(state="choose", place=None, label="default, to b"))
    covered = Coverage(pipeline="daily", states=3, ways=2, missed_states=("report",), missed_ways=ways)
    return report_json(verdicts, [covered], untested=["old"])


def _resumption() -> dict[str, Json]:
    plan = ResumePlan(
        restored=("extract",), to_run=("load",), skipped=("report",), outdated={"clean": "its code changed"}, payload={}
    )  # fmt: skip
    return resumption_document(Resumption(session=_session(failed=False), plan=plan, is_unchanged=True, unapplied=("load", "")))


def _local(*, runs: bool) -> dict[str, Json]:
    endpoint = LocalEndpoint(url="http://127.0.0.1:4566", pid=7, notices=("one could not be read",)) if runs else None
    unsaved = "no space left" if runs else ""
    return local_json(LocalStatus(folder=Path("/data/.bunsui/local"), endpoint=endpoint, unsaved=unsaved, size_bytes=5))


def _lock() -> LockRecord:
    return LockRecord(
        id="01L", fence=4, version="v", held=True, lease_seconds=60, operation="apply", actor=Actor(who=ROLE), since=START
    )  # fmt: skip


EXAMPLES: Mapping[str, Callable[[], dict[str, Json]]] = {
    "apply": _apply,
    "apply-of-nothing": lambda: _apply(nothing=True),
    "audit": lambda: _audit(broken=False),
    "audit-of-a-broken-chain": lambda: _audit(broken=True),
    "finding": lambda: explained_json("BS505", Entry("something is too wide", "make it narrower")),
    "forgotten": lambda: forgotten_json(["role.daily", "state_machine.daily"]),
    "graph": _graph,
    "history": lambda: history_json([_record(ended=False), _record()]),
    "init": lambda: init_json(InitOutcome(folder=Path("shop"), template="etl", written=("a.yaml",), kept=("bunsui.yaml",))),
    "local": lambda: _local(runs=True),
    "local-not-running": lambda: _local(runs=False),
    "local-log": lambda: log_json(["ready on port 4566"]),
    "local-reset": reset_json,
    "local-stop": lambda: stopped_json(stopped=True),
    "logs": lambda: logs_document("01A", [LogEntry(START, "load", "daily-load", "2026/01/31/[3]ab", "\x1b[31mred\n")]),
    "moved": lambda: moved_json("role.daily", "role.nightly"),
    "rebuild": lambda: rebuilt_json(Rebuilt(found=(parse_address("role.daily"),), dropped=(parse_address("role.old"),))),
    "resumption": _resumption,
    "session": lambda: _snapshot(failed=True),
    "session-running": lambda: _snapshot(failed=False),
    "session-started": lambda: started_document(_session(failed=False)),
    "sessions": lambda: sessions_document([_session(), _session(failed=False)]),
    "simulation": lambda: _simulation(failed=False),
    "simulation-failed": lambda: _simulation(failed=True),
    "state": _state,
    "status": lambda: _status(errors=False),
    "status-of-nothing": lambda: _status(errors=True),
    "tests": _tests,
    "unlock": lambda: freed_json(_lock()),
}  # fmt: skip
"""By name. The kind is in the document."""
