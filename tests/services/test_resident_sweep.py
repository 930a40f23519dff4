"""What the resident looks at: with events lost, doubled and out of order the rows are those of a look at everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.errors import AccessDenied
from bunsui.model.json import Json
from bunsui.model.pipeline import Schedule
from bunsui.model.session import SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.resident.sweep import look_at_event, sweep
from bunsui.services.sessions import look_at_sessions
from tests.fakes.session_room import PIPELINE, Room

ALL = SessionQuery(limit=100_000)
HOURLY = Schedule(id="hourly", expression="rate(1 hour)", timezone="UTC")


class Night(Room):
    """A room in which nobody is but the resident."""

    def start(self, name: str, *, failing: str = "") -> str:
        """A schedule, or somebody in the console, starts the machine; return its ARN."""
        self.failing = {failing}
        told: Mapping[str, Json] = {"params": {"region": "us"}}
        self.execution.start(self.machine.arn, name=name, payload=told)
        return self.machine.arn

    def rows(self) -> Counter[tuple[str, SessionStatus]]:
        return Counter((one.execution_arn, row.status) for row in self.sessions.find(ALL) for one in row.attempts)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "load", "extract"]), st.integers(0, 3)), max_size=6), st.randoms())
def test_rows_are_complete_after_a_sweep_whatever_became_of_the_events(runs: list[tuple[str, int]], order: object) -> None:
    night, other = Night(), Night()
    events = []
    for number, (failing, delivered) in enumerate(runs):
        for one in (night, other):
            one.start(f"run-{number}", failing=failing)
            one.clock.sleep(60)
        events += [night.machine.arn] * delivered
    order.shuffle(events)  # type: ignore[attr-defined]
    for machine in events:
        look_at_event(night.context, machine)
    sweep(night.context)
    look_at_sessions(other.context, ALL)
    assert night.rows() == other.rows()
    assert sum(night.rows().values()) == len(runs)


def test_an_event_is_a_look_at_its_machine_alone_and_tells_what_it_came_to() -> None:
    night = Night()
    machine = night.start("by-hand", failing="load")
    night.clock.sleep(60)
    look = look_at_event(night.context, machine)
    assert (look.cause, look.machines, look.visited, look.news, look.problems) == ("event", 1, 1, 1, ())
    assert [row.status for row in night.sessions.find(ALL)] == [SessionStatus.FAILED]


def test_an_event_of_a_machine_that_is_not_ours_is_none_of_its_business() -> None:
    night = Night()
    look = look_at_event(night.context, "arn:aws:states:us-east-1:111111111111:stateMachine:tests--local-2--daily")
    assert (look.machines, look.visited) == (0, 0)


def test_a_sweep_leaves_machines_alone_where_nothing_can_have_become_of_anything_and_looks_at_each_within_an_hour() -> None:
    pipelines = [replace(PIPELINE, name=f"p{number:02d}", schedules=()) for number in range(24)]
    night = Night(*pipelines)
    assert sweep(night.context).visited == 24  # never looked at
    seen = []
    for _ in range(12):
        night.clock.sleep(300)
        seen.append(sweep(night.context).visited)
    assert seen == [2] * 12
    marks = night.sessions.watermarks().values()
    assert all((night.clock.now() - mark.looked_at).total_seconds() < 3600 for mark in marks)


def test_a_sweep_looks_at_what_a_schedule_was_to_start() -> None:
    quiet = [replace(PIPELINE, name=f"p{number:02d}", schedules=()) for number in range(24)]
    night = Night(*quiet, replace(PIPELINE, name="hourly", schedules=(HOURLY,)))
    sweep(night.context)
    night.clock.sleep(3600)
    sweep(night.context)
    mark = next(one for one in night.sessions.watermarks().values() if one.pipeline == "hourly")
    assert mark.looked_at == night.clock.now()


def test_a_sweep_that_reaches_no_machine_fails_so_that_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night()

    def refuse(*_: object, **__: object) -> object:
        raise AccessDenied("access-denied", "no list")

    monkeypatch.setattr(night.execution, "pages", refuse)
    with pytest.raises(AccessDenied):
        sweep(night.context)
