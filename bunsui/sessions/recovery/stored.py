"""Large outputs that a resume keeps: each becomes an object in the environment's bucket, which its job's guard loads.

The input of an execution may have 256 KiB, and outputs that all fitted where their jobs stood need not fit into it together.
The largest ones go to the bucket, until what is left is small. What the applied machine cannot load stays in the input.

Source of both limits: Step Functions developer guide, "Service quotas" (input or output of a task, state or execution).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.compile.restoring import RestorePlace, restore_places
from bunsui.model.json import Json
from bunsui.sessions.payload import LARGEST_INPUT

INLINE_BYTES = 200 * 1024
"""An input up to this size holds every output itself."""
LARGEST_OBJECT = LARGEST_INPUT - 4096
"""Bytes of a text in the answer of a Task, as JSON has it: the rest is for what S3 says besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOutput:
    """One job's outputs as an object."""

    job: str
    """Of a pipeline that a job starts, PARENT/JOB."""
    place: RestorePlace
    name: str
    """What the execution is told: the key without the place's prefix."""
    content: bytes

    @property
    def key(self) -> str:
        """The object's key."""
        return f"{self.place.prefix}{self.name}"

    @property
    def uri(self) -> str:
        """Where it lies."""
        return f"s3://{self.place.bucket.name}/{self.key}"

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedResume:
    """The `resume` of an execution's input, and the objects that it names."""

    payload: Mapping[str, Json]
    stored: tuple[StoredOutput, ...] = ()
    unfit: tuple[str, ...] = ()
    """Jobs of which the outputs are too large even for an object of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumedMachine:
    """A machine whose jobs are restored, and where the payload tells of it."""

    definition: Mapping[str, Json]
    """What is applied."""
    below: tuple[str, ...] = ()
    """States of the machines above it that start it, outermost first."""
    jobs: str = ""
    """What stands before the names of its jobs: PARENT/ for those of a pipeline that a job starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    job: str
    label: str
    node: dict[str, Any]
    """The part of the payload that holds the machine's jobs."""
    place: RestorePlace
    text: str


def carry_resume(
    payload: Mapping[str, Json], machines: Iterable[ResumedMachine], *, around: int, session: str
) -> CarriedResume:
    """Return the `resume` so that the whole input is small, as far as the machines can load what is taken out of it.

    `around` are the bytes of the input without the `resume`. The same outputs of a session become the same object each time.
    """
    left = around + _size(payload)
    if left <= INLINE_BYTES:
        return CarriedResume(payload=payload)
    whole: dict[str, Any] = json.loads(json.dumps(payload))
    found = sorted(_candidates(whole, machines), key=lambda one: (-len(one.text), one.label))
    stored: list[StoredOutput] = []
    unfit: list[str] = []
    for one in found:
        if left <= INLINE_BYTES:
            break
        if _size(one.text) > LARGEST_OBJECT:
            unfit.append(one.label)
            continue
        content = one.text.encode()
        name = f"{session}/{one.job}-{hashlib.sha256(content).hexdigest()[:16]}.json"
        del one.node["jobs"][one.job]
        one.node.setdefault("stored", {})[one.job] = name
        left -= len(content) - len(name)
        stored.append(StoredOutput(job=one.label, place=one.place, name=name, content=content))
    return CarriedResume(payload=whole, stored=tuple(stored), unfit=tuple(unfit))


def stored_names(resume: Json) -> dict[str, str]:
    """Return what an execution was told of objects, by job."""
    told = resume.get("stored") if isinstance(resume, Mapping) else None
    return {job: name for job, name in told.items() if isinstance(name, str)} if isinstance(told, Mapping) else {}


def _candidates(whole: dict[str, Any], machines: Iterable[ResumedMachine]) -> Iterator[_Candidate]:
    for machine in machines:
        node = whole
        for state in machine.below:
            node = node["children"][state]["resume"]
        places = restore_places(machine.definition)
        for job, outputs in node.get("jobs", {}).items():
            if job in places:
                text = json.dumps(outputs, ensure_ascii=False, separators=(",", ":"))
                yield _Candidate(job=job, label=f"{machine.jobs}{job}", node=node, place=places[job], text=text)


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())
