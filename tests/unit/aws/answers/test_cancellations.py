"""Why a transaction was cancelled, by message or by the reasons that are told apart."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.aws.answers.cancellations import is_never_written, lacks_capacity


def canceled(*reasons: str, apart: bool) -> dict[str, Any]:
    told = "Transaction cancelled, please refer cancellation reasons for specific reasons"
    error = {"Code": "TransactionCanceledException", "Message": told if apart else f"{told} [{', '.join(reasons)}]"}
    return {"Error": error, "CancellationReasons": [{"Code": reason} for reason in reasons] if apart else []}


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(
    ("reasons", "slow", "never"),
    [
        (("None", "ThrottlingError"), True, False),
        (("ProvisionedThroughputExceeded", "TransactionConflict"), True, False),
        (("ConditionalCheckFailed", "ThrottlingError"), False, False),
        (("ConditionalCheckFailed", "None"), False, False),
        (("TransactionConflict", "None"), False, False),
        (("None", "ItemCollectionSizeLimitExceeded"), False, True),
        (("ValidationError", "None"), False, True),
        (("ValidationError", "ConditionalCheckFailed"), False, False),
    ],
)
def test_each_reason_is_told(reasons: tuple[str, ...], slow: bool, never: bool, apart: bool) -> None:
    answer = canceled(*reasons, apart=apart)
    assert (lacks_capacity(answer), is_never_written(answer)) == (slow, never)


def test_another_error_is_no_cancellation() -> None:
    answer = {"Error": {"Code": "ValidationException", "Message": "ValidationError ThrottlingError"}}
    assert (lacks_capacity(answer), is_never_written(answer)) == (False, False)
