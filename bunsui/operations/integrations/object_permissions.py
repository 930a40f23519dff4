"""Objects of S3 in policies: ARNs by what is known of their keys, the right to be told that one is missing.

Sources: Amazon S3 API reference, "GetObject" (a missing key is answered with 404 to whoever may list the bucket, with 403 to
all others); IAM user guide, "IAM policy elements: Variables and tags".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.asl.expressions import beginning_of, parts_of
from bunsui.model.json import Json
from bunsui.model.values import Expression, Value
from bunsui.operations.contract import Permission

_OBJECT = re.compile(r"^(?P<bucket>arn:aws[a-z-]*:s3:::[^/*]+)/(?P<key>.+)$")


def object_arn(bucket: Value, key: Value, partition: str) -> Value:
    """Return the ARN of exactly the object when its key is known, else of any object whose key has the parts that are known:
    `in/*.csv` for `'in/' & $params.day & '.csv'`."""
    return f"{bucket_arn(bucket, partition)}/{_pattern(key)}" if isinstance(bucket, str) else bucket


def bucket_arn(bucket: Value, partition: str) -> Value:
    """Return the ARN of a bucket, or what stands for it before the apply."""
    return f"arn:{partition}:s3:::{bucket}" if isinstance(bucket, str) else bucket


def listing(bucket: Value, prefix: Value, partition: str) -> Permission:
    """Return the permission to list nothing but what begins with the prefix, as far as that is known."""
    condition: dict[str, Json] = {}
    if isinstance(prefix, str) and prefix:
        condition = {"StringEquals": {"s3:prefix": prefix.replace("$", "${$}")}}
    elif isinstance(prefix, Expression) and (known := beginning_of(prefix.text)):
        condition = {"StringLike": {"s3:prefix": f"{_literal(known)}*"}}
    return Permission(actions=("s3:ListBucket",), resources=(bucket_arn(bucket, partition),), condition=condition)


def absence(bucket: Value, key: Value, partition: str) -> Permission:
    """Return the permission by which S3 says that an object is not there, and not that it may not be read.

    AWS says nowhere whether S3 asks for it with `s3:prefix` when it is a GetObject that finds nothing: the condition holds
    where there is no such key of the request.
    """
    return _on_absence(bucket_arn(bucket, partition), _pattern(key))


def absence_of(resource: Value) -> tuple[Permission, ...]:
    """Return `absence` by the ARN of an object, or of a pattern of such; nothing for any other ARN."""
    match = _OBJECT.match(resource) if isinstance(resource, str) else None
    return () if match is None else (_on_absence(match["bucket"], match["key"]),)


def _on_absence(bucket: Value, pattern: str) -> Permission:
    condition: Mapping[str, Json] = {} if pattern == "*" else {"StringLikeIfExists": {"s3:prefix": pattern}}
    return Permission(actions=("s3:ListBucket",), resources=(bucket,), condition=condition)


def _pattern(key: Value) -> str:
    if isinstance(key, str):
        return _literal(key)
    parts = parts_of(key.text) if isinstance(key, Expression) else (None,)
    text = "".join("*" if part is None else _literal(part) for part in parts)
    return re.sub(r"\*+", "*", text) or "*"


def _literal(text: str) -> str:
    """IAM reads these three as patterns and variables."""
    return "".join(f"${{{character}}}" if character in "*?$" else character for character in text)
