"""Conditions of Choice rules as people read them."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.asl.conditions import condition_text

N = {"Variable": "$.n", "NumericLessThanEquals": 3}
DAY = {"Variable": "$.day", "StringMatches": "2026-*"}
HERE = {"Variable": "$.x", "IsPresent": True}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (N, "$.n <= 3"),
        (DAY, '$.day matches "2026-*"'),
        ({"Variable": "$.a", "TimestampGreaterThanPath": "$.b"}, "$.a > $.b"),
        ({"Variable": "$.ok", "BooleanEquals": False}, "$.ok = false"),
        (HERE, "$.x is present"),
        ({"Variable": "$.x", "IsNull": False}, "$.x is not null"),
        ({"Not": HERE}, "$.x is not present"),
        ({"Not": {"Variable": "$.x", "IsNull": False}}, "$.x is null"),
        ({"Not": N}, "not $.n <= 3"),
        ({"Not": {"And": [N, DAY]}}, 'not ($.n <= 3 and $.day matches "2026-*")'),
        ({"And": [N, {"Or": [DAY, HERE]}]}, '$.n <= 3 and ($.day matches "2026-*" or $.x is present)'),
        ({"Condition": "{% $a\n  > 1 %}"}, "$a > 1"),
        ({"Condition": True}, "true"),
        ({"Variable": "$.x", "Unheard": 1}, '{"Variable": "$.x", "Unheard": 1}'),
    ],
)
def test_a_rule_reads_as_a_sentence(rule: dict[str, Any], words: str) -> None:
    assert condition_text({**rule, "Next": "there"}) == words
