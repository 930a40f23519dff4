"""Signatures of requests to AWS: read from a header or a presigned URL, and computed again.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (version 4),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html (version 2: boto3 still presigns URLs of S3 so).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

from bunsui.emulator.access import legacy

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
_PART = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A request but for its body, as it came."""

    method: str
    path: str
    """Encoded, as on the wire."""
    query: str
    """Encoded, without the question mark."""
    headers: Mapping[str, str]
    """By names in lower case; what came more than once is joined by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a request says about how it was signed."""

    access_key: str
    scope: tuple[str, str, str]
    """Date (YYYYMMDD), region and service; empty texts in version 2."""
    signed_headers: tuple[str, ...]
    value: str
    stamp: str
    """When, as YYYYMMDDTHHMMSSZ; in version 2 until when, in seconds since 1970."""
    token: str | None
    expires_seconds: int | None = None
    """How long a presigned URL of version 4 is good for; None for a header."""
    is_presigned: bool = False
    is_legacy: bool = False
    """True for version 2."""


def signature_of(head: Head) -> Signature | None:
    """Return what the request says about its signature; None when it is not signed, or in no way that is known here."""
    authorization = head.headers.get("authorization", "")
    if authorization:
        return _in_header(head, authorization) if authorization.startswith(ALGORITHM) else None
    query = dict(parse_qsl(head.query, keep_blank_values=True))
    if query.get("X-Amz-Algorithm") == ALGORITHM:
        return _in_query(query)
    if "AWSAccessKeyId" in query and "Signature" in query:
        return Signature(
            access_key=query["AWSAccessKeyId"],
            scope=("", "", "s3"),
            signed_headers=(),
            value=query["Signature"],
            stamp=query.get("Expires", ""),
            token=query.get("x-amz-security-token"),
            is_presigned=True,
            is_legacy=True,
        )
    return None


def _in_header(head: Head, authorization: str) -> Signature | None:
    stamp = head.headers.get("x-amz-date", "")
    return _read(dict(_PART.findall(authorization)), stamp, token=head.headers.get("x-amz-security-token"))


def _in_query(query: Mapping[str, str]) -> Signature | None:
    parts = {name: query.get(f"X-Amz-{name}", "") for name in ("Credential", "SignedHeaders", "Signature")}
    lasts = query.get("X-Amz-Expires", "")
    return _read(
        parts,
        query.get("X-Amz-Date", ""),
        token=query.get("X-Amz-Security-Token"),
        # Without the parameter no URL is good for longer than a moment.
        expires_seconds=int(lasts) if lasts.isascii() and lasts.isdigit() and len(lasts) < 10 else 0,
    )


def _read(parts: Mapping[str, str], stamp: str, *, token: str | None, expires_seconds: int | None = None) -> Signature | None:
    credential = parts.get("Credential", "").split("/")
    headers = tuple(parts.get("SignedHeaders", "").split(";"))
    is_whole = len(credential) == 5 and credential[4] == "aws4_request" and _STAMP.fullmatch(stamp) and "host" in headers
    if not is_whole or credential[1] != stamp[:8]:
        return None
    return Signature(
        access_key=credential[0],
        scope=(credential[1], credential[2], credential[3]),
        signed_headers=headers,
        value=parts.get("Signature", ""),
        stamp=stamp,
        token=token,
        expires_seconds=expires_seconds,
        is_presigned=expires_seconds is not None,
    )


def is_right(signature: Signature, head: Head, body: bytes, *, secret_key: str) -> bool:
    """Check the signature against the request; takes the same time whatever is wrong with it."""
    if signature.is_legacy:
        expected = legacy.legacy_signature(
            head.method, head.path, head.query, head.headers, expires=signature.stamp, secret_key=secret_key
        )
        return hmac.compare_digest(expected.encode(), signature.value.encode())
    payload = _payload_hash(signature, head, body)
    if payload is None:
        return False
    matches = [
        hmac.compare_digest(compute_signature(signature, canonical, secret_key=secret_key).encode(), signature.value.encode())
        for canonical in _canonical_requests(signature, head, payload)
    ]
    return any(matches)


def is_added_to(signature: Signature, head: Head) -> bool:
    """Tell whether a presigned request carries more than was signed that says what it is: then it may be another one.

    As S3 does, for headers `x-amz-*` that are not signed. Version 2 signs only some parameters of the query; one that S3 does
    not read, such as `Action`, would name an operation of another service.
    """
    if not signature.is_presigned:
        return "x-amz-target" in head.headers and "x-amz-target" not in signature.signed_headers
    if signature.is_legacy:
        return not legacy.knows_query(head.query) or "x-amz-target" in head.headers
    added = {name for name in head.headers if name.startswith("x-amz-")} - set(signature.signed_headers)
    return not added <= {"x-amz-content-sha256"}


def compute_signature(signature: Signature, canonical_request: str, *, secret_key: str) -> str:
    """Return the signature of a canonical request, in the scope and at the time that `signature` names."""
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    text = "\n".join([ALGORITHM, signature.stamp, "/".join((*signature.scope, "aws4_request")), digest])
    return hmac.new(_signing_key(secret_key, *signature.scope), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=1024)
def _signing_key(secret_key: str, *scope: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (*scope, "aws4_request"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return key


def _payload_hash(signature: Signature, head: Head, body: bytes) -> str | None:
    """Return what stands for the body in the canonical request; None when the body is another one than the head says."""
    told = head.headers.get("x-amz-content-sha256", "")
    if signature.is_presigned and signature.scope[2] == "s3":
        return told or UNSIGNED
    if told and not _DIGEST.fullmatch(told):
        return told  # UNSIGNED-PAYLOAD, or pieces that are signed one by one, which follow from this signature
    found = hashlib.sha256(body).hexdigest()
    return found if not told or hmac.compare_digest(told, found) else None


def _canonical_requests(signature: Signature, head: Head, payload: str) -> Iterator[str]:
    """Return the request in canonical form: as the rules have it, and, where that is another text, encoded as it came."""
    query = [pair for pair in head.query.split("&") if pair and not pair.startswith("X-Amz-Signature=")]
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query)]
    coded = [(quote(unquote(name), safe=_UNRESERVED), quote(unquote(value), safe=_UNRESERVED)) for name, value in pairs]
    headers = "".join(f"{name}:{' '.join(head.headers.get(name, '').split())}\n" for name in signature.signed_headers)
    for path, parts in dict.fromkeys(((_canonical_path(signature, head), _join_pairs(coded)), (head.path, _join_pairs(pairs)))):
        yield "\n".join([head.method, path, parts, headers, ";".join(signature.signed_headers), payload])


def _join_pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def _canonical_path(signature: Signature, head: Head) -> str:
    """S3 takes the path as it is; the other services without dots and encoded once more."""
    if signature.scope[2] == "s3":
        return quote(unquote(head.path), safe="/" + _UNRESERVED)
    kept: list[str] = []
    for segment in head.path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment and segment != ".":
            kept.append(segment)
    slash = "/" if kept and head.path.endswith("/") else ""
    return quote(f"/{'/'.join(kept)}{slash}", safe="/" + _UNRESERVED)
