"""Random JSON, definitions and policies, and ways to write them differently without changing what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from hypothesis import strategies as st

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=12
)

STATE_NAMES = st.sampled_from(["A", "B", "C", "D", "E"])
ERRORS = st.lists(st.sampled_from(["States.ALL", "States.Timeout", "Mine"]), min_size=1, max_size=3, unique=True)
RETRY = st.lists(
    st.fixed_dictionaries(
        {"ErrorEquals": ERRORS, "MaxAttempts": st.integers(0, 5), "BackoffRate": st.sampled_from([1, 1.5, 2.0])}
    ),
    min_size=1,
    max_size=2,
)
LEAF_STATE = st.fixed_dictionaries(
    {"Type": st.sampled_from(["Task", "Pass", "Wait"])},
    optional={
        "Comment": st.text(max_size=5),
        "Retry": RETRY,
        "Arguments": JSON,
        "Next": STATE_NAMES,
        "TimeoutSeconds": st.integers(1, 99),
    },
)


def _scope(states: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"StartAt": STATE_NAMES, "States": st.dictionaries(STATE_NAMES, states, min_size=1, max_size=3)}
    )


def _nested(states: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parallel = st.fixed_dictionaries(
        {"Type": st.just("Parallel"), "Branches": st.lists(_scope(states), min_size=1, max_size=2)}
    )
    over = st.fixed_dictionaries({"Type": st.just("Map"), "ItemProcessor": _scope(states)})
    old = st.fixed_dictionaries({"Type": st.just("Map"), "Iterator": _scope(states)})
    return parallel | over | old


DEFINITIONS = _scope(st.recursive(LEAF_STATE, _nested, max_leaves=6))

TEXTS = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*", "lambda:InvokeFunction"])
ARNS = st.sampled_from(["arn:aws:s3:::a", "arn:aws:s3:::a/*", "arn:aws:lambda:us-east-1:111122223333:function:f", "*"])


def _one_or_more(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return items | st.lists(items, min_size=1, max_size=3)


STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": _one_or_more(TEXTS), "Resource": _one_or_more(ARNS)},
    optional={
        "Sid": st.sampled_from(["", "One", "Two"]),
        "Principal": st.sampled_from(
            ["*", {"AWS": "111122223333"}, {"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]}]
        ),
        "Condition": st.sampled_from(
            [{}, {"StringEquals": {"aws:SourceAccount": "1"}}, {"Bool": {"aws:SecureTransport": True}}]
        ),
    },
)
POLICIES = st.fixed_dictionaries({"Version": st.just("2012-10-17"), "Statement": STATEMENTS | st.lists(STATEMENTS, max_size=3)})


def shuffled_keys(value: Any, random: Random) -> Any:
    """Return the same JSON with other key orders, and whole numbers as floats here and there."""
    if isinstance(value, Mapping):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled_keys(value[key], random) for key in keys}
    if isinstance(value, list):
        return [shuffled_keys(item, random) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53 and random.random() < 0.5:
        return float(value)
    return value


def reworded_policy(policy: Any, random: Random) -> Any:
    """Return a policy that means the same: statements and sets in another order, single texts as lists."""

    def reworded(value: Any) -> Any:
        listed = list(value) if isinstance(value, list) else [value]
        random.shuffle(listed)
        return listed

    def statement(given: Any) -> Any:
        done = {key: reworded(item) if key in ("Action", "Resource") else item for key, item in given.items()}
        if done.get("Principal") == {"AWS": "111122223333"}:
            done["Principal"] = {"AWS": ["arn:aws:iam::111122223333:root"]}
        return shuffled_keys(done, random)

    return {**policy, "Statement": [statement(given) for given in reworded(policy["Statement"])]}
