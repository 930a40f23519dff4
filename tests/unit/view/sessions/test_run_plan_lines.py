"""What a run would do, as people read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

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
PLAN = RunPlan(
    pipeline="daily", slot=START, date="2026-01-31", timezone="UTC", is_slot_given=False,
    params={"region": "jp", "limit": None}, open_params=("token",), is_raw=False, jobs=(EXTRACT, WEEKLY, CLEAN), existing=None,
    history=KnownRuns(count=3, typical_seconds=61.5), running=0, unapplied=(),
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

  1  extract  runs
  2  weekly   skipped: its when does not hold (when: $a = 1)  after extract
  +  clean    runs  finally

  expected duration: about 1 min 02 s, by the last 3 successes; of single jobs: not known; cost: not known
  running now: none of it"""
    )


def test_what_is_not_known_is_said_once() -> None:
    told = text(replace(PLAN, history=KnownRuns(count=0, typical_seconds=None), running=100))
    assert "expected duration: not known, no run succeeded in one go yet" in told
    assert told.count("cost") == 1
    assert "running now: 100 or more" in told


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
