"""The beginning of a test: mocks for the tasks of a job, of the shape that the type makes, or that its expressions read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bunsui.command_line import command_line
from bunsui.compile.reads import expressions_in
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import Job
from bunsui.project.unknown_names import unknown_name
from bunsui.services.testing.machine_under_test import Answering, MachineUnderTest

_STEPS = r"((?:\.[A-Za-z_][A-Za-z0-9_]*)+)"


def machine_with(machines: Mapping[str, MachineUnderTest], job: str) -> MachineUnderTest:
    """Return the only machine that has the job. NotFound when there is none, InvalidInput when there are several."""
    found = [machine for machine in machines.values() if job in machine.shape.jobs]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(machine.name for machine in found)
        raise InvalidInput(
            "ambiguous-job",
            "several pipelines have a job of that name",
            hint=f"Name one:\n  {command_line('test', found[0].name, '--init', job)}",
            job=job,
            pipelines=names,
        )
    known = [name for machine in machines.values() for name in machine.shape.jobs]
    see = command_line("graph", "PIPELINE")
    raise unknown_name("unknown-job", "there is no job of that name", what="job", name=job, known=known, see=see)


def scaffold(machine: MachineUnderTest, job: str) -> dict[str, Json]:
    """Return a file of tests with one test, whose mocks have every field that the pipeline reads; null is to be filled in."""
    own = next((one for one in machine.pipeline.jobs if one.name == job), None) if machine.pipeline else None
    mocks = {
        state: {"return": _shape(machine, state, own)}
        for state in machine.tasks
        if machine.shape.states[state].job == job and not machine.is_later(state)
    }
    if not mocks:
        raise InvalidInput("no-tasks", "the job has no task: nothing of it needs a mock", job=job)
    test: dict[str, Json] = {"name": f"{job} does its work", "mocks": mocks, "expect": {"status": "succeeded"}}
    return {"version": 1, "pipeline": machine.name, "tests": [test]}


def _shape(machine: MachineUnderTest, state: str, job: Job | None) -> Json:
    answering = machine.answering.get(state)
    if answering is None or job is None:
        return {}
    sample = answering.type.sample(answering.operation.params)
    if sample is not None:
        return sample
    if answering.type.result_fields:
        return dict.fromkeys(sorted(answering.type.result_fields))
    shape: dict[str, Json] = {}
    for steps in (*_polled_fields(answering), *_reads(job, answering.operation.id)):
        _put(shape, steps)
    return shape


def _polled_fields(answering: Answering) -> Iterator[list[str]]:
    """Return the fields of an answer that decide whether it is asked for again."""
    for expression in expressions_in(answering.operation.poll):
        for match in re.finditer(rf"\$result{_STEPS}", expression.text):
            yield match.group(1).strip(".").split(".")


def _reads(job: Job, operation: str) -> Iterator[list[str]]:
    """Return the fields of an operation's result that the job reads. The text is looked at, not the tree: it only suggests."""
    names = [rf"\$ops\.{re.escape(operation)}"]
    is_last = bool(job.operations) and job.operations[-1].id == operation
    if is_last:
        # The result of a foreach is a list of items, each with the operation's result as its output.
        names.append(r"\$result\.output" if job.foreach is not None else r"\$result")
    pattern = re.compile(rf"(?:{'|'.join(names)}){_STEPS}")
    for expression in expressions_in(job):
        for match in pattern.finditer(expression.text):
            yield match.group(1).strip(".").split(".")


def _put(shape: dict[str, Json], steps: list[str]) -> None:
    first, *rest = steps
    inner = shape.get(first)
    if not rest:
        shape.setdefault(first, None)
        return
    below: dict[str, Json] = dict(inner) if isinstance(inner, Mapping) else {}
    _put(below, rest)
    shape[first] = below
