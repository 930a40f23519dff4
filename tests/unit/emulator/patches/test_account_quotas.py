"""What functions share, in the words of Lambda."""

from __future__ import annotations

from typing import Any

from bunsui.emulator.patches.account_quotas import as_granted, as_lambda_throttles, total_reserved, unreserved_calls

FUNCTIONS: dict[str, dict[str, Any]] = {
    "a": {"concurrency": 700},
    "b": {"concurrency": None},
    "c": {},
    "off": {"concurrency": 0},
}


def test_what_functions_have_reserved_is_one_sum() -> None:
    assert total_reserved(FUNCTIONS) == 700


def test_only_calls_without_a_reservation_share_the_rest_of_their_region() -> None:
    running = {"1:eu-west-1:a": 5, "1:eu-west-1:b": 2, "1:eu-west-1:c": 3, "1:us-east-1:b": 9, "1:eu-west-1:gone": 1}
    assert unreserved_calls(running, "1:eu-west-1", FUNCTIONS) == 6


def test_the_account_is_told_as_aws_grants_it_whatever_this_machine_can() -> None:
    told = {"AccountLimit": {"ConcurrentExecutions": 16, "CodeSizeZipped": 5}, "AccountUsage": {"FunctionCount": 4}}
    assert as_granted(told, 700) == {
        "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 300, "CodeSizeZipped": 5},
        "AccountUsage": {"FunctionCount": 4},
    }


def test_a_call_too_many_is_refused_with_the_words_and_the_reason_of_lambda() -> None:
    told = {
        "throttle": True,
        "body": {"message": "Rate Exceeded: function f at 2", "Reason": "ConcurrentInvocationLimitExceeded"},
    }
    assert as_lambda_throttles(told) == {
        "throttle": True,
        "body": {"message": "Rate Exceeded.", "Reason": "ConcurrentInvocationLimitExceeded", "Type": "User"},
    }
