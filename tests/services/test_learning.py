"""Durations are learnt from the histories of runs that succeeded, once, and stay where a run takes a little longer."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from bunsui.codec.writing import to_json
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE
from bunsui.services.run import RunRequest, start_session
from bunsui.services.running.learning import Learning, learn_durations
from bunsui.services.session_context import SessionContext
from bunsui.view.documents.estimates import LearningDocument
from bunsui.view.learning import learning_lines
from bunsui.view.spans import plain
from tests.fakes.session_room import Room
from tests.fakes.source import FilesInMemory
from tests.services.test_run_plan import Counted


def run_once(room: Room) -> None:
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(60)
    room.context.manager.sync(session)


def beside(room: Room, text: str | None) -> SessionContext:
    files = {} if text is None else {DURATIONS_FILE: text}
    return replace(room.context, repository=replace(room.context.repository, source=FilesInMemory(files)))


def learnt(room: Room, text: str | None = None, *names: str) -> Learning:
    return learn_durations(beside(room, text), names)


def test_jobs_get_the_durations_of_the_runs_in_few_calls_that_are_told() -> None:
    room = Room()
    for _ in range(3):
        run_once(room)
    calls = Counter[str]()
    context = beside(room, None)
    execution: Any = Counted(context.ports.execution, calls)
    found = learn_durations(replace(context, ports=replace(context.ports, execution=execution)))
    assert found.text.endswith("pipelines:\n  daily:\n    extract: 1s\n    load: 1s\n")
    assert found.is_new
    assert (calls["history"], calls["definition"], found.measured[0].runs) == (3, 3, 3)
    assert found.calls == 7, "three histories, three definitions, one list"
    shown = plain(learning_lines(found))
    assert "daily  learnt from 3 runs\n  daily.extract  - → 1s\n" in shown
    assert "wrote bunsui.durations.yaml (7 calls of Step Functions); review and commit it" in shown


def test_learnt_again_the_file_stays() -> None:
    room = Room()
    run_once(room)
    first = learnt(room)
    again = learnt(room, first.text)
    assert (again.text, again.is_new, again.changes) == (first.text, False, ())
    assert "stays as it is" in plain(learning_lines(again))


def test_nothing_is_learnt_where_nothing_succeeded_and_what_was_known_stays() -> None:
    room = Room()
    assert (learnt(room).is_new, learnt(room).measured[0].runs) == (False, 0)
    kept = learnt(room, "version: 1\npipelines: {daily: {load: 5m, gone: 1m}, weekly: {x: 1m}}")
    assert kept.text.endswith("pipelines:\n  daily:\n    load: 5m\n")
    document = to_json(LearningDocument.of(kept, file=DURATIONS_FILE))
    assert isinstance(document, dict)
    assert document["changes"] == [
        {"pipeline": "daily", "job": "gone", "before": 60, "after": None},
        {"pipeline": "weekly", "job": "x", "before": 60, "after": None},
    ]


def test_a_file_that_cannot_be_read_is_not_written_over() -> None:
    with pytest.raises(InvalidInput, match="durations-unreadable"):
        learnt(Room(), "version: 1\npipelines: {daily: {load: 5}}")


def test_an_unknown_pipeline_is_told() -> None:
    with pytest.raises(NotFound, match="unknown-pipeline"):
        learnt(Room(), None, "dayly")
