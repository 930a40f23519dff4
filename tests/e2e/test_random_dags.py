"""Random DAGs, really executed on the embedded AWS: what the compiler promises about data holds in the run."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.values import Expression
from tests.embedded import EmbeddedAccount
from tests.executing import Run, compiled, echo, execute

pytestmark = [pytest.mark.embedded]

DAGS = 60


def random_dag(seed: int) -> dict[str, tuple[str, ...]]:
    """Return jobs with what they depend on: sparse and dense, narrow and wide, names that need quoting among them."""
    source = random.Random(seed)
    size = source.randint(1, 14)
    density = source.choice([0.08, 0.15, 0.3, 0.6])
    names = [f"job-{index}" if index % 3 else f"job{index}" for index in range(size)]
    source.shuffle(names)
    return {name: tuple(n for n in names[:at] if source.random() < density) for at, name in enumerate(names)}


def pipeline_of(dag: dict[str, tuple[str, ...]], *, seed: int) -> Pipeline:
    """Return a pipeline whose jobs record what they saw of each job that they depend on, and hand on what those recorded."""
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


@pytest.mark.slow
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


def test_a_resumed_dag_restores_what_was_done_and_runs_the_rest(embedded_account: EmbeddedAccount) -> None:
    runs, expected = [], {}
    for seed in range(100, 100 + DAGS // 3):
        dag = random_dag(seed)
        names = list(dag)
        done = set(names[: random.Random(seed).randint(0, len(names))])  # the names are in an order that respects the DAG
        pipeline = pipeline_of(dag, seed=seed)
        resume: dict[str, Json] = {
            "jobs": {name: {"token": f"earlier {name}", "seen": {name: "restored"}} for name in done},
            "status": dict.fromkeys(done, "succeeded"),
        }
        runs.append(Run(name=pipeline.name, definition=compiled(pipeline).definition, payload={"resume": resume}))
        expected[pipeline.name] = (dag, done)
    for name, ended in execute(embedded_account, runs).items():
        dag, done = expected[name]
        assert ended.status == "SUCCEEDED", (name, ended.error, ended.cause)
        seen: dict[str, Any] = {}
        for outputs in ended.output.values():
            seen |= outputs["seen"]
        for job, found in seen.items():
            fresh = [f"earlier {need}" if need in done else f"token of {need}" for need in dag[job]]
            assert found == ("restored" if job in done else fresh), (name, job)
        assert set(dag) - done <= set(seen)
