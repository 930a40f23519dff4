"""Resources: the three values that a plan compares, in the scope that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bunsui.model.address import Address, parse_address
from bunsui.model.beside import BesideOurs
from bunsui.model.json import Json
from bunsui.model.lifecycle import Lifecycle
from bunsui.model.values import Value

OWN_PREFIX = "bunsui:"
"""Begins the names of the tags that say whose a resource is."""
TAG_PROJECT = "bunsui:project"
TAG_ENVIRONMENT = "bunsui:environment"
TAG_REGION = "bunsui:region"
"""Tells apart what uses an object that is the same in all regions, such as a role. Objects made before this tag was lack it."""
TAG_PROJECT_ID = "bunsui:project-id"
"""Tells projects of one name apart, which may be in different regions. Lacking as TAG_REGION may be."""
TAG_STACK = "aws:cloudformation:stack-name"
"""CloudFormation puts it on what it makes; CDK and SAM deploy by CloudFormation."""
TAG_PIPELINE = "bunsui:pipeline"
TAG_ADDRESS = "bunsui:address"
TAG_CODE = "bunsui:code"
"""Content digest of a Lambda function's code folder."""


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
    bucket: str = ""
    """What the environment says of its bucket: `managed`, the name of one that somebody else makes, or nothing (see
    `bunsui.model.bucket`)."""
    bucket_kms_key: str = ""
    """The ARN of the KMS key that encrypts its objects; empty for none."""

    def tags(self, address: Address) -> dict[str, str]:
        """Return the ownership tags that every taggable resource carries from its create call on."""
        identity = {TAG_PROJECT_ID: self.project_id} if self.project_id else {}
        return {
            TAG_PROJECT: self.project,
            TAG_ENVIRONMENT: self.environment,
            TAG_REGION: self.region,
            **identity,
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
    exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    """Globs of what is not taken of the folder, and of what is although it is left out by default."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Twelve hex digits of each file's content by its path in the project; empty when nobody asked, or for too many files."""
    is_own: bool = False
    """True for bunsui's own files, as they are installed (`bunsui.packaging.own_code`): the paths are of no project."""


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
    unread: str = ""
    """What of an assumed one was not read, where the rest was; empty when nothing of it was."""
    verified_at: datetime | None = None
    """Of an assumed one, when it was last read, or written, and was as the state says; None when nobody knows."""
    claimable: str = ""
    """Why it may be taken over although it carries no tags of ours, such as a log group that Lambda itself made; empty when it
    may not."""
    unreadable: str = ""
    """Why the attributes could not be read, with the object known to exist; empty when they could."""
    subscribers: int | None = None
    """Of a topic, how many subscriptions are confirmed, which is for others to say; None of anything else, and when nobody
    asked."""
    holds: str = ""
    """What keeps it from being removed, such as the objects of a bucket; empty when nothing does, and when nobody asked."""
    used_in: str = ""
    """Of an object that is the same in all regions and lacks TAG_REGION, the region of what uses it; empty when it is not
    known."""
    beside: tuple[BesideOurs, ...] = ()
    """What others put there, by name; empty when there is nothing, and when nobody looked."""

    @property
    def region(self) -> str:
        """The region that the object belongs to; empty when it does not tell."""
        return self.tags.get(TAG_REGION) or self.used_in

    def owned_by(self, scope: Scope) -> bool:
        """Tell whether the object is of this project, environment and region. What an object does not tell of its project's id
        and its region is not held against it."""
        if (self.tags.get(TAG_PROJECT), self.tags.get(TAG_ENVIRONMENT)) != (scope.project, scope.environment):
            return False
        project_id = self.tags.get(TAG_PROJECT_ID, "")
        is_same_project = not project_id or not scope.project_id or project_id == scope.project_id
        return is_same_project and self.region in ("", scope.region)

    def as_tagged(self, scope: Scope) -> ActualResource | None:
        """Return the object under the address in its tags, None when it is not of this scope."""
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
    files: Mapping[str, str] = field(default_factory=dict)
    """Of a function, what its code was made of, as in CodeSource; empty when nobody knows."""

    def as_desired(self) -> DesiredResource:
        """Return what the repository wants if it wants what was applied."""
        return DesiredResource(
            address=self.address,
            physical_name=self.physical_name,
            attributes=self.attributes,
            depends_on=self.depends_on,
            lifecycle=self.lifecycle,
        )

    def as_actual(self, scope: Scope) -> ActualResource:
        """Return what AWS has if it has what was applied."""
        return ActualResource(
            address=self.address,
            physical_name=self.physical_name,
            attributes=self.attributes,
            outputs=self.outputs,
            tags=scope.tags(self.address),
            revision=self.revision,
            is_assumed=True,
        )
