"""Recovery policies in the machine: what an apply put in force is read back from the definition, and changes nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.compile.fingerprints import read_fingerprints
from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.policies import POLICY_VERSION, ToldPolicies, policies_of, read_policies, runs_alike
from bunsui.model.failures import START_STATE, ErrorClass
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.recovery import RULE_STRATEGIES, Policy, RecoveryRule, Strategy
from bunsui.operations.lambda_function import LambdaParams
from bunsui.operations.registry import builtin_registry
from tests.executing import SCOPE

REGISTRY = builtin_registry()
CALL = Operation(id="call", type="lambda", params=LambdaParams(function="f:1"))
JOBS = (Job(name="extract", operations=(CALL,)), Job(name="load", operations=(CALL,), depends_on=("extract",)))
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["Fingerprints of the jobs, version 1: {}", "Recovery policies, version 9: ", '"}]}', "日次"]),
)
RULES = st.builds(
    RecoveryRule,
    strategy=st.sampled_from(RULE_STRATEGIES),
    only=st.lists(st.one_of(st.sampled_from([kind.value for kind in ErrorClass]), TEXTS), max_size=3).map(tuple),
    attempts=st.none() | st.integers(1, 100),
    job=TEXTS,
    output=st.dictionaries(TEXTS, st.none() | st.integers() | TEXTS, max_size=2),
    owner=TEXTS,
    note=TEXTS,
    deadline_seconds=st.none() | st.integers(1, 10**6),
)
POLICIES = st.lists(RULES, max_size=3).map(tuple)


def definition(pipeline: Policy = (), load: Policy = ()) -> Mapping[str, Any]:
    jobs = (JOBS[0], replace(JOBS[1], recovery=load))
    whole = Pipeline(name="p", path="p.yaml", jobs=jobs, recovery=pipeline)
    return compile_pipeline(whole, scope=SCOPE, registry=REGISTRY, asks_whether_refused=False).definition


def with_comment(text: str) -> Mapping[str, Any]:
    plain = definition()
    start = {**plain["States"][START_STATE], "Comment": text}
    return {**plain, "States": {**plain["States"], START_STATE: start}}


@given(POLICIES, POLICIES)
@settings(max_examples=20)
def test_what_is_read_back_is_what_the_file_says_and_nothing_else_changes(pipeline: Policy, load: Policy) -> None:
    jobs = (JOBS[0], replace(JOBS[1], recovery=load))
    said = policies_of(Pipeline(name="p", path="p.yaml", jobs=jobs, recovery=pipeline))
    machine, plain = definition(pipeline, load), definition()
    assert read_policies(machine) == said
    assert read_fingerprints(machine) == read_fingerprints(plain)
    assert runs_alike(machine, plain)
    states = {**machine["States"], START_STATE: plain["States"][START_STATE]}
    assert {**machine, "States": states} == plain, "a policy is the comment of one state"


def test_a_job_without_rules_of_its_own_has_those_of_the_pipeline() -> None:
    first, second = (RecoveryRule(strategy=Strategy.RESUME),), (RecoveryRule(strategy=Strategy.RESTART),)
    told = read_policies(definition(first, second))
    assert (told.of("extract"), told.of("load"), told.of("")) == (first, second, first)


@pytest.mark.parametrize(
    ("comment", "is_foreign"),
    [
        ("Session, parameters and what an earlier attempt finished.", False),
        (f"x. Recovery policies, version {POLICY_VERSION + 1}: {{}}", True),
        (f"x. Recovery policies, version {POLICY_VERSION}: {{broken", True),
        (f'x. Recovery policies, version {POLICY_VERSION}: {{"pipeline":[{{"strategy":"pray"}}]}}', True),
        (f'x. Recovery policies, version {POLICY_VERSION}: {{"pipeline":[{{"strategy":"skip","attempts":"2"}}]}}', True),
        (f'x. Recovery policies, version {POLICY_VERSION}: ["pipeline"]', True),
    ],
)
def test_what_cannot_be_read_is_said_and_not_guessed(comment: str, is_foreign: bool) -> None:
    assert read_policies(with_comment(comment)) == ToldPolicies(jobs={}, is_foreign=is_foreign)


def test_machines_that_do_something_else_do_not_run_alike_whatever_their_policies_say() -> None:
    policy = (RecoveryRule(strategy=Strategy.RESUME),)
    machine = definition(policy)
    assert runs_alike(machine, definition())
    assert not runs_alike({**machine, "TimeoutSeconds": 3}, definition(policy))
