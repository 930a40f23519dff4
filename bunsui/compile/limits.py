"""Limits of Step Functions, enforced before any call: definition size, names, items; `events` counts events.

Sources: Step Functions quotas.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bunsui.asl.printing import DEFINITION_LIMIT_BYTES, definition_size, nested_states
from bunsui.asl.validation import validate as validator
from bunsui.asl.validation.finding import DefinitionFinding
from bunsui.compile.events import event_findings
from bunsui.compile.machine import WrittenMachine
from bunsui.compile.reads import uses_variable
from bunsui.compile.structure.order import Cycle, order_of
from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.model.names import STATE_NAME_LIMIT
from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.values import Reference, Unknown, map_leaves

PAYLOAD_LIMIT_BYTES = 262_144
RESULT_BYTES = 48
"""What the result of one item takes at least: its label, its status, and an output of a character."""
ARN_BYTES = 160
"""What a reference counts until its ARN is known."""


def pipeline_findings(pipeline: Pipeline) -> tuple[Diagnostic, ...]:
    """Return what keeps a pipeline from being compiled."""
    found: list[Diagnostic] = []
    if not pipeline.jobs:
        found.append(
            _error("BS421", f"the pipeline {pipeline.name} has no jobs", _place(pipeline), hint="Add a job under jobs:.")
        )
    for job in pipeline.jobs:
        if not job.operations:
            found.append(
                _error("BS421", f"the job {job.name} has no operations", job.position, hint="Add one under operations:.")
            )
        found += _item_findings(job)
    order = order_of({job.name: job.depends_on for job in pipeline.jobs})
    if isinstance(order, Cycle):
        ring = " -> ".join([*order.jobs, order.jobs[0]])
        position = pipeline.job(order.jobs[0]).position
        found.append(_error("BS422", f"jobs depend on each other in a ring: {ring}", position, hint="Remove one of them."))
    return tuple(found)


def _item_findings(job: Job) -> list[Diagnostic]:
    foreach = job.foreach
    if foreach is None:
        return []
    known = foreach.known_items
    if known is not None and len(known) > foreach.max_items:
        summary = f"the job {job.name} has {len(known)} items, and max_items is {foreach.max_items}"
        return [_error("BS425", summary, job.position, hint="Raise max_items, or give the job fewer items.")]
    entries = math.ceil(foreach.most_items / (foreach.batch or 1))
    if entries * RESULT_BYTES <= PAYLOAD_LIMIT_BYTES or not uses_variable(job.outputs, "result"):
        return []
    hint = (
        "Let the operations write their results and read nothing of $result in outputs, or hand them batches."
        if foreach.is_distributed
        else "Let the operations write their results and read nothing of $result in outputs."
    )
    return [
        Diagnostic(
            code="BS427",
            severity=Severity.WARNING,
            summary=f"the results of up to {entries:,} items of {job.name} do not fit into the 256 KiB that a state may give",
            position=job.position,
            detail="The outputs of the job read $result, so that every item's result travels.",
            hint=hint,
        )
    ]


def machine_findings(pipeline: Pipeline, written: WrittenMachine, definition: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with, or near a limit in, the compiled machine."""
    machine = written.machine
    found: list[Diagnostic] = []
    counted = map_leaves(definition, lambda leaf: "x" * ARN_BYTES if isinstance(leaf, (Reference, Unknown)) else leaf)
    size = definition_size(counted)  # type: ignore[arg-type] # nothing but JSON is left
    if size > DEFINITION_LIMIT_BYTES:
        found.append(
            _error(
                "BS423",
                f"the definition of {pipeline.name} is {size:,} bytes; Step Functions takes {DEFINITION_LIMIT_BYTES:,}",
                _place(pipeline),
                hint="Move a part of the pipeline into another one and run it with an operation of type pipeline.",
            )
        )
    found += event_findings(pipeline, written)
    names: set[str] = set()
    for name, _ in nested_states(machine.states):
        if len(name) > STATE_NAME_LIMIT or name in names:
            why = "is used twice" if name in names else f"is longer than {STATE_NAME_LIMIT} characters"
            found.append(_error("BS426", f"the state name {name} {why}", _place(pipeline), hint="Rename the job or operation."))
        names.add(name)
    return tuple(found)


def refusals(pipeline: Pipeline, definition: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """Return what Step Functions would refuse, apart from what is told elsewhere here in the pipeline's own words."""
    known = map_leaves(definition, lambda leaf: "${later}" if isinstance(leaf, (Reference, Unknown)) else leaf)
    return tuple(
        _error(
            "BS429",
            f"Step Functions would refuse {finding.aws_location or 'the machine'}: {finding.message} ({finding.code})",
            _place_of(pipeline, finding),
            hint=finding.hint,
        )
        for finding in validator.refusals(known)  # type: ignore[arg-type] # nothing but JSON is left
        if finding.code not in _TOLD_HERE
    )


_TOLD_HERE = frozenset({"ASL013", "ASL014", "ASL042", "ASL080"})


def _place_of(pipeline: Pipeline, finding: DefinitionFinding) -> Position | None:
    """Return the place of the job whose state it is about."""
    jobs = {job.name: job for job in pipeline.jobs}
    names = (str(step).partition(".")[0] for step in reversed(finding.path))
    return next((jobs[name].position for name in names if name in jobs), _place(pipeline))


def _error(code: str, summary: str, position: Position | None, *, hint: str) -> Diagnostic:
    return Diagnostic(code=code, severity=Severity.ERROR, summary=summary, position=position, hint=hint)


def _place(pipeline: Pipeline) -> Position:
    return Position(pipeline.path, 1, 1)
