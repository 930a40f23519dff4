"""Failures that pass are waited for, for a while; others are final."""

from __future__ import annotations

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ParamValidationError

from bunsui.aws.read_retry import FAILED_ATTEMPTS, THROTTLED_ATTEMPTS, seconds_before_next


def answer(status: int, code: str = "") -> tuple[AWSResponse, dict[str, object]]:
    """An answer as botocore hands it over."""
    return AWSResponse("https://states", status, {}, None), {"Error": {"Code": code}} if code else {}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_service_is_asked_again_later_and_later_and_not_for_ever(status: int) -> None:
    waits = [seconds_before_next(tried, answer(status), None) for tried in range(1, FAILED_ATTEMPTS)]
    assert all(wait is not None and 0.1 * 2**number <= wait <= 0.2 * 2**number for number, wait in enumerate(waits))
    assert seconds_before_next(FAILED_ATTEMPTS, answer(status), None) is None


def test_a_broken_network_is_tried_again_and_a_mistake_of_ours_is_not() -> None:
    assert seconds_before_next(1, None, EndpointConnectionError(endpoint_url="https://states")) is not None
    assert seconds_before_next(1, None, ParamValidationError(report="name")) is None


def test_a_throttled_read_waits_for_its_turn_only() -> None:
    assert seconds_before_next(1, answer(400, "ThrottlingException"), None) == 0
    assert seconds_before_next(THROTTLED_ATTEMPTS, answer(400, "ThrottlingException"), None) is None


@pytest.mark.parametrize(("status", "code"), [(200, ""), (400, "AccessDeniedException"), (404, "ResourceNotFoundException")])
def test_an_answer_is_final(status: int, code: str) -> None:
    assert seconds_before_next(1, answer(status, code), None) is None
