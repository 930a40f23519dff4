"""Which old versions go, and which never do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.apply.retention import Retention, is_due, number_of, remove_old
from bunsui.errors import Conflict
from bunsui.model.session import SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.ports.versions import FunctionVersion, MachineVersion
from bunsui.testkit.execution import MemoryExecutionClient

MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:orders"
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:orders"
NOW = datetime(2026, 1, 31, tzinfo=UTC)


@dataclass
class Store:
    """Versions 1 to 20 of a machine, each naming the function's version of the same number."""

    machine: list[int] = field(default_factory=lambda: list(range(1, 21)))
    function: list[int] = field(default_factory=lambda: list(range(1, 21)))
    alias: int = 20
    others: frozenset[int] = frozenset()
    """Versions that somebody else published."""
    moves_to: int | None = None
    """A version to which an alias is led just before it is removed."""
    calls: int = 0

    def machine_versions(self, machine_arn: str) -> Sequence[str]:
        self.calls += 1
        return [f"{machine_arn}:{number}" for number in reversed(self.machine)]

    def routed(self, machine_arn: str) -> frozenset[str]:
        self.calls += 1
        return frozenset({f"{machine_arn}:{self.alias}"})

    def machine_version(self, version_arn: str) -> MachineVersion | None:
        self.calls += 1
        number = number_of(version_arn)
        if number not in self.machine:
            return None
        description = "by hand" if number in self.others else "bunsui state_machine.orders"
        return MachineVersion(description=description, functions=frozenset({f"{FUNCTION}:{number}"}))

    def function_versions(self, function_arn: str) -> Sequence[FunctionVersion]:
        self.calls += 1
        return [
            FunctionVersion(arn=f"{function_arn}:{number}", number=number, description="bunsui x", is_routed=number == 2)
            for number in self.function
        ]

    def remove_machine_version(self, version_arn: str) -> None:
        if number_of(version_arn) == self.moves_to:
            raise Conflict("conflict", "an alias leads to it")
        self.machine.remove(number_of(version_arn))

    def remove_function_version(self, version_arn: str) -> None:
        self.function.remove(number_of(version_arn))


class Sessions(MemoryExecutionClient):
    """Lists of executions."""

    def __init__(self, *found: ExecutionSummary) -> None:
        self.found = found

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        return [one for one in self.found if one.status is status][:limit]


def session(version: int | None, status: SessionStatus, days_ago: float = 0) -> ExecutionSummary:
    return ExecutionSummary(
        arn="arn",
        name="s",
        status=status,
        started_at=NOW - timedelta(days=30),
        stopped_at=None if status is SessionStatus.RUNNING else NOW - timedelta(days=days_ago),
        version_arn=f"{MACHINE}:{version}" if version is not None else "",
    )


def removed(store: Store, *sessions: ExecutionSummary) -> list[str]:
    retention = Retention(machine_arn=MACHINE, function_arns=(FUNCTION,), kept=10, as_of=NOW)
    return list(remove_old(retention, store, Sessions(*sessions)))


def test_the_newest_stay_and_the_rest_goes() -> None:
    store = Store()
    told = removed(store)
    assert store.machine == list(range(11, 21))
    assert store.function == [2, *range(11, 21)]  # an alias leads to 2
    assert told == ["removed 10 old versions of the machine", "removed 9 old versions of its functions"]


def test_what_an_alias_leads_to_stays_with_its_code() -> None:
    store = Store(alias=3)
    removed(store)
    assert 3 in store.machine
    assert 3 in store.function


@pytest.mark.parametrize("status", [SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED])
def test_what_a_session_can_be_redriven_on_stays_for_fourteen_days(status: SessionStatus) -> None:
    store = Store()
    removed(store, session(4, status, days_ago=13.9), session(5, status, days_ago=14.1))
    assert 4 in store.machine
    assert 4 in store.function
    assert 5 not in store.machine


def test_what_a_session_runs_on_stays() -> None:
    store = Store()
    removed(store, session(1, SessionStatus.RUNNING))
    assert store.machine == [1, *range(11, 21)]
    assert 1 in store.function


def test_where_a_session_runs_on_no_version_its_code_is_unknown_and_all_code_stays() -> None:
    store = Store()
    removed(store, session(None, SessionStatus.RUNNING))
    assert store.machine == list(range(11, 21))
    assert store.function == list(range(1, 21))


def test_what_somebody_else_published_stays() -> None:
    store = Store(others=frozenset({6}))
    removed(store)
    assert 6 in store.machine
    assert 6 in store.function


def test_an_alias_that_is_led_to_an_old_version_meanwhile_keeps_it() -> None:
    store = Store(moves_to=7)
    removed(store)
    assert 7 in store.machine
    assert 7 in store.function


def test_more_sessions_than_can_be_listed_keep_everything() -> None:
    store = Store()
    told = removed(store, *[session(20, SessionStatus.RUNNING)] * 1000)
    assert store.machine == list(range(1, 21))
    assert "old versions stay" in told[0]


def test_a_machine_near_its_limit_is_told() -> None:
    store = Store(machine=list(range(1, 951)), function=[], others=frozenset(range(1, 951)), alias=950)
    assert any("Step Functions takes 1000" in told for told in removed(store))


def test_it_is_looked_at_once_in_as_many_updates_as_are_kept() -> None:
    due = [number for number in range(1, 61) if is_due(f"{MACHINE}:{number}", 10)]
    assert due == [20, 30, 40, 50, 60]


def test_a_version_of_a_function_to_which_an_alias_is_led_meanwhile_stays_and_is_not_counted() -> None:
    class Moving(Store):
        def remove_function_version(self, version_arn: str) -> None:
            if number_of(version_arn) == 7:
                raise Conflict("conflict", "an alias leads to it")
            super().remove_function_version(version_arn)

    store = Moving()
    assert removed(store)[1] == "removed 8 old versions of its functions"
    assert store.function == [2, 7, *range(11, 21)]
