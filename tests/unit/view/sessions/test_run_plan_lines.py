"""What a run would do, as people read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bunsui.model.estimates.cost import CostEstimate, CostPart
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.outcomes import ClosingPhase
from bunsui.model.session import Session, SessionStatus
from bunsui.services.running.durations import KnownRuns
from bunsui.services.running.foreseen_jobs import ForeseenJob, JobProspect
from bunsui.services.running.run_plan import RunPlan
from bunsui.view.sessions.run_plan import run_plan_lines

START = datetime(2026, 1, 31, 18, tzinfo=UTC)
EXTRACT = ForeseenJob(name="extract", level=1, depends_on=(), prospect=JobProspect.RUNS)
WEEKLY = ForeseenJob(
    name="weekly", level=2, depends_on=("extract",), prospect=JobProspect.SKIPPED, why="its when does not hold", when="$a = 1"
)
CLEAN = ForeseenJob(
    name="clean", level=3, depends_on=("weekly",), prospect=JobProspect.RUNS, closing=ClosingPhase.FINALLY
)  # fmt: skip
COST = CostEstimate(
    usd=0.0022, region="us-east-1", priced_on="2026-11-30", uncounted=("glue in load",), runs=3,
    parts=(CostPart(service="Step Functions", usd=0.0012), CostPart(service="Lambda", usd=0.001)),
)  # fmt: skip
PLAN = RunPlan(
    pipeline="daily", slot=START, date="2026-01-31", timezone="UTC", is_slot_given=False,
    params={"region": "jp", "limit": None}, open_params=("token",), is_raw=False, jobs=(EXTRACT, WEEKLY, CLEAN), existing=None,
    history=KnownRuns(count=3, typical_seconds=61.5), running=0, unapplied=(), cost=COST,
    durations={
        "extract": TypicalDuration(seconds=60.0, runs=3), "weekly": TypicalDuration(seconds=60.0, runs=1),
        "clean": TypicalDuration(seconds=None, why="it did not run in the last 3 successes"),
    },
)  # fmt: skip


def text(plan: RunPlan) -> str:
    return "\n".join("".join(part.text for part in line.parts).rstrip() for line in run_plan_lines(plan, zone=UTC))


def test_it_reads_from_the_slot_to_the_figures() -> None:
    assert (
        text(PLAN)
        == """\
daily: what a run would do; nothing was started
  slot 2026-01-31 18:00:00, date 2026-01-31 (UTC); a later start has a later one
  region = jp
  limit = null
  token = known in the run

  1  extract  runs  about 1 min 00 s (3 runs)
  2  weekly   skipped: its when does not hold (when: $a = 1)  after extract
  +  clean    runs  finally

  expected duration: about 1 min 02 s, by the last 3 successes
    of clean: not known, it did not run in the last 3 successes
  cost: an estimate of 0.0022 USD (Step Functions 0.0012, Lambda 0.0010)
    by the last 3 runs; list prices of us-east-1, 2026-11-30
    not counted: glue in load, logs, storage, data transfer, free tiers and discounts
  running now: none of it"""
    )


def test_what_is_not_known_is_said_once() -> None:
    told = text(replace(PLAN, history=KnownRuns(count=0, typical_seconds=None), running=100))
    assert "expected duration: not known, no run succeeded in one go yet" in told
    assert told.count("not known") == 2
    assert "running now: 100 or more" in told


def test_on_the_embedded_aws_it_is_said_that_nothing_is_paid() -> None:
    assert "cost if this ran on AWS in us-east-1: an estimate of 0.0022 USD" in text(
        replace(PLAN, cost=replace(COST, is_local=True))
    )
    nowhere = replace(COST, usd=None, region="xx-1", parts=())
    assert "cost: not known; no prices of this region are known" in text(replace(PLAN, cost=nowhere))


def test_a_cost_that_is_foreseen_says_that_it_is_the_most() -> None:
    told = text(replace(PLAN, cost=replace(COST, runs=0, is_foreseen=True, usd=12.5)))
    assert "an estimate of 12.50 USD" in told
    assert "by the definition, at most; list prices" in told


def test_jobs_of_which_nothing_is_known_are_told_once() -> None:
    known = dict.fromkeys(PLAN.durations, TypicalDuration(seconds=None, why="no run succeeded in one go yet"))
    told = text(replace(PLAN, jobs=(EXTRACT, CLEAN), durations=known))
    assert "of single jobs: not known, no run succeeded in one go yet" in told


def test_files_that_differ_are_told_with_what_applies_them() -> None:
    told = text(replace(PLAN, unapplied=("", "weekly")))
    assert "the files differ from what is applied in weekly; what is applied runs. First: `bunsui apply daily`" in told


def test_of_a_run_that_starts_nothing_the_session_that_is_there_is_named_and_no_job() -> None:
    there = Session(
        id="01KBH3X2J4ABCDEFGHJKMNPQRS", pipeline="daily", status=SessionStatus.CANCELLED, slot=START, date="2026-01-31",
        params={}, started_by="mika", created_at=START,
    )  # fmt: skip
    told = text(replace(PLAN, existing=there))
    assert "the key is that of session 01KBH3X2J4ABCDEFGHJKMNPQRS (cancelled): a run with this key starts nothing" in told
    assert "extract" not in told


def test_a_raw_pipeline_has_no_jobs_to_tell_of() -> None:
    assert "which of its states run, only the run can tell" in text(replace(PLAN, is_raw=True, jobs=()))


def test_what_is_hostile_is_made_harmless() -> None:
    job = replace(WEEKLY, when="\x1b[2J")
    assert "\x1b" not in text(replace(PLAN, params={"region": "\x1b[2J"}, jobs=(EXTRACT, job)))
