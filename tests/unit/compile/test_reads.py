"""Which outputs a job reads decides what travels to it."""

from __future__ import annotations

import pytest

from bunsui.compile.reads import job_reads, uses_variable
from bunsui.model.pipeline import Foreach, Job
from bunsui.model.values import Expression
from tests.executing import echo, test_registry

EVERYONE = frozenset({"a", "b", "c"})


@pytest.mark.parametrize(
    ("job", "reads"),
    [
        (Job(name="x", operations=(echo(Expression("$jobs.a.n")),)), {"a"}),
        (Job(name="x", operations=(echo({"deep": [Expression("$jobs.a.n & $jobs.b.n")]}),)), {"a", "b"}),
        (Job(name="x", operations=(echo(1),), when=Expression("$exists($jobs.c)")), {"c"}),
        (Job(name="x", operations=(echo(1),), outputs={"o": Expression("$jobs.b")}), {"b"}),
        (
            Job(name="x", operations=(echo(1),), foreach=Foreach(items=Expression("$jobs.a.l"), label=Expression("$jobs.b.n"))),
            {"a", "b"},
        ),
        (Job(name="x", operations=(echo(Expression("$keys($jobs)")),)), EVERYONE),
        (Job(name="x", operations=(echo(Expression("'$jobs.a' & ($jobs := 1; $jobs.b)")),)), set()),
    ],
)
def test_reads_are_found_wherever_they_stand(job: Job, reads: set[str]) -> None:
    assert job_reads(job, test_registry(), EVERYONE) == reads


def test_a_variable_is_found_in_any_value() -> None:
    assert uses_variable({"a": [Expression("$result.x")]}, "result")
    assert not uses_variable({"a": ["$result", Expression("'$result'")]}, "result")
