"""What has to go before what, and what is said to whoever finds something of somebody else's in the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.kinds.registry import kinds
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.model import Action
from bunsui.plan.order import removal_needs
from bunsui.plan.remedies import hand_over, not_ours
from tests.unit.plan.test_checks import SCOPE

MACHINE, ROLE, LOGS = (Address(kind, "orders") for kind in ("state_machine", "role", "log_group"))
OTHER = Address("role", "other")
GOES = (Action.DELETE, Action.FORGET, Action.RETIRE)


def wrote(address: Address, *needs: Address) -> AppliedResource:
    return AppliedResource(address=address, physical_name="x", attributes={}, depends_on=needs)


@pytest.mark.parametrize("action", list(Action))
def test_a_removal_waits_for_all_that_relied_on_it_and_change(action: Action) -> None:
    applied = {MACHINE: wrote(MACHINE, ROLE, MACHINE, OTHER), ROLE: wrote(ROLE), LOGS: wrote(LOGS)}
    found = removal_needs({MACHINE: action, ROLE: Action.DELETE, LOGS: Action.DELETE}, applied)
    changes = action in (*GOES, Action.UPDATE, Action.REPLACE)
    assert found == {ROLE: (MACHINE,) if changes else (), LOGS: (), **({MACHINE: ()} if action in GOES else {})}


@pytest.mark.parametrize("action", list(Action))
def test_only_what_goes_has_to_wait(action: Action) -> None:
    found = removal_needs({MACHINE: Action.DELETE, ROLE: action}, {MACHINE: wrote(MACHINE, ROLE)})
    assert found == {MACHINE: (), **({ROLE: (MACHINE,)} if action in GOES else {})}


def test_where_the_state_knows_nothing_what_is_made_earlier_in_its_pipeline_goes_later() -> None:
    actions = dict.fromkeys((LOGS, MACHINE, ROLE, OTHER), Action.DELETE)
    assert removal_needs(actions, {}) == {MACHINE: (), ROLE: (MACHINE,), LOGS: tuple(sorted(before(LOGS))), OTHER: ()}
    strange = Address("gone_kind", "orders")
    assert removal_needs({strange: Action.FORGET, MACHINE: Action.DELETE}, {})[strange] == (MACHINE,)


def before(address: Address) -> list[Address]:
    rank = {name: kind.rank for name, kind in kinds().items()}
    return [one for one in (MACHINE, ROLE) if rank[one.kind] > rank[address.kind]]


def test_what_is_somebody_else_s_comes_with_the_command_that_hands_it_over_and_the_way_around_it() -> None:
    actual = ActualResource(address=ROLE, physical_name="their role", attributes={}, outputs={"arn": "arn:r"})
    command = hand_over(ROLE, actual, SCOPE)
    assert command.startswith("aws iam tag-role --role-name 'their role' --tags ")
    assert "bunsui:project" in command
    assert not_ours(ROLE, actual, SCOPE, was_ours=True) == (
        f"their role no longer carries our tags. If it is still ours, give them back: `{command}`"
    )
    strange = not_ours(ROLE, actual, SCOPE, was_ours=False)
    assert strange.startswith(f"their role exists and is not ours. To hand it over: `{command}`. To leave it alone, ")
    untagged = [kind for kind in kinds().values() if not kind.taggable]
    for kind in untagged:
        address = Address(kind.name, "orders", "x")
        said = not_ours(address, replace(actual, address=address, attributes={"group": "g"}), SCOPE, was_ours=False)
        assert said.startswith("their role exists and is not ours. To make room: `aws ")
    assert untagged
