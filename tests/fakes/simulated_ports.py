"""The ports of the simulation: providers that write in as many calls as AWS needs, a ledger, a state; all in its weather."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.model.deployments.deployment import Deployment
from bunsui.model.deployments.interventions import Hold, Interventions, Pause
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Retiring, Written
from bunsui.ports.ledger import ApplyRecord, DeploymentEntry, Fence, JournalEntry, LockRecord, StateMark
from bunsui.testkit.ledger import MemoryLedger
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.control_plane import Attempted, unassumable_role
from tests.fakes.passing import PassingProvider

if TYPE_CHECKING:
    from tests.fakes.simulated import Simulation

T = TypeVar("T")

CREATED_WITHOUT: Mapping[str, Mapping[str, Json]] = {
    "role": {"policy": {"Version": "2012-10-17", "Statement": []}},
    "log_group": {"retention_days": None},
    "state_machine": {"alias": ""},
}
"""What an object lacks after its create call, and gets by a second one."""

CALLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "role": {
        "UpdateAssumeRolePolicy": ("trust",),
        "UpdateRole": ("description",),
        "PutRolePermissionsBoundary": ("boundary",),
        "PutRolePolicy": ("policy",),
        "TagRole": ("tags",),
    },
    "log_group": {"PutRetentionPolicy": ("retention_days",), "TagResource": ("tags",)},
    "lambda_function": {
        "UpdateFunctionConfiguration": ("memory_mb", "role_arn", "environment", "timeout_seconds", "handler", "runtime"),
        "UpdateFunctionCode": ("code_digest",),
        "PutFunctionConcurrency": ("reserved_concurrency",),
        "TagResource": ("tags",),
    },
    "state_machine": {
        "UpdateStateMachine": ("definition", "role_arn", "logging", "tracing"),
        "TagResource": ("tags",),
        "UpdateStateMachineAlias": ("alias",),
    },
}
"""The calls of an update, in their order, and the attributes that each of them writes."""

OWNERS = ("bunsui:project", "bunsui:environment")
STALE_ALIAS = "live (at 1, not the newest)"
"""How an alias reads between the update of its machine and its own."""


@dataclass
class SimulatedProvider(PassingProvider):
    """A provider whose calls pass through the simulation."""

    world: Simulation

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    ) -> Sequence[ActualResource]:
        found = self.world.call("list", self.kind, lambda: self.inner.read_owned(scope, wanted, applied=applied))
        lag = self.world.weather.list_lag_seconds or self.world.weather.lag_seconds
        names = {item.physical_name: item.address for item in wanted if item.address.kind == self.kind}
        names |= {item.physical_name: item.address for item in found}
        now = {item.physical_name: item for item in found}
        seen = []
        for name in sorted(now.keys() | {name for kind, name in self.world.history if kind == self.kind}):
            item = self._as_read(name, now.get(name), lag)
            if item is not None:
                seen.append(replace(item, address=names.get(name, item.address)) if name in now else item)
        return sorted(seen, key=lambda item: (item.address, item.physical_name))

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        found = self.world.call("read", physical_name, lambda: self.inner.read(address, physical_name))
        seen = self._as_read(physical_name, found, self.world.weather.lag_seconds)
        return replace(seen, address=address) if seen is not None else None

    def _as_read(self, name: str, now: ActualResource | None, lag_seconds: float) -> ActualResource | None:
        """What a read gives: the value of some time ago."""
        written = self.world.history.get((self.kind, name))
        if written is None:
            return now
        if self.world.stale.get((self.kind, name), 0) > 0:
            self.world.stale[self.kind, name] -= 1
            return written[0][1]
        seen_until = self.world.clock.steady() - lag_seconds
        if written[-1][0] <= seen_until:
            return now
        return [value for at, value in written if at <= seen_until][-1]

    def create(self, resource: ResolvedResource) -> Written:
        """The create call, then what it cannot take. An object that is there and ours is brought up to date instead."""
        there = self.world.memory.objects.get((self.kind, resource.physical_name))
        if there is not None and all(there.tags.get(tag) == resource.tags.get(tag) for tag in OWNERS):
            return self._updated(resource, there)
        lacking = CREATED_WITHOUT.get(self.kind, {})
        first = replace(resource, attributes={**resource.attributes, **lacking})
        written = self._write("Create", resource, lambda: self.inner.create(first))
        if lacking and first.attributes != resource.attributes:
            written = self._write("Complete", resource, lambda: self._over(resource))
        return written

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        return self._updated(resource, actual)

    def _updated(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """One call for each group of attributes that differs, at least one; the machine's alias last, and always."""
        attributes: dict[str, Json] = dict(actual.attributes)
        written: Written | None = None
        for call, names in CALLS.get(self.kind, {"Update": tuple(resource.attributes)}).items():
            after = {name: value for name, value in attributes.items() if name not in names}
            after |= {name: resource.attributes[name] for name in names if name in resource.attributes}
            if call == "UpdateStateMachineAlias":
                after = dict(resource.attributes)
            elif call == "UpdateStateMachine":
                after["alias"] = STALE_ALIAS
            elif after == attributes:
                continue
            attributes = after
            partial, first = replace(resource, attributes=dict(attributes)), written is None
            written = self._write(call, resource, lambda partial=partial, first=first: self._stage(partial, actual, first))  # type: ignore[misc]
        return written if written is not None else self._write("Touch", resource, lambda: self.inner.update(resource, actual))

    def _stage(self, partial: ResolvedResource, actual: ActualResource, first: bool) -> Written:
        return self.inner.update(partial, actual) if first else self._over(partial)

    def _over(self, resource: ResolvedResource) -> Written:
        """Write over whatever is there by now, as AWS's calls do."""
        return self.inner.update(resource, self.world.memory.objects[self.kind, resource.physical_name])

    def retire(self, actual: ActualResource) -> ActualResource:
        inner = self.inner
        assert isinstance(inner, Retiring)
        return self._write("Retire", actual, lambda: inner.retire(actual))

    def delete(self, actual: ActualResource) -> None:
        self._write("Delete", actual, lambda: self.inner.delete(actual))

    def _write(self, verb: str, what: ResolvedResource | ActualResource, work: Callable[[], T]) -> T:
        name = what.physical_name
        self._freeze()
        self.world.permit()
        key = (self.kind, name)

        def effect() -> T:
            before = self.world.memory.objects.get(key)
            self._refuse_young_role(what, verb)
            attempted = self._attempted(verb, what)
            plane, records = self.world.weather.plane, self.world.records
            refusal = records.refusal(plane, attempted, self.world.random, exists=before is not None)
            if refusal is not None:
                raise refusal
            done = work()
            if verb != "UpdateStateMachine" or _has_other_content(before, self.world.memory.objects.get(key)):
                records.note(attempted)  # a machine that is as it was has the version that it had
            past = self.world.history.setdefault(key, [(0.0, before)])
            past.append((self.world.clock.steady(), self.world.memory.objects.get(key)))
            if self.world.weather.lag_reads:
                self.world.history[key] = [(0.0, before), past[-1]]
                self.world.stale[key] = self.world.weather.lag_reads
            return done

        written = self.world.call(verb, f"{self.kind}/{name}", effect, effect=True)
        if self.kind == "lambda_function" and verb != "Delete":
            self.world.clock.sleep(self.world.weather.plane.pending)  # the waiters of its provider
        return written

    def _attempted(self, verb: str, what: ResolvedResource | ActualResource) -> Attempted:
        within = str(what.attributes.get("group") or "")
        now = self.world.clock.steady()
        return Attempted(kind=self.kind, verb=verb, name=what.physical_name, within=within, now=now)

    def _refuse_young_role(self, what: ResolvedResource | ActualResource, verb: str) -> None:
        role = str(what.attributes.get("role_arn") or "") if isinstance(what, ResolvedResource) else ""
        now = self.world.clock.steady()
        for (kind, name), past in self.world.history.items():
            young = now - past[-1][0] < self.world.weather.iam_seconds
            if kind == "role" and young and role.endswith(f":{name}"):
                raise unassumable_role(self.kind, verb, self.world.random)

    def _freeze(self) -> None:
        with self.world.mutex:
            frozen = self.world.writes == self.world.freezes_at
            self.world.writes += 1
        if frozen:
            self.world.on_freeze()
            self.world.clock.jump(180)


def _has_other_content(before: ActualResource | None, after: ActualResource | None) -> bool:
    contents = [{**one.attributes, "alias": ""} if one is not None else None for one in (before, after)]
    return contents[0] != contents[1]


@dataclass
class SimulatedState:
    """A state store whose calls pass through the simulation."""

    inner: MemoryStateStore
    world: Simulation

    def ensure(self) -> bool:
        return self.world.call("ensure", "table", self.inner.ensure)

    def applied(self, kind: str = "") -> Mapping[Address, AppliedResource]:
        return self.world.call("query", "inventory", lambda: self.inner.applied(kind))

    def addresses(self) -> Sequence[Address]:
        return self.world.call("query", "inventory", self.inner.addresses)

    def texts(self, pipelines: Collection[str]) -> Mapping[str, AppliedText]:
        return self.world.call("get", "texts", lambda: self.inner.texts(pipelines))

    def put(self, resource: AppliedResource) -> None:
        self.world.call("put", str(resource.address), lambda: self.inner.put(resource))

    def forget(self, address: Address) -> None:
        self.world.call("forget", str(address), lambda: self.inner.forget(address))


@dataclass
class SimulatedLedger:
    """A ledger whose calls pass through the simulation."""

    inner: MemoryLedger
    world: Simulation

    def read(self) -> LockRecord | None:
        return self.world.call("read", "lock", self.inner.read)

    def swap(self, record: LockRecord, *, over: LockRecord | None) -> None:
        self.world.call("swap", "lock", lambda: self.inner.swap(record, over=over))

    def begin(self, entry: JournalEntry, fence: Fence) -> None:
        self.world.transact("begin", str(entry.address), lambda: self.inner.begin(entry, fence))

    def settle(
        self,
        outcome: Mapping[Address, AppliedResource | None],
        fence: Fence,
        *,
        texts: Sequence[AppliedText] = (),
        deployments: Sequence[Deployment] = (),
    ) -> None:
        write = partial(self.inner.settle, outcome, fence, texts=texts, deployments=deployments)
        self.world.transact("settle", ", ".join(map(str, outcome)), write)

    def deployments(self, pipeline: str, *, limit: int | None = None) -> Sequence[Deployment]:
        return self.world.call("deployments", pipeline, lambda: self.inner.deployments(pipeline, limit=limit))

    def interventions(self) -> Interventions:
        return self.world.call("interventions", "all", self.inner.interventions)

    def write(self, entries: Sequence[DeploymentEntry], fence: Fence, *, ends: Sequence[Hold | Pause] = ()) -> None:
        self.world.transact("write", "deployments", lambda: self.inner.write(entries, fence, ends=ends))

    def pending(self) -> Mapping[Address, JournalEntry]:
        return self.world.call("pending", "journal", self.inner.pending)

    def mark(self) -> StateMark:
        return self.world.call("mark", "state", self.inner.mark)

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        return self.world.call("open", record.id, lambda: self.inner.open(record, fence))

    def close(self, record: ApplyRecord, fence: Fence) -> None:
        self.world.call("close", record.id, lambda: self.inner.close(record, fence))

    def applies(self, *, limit: int | None) -> Sequence[ApplyRecord]:
        return self.world.call("applies", "log", lambda: self.inner.applies(limit=limit))

    def of_plan(self, plan_id: str) -> ApplyRecord | None:
        return self.world.call("of_plan", plan_id, lambda: self.inner.of_plan(plan_id))
