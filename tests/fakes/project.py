"""A project in memory: pipelines of real kinds, planned and applied against the fake account."""

from __future__ import annotations

from dataclasses import dataclass, field

from bunsui.apply.events import ApplyEvent
from bunsui.apply.executor import Effects, execute
from bunsui.apply.lease import LeaseTerms, Request, take
from bunsui.apply.stop import Stop
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Reference, Value
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan
from bunsui.ports.ledger import Actor
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.cloud import FaultyAccount

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1")


def a_pipeline(name: str, *, memory: int = 128, seconds: int = 5, functions: int = 1) -> tuple[DesiredResource, ...]:
    """A machine, its role, its log group, and functions that it names by version."""
    role = Address("role", name)
    logs = Address("log_group", name)
    machine = Address("state_machine", name)
    parts = [Address("lambda_function", name, f"job{number}.call") for number in range(functions)]

    def one(address: Address, **attributes: Value) -> DesiredResource:
        suffix = f"--{address.name}" if address.name else ""
        return DesiredResource(address=address, physical_name=f"sales--dev--{name}{suffix}", attributes=attributes)

    states: dict[str, Value] = {"wait": {"Type": "Wait", "Seconds": seconds, "End": True}}
    for number, part in enumerate(parts):
        states[f"job{number}"] = {"Type": "Task", "TimeoutSeconds": 60, "Resource": Reference(part, "version_arn")}
    return (
        one(machine, type="STANDARD", definition={"StartAt": "wait", "States": states}, role_arn=Reference(role, "arn")),
        *(one(part, memory_mb=memory, role_arn=Reference(role, "arn"), code_digest="sha256:0") for part in parts),
        one(role, path="/", policy={"Version": "2012-10-17", "Statement": []}),
        one(logs, retention_days=30),
    )


@dataclass
class Project:
    """Plans and applies."""

    account: FaultyAccount = field(default_factory=FaultyAccount)
    state: MemoryStateStore = field(default_factory=lambda: MemoryStateStore(SCOPE))
    clock: ManualClock = field(default_factory=ManualClock)
    at_once: bool = True
    """Whether what is removed is deleted without being retired first."""

    def plan(self, desired: tuple[DesiredResource, ...]) -> Plan:
        by_kind: dict[str, list[DesiredResource]] = {}
        for item in desired:
            by_kind.setdefault(item.address.kind, []).append(item)
        actual = [
            item
            for kind, provider in self.account.providers().items()
            for item in provider.read_owned(SCOPE, by_kind.get(kind, []))
        ]
        return build_plan(
            Facts(
                scope=SCOPE,
                as_of=self.clock.now(),
                desired=desired,
                actual=tuple(actual),
                applied=self.state.applied(),
                commit="abc",
                pending=MemoryLedger(self.state).pending(),
                at_once=self.at_once,
            )
        )

    def apply(self, plan: Plan, *, stop: Stop | None = None, threads: int = 4) -> list[ApplyEvent]:
        self.state.ensure()
        ledger = MemoryLedger(self.state)
        lease = take(ledger, self.clock, Request(operation="apply", actor=Actor(who="mika"), terms=LeaseTerms()))
        effects = Effects(providers=self.account.providers(), state=self.state, clock=self.clock, journal=ledger, lease=lease)
        try:
            return list(execute(plan, effects, stop=stop or Stop(), threads=threads))
        finally:
            lease.release()

    def lose_state(self) -> None:
        self.state = MemoryStateStore(SCOPE)

    def converge(self, desired: tuple[DesiredResource, ...]) -> list[ApplyEvent]:
        return self.apply(self.plan(desired))
