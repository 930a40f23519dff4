"""The shape of tests: the `tests:` of pipeline files, and whole `*.test.yaml` files beside them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from bunsui.model.durations import DURATION_PATTERN
from bunsui.model.names import ID_PATTERN

Json: TypeAlias = Annotated[Any, WithJsonSchema({})]
Names: TypeAlias = list[Annotated[str, Field(min_length=1)]]

_WAIT = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": DURATION_PATTERN}],
    "examples": ["30s", "2h"],
}
_ITEM = {"type": "integer", "minimum": 0}
_ANSWER: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "attempt": {
            "type": "integer",
            "minimum": 1,
            "description": "Answers this try of the state only, 1 being the first.",
        },
        "item": {
            "anyOf": [_ITEM, {"type": "array", "minItems": 1, "items": _ITEM}],
            "description": "Answers this item of the foreach or Map only, 0 being the first; a list for Maps inside Maps.",
        },
        "return": {"description": "The operation's result, as $result shows it; any JSON."},
        "answer": {"description": "The service's own answer, as the state gets it, where the result does not say it all."},
        "error": {"type": "string", "minLength": 1, "description": "The name of the error with which the try fails."},
        "cause": {"description": "The error's cause: a text, or JSON that becomes one."},
        "never": {"const": True, "description": "The try never answers: its timeout ends it."},
        "after": {**_WAIT, "description": "How long the try takes on the virtual clock; nothing when left out."},
    },
    "oneOf": [{"required": ["return"]}, {"required": ["answer"]}, {"required": ["error"]}, {"required": ["never"]}],
}
_MOCK: dict[str, Any] = {"anyOf": [_ANSWER, {"type": "array", "minItems": 1, "items": _ANSWER}]}
_OF_OPERATIONS = ("return", "item")
CALL_ANSWER: dict[str, Any] = {
    **_ANSWER,
    "properties": {name: about for name, about in _ANSWER["properties"].items() if name not in _OF_OPERATIONS},
    "oneOf": [{"required": ["answer"]}, {"required": ["error"]}, {"required": ["never"]}],
}
"""An answer to a call of which nobody knows the operation: that of the service itself."""
CALL_ANSWERS: dict[str, Any] = {"anyOf": [CALL_ANSWER, {"type": "array", "minItems": 1, "items": CALL_ANSWER}]}
_RETRIES = {
    "anyOf": [
        {"type": "integer", "minimum": 0},
        {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}},
    ]
}


class Entry(BaseModel):
    """A mapping without other keys, whose docstrings are the schema's descriptions."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class ExpectEntry(Entry):
    """What must come out. What is left out is not looked at; a test without `status` expects success."""

    status: Literal["succeeded", "failed", "timed_out", "aborted"] | None = None
    """How the run ends."""
    error: Annotated[str, Field(min_length=1)] | None = None
    """The name of the error."""
    cause: Annotated[str, Field(min_length=1)] | None = None
    """A text that the error's cause must hold."""
    path: Names | None = None
    """The jobs that run, in order; jobs side by side may be written in any order."""
    jobs: dict[str, Literal["succeeded", "skipped", "failed", "restored", "stopped", "not_run"]] | None = None
    """How single jobs end."""
    output: Json = None
    """What the output must hold: objects may hold more, lists may not."""
    retries: Annotated[Any, WithJsonSchema(_RETRIES)] = None
    """How many tries there are beyond the first: in all, or by job or state."""
    duration: (
        Annotated[str, Field(pattern=r"^(?:[<>]=? ?)?(?:[0-9]{1,9}[wdhms])(?: ?[0-9]{1,9}[wdhms])*$", examples=["< 10m", "2h"])]
        | None
    ) = None
    """How long the run takes on the virtual clock: exactly, or compared with <, <=, > or >=."""


class PipelineTestEntry(Entry):
    """One run of the compiled machine on a virtual clock: tasks answer from mocks, no code is run."""

    name: Annotated[str, Field(min_length=1)]
    """What the test shows, as a sentence."""
    input: dict[str, Any] = {}
    """The pipeline's parameters; the whole input of a raw pipeline."""
    session: dict[Literal["id", "attempt", "slot", "date", "scheduled_at", "started_by"], Any] = {}
    """What $session holds."""
    resume: dict[Literal["jobs", "status"], dict[str, Any]] = {}
    """Jobs that an earlier attempt finished, with their outputs and status."""
    at: Annotated[str, Field(json_schema_extra={"format": "date-time"})] | None = None
    """When the run starts; midnight of 2026-01-01 UTC when it is left out."""
    mocks: dict[str, Annotated[Any, WithJsonSchema(_MOCK)]] = {}
    """What tasks answer, by job, JOB.OPERATION or state: one answer for every try, or a list with one answer for each try.
    Entries with `attempt` or `item` answer just these."""
    objects: dict[Annotated[str, Field(pattern=r"^s3://[^/]+/.+")], Json] = {}
    """Objects of S3 by their address (s3://BUCKET/KEY), where a distributed foreach reads its items: texts, or JSON."""
    expect: ExpectEntry
    """What must come out."""


class SuiteFile(Entry):
    """Tests of one pipeline, in a file of their own."""

    model_config = ConfigDict(title="bunsui tests")

    version: Literal[1]
    """The version of this language: 1."""
    pipeline: Annotated[str, Field(pattern=ID_PATTERN)] | None = None
    """The pipeline's name; the one in the file of the same name when it is left out."""
    tests: Annotated[list[PipelineTestEntry], Field(min_length=1)]
    """The tests."""
