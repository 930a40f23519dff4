"""Outputs that a person gives for a job that is not to run: checked against what the job declares."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, OutputRule
from bunsui.model.values import Expression, Value

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


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


def _read(job: Job, text: str) -> Mapping[str, Json]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise _wrong(job, "it is no JSON") from error
    if not isinstance(given, dict):
        raise _wrong(job, "it is no object")
    unknown = [name for name in given if name not in job.outputs]
    if unknown:
        raise _wrong(job, f"the job declares no output {unknown[0]}")
    found: dict[str, Json] = {}
    for name in job.outputs:
        rule = job.output_rules.get(name, OutputRule())
        if name in given:
            _check_type(job, name, given[name], rule)
            found[name] = given[name]
        elif rule.has_default and _is_literal(rule.default):
            found[name] = rule.default  # type: ignore[assignment]  # a literal is JSON
        else:
            raise _wrong(job, f"the output {name} is missing")
    return found


def _check_type(job: Job, name: str, value: Json, rule: OutputRule) -> None:
    if not rule.type or (value is None and rule.has_default):
        return
    kinds = _TYPES[rule.type]
    is_right = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    if not is_right:
        raise _wrong(job, f"the output {name} is to be of type {rule.type}")


def _is_literal(value: Value) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_literal, value))
    if isinstance(value, Mapping):
        return all(map(_is_literal, value.values()))
    return not isinstance(value, Expression) and (value is None or isinstance(value, (bool, int, float, str)))


def _wrong(job: Job, reason: str) -> InvalidInput:
    return InvalidInput(
        "wrong-output",
        "what is given for a job is not what it declares",
        hint=f"Its outputs are: {', '.join(job.outputs)}.",
        job=job.name,
        reason=reason,
    )
