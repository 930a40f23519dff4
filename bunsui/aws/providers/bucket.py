"""S3 buckets of environments: who may reach them, encryption, ownership, policy, expiry, tags. Objects are never touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code, is_forbidden
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.identity import StsIdentity
from bunsui.aws.objects import bulk
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import check_ours, from_list, kept_by_aws, upper_list, users_own
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import AccessDenied, BunsuiError, Conflict, Missing
from bunsui.kinds.bucket import emptying
from bunsui.model.address import Address
from bunsui.model.bucket import managed_name
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

_ON = ("s3:{bucket}",)
_LOOKED_AT = (*_ON, "s3:{given_bucket}")
GRANTS = (
    Grant(
        sid="BucketRead",
        purpose=Purpose.PLAN,
        service="s3",
        operations=(
            "GetBucketEncryption",
            "GetBucketLifecycleConfiguration",
            "GetBucketOwnershipControls",
            "GetBucketPolicy",
            "GetBucketTagging",
            "GetPublicAccessBlock",
            "ListObjectVersions",
        ),
        actions={
            "GetBucketEncryption": ("GetEncryptionConfiguration",),
            "GetBucketLifecycleConfiguration": ("GetLifecycleConfiguration",),
            "GetPublicAccessBlock": ("GetBucketPublicAccessBlock",),
            "ListObjectVersions": ("ListBucketVersions",),
        },
        on=_LOOKED_AT,
    ),
    Grant(
        sid="BucketWrite",
        purpose=Purpose.APPLY,
        service="s3",
        operations=(
            "CreateBucket",
            "DeleteBucket",
            "PutBucketEncryption",
            "PutBucketLifecycleConfiguration",
            "PutBucketOwnershipControls",
            "PutBucketPolicy",
            "PutBucketTagging",
            "PutPublicAccessBlock",
        ),
        actions={
            "CreateBucket": ("CreateBucket", "PutBucketOwnershipControls", "TagResource"),
            "PutBucketEncryption": ("PutEncryptionConfiguration",),
            "PutBucketLifecycleConfiguration": ("PutLifecycleConfiguration",),
            "PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
        },
        on=_ON,
    ),
)
"""What the caller must be allowed on the kind."""

_FORBIDDEN = "another account has a bucket of that name, or there is no permission for s3:GetBucketTagging"
_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_BLOCKED = "blocked"
_UNSET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
"""AWS's codes for a part of a bucket that nobody set."""


def provider(parts: ProviderParts) -> BucketProvider:
    """Return the kind's provider."""
    return BucketProvider(parts.connection, parts.identity)


class BucketProvider:
    """Buckets. Reads: seven calls for the scope's own, whose name is known, and for those that are wanted or were written."""

    kind = "bucket"

    def __init__(self, connection: Connection, identity: StsIdentity) -> None:
        """Make it on a connection; `identity` is asked for the account that must own what is read and written."""
        self._connection = connection
        self._identity = identity

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return the scope's own bucket and those that bear a wanted name.

        With suspects, only these are asked for more than that they are there."""
        before, only = bulk.written_before(self.kind, applied), bulk.survey_of(self.kind, scope, applied, suspects)
        needed = {resource.physical_name for resource in wanted if resource.address.kind == self.kind}

        def read_one(address: Address, name: str) -> ActualResource | None:
            if only is not None and only.trusts(name) and name in needed:
                return only.assumed(name) if self._tags(name) is not None else None
            try:
                return self.read(address, name)
            except AccessDenied as error:
                if not is_forbidden(error) or name not in needed:
                    raise
                # S3 says the same of a bucket of another account as of a permission that is missing.
                return ActualResource(address=address, physical_name=name, attributes={}, unreadable=_FORBIDDEN)

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=before,
            listed={managed_name(scope), *before},
            beyond=lambda name: True,
            read_one=read_one,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the bucket of that name, None when it does not exist."""
        tags = self._tags(physical_name)
        if tags is None:
            return None
        try:
            attributes = {**self._attributes(physical_name), "tags": users_own(tags)}
            holds = "objects" if self._holds_objects(physical_name) else ""
        except Missing:
            return None
        outputs = {"arn": self._arn(physical_name)}
        actual = observed_resource(address, physical_name, attributes=attributes, outputs=outputs, tags=tags)
        return replace(actual, holds=holds)

    def create(self, resource: ResolvedResource) -> Written:
        """Make the bucket, closed from its first moment; one of that name that is ours is brought up to date instead.

        Raises:
            Conflict: `bucket-name-taken`, by another account.

        """
        name = resource.physical_name
        there = self.read(resource.address, name)
        if there is not None:
            check_ours(there, resource.tags)
            return self.update(resource, there)
        # A bucket of us-east-1 is made without a word about the region.
        region = self._connection.region
        place: dict[str, Any] = {} if region == "us-east-1" else {"LocationConstraint": region}
        try:
            with self._connection.translated("s3", "CreateBucket", bucket=name):
                self._connection.writer("s3").create_bucket(
                    Bucket=name,
                    ObjectOwnership=str(resource.attributes["ownership"]),
                    CreateBucketConfiguration={**place, "Tags": upper_list(resource.tags)},
                )
        except Conflict as error:
            if aws_code(error) != "BucketAlreadyExists":
                raise
            raise _name_taken(name) from error
        return self._write(resource, before={}, tags={})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write what differs."""
        return self._write(resource, before=actual.attributes, tags=actual.tags)

    def delete(self, actual: ActualResource) -> None:
        """Remove the bucket; success when it is already gone.

        Raises:
            Conflict: `bucket-holds-objects`: S3 removes no such bucket, and bunsui empties none.

        """
        name = actual.physical_name
        try:
            with self._connection.translated("s3", "DeleteBucket", bucket=name):
                self._connection.writer("s3").delete_bucket(Bucket=name, ExpectedBucketOwner=self._owner)
        except Missing:
            return
        except Conflict as error:
            if aws_code(error) != "BucketNotEmpty":
                raise
            raise Conflict(
                "bucket-holds-objects",
                "the bucket holds objects, and bunsui empties none",
                hint=f"Empty it, or wait until its objects expire, then go on:\n  {emptying(name)}",
                bucket=name,
            ) from error

    @property
    def _owner(self) -> str:
        return self._identity.caller().account

    def _arn(self, name: str) -> str:
        return f"arn:{self._identity.caller().partition}:s3:::{name}"

    def _part(self, name: str, calling: AbstractContextManager[None], method: str) -> Mapping[str, Any]:
        """Return a part of a bucket, empty when nobody set it; Missing when there is no bucket."""
        try:
            with calling:
                call: Callable[..., Mapping[str, Any]] = getattr(self._connection.reader("s3"), method)
                return call(Bucket=name, ExpectedBucketOwner=self._owner)
        except Missing as error:
            if aws_code(error) in _UNSET:
                return {}
            raise

    def _tags(self, name: str) -> Mapping[str, str] | None:
        """Return the tags of a bucket, None when there is no such bucket."""
        calling = self._connection.translated("s3", "GetBucketTagging", bucket=name)
        try:
            return from_list(self._part(name, calling, "get_bucket_tagging").get("TagSet", ()))
        except Missing:
            return None

    def _attributes(self, name: str) -> dict[str, Json]:
        calls = self._connection
        access = self._part(name, calls.translated("s3", "GetPublicAccessBlock", bucket=name), "get_public_access_block").get(
            "PublicAccessBlockConfiguration", {}
        )
        owners = (
            self._part(name, calls.translated("s3", "GetBucketOwnershipControls", bucket=name), "get_bucket_ownership_controls")
            .get("OwnershipControls", {})
            .get("Rules", ())
        )
        secrecy = self._part(name, calls.translated("s3", "GetBucketEncryption", bucket=name), "get_bucket_encryption")
        policy = self._part(name, calls.translated("s3", "GetBucketPolicy", bucket=name), "get_bucket_policy").get("Policy")
        expiry = self._part(
            name, calls.translated("s3", "GetBucketLifecycleConfiguration", bucket=name), "get_bucket_lifecycle_configuration"
        ).get("Rules", ())
        return {
            "public_access": _access_of(access),
            "ownership": str(owners[0]["ObjectOwnership"]) if owners else "",
            "encryption": _encryption_of(secrecy),
            "policy": _document(str(policy)) if policy else None,
            "expiry_days": _expiry_of(expiry),
        }

    def _write(self, resource: ResolvedResource, *, before: Mapping[str, Json], tags: Mapping[str, str]) -> Written:
        name, wanted = resource.physical_name, resource.attributes

        calls = self._connection

        def put(calling: AbstractContextManager[None], method: str, **arguments: Any) -> None:
            with calling:
                getattr(calls.writer("s3"), method)(Bucket=name, ExpectedBucketOwner=self._owner, **arguments)

        def differs(attribute: str) -> bool:
            return before.get(attribute) != wanted.get(attribute)

        if differs("public_access"):
            blocks = _blocks(str(wanted["public_access"]))
            calling = calls.translated("s3", "PutPublicAccessBlock", bucket=name)
            put(calling, "put_public_access_block", PublicAccessBlockConfiguration=blocks)
        if differs("ownership"):
            owners = {"Rules": [{"ObjectOwnership": wanted["ownership"]}]}
            calling = calls.translated("s3", "PutBucketOwnershipControls", bucket=name)
            put(calling, "put_bucket_ownership_controls", OwnershipControls=owners)
        if differs("encryption"):
            secrecy = _encryption(str(wanted["encryption"]))
            calling = calls.translated("s3", "PutBucketEncryption", bucket=name)
            put(calling, "put_bucket_encryption", ServerSideEncryptionConfiguration=secrecy)
        if differs("policy"):
            policy = json.dumps(wanted["policy"], separators=(",", ":"), sort_keys=True)
            put(calls.translated("s3", "PutBucketPolicy", bucket=name), "put_bucket_policy", Policy=policy)
        if differs("expiry_days"):
            rules = {"Rules": _rules(wanted["expiry_days"])}
            calling = calls.translated("s3", "PutBucketLifecycleConfiguration", bucket=name)
            put(calling, "put_bucket_lifecycle_configuration", LifecycleConfiguration=rules)
        whole = {**kept_by_aws(tags), **resource.tags}
        if dict(tags) != whole:
            tagging = {"TagSet": upper_list(whole)}
            put(calls.translated("s3", "PutBucketTagging", bucket=name), "put_bucket_tagging", Tagging=tagging)
        return written(resource, {"arn": self._arn(name)})

    def _holds_objects(self, name: str) -> bool:
        """Tell whether the bucket holds an object, or a version of one that was removed."""
        with self._connection.translated("s3", "ListObjectVersions", bucket=name):
            found = self._connection.reader("s3").list_object_versions(Bucket=name, MaxKeys=1, ExpectedBucketOwner=self._owner)
        return bool(found.get("Versions") or found.get("DeleteMarkers"))


def _name_taken(name: str) -> BunsuiError:
    return Conflict(
        "bucket-name-taken",
        "another account has a bucket of that name",
        hint="Whoever made it there could read what is put in it, so nothing is. Name a bucket of yours in bunsui.yaml:\n"
        "  bucket: NAME",
        bucket=name,
    )


def _access_of(blocks: Mapping[str, Any]) -> str:
    off = [name for name in _BLOCKS if not blocks.get(name)]
    return f"without {', '.join(off)}" if off else _BLOCKED


def _blocks(access: str) -> dict[str, bool]:
    return {name: name not in access for name in _BLOCKS}


def _encryption_of(answer: Mapping[str, Any]) -> str:
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    found = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    return ":".join(part for part in (found.get("SSEAlgorithm", ""), found.get("KMSMasterKeyID", "")) if part)


def _encryption(text: str) -> dict[str, Any]:
    algorithm, found, key = text.partition(":arn:")
    chosen = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": f"arn:{key}"} if found else {})}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": chosen}]}


def _expiry_of(rules: Sequence[Mapping[str, Any]]) -> dict[str, Json]:
    """Return the days of rules that do nothing but expire what begins with a prefix, any other rule as it is."""
    found: dict[str, Json] = {}
    for rule in rules:
        prefix, days = rule.get("Filter", {}).get("Prefix"), rule.get("Expiration", {}).get("Days")
        if isinstance(prefix, str) and isinstance(days, int) and rule == _rule(prefix, days, str(rule.get("ID", ""))):
            found[prefix] = days
        else:
            found[f"rule {rule.get('ID', '')}"] = json.loads(json.dumps(rule, default=str))
    return found


def _rules(days: Json) -> list[dict[str, Any]]:
    wanted = days if isinstance(days, Mapping) else {}
    return [_rule(prefix, after, f"bunsui {prefix}") for prefix, after in sorted(wanted.items())]


def _rule(prefix: str, days: Json, name: str) -> dict[str, Any]:
    return {
        "ID": name,
        "Status": "Enabled",
        "Filter": {"Prefix": prefix},
        "Expiration": {"Days": days},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }


def _document(text: str) -> Json:
    """Return the policy as JSON, as the text it is when it is none."""
    try:
        document: Json = json.loads(text)
    except ValueError:
        return text
    return document
