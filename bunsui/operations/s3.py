"""`s3`: reads, writes, copies or lists objects, without a function in between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from bunsui.asl.expressions import string_literal
from bunsui.asl.model import code
from bunsui.model.pipeline import Operation
from bunsui.model.values import Json, Value
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission
from bunsui.operations.fields import CONFIG, Anything, Known, StrictInt, Text
from bunsui.operations.task import task
from bunsui.operations.text import as_text

DEFAULT_SECONDS = 300
LONGEST_LIST = 1000

_NEEDED = {"get": ("key",), "put": ("key", "body"), "copy": ("key", "source"), "list": ()}
_TAKEN = {
    "get": {"key", "format"},
    "put": {"key", "body", "content_type"},
    "copy": {"key", "source"},
    "list": {"prefix", "limit"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySource:
    """The object that is copied."""

    __pydantic_config__: ClassVar = CONFIG

    bucket: Known
    """Name of its bucket."""
    key: Text
    """Its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Params:
    """Reads, writes, copies or lists objects. What is read or written travels through the session: at most 256 KiB."""

    __pydantic_config__: ClassVar = CONFIG

    action: Literal["get", "put", "copy", "list"]
    """What to do."""
    bucket: Known
    """Name of the bucket; for copy, of the target's."""
    key: Text | None = None
    """Key of the object; for copy, of the target."""
    body: Anything = None
    """What is written, for put: a text, or JSON."""
    content_type: Text | None = None
    """Media type, for put."""
    format: Literal["text", "json"] | None = None
    """How `body` of the result is read, for get; text when not given."""
    source: CopySource | None = None
    """What is copied, for copy."""
    prefix: Text | None = None
    """Beginning of the keys, for list."""
    limit: Annotated[StrictInt, Field(ge=1, le=LONGEST_LIST)] | None = None
    """How many objects at most, for list; 1000 when not given."""

    def __post_init__(self) -> None:
        """Demand what the action needs and refuse what it does not take."""
        optional = ("key", "body", "content_type", "format", "source", "prefix", "limit")
        given = {name for name in optional if getattr(self, name) is not None}
        for name in _NEEDED[self.action]:
            if name not in given:
                raise ValueError(f"{name}: action: {self.action} needs it")
        for name in sorted(given - _TAKEN[self.action]):
            raise ValueError(f"{name}: action: {self.action} does not take it")


def _emit(params: S3Params, operation: Operation, context: EmitContext) -> Emitted:
    bucket = context.value(params.bucket)
    arguments: dict[str, Json] = {"Bucket": bucket}
    if params.key is not None:
        arguments["Key"] = context.value(params.key)
    uri = f"'s3://' & {context.expression(params.bucket)} & '/' & {context.expression(params.key)}"
    match params.action:
        case "get":
            name, result = "getObject", _got(params, uri)
        case "put":
            arguments["Body"] = as_text(params.body, context)
            if params.content_type is not None:
                arguments["ContentType"] = context.value(params.content_type)
            name, result = "putObject", f"{{'uri': {uri}, 'etag': $states.result.ETag}}"
        case "copy":
            arguments["CopySource"] = _copy_source(params.source, context)
            name, result = "copyObject", f"{{'uri': {uri}, 'etag': $states.result.CopyObjectResult.ETag}}"
        case "list":
            arguments["MaxKeys"] = LONGEST_LIST if params.limit is None else params.limit
            if params.prefix is not None:
                arguments["Prefix"] = context.value(params.prefix)
            name, result = "listObjectsV2", _LISTED
    return task(
        operation,
        context,
        name=f"aws-sdk:s3:{name}",
        arguments=arguments,
        result=result,
        default_timeout_seconds=DEFAULT_SECONDS,
    )


_LISTED = (
    "{'objects': [$states.result.Contents.{'key': Key, 'bytes': Size, 'etag': ETag}], "
    "'truncated': $exists($states.result.IsTruncated) ? $states.result.IsTruncated : false}"
)


def _got(params: S3Params, uri: str) -> str:
    body = "$parse($states.result.Body)" if params.format == "json" else "$states.result.Body"
    return f"{{'uri': {uri}, 'body': {body}, 'bytes': $states.result.ContentLength, 'etag': $states.result.ETag}}"


def _copy_source(source: CopySource | None, context: EmitContext) -> Json:
    """The key must be URL-encoded (S3 API reference, CopyObject)."""
    assert source is not None, "checked when the parameters were read"
    if isinstance(source.bucket, str) and isinstance(source.key, str):
        return f"{source.bucket}/{quote(source.key)}"
    key = f"$encodeUrlComponent({context.expression(source.key)})"
    if isinstance(source.key, str):
        key = string_literal(quote(source.key))
    return code(f"{context.expression(source.bucket)} & '/' & {key}")


def _permissions(params: S3Params, context: EmitContext) -> tuple[Permission, ...]:
    partition = context.scope.partition
    if params.action == "list":
        return (Permission(actions=("s3:ListBucket",), resources=(_bucket_arn(params.bucket, partition),)),)
    target = object_arn(params.bucket, params.key, partition)
    if params.action == "get":
        return (Permission(actions=("s3:GetObject",), resources=(target,)),)
    write = Permission(actions=("s3:PutObject",), resources=(target,))
    if params.source is None:
        return (write,)
    source = object_arn(params.source.bucket, params.source.key, partition)
    return (write, Permission(actions=("s3:GetObject",), resources=(source,)))


def _bucket_arn(bucket: Value, partition: str) -> Value:
    return f"arn:{partition}:s3:::{bucket}" if isinstance(bucket, str) else bucket


def object_arn(bucket: Value, key: Value, partition: str) -> Value:
    """Give the ARN of exactly the object when its key is known, else any object of the bucket."""
    if not isinstance(bucket, str):
        return bucket
    if not isinstance(key, str):
        return f"arn:{partition}:s3:::{bucket}/*"
    # IAM reads these three as patterns and variables (user guide, "IAM policy elements: Variables and tags").
    literal = "".join(f"${{{character}}}" if character in "*?$" else character for character in key)
    return f"arn:{partition}:s3:::{bucket}/{literal}"


def _answer(params: S3Params, result: Json) -> Json:
    told = result if isinstance(result, Mapping) else {}
    etag = told.get("etag", '"0"')
    match params.action:
        case "get":
            body = told.get("body", "")
            text = body if isinstance(body, str) and params.format != "json" else json.dumps(body, ensure_ascii=False)
            return {"Body": text, "ContentLength": told.get("bytes", len(text.encode())), "ETag": etag}
        case "put":
            return {"ETag": etag}
        case "copy":
            return {"CopyObjectResult": {"ETag": etag}}
        case "list":
            contents = [_stored(item) for item in _list(told.get("objects")) if isinstance(item, Mapping)]
            return {"Contents": contents, "IsTruncated": told.get("truncated", False)}


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _stored(item: Mapping[str, Json]) -> dict[str, Json]:
    return {"Key": item.get("key"), "Size": item.get("bytes", 0), "ETag": item.get("etag", '"0"')}


TYPE = OperationType(
    name="s3",
    summary="Reads, writes, copies or lists objects in S3",
    params=S3Params,
    emit=_emit,
    permissions=_permissions,
    result="get: `uri`, `body`, `bytes`, `etag`; put and copy: `uri`, `etag`; list: `objects` (`key`, `bytes`, `etag`) and "
    "`truncated`.",
    result_fields=frozenset({"uri", "body", "bytes", "etag", "objects", "truncated"}),
    default_timeout_seconds=DEFAULT_SECONDS,
    answer=_answer,
    hints={
        "S3.NoSuchKeyException": "There is no object of that key.",
        "S3.NoSuchBucketException": "The bucket does not exist.",
        "S3.S3Exception": "Often a permission: of the machine's role, of the bucket's policy, or of the key that encrypts the "
        "object.",
        "States.DataLimitExceeded": "The object is larger than 256 KiB: let a function or a task read it.",
        "States.QueryEvaluationError": "`format: json`, and the object holds no JSON.",
    },
    example="""\
type: s3
action: put
bucket: lake
key: "{% 'sales/' & $params.date & '.json' %}"
body: {rows: "{% $params.rows %}"}
""",
)
