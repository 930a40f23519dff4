"""A test of a pipeline, as it is written: what goes in, what the tasks answer, what must come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.diagnostics import Position
from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that a test demands."""

    name: str
    """status, path, jobs, output, error, cause, retries or duration."""
    value: Json
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineTest:
    """One run on a virtual clock, and what is expected of it."""

    name: str
    pipeline: str
    input: Mapping[str, Json] = field(default_factory=dict)
    """Parameters by name; the whole input of a raw pipeline."""
    session: Mapping[str, Json] = field(default_factory=dict)
    """What the session says of itself, such as `slot`; everything has a default."""
    resume: Mapping[str, Json] = field(default_factory=dict)
    """Jobs that an earlier attempt finished: `{jobs: {JOB: outputs}, status: {JOB: succeeded}}`."""
    at: str = ""
    """When the run starts, RFC 3339; empty means the beginning of 2026."""
    mocks: Mapping[str, Json] = field(default_factory=dict)
    """By job, operation or state: what the tasks answer."""
    objects: Mapping[str, Json] = field(default_factory=dict)
    """By address in S3: what distributed foreach read their items from."""
    expect: tuple[Expectation, ...] = ()
    """In the order of the file."""
    hidden: frozenset[str | int | float] = frozenset()
    """Of a recorded test: values that its file must not hold."""
    position: Position | None = None
