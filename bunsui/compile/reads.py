"""What a job reads: its expressions, and the outputs of other jobs that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from bunsui.asl.expressions import variables
from bunsui.model.pipeline import Job, Operation
from bunsui.model.values import Expression
from bunsui.operations.contract import OperationType


def job_expressions(job: Job, registry: Mapping[str, OperationType]) -> Iterator[Expression]:
    """Return every expression of the job, in no particular order."""
    if job.when is not None:
        yield job.when
    if job.foreach is not None:
        yield from expressions_in(job.foreach)
    yield from expressions_in(job.outputs)
    for operation in job.operations:
        yield from operation_expressions(operation, registry)


def operation_expressions(operation: Operation, registry: Mapping[str, OperationType]) -> Iterator[Expression]:
    """Return every expression of an operation, those of nested operations included."""
    if operation.poll is not None:
        yield from expressions_in(operation.poll)
    kind = registry[operation.type]
    if kind.expressions is not None:
        yield from kind.expressions(operation.params)
        for nested in kind.operations(operation.params):
            yield from operation_expressions(nested, registry)
    else:
        yield from expressions_in(operation.params)


def expressions_in(value: object) -> Iterator[Expression]:
    """Return every expression in a dataclass, mapping or list, whatever is nested."""
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from expressions_in(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from expressions_in(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from expressions_in(getattr(value, part.name))


def job_reads(job: Job, registry: Mapping[str, OperationType], everything: frozenset[str]) -> frozenset[str]:
    """Return the jobs whose outputs the job may read; `everything` when it takes `$jobs` as a whole."""
    return reads_of(job_expressions(job, registry), everything)


def reads_of(expressions: Iterator[Expression], everything: frozenset[str]) -> frozenset[str]:
    """Return the jobs whose outputs these expressions may read; `everything` when one takes `$jobs` as a whole."""
    found: set[str] = set()
    for expression in expressions:
        for use in variables(expression.text):
            if use.name == "jobs":
                found |= {use.path[0]} if use.path else everything
    return frozenset(found)


def uses_variable(value: object, name: str) -> bool:
    """Tell whether any expression in the value reads the variable."""
    return any(use.name == name for expression in expressions_in(value) for use in variables(expression.text))
