"""Bounds and tables of the compiler, each by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.asl.model import Retrier
from bunsui.compile.flow import Flow, kept_keys, merged
from bunsui.compile.foreach.distributed import map_label
from bunsui.compile.outcomes import caught_record
from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.policy import LOG_DELIVERY, TRACING, function_permissions, policy, start_permission, trust
from bunsui.compile.polling import most_polls, variable_of
from bunsui.compile.retries import default_retriers, fitting
from bunsui.compile.values import asl_value, jsonata
from bunsui.model.address import Address
from bunsui.model.pipeline import Job, Operation, Pipeline, Poll
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value
from bunsui.operations.contract import EmitContext, Emitted, Permission
from bunsui.operations.registry import builtin_registry
from tests.executing import SCOPE, TEST_TYPES, echo

READS_ERRORS = [Expression("$errors.a.error")]
ROLE = Reference(Address("role", "p"), "arn")


@pytest.mark.parametrize(
    ("jobs", "characters"),
    [(0, 1000), (1, 1000), (60, 1000), (61, 983), (300, 200), (599, 100), (600, 100), (601, 100), (5000, 100)],
)
def test_all_causes_together_leave_room_in_what_a_state_may_hand_on(jobs: int, characters: int) -> None:
    assert caught_record(READS_ERRORS, jobs).characters == characters


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("$errors.a.class", True),
        ("$errors.a", True),
        ("$errors", True),
        ("$errors.a.error", False),
        ("$errors.class.error", False),
        ("$jobs.a.class", False),
    ],
)
def test_the_class_of_an_error_is_kept_where_somebody_may_read_it(text: str, is_read: bool) -> None:
    assert caught_record([Expression("1"), Expression(text)], 1).with_class is is_read


def allowed(*permissions: Permission) -> list[Any]:
    document = policy(permissions)
    assert document["Version"] == "2012-10-17"
    statements: list[Any] = document["Statement"]
    return statements


def may(actions: str, resources: str, **condition: Any) -> Permission:
    return Permission(actions=tuple(actions.split()), resources=tuple(resources.split()), condition=condition)


def test_a_policy_has_one_statement_for_what_is_allowed_alike() -> None:
    one = may("s3:Put s3:Get", "b a b")
    assert allowed(one) == [{"Effect": "Allow", "Action": ["s3:Get", "s3:Put"], "Resource": ["a", "b"]}]
    assert allowed(one, may("s3:List", "a b")) == [
        {"Effect": "Allow", "Action": ["s3:Get", "s3:List", "s3:Put"], "Resource": ["a", "b"]}
    ]
    assert allowed(one, may("s3:Get s3:Put", "c")) == [
        {"Effect": "Allow", "Action": ["s3:Get", "s3:Put"], "Resource": ["a", "b", "c"]}
    ]
    only = {"StringEquals": {"a": "b"}}
    assert allowed(may("s3:Put", "b"), may("s3:Get", "b", **only), may("s3:Get", "c", **only), may("s3:Put", "a")) == [
        {"Effect": "Allow", "Action": ["s3:Get"], "Resource": ["b", "c"], "Condition": only},
        {"Effect": "Allow", "Action": ["s3:Put"], "Resource": ["a", "b"]},
    ]
    mixed = Permission(actions=("x:Y",), resources=("z", ROLE, "a"))
    assert allowed(mixed)[0]["Resource"] == ["a", ROLE, "z"]
    assert allowed() == []


def test_what_logs_and_traces_need_is_recorded() -> None:
    assert allowed(LOG_DELIVERY, TRACING) == [
        {
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            "Resource": ["*"],
        }
    ]
    own = may("s3:Get", "b")
    writing = Permission(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=("arn:logs:*",))
    assert function_permissions((own,), "arn:logs") == (writing, own)
    assert start_permission("arn:m", "live") == may("states:StartExecution", "arn:m arn:m:live")


def test_a_role_is_trusted_on_behalf_of_its_account_and_sources_alone() -> None:
    plain = {"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}
    assert trust("x.amazonaws.com") == {"Version": "2012-10-17", "Statement": [plain]}
    for sources, told in ((["a"], "a"), (["a", "b"], ["a", "b"])):
        condition = {"StringEquals": {"aws:SourceAccount": SCOPE.account}, "ArnLike": {"aws:SourceArn": told}}
        found = trust("x.amazonaws.com", scope=SCOPE, source_arns=sources)
        assert found["Statement"] == [{**plain, "Condition": condition}]


RETRIER = Retrier(
    errors=("Lambda.Unknown", "Athena.X", "ECS.X", "States.Http.Socket", "States.ALL", "Own"),
    interval_seconds=1,
    max_attempts=2,
)


@pytest.mark.parametrize(
    ("resource", "errors"),
    [
        ("arn:aws:states:::lambda:invoke", ("Lambda.Unknown", "States.ALL", "Own")),
        ("arn:aws:states:::athena:startQueryExecution.sync", ("Athena.X", "States.ALL", "Own")),
        ("arn:aws:states:::ecs:runTask.sync", ("ECS.X", "States.ALL", "Own")),
        ("arn:aws:states:::http:invoke", ("States.Http.Socket", "States.ALL", "Own")),
        ("arn:aws:states:::aws-sdk:s3:getObject", ("States.ALL", "Own")),
    ],
)
def test_a_task_is_tried_again_after_errors_of_its_own_service(resource: str, errors: tuple[str, ...]) -> None:
    (kept,) = fitting((RETRIER,), resource)
    assert (kept.errors, kept.interval_seconds, kept.max_attempts) == (errors, 1, 2)
    foreign = Retrier(errors=("Athena.Y", "States.Http.Socket"), interval_seconds=1, max_attempts=2)
    has_own = any(service in resource for service in (":athena:", ":http:"))
    assert len(fitting((foreign, RETRIER), resource)) == 1 + has_own


@pytest.mark.parametrize(
    ("resource", "is_retried"),
    [
        ("arn:aws:states:::lambda:invoke", True),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", True),
        ("arn:aws:states:::aws-sdk:lambda:invoke", False),
        ("arn:aws:lambda:eu:1:function:f", False),
    ],
)
def test_only_a_throttled_call_of_a_function_is_tried_again_unasked(resource: str, is_retried: bool) -> None:
    throttled = Retrier(
        errors=("Lambda.TooManyRequestsException",), interval_seconds=1, max_attempts=5, backoff_rate=2.0, full_jitter=True
    )
    assert default_retriers(resource) == ((throttled,) if is_retried else ())


def test_what_travels_is_what_is_read_later() -> None:
    everything, some = frozenset("ab"), frozenset("a")
    assert kept_keys("$x", everything, frozenset()) is None
    assert kept_keys("$x", everything, frozenset("abc")) == "$x"
    assert kept_keys("$x", everything, frozenset("ac")) == "$sift($x, function($v, $k) { $k in ['a'] })"
    assert merged(("a", None, "b")) == "$merge([a, b])"
    assert merged((None,)) == merged(()) == "{}"
    jobs = "$states.input.jobs"
    sifted = f"$sift({jobs}, function($v, $k) {{ $k in ['a'] }})"
    table = [
        (Flow(available=everything, live=some, errors=False), None, f"$merge([{sifted}])"),
        (Flow(available=everything, live=some, errors=False), "1", f"$merge([{sifted}, {{'c': 1}}])"),
        (Flow(available=some, live=some, errors=False), None, jobs),
        (Flow(available=some, live=some, errors=False), "1", f"$merge([{jobs}, {{'c': 1}}])"),
        (Flow(available=some, live=frozenset(), errors=False), None, "{}"),
        (Flow(available=some, live=frozenset(), errors=False), "1", "{'c': 1}"),
        (Flow(available=frozenset("ac"), live=frozenset("ac"), errors=False), "1", f"$merge([{jobs}, {{'c': 1}}])"),
    ]
    for flow, outputs, expected in table:
        assert flow.jobs("c", outputs) == expected


@pytest.mark.parametrize(
    ("every", "timeout", "backoff", "longest", "polls"),
    [
        (10, 60, 1.0, None, 7),
        (10, 61, 1.0, None, 8),
        (10, 5, 1.0, None, 2),
        (10, 70, 2.0, None, 4),
        (10, 71, 2.0, None, 5),
        (10, 70, 2.0, 20, 5),
        (10, 71, 2.0, 20, 6),
        (10, 70, 2.0, 10, 8),
        (3, 8, 1.5, None, 3),
        (3, 9, 1.5, None, 4),
    ],
)
def test_it_is_asked_at_most_as_often_as_the_waits_fit_in(
    every: int, timeout: int, backoff: float, longest: int | None, polls: int
) -> None:
    poll = Poll(
        until=Expression("true"), every_seconds=every, timeout_seconds=timeout, backoff=backoff, max_delay_seconds=longest
    )
    assert most_polls(poll) == polls


def test_a_poll_has_a_variable_of_its_own() -> None:
    assert variable_of("a_b1") == "poll_a_b1"
    assert variable_of("a.b") != variable_of("a-b") != variable_of("a_b")
    assert variable_of("a.b").startswith("poll_a_b_")
    assert (variable_of("x" * 60), len(variable_of("x" * 61))) == (f"poll_{'x' * 60}", len("poll_") + 60 + 1 + 8)
    assert (map_label("x" * 40), len(map_label("x" * 41))) == ("x" * 40, 40)


def test_values_become_fields_and_expressions() -> None:
    value: Value = {"a": [1, "x", None, True], "b": ("y", Sensitive("s")), "c": Expression("$params.n")}
    assert asl_value(value, lambda _: None) == {
        "a": [1, "x", None, True],
        "b": ["y", "s"],
        "c": "{% $params.n %}",
    }
    same: object = asl_value(ROLE, lambda _: None)
    assert same is ROLE
    assert jsonata(value, {"params": "$p"}.get) == ("{'a': [1, 'x', null, true], 'b': ['y', 's'], 'c': $p.n}")
    assert jsonata([Expression("$x")], lambda _: None) == "[($member := $x; $type($member) = 'array' ? [[$member]] : $member)]"
    assert jsonata(Unknown(), lambda _: None) == f"'{Unknown().why}'"
    with pytest.raises(TypeError, match="known only after apply"):
        jsonata(ROLE, lambda _: None)


def test_an_operation_is_told_of_other_pipelines_and_channels_what_the_caller_knows() -> None:
    known: list[Any] = []

    def emit(params: Any, operation: Operation, context: EmitContext) -> Emitted:
        arns = [context.pipeline_arn(name).rpartition("stateMachine:")[2] for name in ("p", "q", "r")]
        known.append((arns, context.raw_input("q"), context.raw_input("r")))
        return TEST_TYPES["echo"].emit(params, operation, context)

    registry = builtin_registry().with_types({"echo": replace(TEST_TYPES["echo"], emit=emit)})
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(Job(name="a", operations=(echo(1),)),), resource_name="mine")
    given: dict[str, Any] = {"machine_names": {"q": "theirs"}, "raw_inputs": {"q": {"n": 1}}}
    compile_pipeline(pipeline, scope=SCOPE, registry=registry, **given)
    assert known == [(["mine:live", "theirs:live", "tests--local--r:live"], {"n": 1}, None)]
    assert given["machine_names"] == {"q": "theirs"}
    compile_pipeline(replace(pipeline, resource_name=None), scope=SCOPE, registry=registry)
    assert known[1:] == [(["tests--local--p:live", "tests--local--q:live", "tests--local--r:live"], None, None)]
