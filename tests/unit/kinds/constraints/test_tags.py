"""What AWS refuses of tags, against its published models."""

from __future__ import annotations

import pytest

from bunsui.aws.service_models import shape
from bunsui.kinds.constraints.tags import LONGEST_KEY, LONGEST_VALUE, MOST, OWN, broken_tags


def codes(tags: dict[str, str], *, scheduled: bool = False) -> list[tuple[str, str]]:
    return [(found.member, found.constraint.value) for found in broken_tags(tags, scheduled=scheduled)]


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("iam", "tagKeyType", "tagValueType"),
        ("lambda", "TagKey", "TagValue"),
        ("logs", "TagKey", "TagValue"),
        ("scheduler", "TagKey", "TagValue"),
        ("stepfunctions", "TagKey", "TagValue"),
    ],
)
def test_lengths_are_those_of_the_models(service: str, key: str, value: str) -> None:
    assert shape(service, key)["max"] == LONGEST_KEY
    assert shape(service, value)["max"] == LONGEST_VALUE
    assert (shape(service, value).get("min", 0) > 0) is (service == "scheduler")


def test_as_many_as_the_models_take() -> None:
    assert shape("iam", "tagListType")["max"] == MOST == shape("logs", "Tags")["max"]
    assert not codes({f"t{number}": "x" for number in range(MOST - OWN)})
    assert codes({f"t{number}": "x" for number in range(MOST - OWN + 1)}) == [("", "size")]


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"department": "R&D"}, [("department", "form")]),
        ({"a;b": "x"}, [("a;b", "form")]),
        ({"AWS:team": "x"}, [("AWS:team", "form")]),
        ({"bunsui:x": "x"}, [("bunsui:x", "form")]),
        ({"Name": "a", "name": "b"}, [("name", "unique")]),
        ({"k" * 129: "x"}, [("k" * 129, "size")]),
        ({"k": "x" * 257}, [("k", "size")]),
        ({"部署": "営業 第1", "mail": "a.b+c@d_e:f/g=h-i"}, []),
        ({"empty": ""}, []),
    ],
)
def test_each_rule_finds_its_case(tags: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert codes(tags) == found


def test_scheduler_alone_refuses_an_empty_value() -> None:
    assert codes({"empty": ""}, scheduled=True) == [("empty", "size")]
