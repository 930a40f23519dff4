"""What the account has no room for is said before apply is refused there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bunsui.errors import AccessDenied
from bunsui.kinds.lambda_function import FUNCTION
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.checks.account import room
from bunsui.plan.model import AccountRoom, Action, Plan, ResourceChange
from bunsui.ports.account import FunctionUsage, QuotaUsage
from bunsui.refresh.account_usage import account_room
from tests.unit.plan.test_checks import a_plan, wanting

ROOMY = QuotaUsage(used=0, most=100)


def reserving(name: str, wanted: int | None, had: int | None = None) -> ResourceChange:
    made = wanting(Address(FUNCTION, name), Action.CREATE, reserved_concurrency=wanted)
    if had is None:
        return made
    actual = ActualResource(address=made.address, physical_name=name, attributes={"reserved_concurrency": had})
    return replace(made, action=Action.UPDATE, actual=actual)


def found(*changes: ResourceChange, at_once: int = 1000, unreserved: int = 1000) -> list[str]:
    functions = FunctionUsage(at_once=at_once, unreserved=unreserved, code_bytes=ROOMY)
    return [one.subject for one in room.check(replace(a_plan(*changes), account=AccountRoom(functions=functions)))]


@pytest.mark.parametrize(
    ("wanted", "at_once", "unreserved", "refused"),
    [
        (900, 1000, 1000, False),
        (901, 1000, 1000, True),
        (1, 1000, 100, True),
        (1, 1000, 101, False),
        (1, 10, 10, True),
        (1, 50, 50, True),
        (1, 100, 100, True),
    ],
)
def test_lambda_keeps_a_hundred_or_all_for_functions_without_a_reservation(
    wanted: int, at_once: int, unreserved: int, refused: bool
) -> None:
    assert bool(found(reserving("a", wanted), at_once=at_once, unreserved=unreserved)) is refused


def test_what_a_function_has_reserved_already_counts_once() -> None:
    assert found(reserving("a", 500, had=450), unreserved=150) == []
    assert found(reserving("a", 501, had=450), unreserved=150) == ["lambda_function.a"]
    assert found(reserving("a", 5, had=450), unreserved=50) == []


def test_what_is_given_back_before_makes_room_for_the_next() -> None:
    assert found(reserving("a", 100, had=300), reserving("b", 200), unreserved=100) == []
    assert found(reserving("a", 900), reserving("b", 1)) == ["lambda_function.b"]


@given(some.lists(some.integers(1, 400), min_size=1, max_size=8), some.integers(0, 1000))
def test_all_that_is_wanted_fits_or_the_first_that_does_not_is_told(amounts: list[int], unreserved: int) -> None:
    told = found(*(reserving(f"f{number}", amount) for number, amount in enumerate(amounts)), unreserved=unreserved)
    assert bool(told) is (sum(amounts) > unreserved - 100)


def test_roles_groups_and_machines_of_everybody_count() -> None:
    plan = a_plan(
        wanting(Address("role", "a")), wanting(Address("schedule_group", "a")), wanting(Address("state_machine", "a"))
    )
    full = AccountRoom(roles=QuotaUsage(used=1000, most=1000), schedule_groups=500, state_machines=10_000)
    assert [one.summary for one in room.check(replace(plan, account=full))] == [
        "1 more are created, and the account has 1,000 of 1,000 roles",
        "1 more are created, and the account has 500 of 500 schedule groups (unless more were granted)",
        "1 more are created, and the account has 10,000 of 10,000 state machines (unless more were granted)",
    ]
    nearly = AccountRoom(roles=QuotaUsage(used=999, most=1000), schedule_groups=499, state_machines=9_999)
    assert list(room.check(replace(plan, account=nearly))) == []


@dataclass
class Account:
    """Counts what is asked of it."""

    asked: list[str] = field(default_factory=list)
    denies: bool = False

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.denies:
            raise AccessDenied("access-denied", "no")

    def roles(self) -> QuotaUsage:
        self._ask("roles")
        return ROOMY

    def schedule_groups(self) -> int:
        self._ask("groups")
        return 3

    def state_machines(self) -> int:
        self._ask("machines")
        return 3

    def functions(self) -> FunctionUsage:
        self._ask("functions")
        return FunctionUsage(at_once=10, unreserved=10, code_bytes=ROOMY)


@pytest.mark.parametrize(
    ("plan", "asked"),
    [
        (a_plan(), []),
        (a_plan(wanting(Address("role", "a"), Action.UPDATE)), []),
        (a_plan(wanting(Address("role", "a"))), ["roles"]),
        (a_plan(wanting(Address("state_machine", "a"))), ["machines"]),
        (a_plan(wanting(Address("state_machine", "a"), Action.UPDATE)), []),
        (a_plan(wanting(Address("schedule_group", "a")), reserving("a", None)), ["groups", "functions"]),
    ],
)
def test_only_what_the_changes_count_in_is_asked(plan: Plan, asked: list[str]) -> None:
    account = Account()
    account_room(plan, account)
    assert account.asked == asked


def test_without_the_permission_nothing_is_known() -> None:
    assert account_room(a_plan(wanting(Address("role", "a"))), Account(denies=True)) == AccountRoom()
    assert account_room(a_plan(wanting(Address("role", "a"))), None) == AccountRoom()
