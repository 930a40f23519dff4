"""Events of what a session's jobs run: nested pipelines and items of distributed Maps, as one tree in order of time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bunsui.errors import NotFound
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.ports.execution import SessionExecutions
from bunsui.services.history.events import MOST_ITEMS, EventList, session_events
from bunsui.services.session_context import SessionContext
from bunsui.sessions.history.children import DEEPEST, MOST_CHILDREN
from bunsui.view.sessions.events import event_lines
from bunsui.view.spans import plain
from tests.fakes.map_runs import MemoryMapRuns
from tests.fakes.session_room import START, Room
from tests.services.test_recorded import a_session, machine_of
from tests.services.test_recorded_items import LISTED, past_of, told
from tests.unit.sessions.history.test_children import Nest


def looked_at(nest: Nest) -> tuple[SessionContext, Session]:
    room = Room()
    first = Attempt(number=1, execution_arn="0", kind="run", status=SessionStatus.FAILED, started_at=START)
    ports = replace(room.context.ports, execution=cast("SessionExecutions", nest))
    return replace(room.context, ports=ports), replace(a_session(), attempts=(first,))


def places(found: EventList) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.execution_arn, one.job) for one in found.events))


def test_what_a_child_went_through_stands_between_the_events_of_its_parent() -> None:
    found = session_events(*looked_at(Nest({"0": ["1"], "1": ["2"]})))
    assert places(found)[:3] == [("0", "run"), ("1", "run/run"), ("2", "run/run")]
    assert [one.at for one in found.events] == sorted(one.at for one in found.events)
    assert "run/run" in plain(event_lines(found))
    assert found.unread == ()


def test_of_a_job_its_own_events_are_told_and_those_of_what_it_runs() -> None:
    nest = Nest({"0": ["1"], "1": ["2"]})
    found = session_events(*looked_at(nest), job="run/run")
    assert {one.job for one in found.events} == {"run/run"}
    assert {one.execution_arn for one in found.events} == {"1", "2"}
    with pytest.raises(NotFound, match="unknown-job"):
        session_events(*looked_at(nest), job="run/walk")


def test_each_retry_of_a_child_is_told() -> None:
    assert {arn for arn, _ in places(session_events(*looked_at(Nest({"0": ["1", "2"]}))))} == {"0", "1", "2"}


def test_what_is_forgotten_below_is_said_and_the_rest_is_told() -> None:
    found = session_events(*looked_at(Nest({"0": ["1", "2"]}, gone=frozenset({"1"}))))
    assert {arn for arn, _ in places(found)} == {"0", "2"}
    ((job, count, example, is_gone),) = ((one.job, one.count, one.example, one.is_gone) for one in found.unread)
    assert (job, count, example, is_gone) == ("run", 1, "1", True)
    assert "1 execution below run: Step Functions does not tell" in plain(event_lines(found))


def test_too_many_and_too_deep_ones_are_counted_with_the_command_that_shows_one() -> None:
    many = session_events(*looked_at(Nest({"0": [str(number) for number in range(1, 14)]})))
    assert [(one.count, one.is_gone) for one in many.unread] == [(13 - MOST_CHILDREN, False)]
    assert "3 executions more below run, of which nothing is read here; one of them: bunsui events 1" in plain(
        event_lines(many)
    )
    deep = session_events(*looked_at(Nest({str(number): [str(number + 1)] for number in range(9)})))
    assert [(one.job, one.example) for one in deep.unread] == [("/".join(["run"] * (DEEPEST + 1)), str(DEEPEST + 1))]


def test_items_of_a_distributed_map_are_told_by_their_labels(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=LISTED)
    answers = [{"item": 0, "return": "A"}, {"item": 1, "error": "Bad", "cause": "no"}, {"item": 2, "return": "C"}]
    past, runs = past_of(machine, told({"each": answers, "after": {"return": 1}}, input={"n": 3}))
    room = Room()
    ports = replace(room.context.ports, execution=cast("SessionExecutions", past.port), map_runs=runs)
    found = session_events(replace(room.context, ports=ports), a_session(), job="each")
    items = [one for one in found.events if one.execution_arn != "arn:01A"]
    assert {(one.job, one.item) for one in items} == {("each", "0"), ("each", "1"), ("each", "2")}
    assert [(one.item, one.error) for one in items if one.type == "TaskFailed"] == [("1", "Bad")]
    assert found.unread == ()
    order = [(one.execution_arn == "arn:01A", one.type) for one in found.events]
    begun, ended = order.index((True, "MapRunStarted")), order.index((True, "MapRunSucceeded"))
    assert all(begun < place < ended for place, (is_own, _) in enumerate(order) if not is_own)
    without = replace(room.context, ports=replace(ports, map_runs=MemoryMapRuns()))
    ((job, count),) = ((one.job, one.count) for one in session_events(without, a_session()).unread)
    assert (job, count) == ("each", None)


def test_of_many_items_the_failed_ones_are_told_and_the_others_counted(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=LISTED)
    answers = [
        {"item": 7, "error": "Bad", "cause": "no"},
        *({"item": number, "return": 1} for number in range(30) if number != 7),
    ]
    past, runs = past_of(machine, told({"each": answers, "after": {"return": 1}}, input={"n": 30}))
    room = Room()
    ports = replace(room.context.ports, execution=cast("SessionExecutions", past.port), map_runs=runs)
    found = session_events(replace(room.context, ports=ports), a_session())
    items = {one.item for one in found.events if one.execution_arn != "arn:01A"}
    assert "7" in items
    assert len(items) == MOST_ITEMS
    assert [(one.job, one.count) for one in found.unread] == [("each", 30 - MOST_ITEMS)]
    assert "20 executions more below each" in plain(event_lines(found))
    assert "bunsui show - --job each --item LABEL" in plain(event_lines(found))
