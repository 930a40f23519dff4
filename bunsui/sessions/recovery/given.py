"""Outputs that a person gives for a job that is not to run: checked against what the job declares."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bunsui.errors import InvalidInput
from bunsui.model.given_outputs import given_outputs
from bunsui.model.json import Json
from bunsui.model.pipeline import Job

_SHOWN = 80
"""So many characters of what is no JSON are repeated."""


def read_given_outputs(jobs: Sequence[Job], texts: Sequence[str]) -> dict[str, Mapping[str, Json]]:
    """Return the outputs by job: one text of JSON for each of the jobs that declares outputs, in their order.

    Raises:
        InvalidInput: there are more or fewer texts, or one is not what its job declares.

    """
    needing = [job for job in jobs if job.outputs]
    if len(texts) != len(needing):
        names = ", ".join(job.name for job in needing) or "none of them"
        raise InvalidInput(
            "outputs-needed",
            "each job that is skipped needs the outputs that it declares",
            hint="Give one --output for each of these, in this order, such as --output '{\"rows\": 7}'.",
            jobs=names,
            given=len(texts),
        )
    told = dict(zip((job.name for job in needing), texts, strict=True))
    return {job.name: _read(job, told[job.name]) if job.name in told else {} for job in jobs}


def refuse_no_json(texts: Sequence[str]) -> None:
    """Refuse what is no JSON, whether any job needs it or not.

    Raises:
        InvalidInput: one is not.

    """
    for text in texts:
        try:
            json.loads(text)
        except ValueError as error:
            raise InvalidInput(
                "output-not-json",
                "what was typed as outputs is no JSON",
                hint='Write an object, such as {"rows": 7}.',
                typed=text[:_SHOWN],
            ) from error


def _read(job: Job, text: str) -> Mapping[str, Json]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise _wrong(job, "it is no JSON") from error
    if not isinstance(given, dict):
        raise _wrong(job, "it is no object")
    found, problem = given_outputs(job, given)
    if problem:
        raise _wrong(job, problem)
    return found


def _wrong(job: Job, reason: str) -> InvalidInput:
    return InvalidInput(
        "wrong-output",
        "what is given for a job is not what it declares",
        hint=f"Its outputs are: {', '.join(job.outputs)}.",
        job=job.name,
        reason=reason,
    )
