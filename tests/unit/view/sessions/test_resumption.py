"""What it takes to go on with a session, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bunsui.compile.restoring import RestorePlace
from bunsui.model.bucket import Bucket
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.services.resume import Resumption, ResumptionEstimate
from bunsui.sessions.checkpoints import ResumePlan
from bunsui.sessions.recovery.stored import StoredOutput
from bunsui.view.sessions.resumption import estimate_lines, stored_lines
from tests.unit.sessions.test_what_inputs_say import a_session

PLAN = ResumePlan(restored=(), to_run=("a", "b"), skipped=(), outdated={}, payload={})
PLACE = RestorePlace(job="x", bucket=Bucket(name="lake", owner="1", is_managed=True), prefix="resume/p/")
TAKES = {name: TypicalDuration(seconds=60.0, runs=2) for name in PLAN.to_run}
ESTIMATE = ResumptionEstimate(seconds=120.0, is_learnt=False, cost=None)


def told(**more: Any) -> list[str]:
    return [line.text for line in estimate_lines(Resumption(session=a_session(), plan=PLAN, checkpoints={}, **more))]


def test_what_nobody_asked_is_told_by_no_line() -> None:
    assert told() == []


def test_each_job_and_all_together_are_told_with_what_tells_it() -> None:
    each = "takes  a about 1 min 00 s (2 runs), b about 1 min 00 s (2 runs)"
    assert told(durations=TAKES, estimate=ESTIMATE) == [each, "takes  about 2 min 00 s in all, by the last runs"]
    one = {"a": TAKES["a"]}
    assert told(durations=one, estimate=replace(ESTIMATE, seconds=60.0)) == ["takes  a about 1 min 00 s (2 runs)"]
    unknown = {"a": TypicalDuration(seconds=None, why="no run yet")}
    assert told(durations=unknown, estimate=replace(ESTIMATE, is_learnt=True)) == [
        "takes  nobody knows how long: a (no run yet)",
        "takes  about 2 min 00 s in all, by learnt durations",
    ]


def test_outputs_that_go_to_the_bucket_are_named_with_their_size() -> None:
    assert list(stored_lines(())) == []
    stored = StoredOutput(job="x", place=PLACE, name="s/x-1.json", content=b"x" * 2048)
    (line,) = stored_lines([stored])
    assert line.text == "bucket x (2.0 KiB) by way of s3://lake, too large for the input"
    assert (stored.uri, stored.size) == ("s3://lake/resume/p/s/x-1.json", 2048)
