"""One job of a session: what its operations were given and answered, in which execution, without what is sensitive."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bunsui.codec.writing import to_json
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.session import JobStatus, SessionStatus
from bunsui.ports.execution import SessionExecutions
from bunsui.services.history.job_runs import JobRuns, JobRunsQuery, job_runs
from bunsui.view.documents.running.job_runs import job_runs_document
from bunsui.view.sessions.job_page import job_page
from bunsui.view.spans import plain
from tests.fakes.session_room import START, Room
from tests.services.test_events import Forgetful, resumed
from tests.services.test_recorded import a_session, machine_of, past_of
from tests.services.test_sensitive import MOCKS, PIPELINE, SECRET, VALUE, told


def test_the_execution_is_told_in_which_the_job_did_something() -> None:
    room, session = resumed()
    kept = job_runs(room.context, session, JobRunsQuery(job="extract"))
    assert (kept.execution, [run.status for run in kept.runs]) == (1, [JobStatus.SUCCEEDED])
    assert [turn.progress.status for turn in kept.turns] == [JobStatus.SUCCEEDED, JobStatus.RESTORED]
    again = job_runs(room.context, session, JobRunsQuery(job="load"))
    assert (again.execution, len(again.runs)) == (2, 1)
    first = job_runs(room.context, session, JobRunsQuery(job="load", execution=1))
    assert [one.message for run in first.runs for one in run.tries] == ["no such region"]


def test_what_is_not_there_is_refused_with_what_is() -> None:
    room, session = resumed()
    with pytest.raises(NotFound) as missing:
        job_runs(room.context, session, JobRunsQuery(job="lode"))
    assert missing.value.facts["jobs"] == "extract, load"
    with pytest.raises(InvalidInput) as refused:
        job_runs(room.context, session, JobRunsQuery(job="load", execution=3))
    assert refused.value.facts["executions"] == "2"


def test_what_step_functions_forgot_is_said() -> None:
    room, session = resumed()
    gone = cast("SessionExecutions", Forgetful(room, session.attempts[0].execution_arn))
    context = replace(room.context, ports=replace(room.context.ports, execution=gone))
    found = job_runs(context, session, JobRunsQuery(job="load"))
    assert (found.forgotten, found.execution) == ((1,), 2)
    assert "does not know execution 1 any more" in plain(job_page(found, now=START))


def sensitive_runs(folder: Path, job: str, **mocks: Any) -> JobRuns:
    machine = machine_of(folder, pipeline=PIPELINE)
    test = replace(told(), mocks={**MOCKS, **mocks})
    room = Room()
    assert machine.pipeline is not None
    ports = replace(room.context.ports, execution=cast("SessionExecutions", past_of(machine, test).port))
    context = replace(room.context, ports=ports, pipelines={"sales": machine.pipeline})
    session = replace(a_session(), params={"db": SECRET})
    return job_runs(context, session, JobRunsQuery(job=job))


@pytest.mark.parametrize("job", ["login", "use"])
def test_what_is_sensitive_stands_neither_in_inputs_nor_in_answers_nor_in_documents(tmp_path: Path, job: str) -> None:
    found = sensitive_runs(tmp_path, job)
    document = to_json(job_runs_document(a_session(), found, is_whole=True))
    assert VALUE not in json.dumps(document) + plain(job_page(found, now=START, is_whole=True))
    assert found.runs[0].output == "(sensitive)"


def test_a_reference_is_shown_and_what_was_made_of_a_sensitive_output_is_not(tmp_path: Path) -> None:
    assert sensitive_runs(tmp_path, "login").runs[0].input == {"db": SECRET}
    assert sensitive_runs(tmp_path, "use").runs[0].input == {"token": "(sensitive)"}


def test_a_job_that_failed_before_its_outputs_were_made_tells_nothing_of_its_answers(tmp_path: Path) -> None:
    found = sensitive_runs(tmp_path, "login", login={"return": {"token": VALUE}})  # user is missing
    assert found.turns[0].progress.status is JobStatus.FAILED
    assert VALUE not in json.dumps(to_json(job_runs_document(a_session(), found)))


def test_a_session_that_never_started_has_no_runs() -> None:
    room = Room()
    session = replace(a_session(status=SessionStatus.PENDING), pipeline="daily", attempts=())
    with pytest.raises(NotFound):
        job_runs(room.context, session, JobRunsQuery(job="load"))
