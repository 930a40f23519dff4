"""Presigned URLs of S3 in signature version 2, which boto3 makes unless told otherwise.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

_SUBRESOURCES = frozenset(
    {
        "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "inventory", "lifecycle", "location", "logging",
        "metrics", "notification", "object-lock", "partNumber", "policy", "requestPayment", "replication", "restore",
        "response-cache-control", "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "retention", "select", "select-type", "storageClass", "tagging", "torrent",
        "uploadId", "uploads", "versionId", "versioning", "versions", "website",
    }
)  # fmt: skip
_UNSIGNED = frozenset(
    {
        "AWSAccessKeyId", "Expires", "Signature", "content-md5", "content-type", "continuation-token", "delimiter",
        "encoding-type", "fetch-owner", "key-marker", "list-type", "marker", "max-keys", "max-parts",
        "max-uploads", "part-number-marker", "prefix", "start-after",
        "upload-id-marker", "version-id-marker", "x-id",
    }
)  # fmt: skip
"""What else S3 reads, or boto3 adds; it changes which part of a list is read, not what is done."""
_HOSTS = (".localhost", ".127.0.0.1")


def legacy_signature(method: str, path: str, query: str, headers: Mapping[str, str], *, expires: str, secret_key: str) -> str:
    """Return the signature of a presigned request that is good until `expires`, in seconds since 1970."""
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)]
    amz = {name: value for name, value in headers.items() if name.startswith("x-amz-")}
    amz |= {name.lower(): unquote(value) for name, value in pairs if name.lower().startswith("x-amz-")}
    text = "\n".join(
        [
            method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            expires,
            *(f"{name}:{amz[name].strip()}" for name in sorted(amz)),
            _resource(path, headers.get("host", ""), pairs),
        ]
    )
    return base64.b64encode(hmac.digest(secret_key.encode(), text.encode(), hashlib.sha1)).decode()


def knows_query(query: str) -> bool:
    """Tell whether the query holds only what is signed, and what S3 reads without that."""
    names = {unquote(pair.partition("=")[0]) for pair in query.split("&") if pair}
    return all(name in _SUBRESOURCES | _UNSIGNED or name.lower().startswith("x-amz-") for name in names)


def _resource(path: str, host: str, pairs: list[tuple[str, str]]) -> str:
    name = host.rpartition(":")[0] or host
    bucket = next((f"/{name.removesuffix(ending)}" for ending in _HOSTS if name.endswith(ending)), "")
    kept = sorted((name, unquote(value)) for name, value in pairs if name in _SUBRESOURCES)
    parts = "&".join(f"{name}={value}" if value else name for name, value in kept)
    slash = "/" if not bucket and path.count("/") == 1 and len(path) > 1 else ""  # boto3 signs a bucket's own path so
    return f"{bucket}{path}{slash}" + (f"?{parts}" if parts else "")
