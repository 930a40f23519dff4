"""`sensitive: true`: references instead of values, and outputs that are shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.document.yaml.writer import yaml_text
from bunsui.errors import InvalidInput
from bunsui.model.pipeline_test import PipelineTest
from bunsui.model.references import without_values
from bunsui.services.testing.pipeline_tests import run_machine, run_test
from bunsui.services.testing.recorded import record, redacted_suite
from bunsui.sessions.inputs import read_parameters
from bunsui.sessions.progress import job_progress, shown_progress
from tests.services.test_recorded import a_session, machine_of, past_of

SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbC123"
VALUE = "hunter2-hunter2"
PIPELINE = """\
version: 1
name: sales
parameters: {db: {type: string, sensitive: true}}
jobs:
  login:
    type: lambda
    function: "login:1"
    payload: {db: "{% $params.db %}"}
    outputs: {token: {value: "{% $result.token %}", sensitive: true}, user: "{% $result.user %}"}
  use:
    depends_on: login
    type: lambda
    function: "use:1"
    payload: {token: "{% $jobs.login.token %}"}
    outputs: {rows: "{% $result.rows %}", again: {value: "{% $result.header %}", sensitive: true}}
"""
MOCKS: Any = {
    "login": {"return": {"token": VALUE, "user": "u"}},
    "use": {"return": {"rows": 3, "header": f"Bearer:{VALUE}"}},
}


def told(db: str = SECRET) -> PipelineTest:
    return PipelineTest(name="t", pipeline="sales", input={"db": db}, mocks=MOCKS)


def test_a_sensitive_output_is_read_by_jobs_and_is_no_part_of_the_result(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=PIPELINE)
    result = run_machine(machine, told())
    assert result.output == {"use": {"rows": 3}}
    asked = [event["taskScheduledEventDetails"]["parameters"] for event in result.events if event["type"] == "TaskScheduled"]
    assert json.loads(asked[1])["Payload"] == {"token": VALUE}


def test_a_sensitive_output_is_hidden_where_jobs_are_shown(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=PIPELINE)
    events = past_of(machine, told()).events["arn:01A"]
    jobs = shown_progress(machine.shape, job_progress(machine.shape, events, order=("login", "use")))
    assert [job.output for job in jobs] == [{"token": "(sensitive)", "user": "u"}, {"rows": 3, "again": "(sensitive)"}]


def test_a_recorded_test_holds_the_value_nowhere_and_still_passes(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=PIPELINE)
    test = record(machine, a_session(), past_of(machine, told()).port)
    assert run_test(machine, test).passed
    written = yaml_text(redacted_suite(test))
    assert VALUE not in written
    assert "rows: 3" in written


def test_a_value_in_place_of_a_reference_is_refused_by_the_machine(tmp_path: Path) -> None:
    result = run_machine(machine_of(tmp_path, pipeline=PIPELINE), told(VALUE))
    assert result.error == "Bunsui.InvalidInput"
    assert result.cause == "parameter db must be the ARN of a secret, or of a parameter of Systems Manager"


def test_a_value_in_place_of_a_reference_is_refused_before_a_run_and_not_repeated(tmp_path: Path) -> None:
    pipeline = machine_of(tmp_path, pipeline=PIPELINE).pipeline
    assert pipeline is not None
    assert read_parameters(pipeline, [f"db={SECRET}"]) == {"db": SECRET}
    with pytest.raises(InvalidInput) as refused:
        read_parameters(pipeline, [f"db={VALUE}"])
    assert VALUE not in f"{refused.value} {refused.value.hint} {refused.value.facts}"


def test_a_row_keeps_references_and_no_values() -> None:
    names = frozenset({"db", "key"})
    assert without_values({"db": SECRET, "key": VALUE, "day": "d"}, names) == {"db": SECRET, "key": "(sensitive)", "day": "d"}
