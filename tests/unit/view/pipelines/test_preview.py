"""One pipeline on a few lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.order import JobOrder, order_of
from bunsui.model.estimates.cost import Usage, estimate_cost
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.session import FailureNote, SessionStatus
from bunsui.services.graph import PipelineGraph, graph_of
from bunsui.services.overview.details import PipelineDetails
from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.view.pipelines.preview import preview_lines
from bunsui.view.spans import plain
from tests.unit.services.overview.test_runs import START, runs_of, session

NOW = START + timedelta(days=3)
ONE = PipelineStatus(name="p", path="pipelines/p.yaml", standing=PipelineStanding.IN_SYNC, changes=0)
JOBS = (Job(name="extract", operations=()), Job(name="load", operations=(), depends_on=("extract",)))


def graph() -> PipelineGraph:
    order = order_of({job.name: job.depends_on for job in JOBS})
    assert isinstance(order, JobOrder)
    return graph_of("p", JOBS, structured(order))


def shown(status: PipelineStatus, details: PipelineDetails | None) -> str:
    return plain(preview_lines(status, details, UTC, now=NOW))


def test_what_was_not_read_yet_is_not_told() -> None:
    told = shown(ONE, None)
    assert "reading its jobs" in told
    assert "cost" not in told


def test_jobs_runs_and_cost_say_by_what_they_are_known() -> None:
    note = FailureNote(fingerprint="f1-1", error_class="code", error="ValueError", message="no amount", place="load")
    failed = replace(session(2, SessionStatus.FAILED), failure=note, failed_job="load")
    cost = replace(estimate_cost(Usage(transitions=1000), "us-east-1"), runs=1)
    details = PipelineDetails(
        name="p",
        read_at=NOW,
        runs=runs_of(session(1, SessionStatus.SUCCEEDED), failed),
        pipeline=Pipeline(name="p", path="pipelines/p.yaml", jobs=JOBS),
        graph=graph(),
        durations={name: TypicalDuration(seconds=1.5, runs=1) for name in ("extract", "load")},
        cost=cost,
        tests=3,
    )
    told = shown(ONE, details)
    assert "extract ── load" in told
    assert "extract → load" in plain(preview_lines(ONE, details, UTC, now=NOW, width=10))
    assert "critical path  3.0 s, by the last successes" in told
    assert "ok 50%   longest 10 s of 1 success" in told
    assert "load: ValueError: no amount  010002" in told
    assert "tests 3   cost a run 0.0250 USD, by the last run; prices of" in told
    unknown = replace(details, durations={}, cost=None)
    assert "2 of 2 jobs; how long they take is not known" in shown(ONE, unknown)
    assert "cost a run not known" in shown(ONE, unknown)
