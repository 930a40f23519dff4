from __future__ import annotations

import pytest

from bunsui.kinds.kind import Kind
from bunsui.kinds.registry import kind, kinds
from bunsui.model.values import Value


def test_kinds_come_in_the_order_of_creation() -> None:
    made = list(kinds())
    first = [("log_group", "state_machine"), ("role", "lambda_function"), ("lambda_function", "state_machine")]
    for before, after in [*first, ("state_machine", "schedule"), ("schedule_group", "schedule"), ("alert_topic", "alert_rule")]:
        assert made.index(before) < made.index(after)


@pytest.mark.parametrize("found", kinds().values(), ids=lambda found: found.name)
def test_attributes_of_a_kind_have_different_names(found: Kind) -> None:
    names = [attribute.name for attribute in found.attributes]
    assert len(set(names)) == len(names)


def test_an_absent_attribute_has_its_default() -> None:
    canonical = kind("state_machine").canonical({"role_arn": "r"})
    assert canonical["tracing"] is False
    assert canonical["logging"] == {"level": "OFF", "include_execution_data": False, "log_group_arn": None}


def test_what_a_kind_does_not_model_is_left_out() -> None:
    given: dict[str, Value] = {"retention_days": 30.0, "kms_key": "k"}
    assert kind("log_group").canonical(given) == {"retention_days": 30, "tags": {}}


def test_only_what_aws_cannot_change_forces_a_replacement() -> None:
    replacing = {
        (found.name, attribute.name) for found in kinds().values() for attribute in found.attributes if attribute.replaces
    }
    assert replacing == {("state_machine", "type"), ("role", "path"), ("schedule", "group")}


def test_an_unknown_attribute_is_refused() -> None:
    with pytest.raises(KeyError):
        kind("role").attribute("nothing")
