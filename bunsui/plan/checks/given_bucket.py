"""BS533: a bucket that somebody else makes, and in which machines could not read, or sessions not write.

It needs to know how the bucket is encrypted, which is asked for only where a machine or its role changes
(`bunsui.plan.build.with_looked_up`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.role import ROLE
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.bucket import Bucket, bucket_in
from bunsui.plan.model import Action, GivenBucket, Plan

CODE = "BS533"

_KMS = "aws:kms"
_WRITTEN = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE})


def given_bucket(plan: Plan) -> Bucket | None:
    """Return the bucket that somebody else makes and that what is to be written reads from; None for none."""
    bucket = bucket_in(plan.scope)
    writes = any(one.action in _WRITTEN and one.address.kind in (ROLE, MACHINE) for one in plan.pending)
    return bucket if writes and bucket is not None and not bucket.is_managed else None


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find a bucket that is not there, one whose key nobody may use, and one of which nobody could tell."""
    bucket = given_bucket(plan)
    if bucket is not None and plan.given_bucket is not None:
        told = _judge(bucket, plan.given_bucket, plan.scope.environment)
        if told is not None:
            yield Diagnostic(code=CODE, severity=told.severity, summary=told.summary, hint=told.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    severity: Severity
    summary: str
    hint: str


def _judge(bucket: Bucket, found: GivenBucket, environment: str) -> _Finding | None:
    """Return what is wrong with the bucket; None for nothing."""
    if not found.is_there:
        summary = f"the bucket {bucket.name} is not there: what is too large for an execution has no place"
        return _Finding(severity=Severity.WARNING, summary=summary, hint="Have it made first, in this account.")
    if found.encryption is None:
        summary = f"how the bucket {bucket.name} is encrypted is unknown"
        hint = "Give the caller the statement BucketRead of `bunsui permissions plan`, and plan again."
        return _Finding(severity=Severity.INFO, summary=summary, hint=hint)
    key = found.encryption.removeprefix(_KMS).removeprefix(":dsse").removeprefix(":")
    if not found.encryption.startswith(_KMS) or not key or key.endswith("alias/aws/s3") or _is_same(key, bucket.kms_key):
        return None
    summary = f"the bucket {bucket.name} is encrypted with the key {key}, which machines may not use"
    place = f"environments.{environment} of bunsui.yaml"
    hint = f"Write the key's ARN under {place}:\n  bucket_kms_key: {key if ':key/' in key else 'ARN'}"
    return _Finding(severity=Severity.WARNING, summary=summary, hint=hint)


def _is_same(key: str, named: str) -> bool:
    """Tell whether a bucket's key is the one that the file names. S3 tells a key as whoever encrypted the bucket named it, by
    ARN, id or alias; of an alias nobody can tell here which key it is."""
    return bool(named) and (key == named or named.endswith(f"/{key}") or "alias/" in key)
