"""Which objects of S3 lie where: of one that is missing, S3 says so only to whoever may list its bucket.

Source: Amazon S3 API reference, "GetObject" and "HeadObject", Permissions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bunsui.emulator.internals import inner

_PREFIX = "arn:aws:s3:::"


def is_absent(object_arn: str) -> bool:
    """Tell whether a bucket of the embedded AWS has no object of that key; False where there is no such bucket."""
    key = object_arn.removeprefix(_PREFIX).partition("/")[2]
    objects = objects_beside(object_arn)
    return bool(key) and objects is not None and key not in objects


def objects_beside(arn: str) -> Mapping[str, Any] | None:
    """Return the objects of the bucket of an ARN, by key; None where there is no such bucket."""
    found = _bucket_of(arn)
    return None if found is None else found[1]["objects"]


def owner_of(arn: str) -> str:
    """Return the account whose bucket an ARN names; empty where there is no such bucket."""
    found = _bucket_of(arn)
    return "" if found is None else found[0]


def _bucket_of(arn: str) -> tuple[str, Mapping[str, Any]] | None:
    from ministack.services import s3

    bucket = arn.removeprefix(_PREFIX).partition("/")[0]
    everything = inner(inner(s3, "_buckets"), "_data")
    return next(((str(account), one) for (account, name), one in list(everything.items()) if name == bucket), None)
