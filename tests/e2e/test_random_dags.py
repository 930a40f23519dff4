"""Random DAGs, really executed on the embedded AWS: what the compiler promises about data holds in the run."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.values import Expression
from tests.embedded import EmbeddedAccount
from tests.executing import Run, compiled, echo, execute

pytestmark = [pytest.mark.embedded]

DAGS = 60


def random_dag(seed: int) -> dict[str, tuple[str, ...]]:
    """Give jobs with what they depend on: sparse and dense, narrow and wide, names that need quoting among them."""
    source = random.Random(seed)
    size = source.randint(1, 14)
    density = source.choice([0.08, 0.15, 0.3, 0.6])
    names = [f"job-{index}" if index % 3 else f"job{index}" for index in range(size)]
    source.shuffle(names)
    return {name: tuple(n for n in names[:at] if source.random() < density) for at, name in enumerate(names)}


def pipeline_of(dag: dict[str, tuple[str, ...]], *, seed: int) -> Pipeline:
    """Give a pipeline whose jobs record what they saw of each job that they depend on, and hand on what those recorded."""
    jobs = []
    for index, (name, needs) in enumerate(dag.items()):
        tokens = ", ".join(f"$jobs.`{need}`.token" for need in needs)
        earlier = "".join(f"$jobs.`{need}`.seen, " for need in needs)
        seen = Expression(f"$merge([{earlier}{{'{name}': [{tokens}]}}])")
        jobs.append(
            Job(
                name=name,
                depends_on=needs,
                operations=(echo({"token": f"token of {name}", "seen": seen}, needs_exit=(index + seed) % 4 == 0),),
                outputs={"token": Expression("$result.token"), "seen": Expression("$result.seen")},
            )
        )
    return Pipeline(name=f"dag-{seed}", path="pipelines/dag.yaml", jobs=tuple(jobs))


def test_every_job_sees_its_dependencies_and_no_output_is_lost(embedded_account: EmbeddedAccount) -> None:
    dags = {f"dag-{seed}": random_dag(seed) for seed in range(DAGS)}
    runs = [
        Run(name=name, definition=compiled(pipeline_of(dag, seed=seed)).definition)
        for seed, (name, dag) in enumerate(dags.items())
    ]
    for name, ended in execute(embedded_account, runs).items():
        dag = dags[name]
        assert ended.status == "SUCCEEDED", (name, ended.error, ended.cause)
        last = set(dag) - {need for needs in dag.values() for need in needs}
        assert set(ended.output) == last
        seen: dict[str, Any] = {}
        for outputs in ended.output.values():
            seen |= outputs["seen"]
        assert seen == {job: [f"token of {need}" for need in needs] for job, needs in dag.items()}
