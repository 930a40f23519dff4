"""Errors of bunsui's own under the name that Step Functions gives them, and the contract of a machine."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bunsui.compile.retries import names_of
from bunsui.model.failures import ERROR_PATTERNS, RETRY_CLASSES, contract_of, named
from bunsui.operations.integrations.service_errors import task_errors
from bunsui.sessions.failures.names import named as named_class

THROWN = (
    "An error occurred while executing the state 'a' (entered at the event id #2). The JSONata expression "
    "'($g := $x; $exists($g) ? $g : $error('Bunsui.OutputMissing: output b of job a gave nothing'))' specified for the field "
    "'Output/jobs' threw an error during evaluation. D3137: {}"
)


def test_what_an_expression_threw_gets_its_own_name_back() -> None:
    cause = THROWN.format("Bunsui.OutputType: output b of job a must be a text, and is of the type number")
    assert named("States.QueryEvaluationError", cause) == (
        "Bunsui.OutputType",
        "output b of job a must be a text, and is of the type number",
    )


def test_the_words_of_the_expression_itself_are_no_error() -> None:
    cause = THROWN.format("something else")
    assert named("States.QueryEvaluationError", cause) == ("States.QueryEvaluationError", cause)
    assert named("ValueError", "Bunsui.OutputType: x") == ("ValueError", "Bunsui.OutputType: x")


@pytest.mark.parametrize(
    ("assign", "contract"), [({"contract": 2}, 2), ({"session": "x"}, 1), (None, 1)], ids=["said", "unsaid", "nothing assigned"]
)
def test_a_compiled_machine_has_the_contract_that_it_assigns_or_the_first(assign: dict[str, Any] | None, contract: int) -> None:
    start = {"Type": "Pass"} if assign is None else {"Type": "Pass", "Assign": assign}
    assert contract_of({"StartAt": "_start", "States": {"_start": start}}) == contract
    assert contract_of({"StartAt": "first", "States": {"first": start}}) == 0


def test_the_classes_that_a_retry_may_name_are_those_that_are_known() -> None:
    known = task_errors("arn:aws:states:::lambda:invoke")
    assert all(names_of([name], known) not in ((), (name,)) for name in RETRY_CLASSES)
    assert names_of(["throttled"], known) == ("throttled",)


def class_in_expressions(error: str) -> str:
    return next((name for name, pattern in ERROR_PATTERNS.items() if re.search(pattern, error, re.IGNORECASE)), "code")


SDK = ("s3", "ssm", "redshiftdata", "rdsdata", "kinesis", "secretsmanager", "emrserverless")
SERVICES = ("glue", "lambda", "dynamodb", "ecs", "batch", "athena", "sns", "sqs", "states", *(f"aws-sdk:{one}" for one in SDK))
NAMES = sorted(
    name
    for name in frozenset[str]().union(*(task_errors(f"arn:aws:states:::{service}:call").all for service in SERVICES))
    if "SdkClient" not in name and not name.startswith("States.")
)
OTHERWISE = {
    "Lambda.EFSMountTimeoutException": "timeout",  # in both lists: a session knows the word of its cause beside it
    "Lambda.SnapStartTimeoutException": "timeout",
}
OF_QUOTA = re.compile(r"\.(Maximum\w+|[A-Z]\w+sExceeded)Exception$")
"""Names of quotas that a session reads as throttling, by the plural."""


def test_a_machine_and_a_session_call_a_failure_of_a_service_the_same() -> None:
    assert len(NAMES) > 300
    for name in NAMES:
        last = name.rpartition(".")[2]
        said = named_class(last.removesuffix("Exception")) or named_class(name)
        if said is not None and not (said.value == "throttling" and OF_QUOTA.search(name)):
            assert class_in_expressions(name) == OTHERWISE.get(name, said.value), name


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("Lambda.ResourceNotFoundException", "configuration"),
        ("DynamoDB.ResourceNotFoundException", "configuration"),
        ("ResourceNotFoundException", "configuration"),
        ("StepFunctions.StateMachineDoesNotExistException", "configuration"),
        ("S3.NoSuchBucketException", "configuration"),
        ("Glue.EntityNotFoundException", "configuration"),
        ("S3.NoSuchKeyException", "data"),
        ("Lambda.TooManyRequestsException", "throttling"),
        ("Kinesis.LimitExceededException", "quota"),
        ("States.DataLimitExceeded", "payload"),
        ("AmazonECS.Unknown", "infrastructure"),
        ("ECS.ClientException", "configuration"),
        ("FileNotFoundError", "code"),
        ("ValueError", "code"),
    ],
)
def test_the_class_of_an_error_is_told_by_its_name(error: str, kind: str) -> None:
    assert class_in_expressions(error) == kind
