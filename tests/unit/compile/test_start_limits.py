"""A limit in the machine: what an apply put in force is read back from the definition, and changes nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.policies import read_policies, runs_alike
from bunsui.compile.start_limits import read_concurrency
from bunsui.errors import Refused
from bunsui.model.admission.concurrency import CONCURRENCY_POLICIES, MOST_AT_ONCE, Concurrency
from bunsui.model.failures import START_STATE
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.recovery import RecoveryRule, Strategy
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from tests.executing import SCOPE

CALL = Operation(id="call", type="lambda", params=LambdaParams(function="f:1"))
PLAIN = Pipeline(name="daily", path="pipelines/daily.yaml", jobs=(Job(name="load", operations=(CALL,)),))
LIMITED = replace(PLAIN, concurrency=Concurrency(limit=3))


def definition(pipeline: Pipeline) -> dict[str, Json]:
    return dict(compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry()).definition)


def with_comment(comment: str) -> dict[str, Json]:
    return {"StartAt": START_STATE, "States": {START_STATE: {"Type": "Pass", "Comment": comment, "End": True}}}


@pytest.mark.parametrize("limit", [1, MOST_AT_ONCE])
@pytest.mark.parametrize("policy", CONCURRENCY_POLICIES)
def test_a_limit_is_read_back_as_it_was_written(limit: int, policy: str) -> None:
    rule = Concurrency(limit=limit, policy=policy)
    assert read_concurrency(definition(replace(PLAIN, concurrency=rule))) == rule


def test_a_machine_without_a_limit_has_none() -> None:
    assert read_concurrency(definition(PLAIN)) is None
    assert read_concurrency({}) is None


def test_a_limit_changes_nothing_in_the_run() -> None:
    ruled = replace(LIMITED, recovery=(RecoveryRule(strategy=Strategy.RESTART),))
    assert definition(PLAIN) != definition(LIMITED)
    assert runs_alike(definition(PLAIN), definition(ruled))
    assert read_fingerprints(definition(PLAIN)).jobs == read_fingerprints(definition(ruled)).jobs
    assert read_policies(definition(ruled)).pipeline == ruled.recovery


@pytest.mark.parametrize("limit", [None, Concurrency(limit=2)])
def test_what_an_author_writes_is_no_limit(limit: Concurrency | None) -> None:
    note = 'Concurrency, version 9: {"limit": 1}'
    pipeline = replace(PLAIN, concurrency=limit, recovery=(RecoveryRule(strategy=Strategy.MANUAL, note=note),))
    assert read_concurrency(definition(pipeline)) == limit
    assert runs_alike(definition(pipeline), definition(PLAIN))


@pytest.mark.parametrize(
    "comment",
    [
        'Concurrency, version 2: {"limit":1,"policy":"queue"}',
        'Concurrency, version 1: {"limit":0,"policy":"queue"}',
        'Concurrency, version 1: {"limit":101,"policy":"queue"}',
        'Concurrency, version 1: {"limit":true,"policy":"queue"}',
        'Concurrency, version 1: {"limit":1,"policy":"wait"}',
        'Concurrency, version 1: {"limit":1}',
        "Concurrency, version 1: [1]",
        "Concurrency, version 1: {",
    ],
)
def test_a_limit_that_is_not_understood_is_refused(comment: str) -> None:
    with pytest.raises(Refused) as refused:
        read_concurrency(with_comment(comment))
    assert refused.value.code == "newer-bunsui"
