"""What Lambda refuses of environment variables."""

from __future__ import annotations

import json

import pytest

from bunsui.aws.service_models import shape
from bunsui.kinds.constraints.broken import Constraint
from bunsui.kinds.constraints.environment import MOST_BYTES, NAME_PATTERN, RESERVED, broken_environment


def broken(**variables: str) -> list[str]:
    return [found.member for found in broken_environment(variables)]


def test_the_pattern_is_that_of_the_model() -> None:
    assert shape("lambda", "EnvironmentVariableName")["pattern"] == NAME_PATTERN


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_what_lambda_sets_itself_is_refused_by_its_name(name: str) -> None:
    (found,) = broken_environment({name: "x"})
    assert (found.member, found.on_key, found.aws_code) == (name, True, "InvalidParameterValueException")
    assert found.aws_message.endswith(f"Reserved keys used in this request: {name}")


@pytest.mark.parametrize("name", ["Q", "a-b", "1A", "_A", "", "Ä1", "A B"])
def test_a_malformed_name_is_refused(name: str) -> None:
    assert broken(**{name: "x"}) == [name]


@pytest.mark.parametrize("name", ["AB", "a1", "TABLE_NAME", "AWS_LAMBDA_EXEC_WRAPPER", "TZ", "PATH"])
def test_what_may_be_set_is_left_alone(name: str) -> None:
    assert not broken(**{name: "x"})


def test_all_together_fit_into_four_kilobytes_of_json() -> None:
    room = MOST_BYTES - len(json.dumps({"AB": ""}, separators=(",", ":")))
    assert not broken(AB="x" * room)
    (found,) = broken_environment({"AB": "x" * (room + 1)})
    assert (found.member, found.constraint) == ("", Constraint.SIZE)
    assert "exceeded the 4KB limit" in found.aws_message
    assert not broken(AB="é" * (room // 2))
    assert broken(AB="é" * (room // 2 + 1))
