"""`s3`: reads, writes, copies, deletes, lists or looks for objects, without a function in between."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from urllib.parse import quote

from pydantic import Field

from bunsui.asl.expressions import string_literal, variables
from bunsui.asl.model import code
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission, ServiceCall
from bunsui.operations.emission.task import task
from bunsui.operations.emission.text import as_text
from bunsui.operations.fields import CONFIG, Anything, Known, StrictInt, Text
from bunsui.operations.integrations.object_permissions import absence, bucket_arn, listing, object_arn

DEFAULT_SECONDS = 300
LONGEST_LIST = 1000

_NEEDED = {
    "get": ("key",),
    "put": ("key", "body"),
    "copy": ("key", "source"),
    "list": (),
    "exists": ("key",),
    "delete": ("key",),
}
_TAKEN = {
    "get": {"key", "format"},
    "put": {"key", "body", "content_type"},
    "copy": {"key", "source"},
    "list": {"prefix", "limit"},
    "exists": {"key"},
    "delete": {"key"},
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
    """Reads, writes, copies, deletes, lists or looks for objects. What is read or written travels through the session: at most
    256 KiB."""

    __pydantic_config__: ClassVar = CONFIG

    action: Literal["get", "put", "copy", "list", "exists", "delete"]
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
        if self.key == "":
            raise ValueError("key: no object has an empty name")


def _emit(params: S3Params, operation: Operation, context: EmitContext) -> Emitted:
    bucket = context.value(params.bucket)
    arguments: dict[str, Json] = {"Bucket": bucket}
    if params.key is not None:
        arguments["Key"] = context.value(params.key)
    uri = _uri(params, context.expression(params.key), context)
    match params.action:
        case "get":
            name, result = "getObject", _get_result(params, uri)
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
        case "exists":
            name, result = "listObjectsV2", _looked_for(params, context)
            arguments = {"Bucket": bucket, "Prefix": arguments["Key"], "MaxKeys": 1}
        case "delete":
            name, result = "deleteObject", f"{{'uri': {uri}}}"
    return task(
        operation,
        context,
        name=f"aws-sdk:s3:{name}",
        arguments=arguments,
        result=result,
        default_timeout_seconds=DEFAULT_SECONDS,
    )


def _uri(params: S3Params, key: str, context: EmitContext) -> str:
    return f"'s3://' & {context.expression(params.bucket)} & '/' & {key}"


_LISTED = (
    "{'objects': [$states.result.Contents.{'key': Key, 'bytes': Size, 'etag': ETag}], "
    "'truncated': $exists($states.result.IsTruncated) ? $states.result.IsTruncated : false}"
)


def _get_result(params: S3Params, uri: str) -> str:
    body = "$parse($states.result.Body)" if params.format == "json" else "$states.result.Body"
    return f"{{'uri': {uri}, 'body': {body}, 'bytes': $states.result.ContentLength, 'etag': $states.result.ETag}}"


def _looked_for(params: S3Params, context: EmitContext) -> str:
    """Absence is an answer here, so that no error is there to be caught or retried: HeadObject says 404 without a body, and 403
    to a role that may not list. A list in the order of keys begins with the key itself when there is such an object, since
    every other key of that prefix is longer (S3 API reference, ListObjectsV2)."""
    found = "$found := $states.result.Contents[Key = $key]"
    fields = "'bytes': $found.Size, 'etag': $found.ETag, 'modified': $found.LastModified"
    exists = f"{{'exists': $exists($found), 'uri': {_uri(params, '$key', context)}, {fields}}}"
    return f"($key := {context.expression(params.key)}; {found}; {exists})"


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
        return (Permission(actions=("s3:ListBucket",), resources=(bucket_arn(params.bucket, partition),)),)
    if params.action == "exists":
        return (listing(params.bucket, params.key, partition),)
    target = object_arn(params.bucket, params.key, partition)
    if params.action == "get":
        return (Permission(actions=("s3:GetObject",), resources=(target,)), absence(params.bucket, params.key, partition))
    if params.action == "delete":
        return (Permission(actions=("s3:DeleteObject",), resources=(target,)),)
    write = Permission(actions=("s3:PutObject",), resources=(target,))
    if params.source is None:
        return (write,)
    source = object_arn(params.source.bucket, params.source.key, partition)
    missing = absence(params.source.bucket, params.source.key, partition)
    return (write, Permission(actions=("s3:GetObject",), resources=(source,)), missing)


_UNSTABLE = frozenset({"millis", "now", "random", "shuffle", "uuid"})
"""Functions that give another value each time."""


def _findings(params: S3Params, operation: Operation) -> Sequence[Diagnostic]:
    """The key is evaluated for the call and again for the result, which the call does not tell it to."""
    if not isinstance(params.key, Expression):
        return ()
    called = next((use.name for use in variables(params.key.text) if use.called and use.name in _UNSTABLE), None)
    if called is None:
        return ()
    return (
        Diagnostic(
            code="BS275",
            severity=Severity.WARNING,
            summary=f"${called}() gives another value each time, so that uri of the result names another object than the key",
            hint="Build the key of $session.id or $session.slot, or let an earlier job give it as an output.",
            pointer="/key",
        ),
    )


def _answer(params: S3Params, result: Json, call: ServiceCall) -> Json:
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
            contents = [_stored_object(item) for item in _list(told.get("objects")) if isinstance(item, Mapping)]
            return {"Contents": contents, "IsTruncated": told.get("truncated", False)}
        case "exists":
            return _find_told(told, call)
        case "delete":
            return {}


def _find_told(told: Mapping[str, Json], call: ServiceCall) -> Json:
    """Return the list that is found for the key that was asked for."""
    if told.get("exists") is not True:
        return {"KeyCount": 0, "IsTruncated": False}
    key = call.arguments.get("Prefix") if isinstance(call.arguments, Mapping) else None
    modified = told.get("modified") or "2026-01-01T00:00:00Z"
    stored = {"Key": key, "Size": told.get("bytes") or 0, "ETag": told.get("etag") or '"0"', "LastModified": modified}
    return {"Contents": [stored], "KeyCount": 1, "IsTruncated": False}


def _sample(params: S3Params) -> Json:
    uri: Json = f"s3://{params.bucket}/{params.key}" if isinstance(params.bucket, str) and isinstance(params.key, str) else None
    match params.action:
        case "get":
            return {"uri": uri, "body": {} if params.format == "json" else "", "bytes": 0, "etag": None}
        case "put" | "copy":
            return {"uri": uri, "etag": None}
        case "list":
            return {"objects": [{"key": None, "bytes": 0, "etag": None}], "truncated": False}
        case "exists":
            return {"exists": True, "bytes": 0, "etag": None, "modified": None}
        case "delete":
            return {"uri": uri}


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else ()


def _stored_object(item: Mapping[str, Json]) -> dict[str, Json]:
    return {"Key": item.get("key"), "Size": item.get("bytes", 0), "ETag": item.get("etag", '"0"')}


TYPE = OperationType(
    name="s3",
    summary="Reads, writes, copies, deletes, lists or looks for objects in S3",
    params=S3Params,
    emit=_emit,
    permissions=_permissions,
    result="get: `uri`, `body`, `bytes`, `etag`; put and copy: `uri`, `etag`; list: `objects` (`key`, `bytes`, `etag`) and "
    "`truncated`; exists: `exists`, true or false, and `uri`, with `bytes`, `etag` and `modified` of an object that is there; "
    "delete: `uri`, whether or not there was such an object.",
    result_fields=frozenset({"uri", "body", "bytes", "etag", "objects", "truncated", "exists", "modified"}),
    poll_until="$result.exists",
    result_lists=frozenset({"objects"}),
    result_entries={"objects": frozenset({"key", "bytes", "etag"})},
    default_timeout_seconds=DEFAULT_SECONDS,
    findings=_findings,
    answer_call=_answer,
    sample=_sample,
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
