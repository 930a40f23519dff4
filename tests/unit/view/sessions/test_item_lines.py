"""What becomes of items, in words."""

from __future__ import annotations

from datetime import UTC

from bunsui.services.history.completed_jobs import JobCheckpoint, ResumeVerdict
from bunsui.sessions.checkpoints import ResumePlan
from bunsui.sessions.items.reading import ItemPlan
from bunsui.view.sessions.advice import item_lines, resume_lines
from bunsui.view.sessions.checkpoints import checkpoint_lines

KEPT = ItemPlan(total=1000, done=730, results={index: {} for index in range(730)})
CHANGED = ItemPlan(total=1000, done=730, why_again="its code changed", may_be_kept=True)
APART = ItemPlan(total=0, done=0, why_again="its items come from S3")


def told(item: ItemPlan, above: str = "") -> str:
    (line,) = item_lines({"clean": item}, above)
    return line.text


def test_a_resume_says_how_many_items_are_kept_and_how_many_run() -> None:
    assert told(KEPT) == "items  clean: 730 of 1,000 items kept, 270 run"
    plan = ResumePlan(restored=(), to_run=("clean",), skipped=(), outdated={}, payload={}, items={"clean": KEPT})
    assert told(KEPT) in [line.text for line in resume_lines(plan)]


def test_it_says_why_all_of_them_run_and_what_keeps_them() -> None:
    expected = "items  clean: all 1,000 run, also the 730 that succeeded: its code changed; `--keep clean` keeps them"
    assert told(CHANGED).replace("bunsui resume ", "") == expected


def test_what_no_option_keeps_is_offered_none() -> None:
    assert told(APART) == "items  clean: all run: its items come from S3"
    assert told(CHANGED, "kid/") == "items  kid/clean: all 1,000 run, also the 730 that succeeded: its code changed"


def test_the_table_of_checkpoints_counts_items() -> None:
    rows = [JobCheckpoint(job="clean", verdict=ResumeVerdict.RUNS, items=item) for item in (KEPT, CHANGED, APART)]
    lines = [" ".join(line.text.split()) for line in checkpoint_lines(rows, zone=UTC, width=120)]
    assert lines[1:] == [
        "clean 730 of 1,000 items runs 270 items",
        "clean 730 of 1,000 items runs all items its code changed",
        "clean not completed runs all items its items come from S3",
    ]
