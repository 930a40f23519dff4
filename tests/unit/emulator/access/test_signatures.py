"""Signatures: what botocore signs is right, and what was changed afterwards is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from bunsui.emulator.access.presigned import presigned_url
from bunsui.emulator.access.principals import Keys
from bunsui.emulator.access.signatures import Head, is_added_to, is_right, signature_of

SECRET = "wJalrXUtnFEMI"
KEYS = Credentials("AKIDEXAMPLE", SECRET, "a/token+with=signs")


def head_of(method: str, url: str, headers: Mapping[str, str]) -> Head:
    """Return the head of a request as a server sees it."""
    parts = urlsplit(url)
    lower = {name.lower(): value for name, value in headers.items()}
    return Head(method=method, path=parts.path or "/", query=parts.query, headers={"host": parts.netloc, **lower})


def signed(method: str, url: str, body: bytes, *, service: str, headers: Mapping[str, str]) -> Head:
    """Return the head of a request that botocore signed."""
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    kind(KEYS, service, "eu-west-1").add_auth(request)
    prepared = request.prepare()
    return head_of(method, prepared.url, dict(prepared.headers))


def accepts(head: Head, body: bytes, *, secret_key: str = SECRET) -> bool:
    """Tell whether the head says that it was signed, and rightly."""
    signature = signature_of(head)
    return signature is not None and not is_added_to(signature, head) and is_right(signature, head, body, secret_key=secret_key)


NAMES = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
PATHS = st.lists(NAMES, max_size=4).map(lambda parts: "/" + "/".join(quote(part, safe="-_.~") for part in parts))
QUERIES = st.lists(st.tuples(NAMES, NAMES), max_size=4).map(
    lambda pairs: "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
)
HEADERS = st.dictionaries(
    st.sampled_from(["X-Amz-Target", "X-Amz-Meta-A", "Content-Type", "X-Amz-Acl"]),
    st.text(alphabet="ab  c/;=.", min_size=1, max_size=12).map(str.strip).filter(bool),
)


@given(
    st.sampled_from(["GET", "PUT", "POST"]), PATHS, QUERIES, HEADERS, st.binary(max_size=40), st.sampled_from(["s3", "lambda"])
)
def test_what_botocore_signs_is_right(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, service: str
) -> None:
    url = f"http://127.0.0.1:4566{path}" + (f"?{query}" if query else "")
    head = signed(method, url, body, service=service, headers=headers)

    assert accepts(head, body)
    assert not accepts(head, body, secret_key="another")
    assert not accepts(head, body + b"x")


def other(head: Head, **changes: object) -> Head:
    """Return the head with some parts changed."""
    return Head(**{"method": head.method, "path": head.path, "query": head.query, "headers": head.headers, **changes})  # type: ignore[arg-type]


CHANGES: Mapping[str, Callable[[Head], Head]] = {
    "method": lambda head: other(head, method="DELETE"),
    "path": lambda head: other(head, path=head.path + "x"),
    "query": lambda head: other(head, query=head.query + "&x=1"),
    "host": lambda head: other(head, headers={**head.headers, "host": "127.0.0.1:1"}),
    "target": lambda head: other(head, headers={**head.headers, "x-amz-target": "Other.Call"}),
    "time": lambda head: other(head, headers={**head.headers, "x-amz-date": "20200101T000000Z"}),
    "token": lambda head: other(head, headers={**head.headers, "x-amz-security-token": "another"}),
    "scope": lambda head: other(
        head, headers={**head.headers, "authorization": head.headers["authorization"].replace("eu-west-1", "us-east-1")}
    ),
    "headers left out": lambda head: other(
        head, headers={**head.headers, "authorization": head.headers["authorization"].replace("host;", "")}
    ),
    "signature": lambda head: other(
        head, headers={**head.headers, "authorization": head.headers["authorization"][:-64] + "0" * 64}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_of_a_signed_request_can_be_changed(change: str) -> None:
    head = signed("POST", "http://127.0.0.1:1000/a/b?c=d", b"{}", service="dynamodb", headers={"X-Amz-Target": "Some.Call"})

    assert accepts(head, b"{}")
    assert not accepts(CHANGES[change](head), b"{}")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer abc",
        "AWS AKID:c2ln",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=AKID, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/r/s/aws4_request, SignedHeaders=x-amz-date, Signature=00",
        "AWS4-ECDSA-P256-SHA256 Credential=AKID/20260101/s/aws4_request, SignedHeaders=host, Signature=00",
    ],
)
def test_what_says_nothing_of_a_signature_has_none(authorization: str) -> None:
    headers = {"authorization": authorization, "x-amz-date": "20260101T000000Z"}

    assert signature_of(head_of("GET", "http://127.0.0.1/", headers)) is None


@pytest.mark.parametrize("version", [None, "s3v4"])
@pytest.mark.parametrize("token", [None, "a/token+with=signs"])
@pytest.mark.parametrize("key", ["plain", "with space/ü+&?.txt"])
def test_a_presigned_url_of_s3_is_right_in_both_versions(version: str | None, token: str | None, key: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:1000",
        region_name="us-east-1",
        aws_access_key_id="AKID",
        aws_secret_access_key=SECRET,
        aws_session_token=token,
        config=Config(signature_version=version),
    )
    query = {"Bucket": "bucket", "Key": key, "ResponseContentType": "text/plain", "VersionId": "v 1"}
    head = head_of("GET", client.generate_presigned_url("get_object", Params=query), {})

    assert accepts(head, b"")
    assert not accepts(other(head, method="PUT"), b"")
    assert not accepts(other(head, path="/bucket/other"), b"")
    assert not accepts(other(head, query=head.query.replace("plain", "html")), b"")
    assert accepts(other(head, headers={**head.headers, "range": "bytes=0-1", "if-none-match": "x"}), b"")
    for added in ("x-amz-target", "x-amz-copy-source", "x-amz-acl"):  # another request than the one that was signed
        assert not accepts(other(head, headers={**head.headers, added: "AWSStepFunctions.ListStateMachines"}), b"{}")
    for added in ("Action=ListUsers&Version=2010-05-08", "%41ction=ListUsers", "acl2"):
        assert not accepts(other(head, query=f"{head.query}&{added}"), b"")


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_a_presigned_list_and_a_presigned_upload_are_right(version: str | None) -> None:
    client = boto3.client(
        "s3",
        endpoint_url="http://127.0.0.1:1000",
        region_name="us-east-1",
        aws_access_key_id="AKID",
        aws_secret_access_key=SECRET,
        config=Config(signature_version=version),
    )
    listed = {"Bucket": "bucket", "Prefix": "a/", "MaxKeys": 2, "Delimiter": "/", "EncodingType": "url", "StartAfter": "b"}
    upload = {"Bucket": "bucket", "Key": "k", "ContentType": "text/plain", "Metadata": {"a": "b"}}
    url = client.generate_presigned_url("put_object", Params=upload)
    headers = {"content-type": "text/plain", "x-amz-meta-a": "b"}

    assert accepts(head_of("GET", client.generate_presigned_url("list_objects_v2", Params=listed), {}), b"")
    assert accepts(head_of("PUT", url, headers), b"content")
    assert not accepts(head_of("PUT", url, headers | {"x-amz-meta-b": "c"}), b"content")


def test_our_own_presigned_url_is_one_as_aws_makes_them() -> None:
    keys = Keys(access_key="AKID", secret_key=SECRET, token="to/ken=")
    url = presigned_url("http://127.0.0.1:1000/_x/code/ü f", keys, region="us-east-1", seconds=600)
    head = head_of("GET", url, {})
    signature = signature_of(head)

    assert accepts(head, b"")
    assert signature is not None
    assert (signature.token, signature.expires_seconds, signature.is_presigned) == ("to/ken=", 600, True)


def test_a_body_that_goes_out_in_signed_pieces_is_as_right_as_its_first_signature() -> None:
    headers = {"X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
    request = AWSRequest(method="PUT", url="http://127.0.0.1:1000/b/k", data=b"", headers=headers)
    auth = S3SigV4Auth(KEYS, "s3", "eu-west-1")
    request.context["timestamp"] = "20260101T000000Z"
    request.headers["X-Amz-Date"] = "20260101T000000Z"
    canonical = "\n".join(
        [
            "PUT",
            "/b/k",
            "",
            "host:127.0.0.1:1000\nx-amz-date:20260101T000000Z\n",
            "host;x-amz-date",
            headers["X-Amz-Content-SHA256"],
        ]
    )
    value = auth.signature(auth.string_to_sign(request, canonical), request)
    scope = f"AKIDEXAMPLE/{auth.credential_scope(request)}"
    sent = {
        **headers,
        "X-Amz-Date": "20260101T000000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={value}",
    }

    assert accepts(head_of("PUT", "http://127.0.0.1:1000/b/k", sent), b"5;chunk-signature=...")
