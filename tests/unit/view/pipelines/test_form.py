"""The form of a run says what may be typed, and refuses what the command would refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.model.pipeline import Parameter, Pipeline, Schedule
from bunsui.model.values import Expression
from bunsui.view.pipelines.form import REQUIRED, backfill_form, next_choice, run_form

ROWS = Parameter(
    name="rows",
    type="integer",
    schema={"type": "integer", "minimum": 1},
    default=7,
    required=False,
    description="how many",
)
MODE = Parameter(name="mode", type="string", schema={"type": "string", "enum": ["full", "delta"]})
DRY = Parameter(name="dry", type="boolean", schema={"type": "boolean"}, default=False, required=False)
DAY = Parameter(name="slot", type="string", schema={}, default=Expression(text="$session.date"), required=False)
ORDERS = Pipeline(name="orders", path="pipelines/orders.yaml", parameters=(ROWS, MODE, DRY, DAY))


def test_a_field_tells_type_rules_meaning_and_default() -> None:
    rows, mode, dry, day, slot = run_form(ORDERS).fields
    assert (rows.told, rows.default, rows.is_required) == ("integer, minimum 1; how many", "7", False)
    assert (mode.told, mode.choices, mode.is_required) == ("full | delta", ("full", "delta"), True)
    assert (dry.choices, dry.default) == (("false", "true"), "false")
    assert day.default == "{% $session.date %}"
    assert (day.key, slot.key) == ("slot=", "slot")


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("rows=", "many", "'many' is not an integer"),
        ("rows=", "0", "0 is less than the minimum of 1"),
        ("mode=", "ful", "did you mean full?"),
        ("mode=", "", REQUIRED),
        ("dry=", "perhaps", "true or false"),
        ("rows=", "3", ""),
    ],
)
def test_what_the_command_refuses_is_refused_in_its_words(key: str, text: str, problem: str) -> None:
    found = run_form(ORDERS).with_text(key, text).field(key).problem
    assert problem in found
    assert bool(problem) == bool(found)


def test_what_is_left_empty_is_not_given() -> None:
    form = run_form(ORDERS).check()
    assert not form.is_good
    filled = form.with_text("mode=", "full").with_text("rows=", "3")
    assert filled.is_good
    assert filled.params == ("rows=3", "mode=full")
    assert filled.text("dry=") == "false"
    told = filled.with_problems({"slot": "it is no day"})
    assert (told.field("slot").problem, told.is_good) == ("it is no day", False)


def test_choices_go_round() -> None:
    mode = run_form(ORDERS).field("mode=")
    assert [next_choice(replace(mode, text=now), 1) for now in ("", "full", "delta", "odd")] == ["full", "delta", "full", "full"]
    assert next_choice(mode, -1) == "delta"


def test_a_backfill_asks_for_a_schedule_only_where_there_are_several() -> None:
    nightly, weekly = (Schedule(id=name, expression="cron(0 3 * * ? *)", timezone="UTC") for name in ("nightly", "weekly"))
    assert [one.name for one in backfill_form(replace(ORDERS, schedules=(nightly,))).fields[:3]] == [
        *("days", "at a time", "only missing"),
    ]
    both = backfill_form(replace(ORDERS, schedules=(nightly, weekly)))
    assert both.field("schedule").choices == ("nightly", "weekly")
    assert both.with_text("at a time", "0").field("at a time").problem == "a number from 1 to 100"


def test_what_the_schedule_gives_need_not_be_typed_for_a_backfill() -> None:
    nightly = Schedule(id="nightly", expression="cron(0 3 * * ? *)", timezone="UTC", input={"mode": "delta"})
    mode = backfill_form(replace(ORDERS, schedules=(nightly,))).field("mode=")
    assert (mode.default, mode.is_required) == ("delta", False)
    weekly = replace(nightly, id="weekly", input={})
    assert backfill_form(replace(ORDERS, schedules=(nightly, weekly))).field("mode=").is_required
