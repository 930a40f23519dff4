"""Resources in a cloud account: one provider for each kind, and who we are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, CodeSource, DesiredResource, Scope

NOTHING_APPLIED: Mapping[Address, AppliedResource] = MappingProxyType({})
"""For who reads without knowing what bunsui wrote last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedResource:
    """A desired resource whose references have become values: exactly what is to be written."""

    address: Address
    physical_name: str
    attributes: Mapping[str, Json]
    tags: Mapping[str, str]
    """Ownership tags and the user's own."""
    code: CodeSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a write left behind."""

    outputs: Mapping[str, str] = field(default_factory=dict)
    """What others may reference, such as arn or version_arn."""
    revision: str = ""


class Provider(Protocol):
    """Reads and writes one kind of resource. Never touches what it was not asked for.

    Every method may raise the `CloudError`s of `bunsui.errors`. A write that lost its reply may be repeated: create adopts an
    object of the same name *with our tags*, delete of a missing object succeeds.
    """

    @property
    def kind(self) -> str:
        """The kind's name, as in `Address.kind`."""
        ...

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    ) -> Sequence[ActualResource]:
        """Return everything of this kind that carries the scope's tags, and whatever bears a wanted resource's name (to tell
        "not ours" from "absent"). Bulk calls first; order by address.

        `applied` is what bunsui wrote last. It spares calls whose answer it already holds, such as for a version, which never
        changes, and says what to ask for one by one where lists are not permitted. Else the result does not depend on it."""
        ...

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the one object of that name, None when it does not exist."""
        ...

    def create(self, resource: ResolvedResource) -> Written:
        """Make it, tags in the create call."""
        ...

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Change it to the resolved attributes, publishing a version and moving the alias last where the kind has them."""
        ...

    def delete(self, actual: ActualResource) -> None:
        """Remove it with what belongs to it; success when it is already gone."""
        ...


@runtime_checkable
class Retiring(Protocol):
    """What a provider can do besides, whose objects start something."""

    def retire(self, actual: ActualResource) -> ActualResource:
        """Let nothing start it any more, what runs going on; give it as it is then. Success when that was done before."""
        ...


@runtime_checkable
class HandingBack(Protocol):
    """What a provider can do besides, whose objects may have been there before bunsui."""

    def hand_back(self, actual: ActualResource, before: ActualResource) -> None:
        """Take away what a write put on an object that was somebody else's: its tags, and what was published beside it. Again
        for the same object, nothing happens. Success when it is gone."""
        ...


@runtime_checkable
class Uploading(Protocol):
    """What a provider can do besides, whose writes may hold megabytes."""

    def upload_bytes(self, resource: ResolvedResource, actual: ActualResource | None) -> int:
        """Return how many bytes of a package the write sends, 0 for none: `create` where `actual` is None, else `update`."""
        ...


@runtime_checkable
class Placing(Protocol):
    """A provider of a kind whose names are unique only within something (`Kind.within`)."""

    def place(self, address: Address, physical_name: str, within: str) -> None:
        """Learn where the object lies, so that reading it by name need not look everywhere."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who the credentials belong to."""

    account: str
    arn: str
    region: str
    partition: str = "aws"


class LookUp(StrEnum):
    """What a placeholder may stand for beside a parameter, by the word that it begins with."""

    SECRET = "secret"  # noqa: S105 - the word that the placeholder begins with
    """`${secret:NAME}`: the ARN of a secret, never its value."""
    STACK = "cfn"
    """`${cfn:STACK.OUTPUT}`: an output of a CloudFormation stack."""
    TERRAFORM = "tfstate"
    """`${tfstate:STATE#OUTPUT}`: an output of a Terraform state, in the project or at `s3://BUCKET/KEY`."""


class ParameterStore(Protocol):
    """Reads values at plan time, for `${ssm:/path}` and the look-ups."""

    def parameter(self, path: str) -> str | Sequence[str]:
        """Return a String as text or a StringList as a list; InvalidInput for a SecureString, NotFound when there is none."""
        ...

    def look_up(self, kind: LookUp, name: str) -> Json:
        """Return what the placeholder stands for; NotFound where there is none, InvalidInput for what no plan may hold."""
        ...
