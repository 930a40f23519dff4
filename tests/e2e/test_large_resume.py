"""A resume whose kept outputs are larger than an input, on the embedded AWS: nothing that completed is called again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.sessions import Field, field_in
from bunsui.model.bucket import managed_name
from bunsui.model.session import Session, SessionStatus
from bunsui.services.resume import plan_resumption, resume_session
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


OUTER = """\
version: 1
name: outer
jobs:
  before: {type: wait, for: 1s}
  whole:
    depends_on: before
    operations: [{type: pipeline, pipeline: large}]
    outputs: {lengths: "{% $result %}"}
"""
EACH = f"""\
  each:
    foreach: {{items: [one, two, go, three], as: key, mode: distributed, max_concurrency: 1}}
    operations: [{READ.replace("KEY", '"{% $key %}"')}]
    outputs: {{lengths: "{{% $map($result, function($r) {{ $length($r.output.Body) }}) %}}"}}
"""


def ended(field: Field, session: Session) -> Session:
    return list(follow(field.context, session))[-1].session


def read_keys(field: Field, session: Session) -> list[str]:
    """The keys that the session's last execution read from the source."""
    last = session.latest
    assert last is not None
    return keys_of(field, last.execution_arn)


def keys_of(field: Field, execution_arn: str) -> list[str]:
    """The keys that an execution read from the source, with those of its items that have executions of their own."""
    events = field.context.ports.execution.history(execution_arn)
    calls: list[Any] = [json.loads(str(event.details["parameters"])) for event in events if event.type == "TaskScheduled"]
    found = [call["Key"] for call in calls if call.get("Bucket") == "source"]
    for event in events:
        if event.type == "MapRunStarted" and field.context.ports.map_runs is not None:
            run = str(event.details["mapRunArn"])
            found += [
                key for child in field.context.ports.map_runs.children(run, limit=99) for key in keys_of(field, child.arn)
            ]
    return sorted(found)


def child_of(field: Field, session: Session) -> str:
    """The execution that the session's last one started."""
    last = session.latest
    assert last is not None
    events = field.context.ports.execution.history(last.execution_arn)
    (told,) = [str(event.details["output"]) for event in events if event.type == "TaskSubmitted"]
    return str(json.loads(told)["ExecutionArn"])


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


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_nested_pipeline_goes_on_from_the_bucket_and_from_the_executions_of_its_items(tmp_path: Path) -> None:
    files = {"bunsui.yaml": PROJECT, "pipelines/large.yaml": PIPELINE + EACH, "pipelines/outer.yaml": OUTER}
    with field_in(tmp_path / "project", **files) as field:
        s3, scope = field.client("s3"), field.context.repository.scope
        s3.create_bucket(Bucket="source")
        for job in JOBS:
            s3.put_object(Bucket="source", Key=job, Body=b"x" * SIZE)
        failed = ended(field, start_session(field.context, RunRequest(pipeline="outer")))
        assert failed.status is SessionStatus.FAILED
        again = ended(field, resume_session(field.context, failed).session)
        assert again.status is SessionStatus.FAILED

        s3.put_object(Bucket="source", Key="go", Body=b"go")
        planned = plan_resumption(field.context, again)
        (child,) = planned.children
        assert {stored.job for stored in planned.carried.stored} <= {f"whole/{job}" for job in JOBS}
        assert planned.carried.stored
        assert sorted(child.plan.items["each"].results) == [0, 1]
        done = ended(field, resume_session(field.context, again).session)
        assert done.status is SessionStatus.SUCCEEDED
        lengths = {f"use_{job}": {"length": SIZE} for job in JOBS}
        assert done.output == {"whole": {"lengths": {**lengths, "each": {"lengths": [SIZE, SIZE, 2, SIZE]}}}}
        # A sibling that had not ended when the first one failed runs again, as the plan says; what is kept does not.
        unended = [job for job in JOBS if job not in child.plan.restored]
        assert keys_of(field, child_of(field, done)) == sorted([*["go"] * (len(JOBS) + 1), "three", *unended])
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=managed_name(scope))["Contents"]]
        assert all(key.startswith(f"resume/large/{done.id}/") for key in keys)
