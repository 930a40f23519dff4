"""ARNs of objects by the parts of their keys that are known, and the right to be told that one is missing."""

from __future__ import annotations

import pytest

from bunsui.asl.expressions import parts_of
from bunsui.model.values import Expression, Unknown, Value
from bunsui.operations.integrations.object_permissions import absence, absence_of, object_arn


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("'in/' & $params.day & '.csv'", ("in/", None, ".csv")),
        ("'a/' & $x & '/b/' & ($y & '.csv')", ("a/", None, "/b/", None, ".csv")),
        ("$substringAfter('s3://b/in/' & $d, 's3://b/') & '.csv'", ("in/", None, ".csv")),
        ("$x = 1 ? 'a' : 'b'", (None,)),
        ("'known'", ("known",)),
    ],
)
def test_a_text_is_told_in_parts(text: str, parts: tuple[str | None, ...]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("in/a.csv", "in/a.csv"),
        ("what?*$", "what${?}${*}${$}"),
        (Expression("'in/' & $d & '.csv'"), "in/*.csv"),
        (Expression("'in/' & $d & $e"), "in/*"),
        (Expression("$d"), "*"),
        (Expression("'a*' & $d"), "a${*}*"),
    ],
)
def test_keys_are_narrowed_by_what_is_known_of_them(key: Value, pattern: str) -> None:
    assert object_arn("lake", key, "aws") == f"arn:aws:s3:::lake/{pattern}"
    found = absence("lake", key, "aws")
    assert (found.actions, found.resources) == (("s3:ListBucket",), ("arn:aws:s3:::lake",))
    assert found.condition == ({} if pattern == "*" else {"StringLikeIfExists": {"s3:prefix": pattern}})


def test_what_only_the_apply_knows_stays_what_it_is() -> None:
    later = Unknown()
    assert object_arn(later, "k", "aws") is later
    assert absence(later, "k", "aws").resources == (later,)


def test_the_right_follows_from_the_arn_of_objects() -> None:
    (found,) = absence_of("arn:aws-cn:s3:::lake/in/*.csv")
    assert found.resources == ("arn:aws-cn:s3:::lake",)
    assert found.condition == {"StringLikeIfExists": {"s3:prefix": "in/*.csv"}}
    assert absence_of("arn:aws:s3:::lake") == absence_of("arn:aws:sqs:eu:1:q") == absence_of("*") == ()
