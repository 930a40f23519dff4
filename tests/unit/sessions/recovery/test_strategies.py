"""What is done about a failed session: by itself a redrive only where the failure lay outside of code and definition."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.recovery import Strategy
from bunsui.model.session import Attempt, FailureNote, Session, SessionStatus
from bunsui.sessions.failures.recurrence import Recurrence, recurrence_of
from bunsui.sessions.recovery.strategies import AppliedChange, RecoveryCase, choose_strategy

NOW = datetime(2026, 1, 31, 18, tzinfo=UTC)
ARN = "arn:aws:states:eu-west-1:111111111111:execution:daily:one"


def case(
    error_class: str = "code",
    *,
    status: SessionStatus = SessionStatus.FAILED,
    change: AppliedChange = AppliedChange.NONE,
    fixed: str = "",
    ended: timedelta = timedelta(hours=1),
    is_raw: bool = False,
    obstacle: str = "",
) -> RecoveryCase:
    attempt = Attempt(
        number=1, execution_arn=ARN, kind="run", status=status, started_at=NOW - ended, stopped_at=NOW - ended, error="X"
    )  # fmt: skip
    note = FailureNote(fingerprint="f1-0", error_class=error_class, error="X", message="x", place="load")
    session = Session(
        id="01A", pipeline="daily", status=status, slot=NOW, date="2026-01-31", params={}, started_by="me",
        created_at=NOW - ended, attempts=(attempt,), failure=note,
    )  # fmt: skip
    recurrence = Recurrence.PASSING if fixed else recurrence_of(error_class)
    return RecoveryCase(
        session=session, is_raw=is_raw, change=change, recurrence=recurrence, fixed=fixed, obstacle=obstacle
    )  # fmt: skip


def strategy_of(found: RecoveryCase, wish: Strategy | None = None) -> Strategy:
    return choose_strategy(found, now=NOW, wish=wish).strategy


@pytest.mark.parametrize("kind", ["throttling", "infrastructure", "timeout"])
def test_what_lies_outside_is_redriven(kind: str) -> None:
    assert strategy_of(case(kind)) is Strategy.REDRIVE


@pytest.mark.parametrize(
    "found",
    [
        case("throttling", change=AppliedChange.SOME),
        case("throttling", change=AppliedChange.UNKNOWN),
        case("throttling", ended=timedelta(days=14, seconds=1)),
    ],
)
def test_what_aws_or_a_newer_version_forbids_to_redrive_is_resumed_and_the_reason_says_so(found: RecoveryCase) -> None:
    decision = choose_strategy(found, now=NOW)
    assert decision.strategy is Strategy.RESUME
    assert "no redrive: " in decision.reason


@pytest.mark.parametrize("kind", ["code", "payload", "memory"])
def test_code_of_which_nothing_changed_is_left_since_it_fails_again(kind: str) -> None:
    assert strategy_of(case(kind)) is Strategy.LEAVE
    assert strategy_of(case(kind, fixed="load: its code changed", change=AppliedChange.SOME)) is Strategy.RESUME


@pytest.mark.parametrize("kind", ["data", "configuration", "permission", "quota"])
def test_what_may_have_been_mended_elsewhere_is_resumed_with_a_word_of_it(kind: str) -> None:
    decision = choose_strategy(case(kind), now=NOW)
    assert decision.strategy is Strategy.RESUME
    assert "unless" in decision.reason


def test_what_somebody_stopped_is_left_unless_it_is_asked_for() -> None:
    stopped = case("cancelled", status=SessionStatus.CANCELLED)
    assert strategy_of(stopped) is Strategy.LEAVE
    assert strategy_of(stopped, Strategy.REDRIVE) is Strategy.REDRIVE


def test_a_raw_pipeline_is_redriven_or_restarted_and_never_resumed() -> None:
    assert strategy_of(case("throttling", is_raw=True)) is Strategy.REDRIVE
    assert strategy_of(case("data", is_raw=True)) is Strategy.RESTART
    assert strategy_of(case("data", is_raw=True), Strategy.RESUME) is Strategy.LEAVE


@pytest.mark.parametrize("wish", [Strategy.REDRIVE, Strategy.RESUME, Strategy.RESTART])
def test_a_wish_goes_before_and_an_obstacle_before_a_wish(wish: Strategy) -> None:
    assert strategy_of(case(), wish) is wish
    assert strategy_of(case(obstacle="it is switched off"), wish) is Strategy.LEAVE


def test_a_redrive_that_is_asked_for_and_cannot_be_is_left_with_the_reason() -> None:
    decision = choose_strategy(case(ended=timedelta(days=15)), now=NOW, wish=Strategy.REDRIVE)
    assert decision.strategy is Strategy.LEAVE
    assert "more than 14 days ago" in decision.reason


def test_a_redrive_that_is_asked_for_says_that_it_runs_the_older_version() -> None:
    decision = choose_strategy(case(change=AppliedChange.SOME), now=NOW, wish=Strategy.REDRIVE)
    assert decision.strategy is Strategy.REDRIVE
    assert "another version is applied now" in decision.reason


def test_a_failure_that_nobody_looked_at_is_left() -> None:
    found = case()
    unknown = replace(found, session=replace(found.session, failure=None))
    assert strategy_of(unknown) is Strategy.LEAVE
