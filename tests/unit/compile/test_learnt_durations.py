"""Learnt durations arrange jobs: never what they do, and nothing where none were learnt."""

from __future__ import annotations

from dataclasses import replace

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.operations.registry import builtin_registry
from bunsui.operations.wait import WaitParams
from tests.executing import SCOPE

CROSSING = {"a": (), "b": (), "c": ("a", "b"), "d": ("b",)}
PIPELINE = Pipeline(
    name="p",
    path="p.yaml",
    jobs=tuple(
        Job(name=name, operations=(Operation(id="wait", type="wait", params=WaitParams(duration="1s")),), depends_on=needs)
        for name, needs in CROSSING.items()
    ),
)
LEARNT = {"a": 600, "b": 5, "c": 5, "d": 300}


def compiled(durations: dict[str, int]) -> CompiledPipeline:
    return compile_pipeline(replace(PIPELINE, durations=durations), scope=SCOPE, registry=builtin_registry())


def waits(found: CompiledPipeline) -> list[tuple[str, str]]:
    return [(wait.job, wait.waits_for) for wait in found.synthetic]


def test_a_job_waits_only_for_those_that_are_known_to_be_done_by_then() -> None:
    assert waits(compiled({})) == [("d", "a")]
    assert waits(compiled(LEARNT)) == [("c", "d")]
    assert (compiled(LEARNT).makespan, compiled(LEARNT).critical_path_seconds) == (605.0, 605.0)


def test_checkpoints_stay_good_when_durations_are_learnt() -> None:
    before, after = compiled({}), compiled(LEARNT)
    assert before.definition != after.definition
    assert read_fingerprints(before.definition) == read_fingerprints(after.definition)
    assert set(read_fingerprints(after.definition).jobs) == set(CROSSING)


def test_equal_durations_give_the_bytes_of_none() -> None:
    assert compiled(dict.fromkeys(CROSSING, 600)).definition == compiled({}).definition
    assert compiled({"gone": 5}).definition == compiled({}).definition
