"""The models' regular expressions, read by Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bunsui.aws.constraints.patterns import compiled_pattern, matches
from bunsui.aws.service_models import service_model

SERVICES = (
    "dynamodb",
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "sns",
    "sts",
    "stepfunctions",
    "ssm",
    "ecs",
)
"""What bunsui calls."""


def patterns() -> Iterator[str]:
    for service in SERVICES:
        yield from (shape["pattern"] for shape in service_model(service)["shapes"].values() if "pattern" in shape)


def test_every_pattern_of_the_services_that_bunsui_calls_can_be_read() -> None:
    found = set(patterns())
    assert len(found) > 100
    assert [pattern for pattern in found if compiled_pattern(pattern) is None] == []


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "営業 第1 ²", True),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", "R&D", False),
        (r"\p{ASCII}*", "ä", False),
        (r"[\w-_]*", "a-b_c", True),
        (r"[\w+=,.@-]+", "a b", False),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "a 😀\n", True),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "a\x00", False),
        ("(", "whatever cannot be judged", True),
    ],
)
def test_the_whole_text_must_be_of_the_pattern(pattern: str, text: str, is_match: bool) -> None:
    assert matches(pattern, text) is is_match
