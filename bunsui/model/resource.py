"""Resources: addresses, and the three values that a plan compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from bunsui.model.lifecycle import Lifecycle
from bunsui.model.values import Json, Value

TAG_PROJECT = "bunsui:project"
TAG_ENVIRONMENT = "bunsui:environment"
TAG_PIPELINE = "bunsui:pipeline"
TAG_ADDRESS = "bunsui:address"
TAG_CODE = "bunsui:code"
"""Content digest of a Lambda function's code folder."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The stable identity of a resource in a project's environment, whatever AWS calls it."""

    kind: str
    """A resource kind: state_machine, role, log_group, lambda_function, schedule_group, schedule."""
    pipeline: str
    """The pipeline it belongs to."""
    name: str = ""
    """Empty for the one of its kind; else what tells it apart, such as `extract.fetch`."""

    def __str__(self) -> str:
        """Give `kind.pipeline` or `kind.pipeline.name`; `parse_address` reads it back."""
        return ".".join(part for part in (self.kind, self.pipeline, self.name) if part)


@lru_cache(maxsize=65_536)  # the same ones stand in the state again and again
def parse_address(text: str) -> Address:
    """Read back what `str(address)` gave; ValueError when it is not one."""
    kind, separator, rest = text.partition(".")
    pipeline, _, name = rest.partition(".")
    if not separator or not kind or not pipeline:
        raise ValueError(f"not an address: {text}")
    return Address(kind, pipeline, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose resources: everything that decides names, ARNs and ownership."""

    project: str
    environment: str
    account: str
    """Twelve digits, from STS; `000000000000` when nobody asked (validate, render)."""
    region: str
    project_id: str = ""
    partition: str = "aws"
    permissions_boundary: str | None = None

    def tags(self, address: Address) -> dict[str, str]:
        """Give the ownership tags that every taggable resource carries from its create call on."""
        return {
            TAG_PROJECT: self.project,
            TAG_ENVIRONMENT: self.environment,
            TAG_PIPELINE: address.pipeline,
            TAG_ADDRESS: str(address),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredResource:
    """What the repository wants."""

    address: Address
    physical_name: str
    """The name in AWS, deterministic."""
    attributes: Mapping[str, Value]
    """Complete: every attribute that the kind models, defaults filled in. May hold References."""
    depends_on: tuple[Address, ...] = ()
    """Must be written before this one, References apart (they imply it)."""
    code: CodeSource | None = None
    """For functions: what apply packages."""
    lifecycle: Lifecycle = field(default_factory=Lifecycle)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSource:
    """Where a function's code comes from; only apply and `package` open it for building."""

    path: str
    requirements: str | None
    runtime: str
    architecture: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualResource:
    """What AWS has."""

    address: Address
    physical_name: str
    attributes: Mapping[str, Json]
    """The same names as in DesiredResource, in canonical form."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """What others may reference: arn, version_arn, alias_arn, code_sha256."""
    tags: Mapping[str, str] = field(default_factory=dict)
    revision: str = ""
    """Changes whenever the object changes: the revision id, or a hash of attributes and outputs."""
    is_assumed: bool = False
    """True when it was not read, or not all of it: the state stands in for AWS."""
    verified_at: datetime | None = None
    """Of an assumed one, when it was last read, or written, and was as the state says; None when nobody knows."""
    unreadable: str = ""
    """Why the attributes could not be read, with the object known to exist; empty when they could."""

    def owned_by(self, scope: Scope) -> bool:
        """Tell whether the ownership tags are those of this project and environment."""
        return self.tags.get(TAG_PROJECT) == scope.project and self.tags.get(TAG_ENVIRONMENT) == scope.environment

    def as_tagged(self, scope: Scope) -> ActualResource | None:
        """Give the object under the address in its tags, None when it is not of this scope."""
        if not self.owned_by(scope):
            return None
        try:
            address = parse_address(self.tags.get(TAG_ADDRESS, ""))
        except ValueError:
            return None
        return replace(self, address=address) if address.kind == self.address.kind else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedResource:
    """What bunsui last wrote, from its state."""

    address: Address
    physical_name: str
    attributes: Mapping[str, Json]
    """Resolved: no References."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    revision: str = ""
    written_at: datetime | None = None
    commit: str = ""
    depends_on: tuple[Address, ...] = ()
    """Kept so that deletes know their order when the YAML is gone."""
    plan: str = ""
    """The id of the saved plan that wrote it; empty when it was applied straight."""
    is_known: bool = True
    """False when the state was rebuilt from AWS, so that nobody knows whether bunsui wrote what is there."""
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    """What the file said of it, which holds when the file is gone."""
    retired_at: datetime | None = None
    """When it was taken out of service; None while it is in service."""

    def as_desired(self) -> DesiredResource:
        """Give what the repository wants if it wants what was applied."""
        return DesiredResource(
            address=self.address,
            physical_name=self.physical_name,
            attributes=self.attributes,
            depends_on=self.depends_on,
            lifecycle=self.lifecycle,
        )

    def as_actual(self, scope: Scope) -> ActualResource:
        """Give what AWS has if it has what was applied."""
        return ActualResource(
            address=self.address,
            physical_name=self.physical_name,
            attributes=self.attributes,
            outputs=self.outputs,
            tags=scope.tags(self.address),
            revision=self.revision,
            is_assumed=True,
        )
