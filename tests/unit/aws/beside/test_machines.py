"""Which rules beside a machine are bunsui's own."""

from __future__ import annotations

import pytest

from bunsui.aws.beside.machines import _is_our_rule
from bunsui.kinds.beside.wording import machine_alias, rule_of_others
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource


def _is_ours(rule: str, pipeline: str, *applied: str) -> bool:
    address = Address("state_machine", pipeline)
    name = f"shop--dev--{pipeline.replace('@@', '_')}"
    machine = AppliedResource(address=address, physical_name=name, attributes={}, outputs={}, revision="")
    return _is_our_rule(rule_of_others(rule), address, machine, applied)


@pytest.mark.parametrize(
    ("rule", "pipeline", "applied", "ours"),
    [
        ("shop--dev--orders--failed", "@@alerts", (), True),
        ("shop--dev--_resident", "@@resident", (), True),
        ("theirs", "@@alerts", (), False),
        ("theirs", "@@resident", (), False),
        ("shop--devil--orders--failed", "@@alerts", (), False),
        ("shop--dev--orders--failed", "orders", (), False),
        ("a-name-of-its-own", "orders", ("a-name-of-its-own",), True),
    ],
)
def test_rules_of_the_environment_start_its_own_machines(
    rule: str, pipeline: str, applied: tuple[str, ...], ours: bool
) -> None:
    assert _is_ours(rule, pipeline, *applied) is ours


def test_what_is_no_rule_is_none_of_ours() -> None:
    arn = "arn:aws:states:eu-west-1:111111111111:stateMachine:shop--dev--_alerts:shop--dev--x"
    machine = AppliedResource(
        address=Address("state_machine", "@@alerts"), physical_name="shop--dev--_alerts", attributes={}, outputs={}, revision=""
    )
    assert not _is_our_rule(machine_alias(arn), machine.address, machine, ())
