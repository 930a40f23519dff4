"""The bucket of an environment: where that lies which is too large for an execution's own data.

A *managed* one is made by bunsui, for the environment alone. Names of buckets are shared by all accounts of a partition, so its
name says account and region, and ends with a digest that nobody can foresee who does not know the project's id. A *given* one
is somebody else's: bunsui reads and writes below a prefix in it, and changes nothing of the bucket itself.

Source of the naming rules: S3 user guide, "General purpose bucket naming rules".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.model.names import digest8
from bunsui.model.resource import Scope

MANAGED = "managed"
"""What an environment says that wants a bucket of its own."""
BUCKET_NAME_LIMIT = 63
KMS_KEY_PATTERN = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"
"""A key by its ARN: IAM allows no alias as a resource."""
BUCKET_PATTERN = r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"
"""Names without dots, which would not fit the certificate of the bucket's address."""
EXPIRY_DAYS = 180
"""How long objects of a managed bucket are kept: longer than the 90 days in which Step Functions remembers an execution, and in
which it can be resumed, with as much again for the run itself."""

RESUME = "resume/"
RESULTS = "results/"
KEPT_PREFIXES = (RESUME, RESULTS)
"""What is kept for sessions to go on from; what tasks wrote as their results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where objects of an environment lie."""

    name: str
    owner: str
    """The account that must own it, twelve digits: every call says so, and S3 refuses any other."""
    partition: str = "aws"
    is_managed: bool
    prefix: str = ""
    """Before every key; ends with a slash where it is not empty."""
    kms_key: str = ""
    """The ARN of the KMS key that encrypts what lies there; empty where S3 has the keys, and for the account's `aws/s3`, which
    needs no permission of its own."""

    @property
    def arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:{self.partition}:s3:::{self.name}"

    def resume_prefix(self, pipeline: str) -> str:
        """Return what keys begin with of what sessions of the pipeline go on from."""
        return f"{self.prefix}{RESUME}{pipeline}/"

    def results_prefix(self, pipeline: str) -> str:
        """Return what keys begin with of what tasks of the pipeline wrote."""
        return f"{self.prefix}{RESULTS}{pipeline}/"

    def objects_arn(self, prefix: str) -> str:
        """Return the ARN of every object whose key begins so."""
        return f"{self.arn}/{prefix}*"


def bucket_in(scope: Scope) -> Bucket | None:
    """Return the bucket of the scope's environment; None where it has none."""
    if not scope.bucket:
        return None
    is_managed = scope.bucket == MANAGED
    return Bucket(
        name=managed_name(scope) if is_managed else scope.bucket,
        owner=scope.account,
        partition=scope.partition,
        is_managed=is_managed,
        prefix="" if is_managed else f"bunsui/{scope.project}/{scope.environment}/",
        kms_key=scope.bucket_kms_key,
    )


def managed_name(scope: Scope) -> str:
    """Return the name of the bucket that bunsui makes in a scope."""
    whole = f"{scope.account}/{scope.region}/{scope.project}/{scope.environment}/{scope.project_id}"
    return f"{_stem(scope)}{digest8(whole)}"


def managed_pattern(scope: Scope) -> str:
    """Return a pattern, as IAM understands it, of the name of the scope's bucket, whatever the project's id."""
    return f"{_stem(scope)}*"


def given_name(scope: Scope) -> str:
    """Return the name of the bucket that somebody else makes for the scope's environment; empty for none."""
    given = bucket_in(scope)
    return given.name if given is not None and not given.is_managed else ""


def objects_pattern(scope: Scope) -> str:
    """Return a pattern, as IAM understands it, of bucket and key of all objects of the scope's environment."""
    given = bucket_in(scope)
    return f"{managed_pattern(scope)}/*" if given is None or given.is_managed else f"{given.name}/{given.prefix}*"


def _stem(scope: Scope) -> str:
    front = f"bunsui-{scope.account}-{scope.region}-"
    words = re.sub("[^a-z0-9]+", "-", f"{scope.project}-{scope.environment}".lower())
    return f"{front}{words[: BUCKET_NAME_LIMIT - len(front) - 9].strip('-')}-"
