"""What an account takes of everything together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from bunsui.kinds.constraints.account import AT_ONCE, KEPT_UNRESERVED, broken_reservation


@given(some.integers(1, 1200), some.integers(0, 1000), some.sampled_from([10, 50, 100, 1000, 3000]))
def test_a_reservation_is_refused_where_it_leaves_too_little_to_others(wanted: int, others: int, at_once: int) -> None:
    left = at_once - others - wanted
    assert (broken_reservation(wanted, others=others, at_once=at_once) is None) is (left >= min(KEPT_UNRESERVED, at_once))


def test_no_calls_at_all_can_always_be_reserved() -> None:
    assert broken_reservation(0, others=AT_ONCE) is None


def test_the_refusal_is_in_the_words_of_lambda() -> None:
    broken = broken_reservation(901, others=0)
    assert broken is not None
    assert broken.aws_code == "InvalidParameterValueException"
    assert broken.aws_message.endswith("decreases account's UnreservedConcurrentExecution below its minimum value of [100].")
