"""What each job of a pipeline does, as a short text that is the same as long as the job does the same.

In: a lowered `Pipeline` and its order. Out: by job a fingerprint `DEFINITION` or `DEFINITION.CODE`, hex digits of the job's
own definition and of the code that it brings along. It is taken over the lowered job and not over its states: an upgrade that
compiles the same job differently keeps it. Fields at their default are no part of it, so that a new field changes nothing.

A machine holds the fingerprints of its jobs in the comment of its first state: whoever reads an execution's definition has
those of exactly that version; `bunsui.sessions.checkpoints` compares them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256

from bunsui.asl.expressions import variables
from bunsui.compile.reads import job_expressions
from bunsui.compile.structure.order import JobOrder
from bunsui.diagnostics import Position
from bunsui.model.failures import START_STATE
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Operation, Parameter, Pipeline, Poll
from bunsui.model.values import Expression, Reference, Sensitive
from bunsui.operations.contract import OperationType

FINGERPRINT_VERSION = 1
"""Grows when the same job gets another fingerprint: then nobody can tell whether an older one still holds."""

_LEFT_OUT: Mapping[type, frozenset[str]] = {
    Job: frozenset({"description", "depends_on", "isolate", "handles", "recovery", "position"}),
    Operation: frozenset({"timeout_seconds", "heartbeat_seconds", "retry", "idempotent", "permissions", "position"}),
    Poll: frozenset({"every_seconds", "backoff", "max_delay_seconds", "timeout_seconds"}),
    Foreach: frozenset({"label", "max_items", "max_concurrency"}),
}
"""Fields that say when, how often or for whom something is done, and not what: a change of these leaves what a completed job
gave as it was. Parameters of operation types name theirs as `WITHOUT_EFFECT_ON_RESULT`. What a job waits for counts by the
jobs that are left when the redundant ones are taken away."""

_MARK = "Fingerprints of the jobs, version "
_WRITTEN = re.compile(rf"{_MARK}([0-9]{{1,9}}): (.*)\Z", re.DOTALL)
_DIGITS = 12


def job_fingerprints(pipeline: Pipeline, order: JobOrder, registry: Mapping[str, OperationType]) -> dict[str, str]:
    """Return the fingerprint of each job by its name."""
    before = {name: sorted(order.names_of(parents)) for name, parents in zip(order.names, order.parents, strict=True)}
    return {job.name: _fingerprint(job, before[job.name], pipeline.parameters, registry) for job in pipeline.jobs}


def fingerprint_comment(fingerprints: Mapping[str, str]) -> str:
    """Return the fingerprints as a comment, which `read_fingerprints` reads."""
    return f"{_MARK}{FINGERPRINT_VERSION}: {json.dumps(fingerprints, ensure_ascii=False, separators=(',', ':'))}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFingerprints:
    """What a machine's definition says of its jobs."""

    jobs: Mapping[str, str]
    """Fingerprints by job; empty when it says none that can be compared."""
    is_foreign: bool = False
    """True when it says them in another version: nobody can tell what changed."""


NO_FINGERPRINTS = ToldFingerprints(jobs={})


def read_fingerprints(definition: Mapping[str, Json]) -> ToldFingerprints:
    """Return the fingerprints that a machine's definition holds: none for one that was compiled before there were any."""
    states = definition.get("States")
    start = states.get(START_STATE) if isinstance(states, Mapping) else None
    comment = start.get("Comment") if isinstance(start, Mapping) else None
    told = _WRITTEN.search(comment) if isinstance(comment, str) else None
    if told is None:
        return NO_FINGERPRINTS
    if int(told.group(1)) != FINGERPRINT_VERSION:
        return ToldFingerprints(jobs={}, is_foreign=True)
    try:
        jobs = json.loads(told.group(2))
    except ValueError:
        return ToldFingerprints(jobs={}, is_foreign=True)
    return ToldFingerprints(jobs={str(name): str(value) for name, value in jobs.items()} if isinstance(jobs, dict) else {})


def what_changed(before: str, now: str) -> str:
    """Tell in words what differs between two fingerprints of a job; empty when nothing does."""
    if before == now:
        return ""
    (old_definition, _, old_code), (definition, _, code) = before.partition("."), now.partition(".")
    parts = [("definition", old_definition != definition), ("code", old_code != code)]
    return f"its {' and its '.join(name for name, differs in parts if differs)} changed"


def _fingerprint(
    job: Job, before: Sequence[str], parameters: Sequence[Parameter], registry: Mapping[str, OperationType]
) -> str:
    defaults = {one.name: _plain(one.default) for one in parameters if not one.required}
    read = _read_parameters(job, registry)
    used = {name: default for name, default in defaults.items() if read is None or name in read}
    definition = _digest([_plain(job), list(before), used])
    code = [digest for operation in job.operations for digest in _code(operation, registry)]
    return f"{definition}.{_digest(code)}" if code else definition


def _read_parameters(job: Job, registry: Mapping[str, OperationType]) -> frozenset[str] | None:
    """Return the names of the parameters that the job reads; None when it takes `$params` as a whole."""
    uses = [use for expression in job_expressions(job, registry) for use in variables(expression.text) if use.name == "params"]
    return frozenset(use.path[0] for use in uses) if all(use.path for use in uses) else None


def _code(operation: Operation, registry: Mapping[str, OperationType]) -> Iterator[str]:
    kind = registry[operation.type]
    function = kind.function(operation.params)
    if function is not None:
        yield function.code.reached or function.code.digest
    for nested in kind.operations(operation.params):
        yield from _code(nested, registry)


def _digest(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _plain(value: object) -> Json:
    """Return the value as JSON: what expressions say, and of dataclasses what differs from the default and has an effect."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Expression):
        return {"%": value.text}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=str)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return _special(value)


def _special(value: object) -> Json:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Sensitive):
        return "(sensitive)"  # not even a digest of it leaves
    if isinstance(value, Reference):
        return [str(value.address), value.attribute]
    if is_dataclass(value) and not isinstance(value, type):
        told = ((part, getattr(value, part.name)) for part in _telling(type(value)))
        return {part.name: _plain(item) for part, item in told if not _is_default(part, item)}
    return str(value)


@cache
def _telling(kind: type) -> tuple[Field[object], ...]:
    """Return the fields of a dataclass that are part of a fingerprint: those without effect on the result are not."""
    named: frozenset[str] = getattr(kind, "WITHOUT_EFFECT_ON_RESULT", frozenset())
    left_out = _LEFT_OUT.get(kind, named)
    return tuple(part for part in fields(kind) if part.name not in left_out)


def _is_default(part: Field[object], value: object) -> bool:
    if isinstance(value, Position):
        return True
    if part.default is not MISSING:
        return bool(type(value) is type(part.default) and value == part.default)
    return part.default_factory is not MISSING and value == part.default_factory()
