"""What reading and writing an object takes where a key of KMS encrypts it: S3 asks KMS in the caller's name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pytest

from bunsui.emulator.access.judged import Judge, has_key
from bunsui.emulator.access.ledger import CallLedger
from bunsui.emulator.access.principals import Principal
from bunsui.emulator.access.requested import Need, needs_of
from bunsui.emulator.access.signatures import Head, Signature

pytest.importorskip("ministack")
ACCOUNT, REGION = "111111111115", "eu-west-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd"
CALLER = Principal(
    account=ACCOUNT, arn="arn:aws:sts::1:assumed-role/r/s", user_id="x", role_arn=f"arn:aws:iam::{ACCOUNT}:role/r"
)
SSE = "x-amz-server-side-encryption"
DEFAULT = (
    "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
    f"<KMSMasterKeyID>{KEY}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
)


@pytest.fixture(autouse=True)
def buckets() -> Iterator[None]:
    from ministack.services import s3

    locked = {"preserved_headers": {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}}
    plain = {"preserved_headers": {SSE: "AES256"}}
    for name, objects in (("keyed", {"in.csv": locked}), ("plain", {"in.csv": plain, "locked.csv": locked})):
        s3._buckets.set_scoped(ACCOUNT, None, name, {"objects": objects})
    s3._bucket_encryption.set_scoped(ACCOUNT, None, "keyed", DEFAULT.encode())
    yield
    for name in ("keyed", "plain"):
        s3._buckets._data.pop((ACCOUNT, name))
    s3._bucket_encryption._data.pop((ACCOUNT, "keyed"))


def needs(method: str, path: str, query: str = "", headers: Mapping[str, str] | None = None) -> list[Need]:
    signature = Signature(
        access_key="k", scope=("20260101", REGION, "s3"), signed_headers=("host",), value="v", stamp="s", token=None
    )
    head = Head(method=method, path=path, query=query, headers={"host": "127.0.0.1:1", **(headers or {})})
    found = needs_of("s3", CALLER, signature, head, b"")
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "expected"),
    [
        ("GET", "/keyed/in.csv", "", {}, ["s3:GetObject", "kms:Decrypt"]),
        ("GET", "/plain/locked.csv", "", {}, ["s3:GetObject", "kms:Decrypt"]),
        ("GET", "/plain/in.csv", "", {}, ["s3:GetObject"]),
        ("HEAD", "/keyed/in.csv", "", {}, ["s3:GetObject"]),
        ("PUT", "/keyed/new", "", {}, ["s3:PutObject", "kms:GenerateDataKey"]),
        ("PUT", "/keyed/new", "partNumber=1&uploadId=u", {}, ["s3:PutObject", "kms:GenerateDataKey", "kms:Decrypt"]),
        ("PUT", "/keyed/new", "", {SSE: "AES256"}, ["s3:PutObject"]),
        ("PUT", "/plain/new", "", {}, ["s3:PutObject"]),
        ("PUT", "/plain/new", "", {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": KEY}, ["s3:PutObject", "kms:GenerateDataKey"]),
        ("PUT", "/plain/new", "", {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": "alias/aws/s3"}, ["s3:PutObject"]),
        ("PUT", "/plain/new", "", {"x-amz-copy-source": "/keyed/in.csv"}, ["s3:PutObject", "s3:GetObject", "kms:Decrypt"]),
    ],
)
def test_a_key_is_asked_for_in_the_name_of_whoever_reads_or_writes(
    method: str, path: str, query: str, headers: Mapping[str, str], expected: list[str]
) -> None:
    found = needs(method, path, query, headers)
    assert [one.action for one in found] == expected
    keys = [one for one in found if one.action.startswith("kms:")]
    assert all((one.resource, one.facts["kms:viaservice"]) == (KEY, [f"s3.{REGION}.amazonaws.com"]) for one in keys)
    assert all(one.facts["aws:resourceaccount"] == [ACCOUNT] for one in found if one not in keys)


@pytest.mark.parametrize(
    ("named", "resource"),
    [("1234abcd", KEY), (KEY, KEY), ("alias/mine", ""), (f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/mine", "")],
)
def test_a_key_is_named_by_its_arn_and_an_alias_by_nothing(named: str, resource: str) -> None:
    found = needs("PUT", "/plain/new", "", {SSE: "aws:kms", f"{SSE}-aws-kms-key-id": named})
    assert found[-1].resource == resource


ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
DIRECT = {**ROOT, "Principal": {"AWS": CALLER.role_arn}}


@pytest.mark.parametrize(
    ("statements", "is_allowed", "refused"),
    [([ROOT], False, True), ([ROOT], True, False), ([ROOT, DIRECT], False, False), (None, False, False)],
)
def test_a_role_without_the_right_is_refused_where_the_keys_policy_leaves_it_to_iam(
    statements: list[object] | None, is_allowed: bool, refused: bool
) -> None:
    from ministack.services import iam, kms

    allowed = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY}
    inline = {"p": json.dumps({"Statement": [allowed] if is_allowed else []})}
    iam._roles.set_scoped(ACCOUNT, None, "r", {"InlinePolicies": inline, "AttachedPolicies": []})
    if statements is not None:
        policy = json.dumps({"Statement": statements})
        kms._keys.set_scoped(ACCOUNT, REGION, "1234abcd", {"KeyId": "1234abcd", "Arn": KEY, "Policy": policy})
    try:
        assert has_key(ACCOUNT, KEY) is (statements is not None)
        assert bool(Judge(CallLedger()).refusal(CALLER, Need("kms:Decrypt", KEY))) is refused
    finally:
        iam._roles._data.clear()
        kms._keys._data.clear()
