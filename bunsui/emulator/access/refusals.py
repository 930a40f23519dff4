"""How a request is refused, of nobody or of a role that does not permit it: in the words and the form of AWS's protocols.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the S3 and Smithy error formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple
from xml.sax.saxutils import escape

from bunsui.emulator.access.check import Denied
from bunsui.emulator.access.signatures import Head, signature_of


class Words(NamedTuple):
    """The code of one reason, by protocol."""

    json: str
    query: str
    s3: str


CODES: Mapping[str, Words] = {
    "unsigned": Words("MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"),
    "unknown-key": Words("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"),
    "wrong-signature": Words("InvalidSignatureException", "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
    "expired-key": Words("ExpiredTokenException", "ExpiredToken", "ExpiredToken"),
    "expired-url": Words("AccessDeniedException", "AccessDenied", "AccessDenied"),
    "not-permitted": Words("AccessDeniedException", "AccessDenied", "AccessDenied"),
    "not-authorized": Words("AuthorizationErrorException", "AuthorizationError", "AccessDenied"),
}
"""`not-authorized` is what SNS says where others say `not-permitted`."""
STATUS = 403
_OF_ROLES = frozenset({"not-permitted", "not-authorized"})


def status_of(head: Head, denied: Denied) -> int:
    """Return the answer's status: services that take the operation in a header say 400 where a role does not permit it."""
    return 400 if denied.reason in _OF_ROLES and "x-amz-target" in head.headers else STATUS


def refusal_of(head: Head, denied: Denied, *, hint: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return headers and body of the answer, as the client that sent this request reads an error. `hint` ends its message where
    nobody vouches for the request."""
    message = denied.message if denied.reason in _OF_ROLES else f"{denied.message} {hint}"
    return error_of(head, CODES[denied.reason], message)


def error_of(head: Head, words: Words, message: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Return headers and body of an error, as the client that sent this request reads one."""
    kind = head.headers.get("content-type", "")
    signature = signature_of(head)
    if head.headers.get("smithy-protocol") == "rpc-v2-cbor":
        body = b"\xa2" + _cbor("__type") + _cbor(words.json) + _cbor("message") + _cbor(message)
        return _headers("application/cbor", body, (b"smithy-protocol", b"rpc-v2-cbor")), body
    if kind.startswith("application/x-www-form-urlencoded") and "x-amz-target" not in head.headers:
        text = f"<Error><Type>Sender</Type><Code>{words.query}</Code><Message>{escape(message)}</Message></Error>"
        body = f"<ErrorResponse>{text}<RequestId>refused</RequestId></ErrorResponse>".encode()
        return _headers("text/xml", body), body
    if signature is not None and signature.scope[2] == "s3":
        body = f"<Error><Code>{words.s3}</Code><Message>{escape(message)}</Message></Error>".encode()
        return _headers("application/xml", body), body
    body = json.dumps({"__type": words.json, "message": message}).encode()
    return _headers("application/json", body, (b"x-amzn-errortype", words.json.encode())), body


def _headers(kind: str, body: bytes, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *more]


def _cbor(text: str) -> bytes:
    """Return a text of less than 64 KiB in CBOR (RFC 8949, major type 3)."""
    content = text.encode()[:65535]
    return b"\x79" + len(content).to_bytes(2, "big") + content
