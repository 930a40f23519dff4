"""Which outputs of a resume become objects: the largest, until the rest is small, of jobs whose machine can load them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.model.json import Json
from bunsui.sessions.payload import LARGEST_INPUT
from bunsui.sessions.recovery.stored import (
    INLINE_BYTES,
    LARGEST_OBJECT,
    CarriedResume,
    ResumedMachine,
    carry_resume,
    stored_names,
)
from tests.faults.amount import amount

BUCKET = {"Bucket": "results", "ExpectedBucketOwner": "111111111111"}


def machine(*jobs: str) -> dict[str, Json]:
    """Return a machine that loads the outputs of these jobs from below `runs/daily/`."""
    states: dict[str, Json] = {
        f"{job}.restore": {"Type": "Task", "Arguments": {**BUCKET, "Key": f"{{% 'runs/daily/' & $resume.stored.{job} %}}"}}
        for job in jobs
    }
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, **states}}


def outputs(letters: int) -> dict[str, Json]:
    return {"text": "x" * letters}


def payload(**sizes: int) -> dict[str, Json]:
    return {"jobs": {job: outputs(letters) for job, letters in sizes.items()}, "status": dict.fromkeys(sizes, "succeeded")}


def name_of(job: str, letters: int, session: str = "s1") -> str:
    text = json.dumps(outputs(letters), separators=(",", ":"))
    return f"{session}/{job}-{sha256(text.encode()).hexdigest()[:16]}.json"


def carried(given: Mapping[str, Json], definition: Mapping[str, Json] | None = None, around: int = 0) -> CarriedResume:
    machines = [ResumedMachine(definition=definition if definition is not None else machine("a", "b", "c"))]
    return carry_resume(given, machines, around=around, session="s1")


def size(value: Any) -> int:
    return len(json.dumps(value).encode())


def test_what_is_small_stays_as_it_is() -> None:
    given = payload(a=10)
    assert carried(given).payload is given
    exactly = INLINE_BYTES - size(given)
    assert carried(given, around=exactly).payload is given
    assert [one.job for one in carried(given, around=exactly + 1).stored] == ["a"]


def test_the_largest_outputs_become_objects_until_the_rest_is_small() -> None:
    given = payload(a=60_000, b=90_000, c=80_000)
    found = carried(given)
    (stored,) = found.stored
    assert (stored.job, stored.name, stored.key) == ("b", name_of("b", 90_000), f"runs/daily/{name_of('b', 90_000)}")
    assert (stored.place.bucket.name, stored.place.bucket.owner) == ("results", "111111111111")
    assert json.loads(stored.content) == outputs(90_000)
    assert stored.size == len(stored.content) > 90_000
    assert found.payload == {
        "jobs": {"a": outputs(60_000), "c": outputs(80_000)},
        "status": given["status"],
        "stored": {"b": name_of("b", 90_000)},
    }
    assert given == payload(a=60_000, b=90_000, c=80_000), "what was given stays as it was"
    assert [one.job for one in carried(given, around=100_000).stored] == ["b", "c"]
    assert [one.job for one in carried(given, around=190_000).stored] == ["b", "c", "a"]
    assert size(carried(given, around=100_000).payload) + 100_000 <= INLINE_BYTES


def test_letters_count_by_the_bytes_that_they_take() -> None:
    """An input and an object are UTF-8: no escape stands in either."""
    assert carried({"jobs": {"a": {"text": "é" * 60_000}}, "status": {}}).stored == ()
    (stored,) = carried({"jobs": {"a": {"text": "é" * 120_000}}, "status": {}}).stored
    assert (len(stored.content), stored.content[:12]) == (240_011, '{"text":"é'.encode() + b"\xc3")


def test_what_is_left_is_counted_with_the_name_that_stands_for_what_is_taken_out() -> None:
    given = payload(a=100_000, b=90_000)
    taken = len(json.dumps(outputs(100_000), separators=(",", ":"))) - len(name_of("a", 100_000))
    enough = INLINE_BYTES - size(given) + taken
    assert [one.job for one in carried(given, around=enough).stored] == ["a"]
    assert [one.job for one in carried(given, around=enough + 1).stored] == ["a", "b"]


def test_of_equal_outputs_the_first_by_name_goes_first_and_the_same_is_the_same_object() -> None:
    given = payload(b=110_000, a=110_000)
    assert [one.job for one in carried(given).stored] == ["a"]
    assert carried(given) == carried(given)


def test_what_the_machine_cannot_load_stays_in_the_input() -> None:
    given = payload(a=110_000, b=150_000)
    assert [one.job for one in carried(given, machine("a")).stored] == ["a"]
    assert carried(given, machine()) == CarriedResume(payload=given)
    assert carried({"status": {}}, around=INLINE_BYTES) == CarriedResume(payload={"status": {}})


@pytest.mark.parametrize(("letters", "unfit"), [(LARGEST_OBJECT - 17, ()), (LARGEST_OBJECT - 16, ("a",))])
def test_what_no_task_can_load_is_named(letters: int, unfit: tuple[str, ...]) -> None:
    """The text stands in the answer as a JSON text, with its quotation marks escaped."""
    escaped = json.dumps(json.dumps(outputs(letters), separators=(",", ":")))
    assert (len(escaped) > LARGEST_OBJECT) is bool(unfit)
    found = carried(payload(a=letters, b=20))
    assert found.unfit == unfit
    assert [one.job for one in found.stored] == (["b"] if unfit else ["a"])
    assert LARGEST_OBJECT == LARGEST_INPUT - 4096


def test_jobs_of_children_are_taken_out_where_they_stand() -> None:
    inner: dict[str, Json] = {"children": {"state": {"pipeline": "kid", "params": {}, "resume": payload(a=INLINE_BYTES)}}}
    given = {**payload(a=10), **inner}
    below = ResumedMachine(definition=machine("a"), below=("state",), jobs="run/")
    found = carry_resume(given, [ResumedMachine(definition=machine()), below], around=0, session="s1")
    (stored,) = found.stored
    assert (stored.job, stored.name) == ("run/a", name_of("a", INLINE_BYTES))
    kid: Any = found.payload["children"]
    assert kid["state"]["resume"] == {"jobs": {}, "status": {"a": "succeeded"}, "stored": {"a": stored.name}}
    assert found.payload["jobs"] == payload(a=10)["jobs"]


@pytest.mark.parametrize(
    ("resume", "names"),
    [
        ({"stored": {"a": "s1/a.json", "b": 3}}, {"a": "s1/a.json"}),
        ({"stored": ["a"]}, {}),
        ({"jobs": {}}, {}),
        ("x", {}),
        (None, {}),
    ],
)
def test_names_are_what_an_execution_was_told(resume: Json, names: dict[str, str]) -> None:
    assert stored_names(resume) == names


@settings(max_examples=amount(24, 60, 600), deadline=None)
@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 180_000), min_size=1), st.sets(st.sampled_from("abc")))
def test_nothing_is_lost_and_what_can_be_loaded_makes_room(sizes: dict[str, int], loads: set[str]) -> None:
    whole = payload(**sizes)
    found = carried(whole, machine(*loads), around=300)
    kept: Any = found.payload["jobs"]
    taken = {one.job: json.loads(one.content) for one in found.stored}
    assert {**kept, **taken} == whole["jobs"]
    assert stored_names(found.payload).keys() == taken.keys() <= loads
    if set(sizes) <= loads:
        assert 300 + size(found.payload) <= INLINE_BYTES
