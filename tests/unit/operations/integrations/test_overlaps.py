"""Permissions that overlap are brought together, and permit what they permitted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.compile.policy import policy
from bunsui.emulator.access.permission import verdict
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.overlaps import without_overlaps
from tests.faults.amount import amount

BUCKET = "arn:aws:s3:::lake"


def listing(operator: str, value: object) -> Permission:
    return Permission(actions=("s3:ListBucket",), resources=(BUCKET,), condition={operator: {"s3:prefix": value}})  # type: ignore[dict-item]


def reading(*keys: str) -> Permission:
    return Permission(actions=("s3:GetObject",), resources=tuple(f"{BUCKET}/{key}" for key in keys))


ALL = Permission(actions=("s3:ListBucket",), resources=(BUCKET,))
WHOLE = {"StringLikeIfExists": {"s3:prefix": "in/*"}}
EQUAL, LIKE, PERHAPS = "StringEquals", "StringLike", "StringLikeIfExists"


@pytest.mark.parametrize(
    ("given_ones", "left"),
    [
        ([listing(EQUAL, "a"), listing(EQUAL, "b")], [{EQUAL: {"s3:prefix": ["a", "b"]}}]),
        ([listing(EQUAL, "in/a"), listing(PERHAPS, "in/*")], [WHOLE]),
        ([listing(PERHAPS, "in/*"), listing(PERHAPS, "in/a")], [WHOLE]),
        ([ALL, listing(EQUAL, "a")], [{}]),
        ([listing(EQUAL, "a"), listing(LIKE, "b*")], [{EQUAL: {"s3:prefix": "a"}}, {LIKE: {"s3:prefix": "b*"}}]),
    ],
)
def test_conditions_of_one_key_become_one(given_ones: list[Permission], left: list[object]) -> None:
    assert [dict(one.condition) for one in without_overlaps(given_ones)] == left


def test_a_resource_that_a_wider_one_names_is_left_out() -> None:
    assert without_overlaps([reading("in/a", "b"), reading("in/*")]) == [reading("b"), reading("in/*")]
    assert len(policy([reading("a"), reading("a")])["Statement"]) == 1
    assert without_overlaps([reading("${*}"), reading("x")]) == [reading("${*}"), reading("x")]


def test_of_what_is_alike_nothing_is_lost() -> None:
    one = Permission(actions=("a:B", "a:C"), resources=("arn:x", "arn:y"), condition={EQUAL: {"k": "v"}})
    other = Permission(actions=("a:C", "a:B"), resources=("arn:y", "arn:x"), condition={EQUAL: {"k": ["v"]}})
    assert without_overlaps([one, other]) == [one, other]


def test_what_another_action_permits_stays() -> None:
    both = Permission(actions=("s3:GetObject", "s3:PutObject"), resources=(f"{BUCKET}/*",))
    writing = Permission(actions=("s3:PutObject",), resources=(f"{BUCKET}/a",))
    assert without_overlaps([both, writing]) == [both]
    assert without_overlaps([reading("*"), writing]) == [reading("*"), writing]


KEYS = st.sampled_from(["a", "b", "in/a", "in/b", "in/*", "*", "in/*b"])
CONDITIONS = st.one_of(
    st.just({}),
    st.builds(
        lambda operator, value: {operator: {"s3:prefix": value}},
        st.sampled_from(["StringEquals", "StringLike", "StringLikeIfExists"]),
        st.one_of(KEYS, st.lists(KEYS, min_size=1, max_size=2)),
    ),
)
PERMISSIONS = st.lists(
    st.builds(
        Permission,
        actions=st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]), min_size=1, unique=True).map(
            tuple
        ),
        resources=st.lists(KEYS.map(lambda key: f"{BUCKET}/{key}"), min_size=1, max_size=3).map(tuple),
        condition=CONDITIONS,
    ),
    max_size=5,
)


@given(PERMISSIONS, st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:ListBucket"]), KEYS, st.none() | KEYS)
@settings(max_examples=amount(120, 300, 3000), deadline=None)
def test_the_same_is_permitted(permissions: list[Permission], action: str, key: str, prefix: str | None) -> None:
    def statements(ones: list[Permission]) -> list[dict[str, Any]]:
        return [
            {"Effect": "Allow", "Action": list(one.actions), "Resource": list(one.resources), "Condition": dict(one.condition)}
            for one in ones
        ]

    resource = f"{BUCKET}/{key.replace('*', 'x')}"
    facts = {"s3:prefix": [] if prefix is None else [prefix.replace("*", "x")]}
    before = verdict([{"Statement": statements(permissions)}], action, resource, facts)
    assert verdict([{"Statement": statements(without_overlaps(permissions))}], action, resource, facts) is before
    assert verdict([json.loads(json.dumps(policy(permissions)))], action, resource, facts) is before
