from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.testing.redaction import redact_value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "key", ["password", "db_password", "apiKey", "api-key", "Authorization", "accessToken", "client_secret", "TOKEN"]
)
def test_what_bears_the_name_of_a_secret_is_one(key: str) -> None:
    assert redact_value({"a": [{key: "x"}]}) == {"a": [{key: "redacted"}]}


@pytest.mark.parametrize("key", ["rows", "tokenized_rows", "name", "passed", "secretary"])
def test_ordinary_names_are_left(key: str) -> None:
    assert redact_value({key: 3}) == {key: 3}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "redacted"),
        ("key AKIAIOSFODNN7EXAMPLE!", "key redacted!"),
        ("eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl", "redacted"),
        ("Bearer abcdefgh12345", "redacted"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1", "redacted"),
        ("https://b.s3.amazonaws.com/k?X-Amz-Signature=abc&x=1", "https://b.s3.amazonaws.com/k?X-Amz-Signature=redacted&x=1"),
        ("postgres://me:pw@db/x", "postgres://redacted@db/x"),
        ('{"password": "hunter2", "rows": 1}', '{"password": "redacted", "rows": 1}'),
        ("password=hunter2; rows=1", "password=redacted; rows=1"),
        ("ask mika.sato@example.co.jp", "ask someone@example.com"),
        ("arn:aws:lambda:us-east-1:111122223333:function:f", "arn:aws:lambda:us-east-1:123456789012:function:f"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "redacted"),
        ("s3://lake/sales/2026-01-31/part-00000.parquet", "s3://lake/sales/2026-01-31/part-00000.parquet"),
        ("a_rather_long_name_of_a_table_in_the_lake", "a_rather_long_name_of_a_table_in_the_lake"),
        ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
    ],
)
def test_what_looks_like_a_secret_is_replaced_and_the_rest_left(text: str, left: str) -> None:
    assert redact_value(text) == left


@given(JSON)
def test_redacting_twice_changes_nothing_more(value: Any) -> None:
    once = redact_value(value)
    assert redact_value(once) == once
