"""The screens that pictures are taken of, on stages that show what there is to see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bunsui.services.session_context import open_context
from tests.tui.pictures import Look
from tests.tui.stage import Stage, pipeline_text

WITH_PARAMETERS = f"""\
{pipeline_text("orders", seconds=30)}\
parameters:
  rows: {{type: integer, minimum: 1, description: how many rows are read at most}}
  mode: {{type: string, enum: [full, delta], default: full, description: whether all is read again}}
  note: {{type: string, default: ""}}
"""
BRANCHED = """\
# who asks for it: the warehouse team
version: 1
name: weather
description: reads what the stations sent, cleans it, and writes one table a day
schedules: [{id: nightly, cron: "0 3 * * ? *"}]
jobs:
  extract:
    operations:
      - {type: wait, for: 5s}  # stations answer late
    outputs: {n: "{% 3 %}"}
  clean:
    depends_on: [extract]
    type: wait
    for: 10s
    retry: {attempts: 3}
  enrich-with-station-names:
    depends_on: [extract]
    type: wait
    for: 2m
  load:
    depends_on: [clean, enrich-with-station-names]
    type: wait
    fro: 1s
"""


def busy_day(folder: Path) -> Stage:
    """Pipelines in every state, sessions of every kind."""
    stage = Stage(folder)
    for name in ("ledger", "orders", "refunds", "stock-levels-by-warehouse-and-day"):
        stage.write(name)
    stage.apply()
    for _ in range(4):
        stage.session("orders", "sequence")
    stage.session("refunds", "map-done")
    stage.session("stock-levels-by-warehouse-and-day", "timed-out")
    stage.session("refunds", "map-running")
    stage.session("orders", "failed", seconds=40)
    stage.session("orders", "running", seconds=3)
    failing = stage.session("ledger", "failed", seconds=0)
    stage.log("f-load", "reading feed.csv", "118 rows, 2 of them empty", "column 'amount' is missing")
    stage.clock.sleep(10)
    context = open_context(*stage.sessions())
    context.manager.sync(failing, target_arn=context.machine("ledger").alias_arn)
    (folder / "pipelines" / "ledger.yaml").unlink()
    stage.write("orders", WITH_PARAMETERS)
    stage.write("weather", BRANCHED.replace("fro:", "for:"))
    key = next(key for key in stage.account.objects if key[0] == "state_machine" and key[1].endswith("refunds"))
    there = stage.account.objects[key]
    stage.account.objects[key] = replace(there, attributes={**there.attributes, "tracing": True}, revision="outside")
    return stage


def one_draft(folder: Path) -> Stage:
    """A pipeline of branches, with a mistake in it."""
    stage = Stage(folder)
    stage.write("weather", BRANCHED)
    stage.write("orders")
    return stage


def nothing_yet(folder: Path) -> Stage:
    """A project without a pipeline."""
    return Stage(folder)


def broken(folder: Path) -> Stage:
    """A file that cannot be read as a pipeline."""
    stage = Stage(folder)
    stage.write("orders", "version: 1\nname: orders\njobs:\n  load:\n    type: zzz\n    for: 1s\n    depends_on: [extrct]\n")
    return stage


TAB = "right_square_bracket"
ONE = ("1", "enter")
LOOKS = (
    Look("sessions", busy_day, ("1",)),
    Look("sessions-marked", busy_day, ("1", "space", "j", "space", "x")),
    Look("sessions-filter", busy_day, ("1", "slash", *"status:failed")),
    Look("session-timeline", busy_day, ONE),
    Look("session-events", busy_day, (*ONE, TAB)),
    Look("session-io", busy_day, (*ONE, TAB, TAB)),
    Look("session-logs", busy_day, (*ONE, "l")),
    Look("session-recovery", busy_day, (*ONE, "left_square_bracket", "left_square_bracket")),
    Look("session-graph", busy_day, (*ONE, "left_square_bracket")),
    Look("pipelines", busy_day, ("2",)),
    Look("run-form", busy_day, ("2", "slash", *"orders", "enter", "n", "x", "enter")),
    Look("plan", busy_day, ("3",)),
    Look("plan-graph", busy_day, ("3", TAB)),
    Look("plan-apply", busy_day, ("3", "a")),
    Look("plan-findings", broken, ("3",)),
    Look("builder", one_draft, ("4", "o", "j", "enter", "j", "j", "j")),
    Look("builder-form", one_draft, ("4", "o", "j", "enter", "j", "j", "enter")),
    Look("help", busy_day, (*ONE, "question_mark")),
    Look("nothing-yet", nothing_yet, ("1",)),
)
