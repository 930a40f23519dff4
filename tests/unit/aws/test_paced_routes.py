"""1,000 machines are read under AWS's documented buckets within 90 s, on a clock that only waiting moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from bunsui.aws.objects.machine_content import attributes_of
from bunsui.aws.providers.state_machine import StateMachineProvider
from bunsui.aws.rate_limit import Pacer
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource, Scope

T = TypeVar("T")
R = TypeVar("R")

MACHINES = 1_000
SCOPE = Scope(project="p", environment="e", account="111111111111", region="eu-west-1")
MADE, WRITTEN = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
DEFINITION = {"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}


@dataclass
class Waiting:
    """A clock that only waiting moves."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class PacedConnection:
    """Answers for as many machines, each call when its bucket lets it go."""

    clock: Waiting = field(default_factory=Waiting)
    drops: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pacer = Pacer(clock=lambda: self.clock.now, sleep=self.clock.sleep)

    def reader(self, service: str) -> Any:
        return self

    def translated(self, *_: object, **__: object) -> AbstractContextManager[None]:
        return nullcontext()

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        return [work(item) for item in items]

    def remark(self, sentence: str) -> None:
        pass

    def pages(self, service: str, method: str, key: str, **_: object) -> Sequence[Mapping[str, Any]]:
        if method == "list_state_machines":
            self._turn("sfn", "ListStateMachines")
            return [{"name": name(number)} for number in range(MACHINES)]
        for _page in range(MACHINES // 100):
            self._turn("resource-groups-tagging-api", "GetResources")
        return [
            {"ResourceARN": arn(number), "Tags": [{"Key": key, "Value": value} for key, value in tags(number).items()]}
            for number in range(MACHINES)
        ]

    def describe_state_machine(self, stateMachineArn: str) -> Mapping[str, Any]:  # noqa: N803 - boto's
        self._turn("sfn", "DescribeStateMachine")
        return {
            "stateMachineArn": stateMachineArn,
            "name": stateMachineArn.rpartition(":")[2],
            "status": "ACTIVE",
            "type": "STANDARD",
            "definition": json.dumps(DEFINITION),
            "roleArn": "arn:aws:iam::111111111111:role/r",
            "creationDate": MADE,
            "loggingConfiguration": {"level": "OFF"},
            "tracingConfiguration": {"enabled": False},
        }

    def describe_state_machine_alias(self, stateMachineAliasArn: str) -> Mapping[str, Any]:  # noqa: N803 - boto's
        self._turn("sfn", "DescribeStateMachineAlias")
        version = stateMachineAliasArn.rpartition(":")[0] + ":1"
        return {"routingConfiguration": [{"stateMachineVersionArn": version, "weight": 100}]}

    def _turn(self, service: str, operation: str) -> None:
        self.asked.append(operation)
        self.pacer.wait_for_turn(service, operation)


class Identity:
    """Knows the account."""

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:eu-west-1:111111111111:{resource}"


def name(number: int) -> str:
    return f"p--e--p{number:04d}"


def arn(number: int) -> str:
    return Identity().arn("states", f"stateMachine:{name(number)}")


def tags(number: int) -> Mapping[str, str]:
    return SCOPE.tags(address(number))


def address(number: int) -> Address:
    return Address("state_machine", f"p{number:04d}")


def applied() -> dict[Address, AppliedResource]:
    """What the state says: each as it is."""
    machine = PacedConnection().describe_state_machine(arn(0))
    described = {**machine, "definition": DEFINITION}
    attributes = attributes_of(described, {}, alias="live", drops=frozenset())
    return {
        address(number): AppliedResource(
            address=address(number),
            physical_name=name(number),
            attributes=attributes,
            outputs={"arn": arn(number), "alias_arn": f"{arn(number)}:live", "version_arn": f"{arn(number)}:1"},
            written_at=WRITTEN,
        )
        for number in range(MACHINES)
    }


def test_a_plan_that_asks_a_turn_of_aliases_ends_within_90_seconds_of_waiting() -> None:
    connection = PacedConnection()
    provider = StateMachineProvider(connection, Identity())  # type: ignore[arg-type]
    known = applied()
    routes = {address(number) for number in range(20)}
    found = provider.read_routed(SCOPE, (), applied=known, routes=routes)
    assert len(found) == MACHINES
    assert sum(one.is_assumed for one in found) == MACHINES - 20
    assert connection.clock.now <= 90


def test_asking_all_takes_minutes_which_is_why() -> None:
    connection = PacedConnection()
    provider = StateMachineProvider(connection, Identity())  # type: ignore[arg-type]
    known = applied()
    provider.read_owned(SCOPE, (), applied=known)
    assert connection.asked.count("DescribeStateMachineAlias") >= MACHINES
    assert connection.clock.now > 600
