"""Resources in memory: an account, and one provider for each kind in it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.errors import Conflict, Missing, NotOwned
from bunsui.kinds.registry import kind as kind_of
from bunsui.kinds.registry import kinds
from bunsui.model.address import Address, parse_address
from bunsui.model.resource import TAG_ADDRESS, ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, Provider, ResolvedResource, Written
from bunsui.ports.hints import Surveyor

_OWNERS = ("bunsui:project", "bunsui:environment", "bunsui:region", "bunsui:project-id")


@dataclass(slots=True)
class MemoryAccount:
    """An account and region without AWS. `objects` may be changed behind the providers' back, as in a console."""

    account: str = "000000000000"
    region: str = "us-east-1"
    objects: dict[tuple[str, str], ActualResource] = field(default_factory=dict)
    """By kind and physical name."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    writes: int = 0
    """How many writes had an effect; revisions are made of it."""
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    """How often each object was written, by kind and physical name. One that is made again counts on, as functions do."""

    def providers(self) -> Mapping[str, Provider]:
        """Return the providers of all kinds, in the order of creation."""
        return {name: MemoryProvider(name, self) for name in kinds()}

    def surveyors(self) -> Mapping[str, Surveyor]:
        """Return what reads the kinds by suspicion."""
        return {name: MemoryProvider(name, self) for name in kinds()}

    def arn(self, kind: str, physical_name: str) -> str:
        """Return the ARN of an object; like AWS's in form, with the kind's name as the service."""
        return f"arn:aws:{kind}:{self.region}:{self.account}:{physical_name}"


class MemoryProvider:
    """Implements `bunsui.ports.cloud.Provider` for one kind."""

    def __init__(self, kind: str, account: MemoryAccount) -> None:
        """Make it for a kind, in an account."""
        self._kind = kind_of(kind)
        self._account = account

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self._kind.name

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return what carries the scope's tags, and whatever bears a wanted resource's name; with suspects, what else was
        applied as it was then."""
        names = {resource.physical_name: resource.address for resource in wanted if resource.address.kind == self.kind}
        found = []
        with self._account.lock:
            for (kind, name), actual in self._account.objects.items():
                if kind != self.kind:
                    continue
                if actual.owned_by(scope):
                    found.append(actual)
                elif name in names:
                    found.append(replace(actual, address=names[name]))
        if suspects is not None:
            found = [_assume_applied(actual, applied, suspects, scope) for actual in found]
        return sorted(found, key=lambda actual: actual.address)

    def read_routed(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource],
        routes: Collection[Address],
    ) -> Sequence[ActualResource]:
        """Return the same with the alias as it was applied where nobody asks for it, unless something else differs."""
        return [
            actual if actual.address in routes else _believe_alias(actual, applied.get(actual.address))
            for actual in self.read_owned(scope, wanted, applied=applied)
        ]

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the one object of that name, None when it does not exist."""
        with self._account.lock:
            actual = self._account.objects.get((self.kind, physical_name))
        return replace(actual, address=address) if actual is not None else None

    def create(self, resource: ResolvedResource) -> Written:
        """Make it; bring an object of the same name with our tags up to date; NotOwned for one with other tags."""
        with self._account.lock:
            there = self._account.objects.get((self.kind, resource.physical_name))
            if there is not None and any(there.tags.get(tag) != resource.tags.get(tag) for tag in _OWNERS):
                raise NotOwned(
                    "not-ours",
                    "an object of that name exists and is not ours",
                    hint="Rename one of them, or remove the other object.",
                    kind=self.kind,
                    name=resource.physical_name,
                )
            return self._write(resource)

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Change it; Missing when it is gone, Conflict when it is no longer as it was in `actual`."""
        with self._account.lock:
            there = self._account.objects.get((self.kind, resource.physical_name))
            if there is None:
                raise Missing("object-gone", "the object is gone", kind=self.kind, name=resource.physical_name)
            if there.revision != actual.revision:
                raise Conflict(
                    "object-changed",
                    "somebody else changed the object first",
                    hint="Plan again.",
                    kind=self.kind,
                    name=resource.physical_name,
                )
            return self._write(resource)

    def delete(self, actual: ActualResource) -> None:
        """Remove it; success when it is already gone."""
        with self._account.lock:
            if self._account.objects.pop((self.kind, actual.physical_name), None) is not None:
                self._account.writes += 1

    def retire(self, actual: ActualResource) -> ActualResource:
        """Remove the alias; what has none starts nothing."""
        if all(attribute.name != "alias" for attribute in self._kind.attributes):
            return actual
        with self._account.lock:
            key = (self.kind, actual.physical_name)
            there = self._account.objects[key]
            self._account.writes += 1
            attributes = {**there.attributes, "alias": ""}
            self._account.objects[key] = replace(there, attributes=attributes, revision=str(self._account.writes))
            return replace(self._account.objects[key], address=actual.address)

    def hand_back(self, actual: ActualResource, before: ActualResource) -> None:
        """Make tags and alias what they were before somebody else's object was taken over; success when it is gone."""
        with self._account.lock:
            key = (self.kind, actual.physical_name)
            there = self._account.objects.get(key)
            if there is None:
                return
            self._account.writes += 1
            attributes = {
                **there.attributes,
                **{name: before.attributes[name] for name in before.attributes if name == "alias"},
            }
            self._account.objects[key] = replace(
                there,
                attributes=attributes,
                outputs=before.outputs,
                tags=dict(before.tags),
                revision=str(self._account.writes),
            )

    def _write(self, resource: ResolvedResource) -> Written:
        self._account.writes += 1
        revision = str(self._account.writes)
        key = (self.kind, resource.physical_name)
        version = self._account.versions[key] = self._account.versions.get(key, 0) + 1
        arn = self._account.arn(self.kind, resource.physical_name)
        known = {
            "arn": arn,
            "version": str(version),
            "version_arn": f"{arn}:{version}",
            "alias_arn": f"{arn}:{resource.attributes.get('alias', 'live')}",
            "code_sha256": hashlib.sha256(str(resource.attributes.get("code_digest")).encode()).hexdigest(),
        }
        outputs = {name: known[name] for name in self._kind.outputs}
        self._account.objects[key] = ActualResource(
            address=parse_address(resource.tags[TAG_ADDRESS]),
            physical_name=resource.physical_name,
            attributes=dict(resource.attributes),
            outputs=outputs,
            tags=dict(resource.tags),
            revision=revision,
        )
        return Written(outputs=outputs, revision=revision)


def _believe_alias(actual: ActualResource, applied: AppliedResource | None) -> ActualResource:
    if applied is None or "alias" not in applied.attributes:
        return actual
    believed = {**actual.attributes, "alias": applied.attributes["alias"]}
    if believed != dict(applied.attributes):
        return actual
    unread = "where its alias leads"
    return replace(actual, attributes=believed, outputs=applied.outputs, is_assumed=True, unread=unread)


def _assume_applied(
    actual: ActualResource, applied: Mapping[Address, AppliedResource], suspects: Collection[Address], scope: Scope
) -> ActualResource:
    known = applied.get(actual.address)
    if known is None or actual.address in suspects or known.physical_name != actual.physical_name:
        return actual
    return known.as_actual(scope)
