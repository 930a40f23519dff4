"""What an order costs, and what a function is made with: the figures that the compiler decides by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from bunsui.compile.pipeline import CompiledPipeline
from bunsui.compile.retries import fitting, retriers
from bunsui.compile.structure.layering import layered_by_component, layered_tree
from bunsui.compile.structure.order import JobOrder
from bunsui.compile.structure.parts import Candidate, Cost, divide
from bunsui.compile.structure.tree import Tree, makespan, predecessors
from bunsui.diagnostics import Severity
from bunsui.model.lifecycle import IgnoreRule, PipelineLifecycle
from bunsui.model.pipeline import Foreach, GivenRoles, Job, Operation, Retry, Schedule
from bunsui.model.values import Expression, Value
from tests.executing import TEST_TYPES, echo
from tests.faults.amount import amount
from tests.unit.compile.structure.test_structure import Dag, ordered, weighted
from tests.unit.compile.test_pipeline import CODE, compiled, job, pipeline, resources, state_names

NIGHTLY = Schedule(id="nightly", expression="cron(0 3 * * ? *)", timezone="UTC")


def cost_of(order: JobOrder, tree: Tree) -> Cost:
    """Return the cost of a tree of all jobs, counted from the tree alone."""
    before = predecessors(tree, len(order.names))
    needless = sum((mask & ~needed).bit_count() for mask, needed in zip(before, order.ancestors, strict=True))
    return Cost(makespan(tree, order.weights), needless)


@given(weighted(most=8))
@settings(max_examples=amount(24, 60, 600), deadline=None)
def test_a_candidate_costs_what_its_tree_takes_and_orders_without_need(case: tuple[Dag, dict[str, float]]) -> None:
    dag, durations = case
    order = ordered(dag, durations)

    def whole(jobs: int) -> Candidate:
        return layered_by_component(order, jobs)

    def solve(jobs: int) -> Candidate:
        return divide(order, jobs, solve=solve, whole=whole)

    by_component, by_parts = whole(order.everything), solve(order.everything)
    for found in (by_component, by_parts):
        assert found.cost == cost_of(order, found.tree)
    levels = makespan(layered_tree(order, order.everything), order.weights)
    assert by_parts.cost.makespan <= by_component.cost.makespan <= levels


def test_what_is_not_connected_does_not_wait_for_each_other() -> None:
    order = ordered({"a": (), "b": ("a",), "c": (), "d": ("c",)}, {"a": 1, "b": 9, "c": 9, "d": 1})
    assert layered_by_component(order, order.everything).cost == Cost(10_000, 0)
    assert makespan(layered_tree(order, order.everything), order.weights) == 18_000


def coded(**more: object) -> Operation:
    return Operation(id="call", type="coded", params=TEST_TYPES["echo"].params(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("limit", "seconds"), [(None, 300), (299, 299), (301, 300)])
def test_a_function_is_made_with_everything_that_its_code_says(limit: int | None, seconds: int) -> None:
    found = resources(compiled(pipeline(Job(name="load", operations=(coded(timeout_seconds=limit),)), tags={"team": "data"})))
    function = found["lambda_function.sales.load.call"]
    attributes: Mapping[str, Value] = function.attributes
    told = {name: attributes[name] for name in ("runtime", "handler", "memory_mb", "timeout_seconds", "architecture")}
    assert told == {
        "runtime": "python3.12",
        "handler": "app.handler",
        "memory_mb": 256,
        "timeout_seconds": seconds,
        "architecture": "x86_64",
    }
    assert (attributes["environment"], attributes["code_digest"], attributes["tags"]) == (
        {"A": "b"},
        "sha256:0",
        {"team": "data"},
    )
    log = found["log_group.sales.load.call"]
    assert attributes["log_group"] == log.physical_name
    assert function.depends_on == (log.address,)
    assert function.code is not None
    source = (function.code.path, function.code.runtime, function.code.architecture, function.code.digest)
    assert source == (CODE.code.path, CODE.runtime, CODE.architecture, CODE.code.digest)


def each(most: int, *, is_sure: bool) -> CompiledPipeline:
    """A job over so many items: over at most so many, or over exactly so many, as the file says."""
    items = tuple(range(most)) if is_sure else Expression("$params.x")
    return compiled(pipeline(Job(name="a", operations=(echo(1),), foreach=Foreach(items=items, max_items=most))))


def events(most: int, *, is_sure: bool) -> int:
    """Count the events of a run: two for the execution, and those of its states."""
    machine: Any = each(most, is_sure=is_sure).definition
    known = {"Map": 4, "Parallel": 4, "Task": 5}

    def inside(state: Any) -> int:
        scope = state.get("ItemProcessor")
        return 0 if scope is None else most * (2 + sum(known.get(one["Type"], 2) for one in scope["States"].values()))

    return 2 + sum(known.get(state["Type"], 2) + inside(state) for state in machine["States"].values())


@pytest.mark.parametrize("is_sure", [True, False])
def test_a_long_history_is_a_warning_above_its_bound_and_an_error_where_it_is_sure(is_sure: bool) -> None:
    first, second = (events(most, is_sure=is_sure) for most in (1, 2))

    def severities(limit: int, more: int) -> list[Severity]:
        fits = 1 + (limit - first) // (second - first)
        found = each(fits + more, is_sure=is_sure).diagnostics
        return [one.severity for one in found if one.code == "BS424"]

    assert (severities(20_000, 0), severities(20_000, 1)) == ([], [Severity.WARNING])
    beyond = Severity.ERROR if is_sure else Severity.WARNING
    assert (severities(25_000, 0), severities(25_000, 1)) == ([Severity.WARNING], [beyond])


def test_places_of_others_are_laid_on_the_kinds_that_have_them() -> None:
    texts = ("tags.team", "tracing", "log_group.retention_days")
    rules = PipelineLifecycle(ignore=tuple(IgnoreRule(text=text) for text in texts), protect=True, keep_versions=7)
    found = compiled(pipeline(job("a"), lifecycle=rules))
    assert not found.diagnostics
    laid = {str(one.address): [str(place) for place in one.lifecycle.ignore] for one in found.resources}
    assert laid["state_machine.sales"] == ["tags.team", "tracing"]
    assert laid["log_group.sales"] == ["tags.team", "retention_days"]
    assert laid["role.sales"] == ["tags.team"]
    assert {(one.lifecycle.protect, one.lifecycle.keep_versions) for one in found.resources} == {(True, 7)}


@pytest.mark.parametrize(
    ("text", "summary", "hint"),
    [
        ("logging.levl", "logging has no levl", "Did you mean level?"),
        ("tracing.on", "tracing is one value: nothing below it can be left to others", ""),
        ("type", "type cannot be left to others: what they make of it cannot be written back", ""),
        ("trcing", "trcing names nothing that a state machine has", "Did you mean tracing?"),
        ("states.b", "the definition has no state b", ""),
        ("states.a.Commnt", "the state a has no field Commnt", "Did you mean Comment?"),
    ],
)
def test_a_place_that_is_not_there_is_told_with_what_was_meant(text: str, summary: str, hint: str) -> None:
    (found,) = compiled(pipeline(job("a"), lifecycle=PipelineLifecycle(ignore=(IgnoreRule(text=text),)))).diagnostics
    assert (found.code, found.severity) == ("BS440", Severity.ERROR)
    assert found.summary == summary
    assert hint in found.hint


def test_roles_that_somebody_else_makes_say_what_they_need_and_are_not_made() -> None:
    roles = GivenRoles(machine="arn:m", function="arn:f", scheduler="arn:s")
    load = Job(name="load", operations=(coded(),))
    found = compiled(pipeline(load, roles=roles, schedules=(NIGHTLY,)))
    assert [(one.arn, str(one.needs.address)) for one in found.given_roles] == [
        ("arn:m", "role.sales"),
        ("arn:f", "role.sales.load.call"),
        ("arn:s", "role.sales.scheduler"),
    ]
    assert not [one for one in found.resources if one.address.kind == "role"]
    assert [one.arn for one in compiled(pipeline(load, roles=roles)).given_roles] == ["arn:m", "arn:f"]
    assert not compiled(pipeline(load, schedules=(NIGHTLY,))).given_roles


@pytest.mark.parametrize(
    ("called", "names"),
    [
        (
            "dynamodb:putItem",
            """ProvisionedThroughputExceededException RequestLimitExceededException ThrottlingException
            InternalServerErrorException ReplicatedWriteConflictException TransactionConflictException
            AmazonDynamoDBException SdkClientException""",
        ),
        ("ecs:runTask.sync", "AmazonECSException ServerException SdkClientException Unknown"),
        (
            "glue:startJobRun.sync",
            """ConcurrentRunsExceededException ThrottlingException InternalServerException InternalServiceException
            MLTransformNotReadyException ResourceNotReadyException AWSGlueException SdkClientException""",
        ),
        (
            "sns:publish",
            "KMSThrottlingException ThrottledException InternalErrorException AmazonSNSException SdkClientException",
        ),
        ("sqs:sendMessage", "KmsThrottledException RequestThrottledException AmazonSQSException SdkClientException"),
        (
            "athena:startQueryExecution.sync",
            "TooManyRequestsException InternalServerException AmazonAthenaException SdkClientException",
        ),
        (
            "states:startExecution.sync:2",
            "ExecutionLimitExceededException KmsThrottlingException AWSStepFunctionsException SdkClientException",
        ),
        ("aws-sdk:s3:getObject", "S3Exception SdkClientException"),
    ],
)
def test_what_passes_by_itself_is_retried_by_the_names_that_the_service_gives_it(called: str, names: str) -> None:
    classes = Retry(errors=("throttling", "infrastructure"))
    (retried,) = fitting(retriers(replace(echo(1), retry=classes)), f"arn:aws:states:::{called}")
    assert {name.partition(".")[2] for name in retried.errors} == set(names.split())


@pytest.mark.parametrize("tolerant", [False, True])
@pytest.mark.parametrize(
    "suffix",
    [
        "guard", "exit", "failed", "skipped", "item-failed", "item-skipped", "item-exit", "too-many", "counted", "tolerate",
        "items-failed",
    ],
)  # fmt: skip
def test_an_operation_may_be_called_like_any_state_of_ours(suffix: str, tolerant: bool) -> None:
    operations = (replace(echo(1), id=suffix), replace(echo(2), id="last"))
    over = Foreach(items=Expression("$params.x"), max_items=3, tolerate_count=1 if tolerant else None)
    for named in (Job(name="a", operations=operations), Job(name="a", operations=operations, foreach=over)):
        found = compiled(pipeline(named))
        plainly = replace(named, operations=(replace(echo(1), id="first"), operations[1]))
        assert not [one for one in found.diagnostics if one.severity is Severity.ERROR]
        ours = state_names(compiled(pipeline(plainly)).definition) - {"a.first"}
        assert ours <= state_names(found.definition)
        assert len(state_names(found.definition)) == len(ours) + 1


def test_what_a_part_orders_without_need_counts_for_the_whole() -> None:
    smallest_n = {"a": (), "b": (), "c": ("a", "b"), "d": ("b",)}
    order = ordered({**smallest_n, "e": ("c", "d")}, dict.fromkeys("abcde", 1.0))
    found = layered_by_component(order, order.everything)
    assert found.cost == cost_of(order, found.tree) == Cost(3_000, 1)
