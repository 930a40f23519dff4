"""Calls of roles are counted by what became of them, and the latest kinds are kept."""

from __future__ import annotations

from bunsui.emulator.access.ledger import CallLedger, CallOutcome, JudgedCall


def call(outcome: CallOutcome, action: str = "s3:GetObject", reason: str = "") -> JudgedCall:
    return JudgedCall(role="arn:aws:iam::1:role/r", action=action, resource="", outcome=outcome, reason=reason)


def test_calls_are_counted_by_kind() -> None:
    times = iter([1.0, 2.0, 3.0])
    ledger = CallLedger(now=lambda: next(times))
    for outcome in (CallOutcome.ALLOWED, CallOutcome.NOT_JUDGED, CallOutcome.ALLOWED):
        ledger.note(call(outcome))
    assert ledger.totals() == {"allowed": 2, "refused": 0, "not judged": 1}
    told = [(one["outcome"], one["count"], one["at"]) for one in ledger.calls()]
    assert told == [("not judged", 1, 2.0), ("allowed", 2, 3.0)]


def test_what_is_kept_is_bounded_and_the_counts_are_not() -> None:
    ledger = CallLedger(now=lambda: 0.0)
    for number in range(2100):
        ledger.note(call(CallOutcome.REFUSED, action=f"s3:A{number}"))
    assert (len(ledger.calls()), ledger.totals()["refused"]) == (2000, 2100)
    assert ledger.calls()[-1]["action"] == "s3:A2099"
