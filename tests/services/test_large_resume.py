"""A resume whose kept outputs are larger than an execution's input: objects first, then the start; refused without a bucket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bunsui.errors import InvalidInput
from bunsui.model.bucket import Bucket
from bunsui.model.json import Json
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.services.recovery.single import plan_by_strategy
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.stored_outputs import stored_outputs
from bunsui.services.watch import follow
from bunsui.sessions.checkpoints import AttemptHistory, checkpoints
from bunsui.testkit.objects import MemoryObjectStore
from tests.fakes.session_room import DEFINITION, OUTPUTS, Room

BUCKET = Bucket(name="bunsui-objects", owner="111111111111", is_managed=True)
LARGE: Mapping[str, Json] = {**OUTPUTS, "extract": {"files": ["x" * 245_000], "unread": 1}}
LOADING: Mapping[str, Json] = {
    **DEFINITION,
    "States": {
        **DEFINITION["States"],  # type: ignore[dict-item]
        "extract.restore": {
            "Type": "Task",
            "Arguments": {
                "Bucket": BUCKET.name,
                "ExpectedBucketOwner": BUCKET.owner,
                "Key": "{% 'resume/daily/' & $resume.stored.extract %}",
            },
            "Next": "load.guard",
        },
    },
}


def room(definition: Mapping[str, Json] = LOADING, *buckets: Bucket) -> Room:
    """A room whose first job gives 250 kB; its machine loads what lies in the bucket, unless it is another one."""
    made = Room()
    made.outputs = LARGE
    made.context = replace(made.context, ports=replace(made.context.ports, objects=MemoryObjectStore(*buckets)))
    made.apply(definition)
    return made


def failed(room: Room) -> Session:
    room.failing = {"load"}
    session = list(follow(room.context, start_session(room.context, RunRequest(pipeline="daily"))))[-1].session
    room.failing = set()
    return session


def store_of(room: Room) -> MemoryObjectStore:
    store = room.context.ports.objects
    assert isinstance(store, MemoryObjectStore)
    return store


def test_a_resume_puts_large_outputs_into_the_bucket_and_tells_the_machine_where() -> None:
    made = room(LOADING, BUCKET)
    session = failed(made)
    resumption = resume_session(made.context, session)
    assert resumption.plan.restored == ("extract",)
    (key,) = store_of(made).keys()
    resume: Any = made.inputs[1]["resume"]
    assert resume == {"jobs": {}, "status": {"extract": "succeeded"}, "stored": {"extract": key.removeprefix("resume/daily/")}}
    assert json.loads(store_of(made).get(BUCKET, key) or b"") == LARGE["extract"]


def test_without_a_bucket_a_large_resume_is_refused_before_anything_starts_with_the_remedy() -> None:
    made = room(DEFINITION)
    made.outputs = {**LARGE, "extract": {"files": ["x" * 300_000], "unread": 1}}
    session = failed(made)
    with pytest.raises(InvalidInput) as caught:
        plan_by_strategy(made.context, session, Strategy.RESUME)
    assert caught.value.code == "resume-too-large"
    assert "`bucket: managed`" in caught.value.hint
    with pytest.raises(InvalidInput):
        resume_session(made.context, session)
    assert len(made.inputs) == 1


def test_a_bucket_that_is_not_there_yet_is_told_and_nothing_starts() -> None:
    made = room(LOADING)
    session = failed(made)
    with pytest.raises(InvalidInput) as caught:
        resume_session(made.context, session)
    assert caught.value.code == "bucket-missing"
    assert "bunsui apply" in caught.value.hint
    assert len(made.inputs) == 1


def test_what_an_attempt_was_told_of_as_an_object_is_a_checkpoint_when_older_histories_are_forgotten() -> None:
    made = room(LOADING, BUCKET)
    made.failing = {"load"}
    session = failed(made)
    made.failing = {"load"}
    second = list(follow(made.context, resume_session(made.context, session).session))[-1].session
    last = second.attempts[-1].execution_arn
    events = tuple(made.execution.history(last))
    stored = stored_outputs(made.context, LOADING, events)
    assert stored == {"extract": LARGE["extract"]}
    found = checkpoints([AttemptHistory(number=2, definition=LOADING, events=events, stored=stored)])
    assert found["extract"].outputs == LARGE["extract"]
