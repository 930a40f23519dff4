"""The same project in three regions and two environments of one account: each sees only its own, nothing of another goes.

Roles are the same in all regions, everything else lies in one. An environment that stands in one region is refused in another
(decision 0028), which is one of the things that happen here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.apply.executor import Effects, execute
from bunsui.apply.lease import LeaseTerms, Request, take
from bunsui.apply.stop import Stop
from bunsui.model.address import Address
from bunsui.model.names import resource_name
from bunsui.model.resource import ActualResource, DesiredResource, Scope
from bunsui.model.values import Reference, Value
from bunsui.plan.build import Facts, build_plan
from bunsui.plan.model import Plan
from bunsui.ports.ledger import Actor
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.provider import MemoryAccount
from bunsui.testkit.state import MemoryStateStore, MemoryTable
from tests.faults.amount import amount

REGIONS = ("eu-west-1", "us-east-1", "ap-northeast-1")
ENVIRONMENTS = ("dev", "prod")
Key = tuple[str, str]


class RegionObjects(MutableMapping[Key, ActualResource]):
    """What a region has: its own, and the roles of the account."""

    def __init__(self, roles: dict[Key, ActualResource]) -> None:
        self.roles, self.own = roles, dict[Key, ActualResource]()

    def _home(self, key: Key) -> dict[Key, ActualResource]:
        return self.roles if key[0] == "role" else self.own

    def __getitem__(self, key: Key) -> ActualResource:
        return self._home(key)[key]

    def __setitem__(self, key: Key, value: ActualResource) -> None:
        self._home(key)[key] = value

    def __delitem__(self, key: Key) -> None:
        del self._home(key)[key]

    def __iter__(self) -> Iterator[Key]:
        return iter([*self.roles, *self.own])

    def __len__(self) -> int:
        return len(self.roles) + len(self.own)


@dataclass
class Estate:
    """One account, all regions."""

    roles: dict[Key, ActualResource] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.accounts = {region: MemoryAccount(account="111111111111", region=region) for region in REGIONS}
        for account in self.accounts.values():
            account.objects = RegionObjects(self.roles)  # type: ignore[assignment]
        self.tables = {region: MemoryTable() for region in REGIONS}

    def snapshot(self, besides: Scope) -> Mapping[tuple[str, str, str], ActualResource]:
        """Everything that is not this scope's, by region, kind and name."""
        return {
            ("" if kind == "role" else region, kind, name): one
            for region, account in self.accounts.items()
            for (kind, name), one in account.objects.items()
            if not one.owned_by(besides) and (kind == "role" or region != besides.region or one.tags)
        }

    def owned(self, scope: Scope) -> list[ActualResource]:
        """All objects of a scope, in its region and among the roles of the account."""
        return [one for one in self.accounts[scope.region].objects.values() if one.tags and one.owned_by(scope)]

    def plan(self, scope: Scope, desired: tuple[DesiredResource, ...]) -> Plan:
        state = MemoryStateStore(scope, self.tables[scope.region])
        actual = [
            one
            for kind, provider in self.accounts[scope.region].providers().items()
            for one in provider.read_owned(scope, [item for item in desired if item.address.kind == kind])
        ]
        facts = Facts(
            scope=scope, as_of=self.clock.now(), desired=desired, actual=tuple(actual), applied=state.applied(), at_once=True
        )
        return build_plan(facts)

    def carry_out(self, scope: Scope, plan: Plan) -> None:
        state = MemoryStateStore(scope, self.tables[scope.region])
        state.ensure()
        ledger = MemoryLedger(state)
        lease = take(ledger, self.clock, Request(operation="apply", actor=Actor(who="mika"), terms=LeaseTerms()))
        providers = self.accounts[scope.region].providers()
        effects = Effects(providers=providers, state=state, clock=self.clock, journal=ledger, lease=lease)
        try:
            list(execute(plan, effects, stop=Stop(), threads=1))
        finally:
            lease.release()


def scope_of(region: str, environment: str) -> Scope:
    return Scope(project="sales", environment=environment, account="111111111111", region=region, project_id="01a")


def pipelines(scope: Scope, seconds: int) -> tuple[DesiredResource, ...]:
    """A machine with its role and its logs."""
    name = resource_name(scope.project, scope.environment, "load", limit=64)
    role = Address("role", "load")
    states: Value = {"StartAt": "w", "States": {"w": {"Type": "Wait", "Seconds": seconds, "End": True}}}
    parts: Mapping[Address, dict[str, Value]] = {
        role: {"path": "/", "policy": {"Version": "2012-10-17", "Statement": []}},
        Address("log_group", "load"): {"retention_days": seconds},
        Address("state_machine", "load"): {"type": "STANDARD", "definition": states, "role_arn": Reference(role, "arn")},
    }
    return tuple(DesiredResource(address=at, physical_name=name, attributes=attributes) for at, attributes in parts.items())


ACTS = st.tuples(st.sampled_from(REGIONS), st.sampled_from(ENVIRONMENTS), st.sampled_from([1, 3, 0]))
"""(region, environment, what is wanted there); 0 destroys."""


@settings(max_examples=amount(25, 300, 3000), deadline=None)
@given(st.lists(ACTS, min_size=2, max_size=14))
def test_whatever_happens_to_one_nothing_of_another_changes(acts: list[tuple[str, str, int]]) -> None:
    estate, standing = Estate(), dict[str, tuple[str, int]]()
    for region, environment, wanted in acts:
        scope = scope_of(region, environment)
        before = estate.snapshot(scope)
        desired = pipelines(scope, wanted) if wanted else ()
        plan = estate.plan(scope, desired)
        stands_elsewhere = standing.get(environment, (region, 0))[0] != region
        assert bool(plan.refused) == (bool(wanted) and stands_elsewhere)
        if not plan.refused:
            estate.carry_out(scope, plan)
            assert estate.plan(scope, desired).pending == ()
            if wanted:
                standing[environment] = region, wanted
            elif not stands_elsewhere:
                standing.pop(environment, None)
                assert not estate.owned(scope), "a destroy leaves nothing of its own"
        assert estate.snapshot(scope) == before
        for other, (where, had) in standing.items():
            sees_only_its_own(estate, scope_of(where, other), had)


def sees_only_its_own(estate: Estate, scope: Scope, wanted: int) -> None:
    """An environment is in sync with what was applied there last, and its plan knows of no object of another."""
    desired = pipelines(scope, wanted)
    plan = estate.plan(scope, desired)
    assert plan.pending == ()
    assert not plan.refused
    seen = {change.address: change.actual for change in plan.changes}
    assert seen.keys() == {item.address for item in desired}
    assert all(one is not None and one.owned_by(scope) for one in seen.values())
    assert {(one.address.kind, one.physical_name) for one in estate.owned(scope)} == {
        (item.address.kind, item.physical_name) for item in desired
    }
