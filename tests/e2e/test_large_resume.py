"""A resume whose kept outputs are larger than an input, on the embedded AWS: nothing that completed is called again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.sessions import Field, field_in
from bunsui.model.bucket import managed_name
from bunsui.model.session import Session, SessionStatus
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.watch import follow

pytestmark = pytest.mark.embedded

PROJECT = """\
version: 1
project: scale
id: 01KBH3X2J4ABCDEFGHJKMNPQRT
environments: {local: {bucket: managed}}
"""
JOBS = ("one", "two", "three")
SIZE = 90 * 1024
READ = "{type: aws, action: s3:getObject, arguments: {Bucket: source, Key: KEY}, resources: ['arn:aws:s3:::source/*']}"
PIPELINE = """\
version: 1
name: large
jobs:
""" + "".join(
    f"""\
  {job}:
    operations: [{READ.replace("KEY", job)}]
    outputs: {{text: "{{% $result.Body %}}"}}
  use_{job}:
    depends_on: {job}
    operations: [{{type: wait, for: 2s}}, {READ.replace("KEY", "go")}]
    outputs: {{length: "{{% $length($jobs.{job}.text) %}}"}}
"""
    for job in JOBS
)


def ended(field: Field, session: Session) -> Session:
    return list(follow(field.context, session))[-1].session


def read_keys(field: Field, session: Session) -> list[str]:
    """The keys that the session's last execution read from the source."""
    last = session.latest
    assert last is not None
    asked = [
        event.details for event in field.context.ports.execution.history(last.execution_arn) if event.type == "TaskScheduled"
    ]
    calls: list[Any] = [json.loads(str(details["parameters"])) for details in asked]
    return sorted(call["Key"] for call in calls if call["Bucket"] == "source")


@pytest.mark.timeout(180)
def test_a_resume_with_large_outputs_goes_on_and_calls_nothing_again_that_completed(tmp_path: Path) -> None:
    with field_in(tmp_path / "project", **{"bunsui.yaml": PROJECT, "pipelines/large.yaml": PIPELINE}) as field:
        s3, scope = field.client("s3"), field.context.repository.scope
        s3.create_bucket(Bucket="source")
        for job in JOBS:
            s3.put_object(Bucket="source", Key=job, Body=b"x" * SIZE)
        failed = ended(field, start_session(field.context, RunRequest(pipeline="large")))
        assert failed.status is SessionStatus.FAILED

        s3.put_object(Bucket="source", Key="go", Body=b"go")
        done = ended(field, resume_session(field.context, failed).session)
        assert done.status is SessionStatus.SUCCEEDED
        assert done.output == {f"use_{job}": {"length": SIZE} for job in JOBS}
        assert read_keys(field, done) == ["go"] * len(JOBS)

        (stored,) = s3.list_objects_v2(Bucket=managed_name(scope))["Contents"]
        assert stored["Key"].startswith(f"resume/large/{done.id}/")
