"""Rules of recovery policies: what each is about, and which are never reached."""

from __future__ import annotations

from bunsui.model.recovery import RecoveryRule, Strategy, never_used

RESUME, REDRIVE, MANUAL = Strategy.RESUME, Strategy.REDRIVE, Strategy.MANUAL


def rule(strategy: Strategy = RESUME, *only: str, attempts: int | None = None) -> RecoveryRule:
    return RecoveryRule(strategy=strategy, only=only, attempts=attempts)


def test_a_rule_is_about_a_class_or_an_error_by_name() -> None:
    assert rule(RESUME, "data", "KeyError").fits("code", "KeyError")
    assert rule(RESUME, "data", "KeyError").fits("data", "x")
    assert not rule(RESUME, "data", "KeyError").fits("code", "keyerror")


def test_a_rule_without_words_is_about_everything_but_a_stop() -> None:
    assert rule().fits("code", "X")
    assert not rule().fits("cancelled", "")
    assert rule(RESUME, "cancelled").fits("cancelled", "")


def test_a_rule_behind_one_that_takes_all_of_its_own_is_never_reached() -> None:
    assert never_used((rule(), rule(MANUAL, "data"))) == {1: 0}
    assert never_used((rule(RESUME, "data"), rule(RESUME, "code"), rule(MANUAL, "code", "data"))) == {2: 1}
    assert never_used((rule(RESUME, "data"), rule(MANUAL, "code", "data"))) == {}
    assert never_used((rule(), rule(MANUAL, "cancelled"))) == {}


def test_what_follows_used_up_attempts_or_a_redrive_is_reached() -> None:
    assert never_used((rule(RESUME, attempts=2), rule(MANUAL))) == {}
    assert never_used((rule(RESUME, attempts=2), rule(RESUME, "data", attempts=2))) == {1: 0}
    assert never_used((rule(RESUME, attempts=2), rule(RESUME, "data", attempts=3))) == {}
    assert never_used((rule(REDRIVE), rule())) == {}
    assert never_used((rule(REDRIVE), rule(REDRIVE, "data"))) == {1: 0}
