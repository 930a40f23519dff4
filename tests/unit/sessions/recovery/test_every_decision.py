"""What is done about a session, and in which words, for every case that the rules tell apart: `tests/cases/decisions.txt`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput
from bunsui.model.recovery import Strategy
from bunsui.model.session import Claim, SessionStatus
from bunsui.sessions.recovery.strategies import (
    REDRIVABLE_FOR,
    AppliedChange,
    RecoveryCase,
    choose_strategy,
    read_strategy,
    why_not_redriven,
)
from tests.unit.sessions.recovery.test_strategies import NOW, case

EXPECTED = Path(__file__).parents[3] / "cases" / "decisions.txt"
WISHES = (None, Strategy.REDRIVE, Strategy.RESUME, Strategy.RESTART)
CLAIM = Claim(how="resume", actor="mika", at=NOW, execution_arn="arn:next")


def cases() -> Iterator[tuple[str, RecoveryCase]]:
    """Return the cases with their names."""
    for kind, change, is_raw in product(("throttling", "code", "data"), AppliedChange, (False, True)):
        yield f"{kind}, {change.name.lower()} changed{', raw' if is_raw else ''}", case(kind, change=change, is_raw=is_raw)
    yield "just redrivable", case("timeout", ended=REDRIVABLE_FOR)
    yield "a second too old", case("timeout", ended=REDRIVABLE_FOR + timedelta(seconds=1))
    yield "fixed", case("throttling", fixed="load: its code changed")
    yield "obstacle", case("throttling", obstacle="it is switched off")
    yield "stopped", case("cancelled", status=SessionStatus.CANCELLED)
    yield "succeeded", case("throttling", status=SessionStatus.SUCCEEDED)
    yield "runs", case("throttling", status=SessionStatus.RUNNING)
    outside = case("infrastructure")
    note = outside.session.failure
    assert note is not None
    yield "of no class that is known", replace(case("throttling"), session=replace(outside.session, failure=None))
    nowhere = replace(note, place="")
    for kind in ("code", "data"):
        found = case(kind)
        yield f"{kind} nowhere", replace(found, session=replace(found.session, failure=nowhere))
    yield "never started", replace(outside, session=replace(outside.session, attempts=()))
    ended = replace(outside.session.attempts[0], stopped_at=None)
    yield "its end unknown", replace(outside, session=replace(outside.session, attempts=(ended,)))
    for name, claim in (("start", CLAIM), ("redrive", replace(CLAIM, redrive=1))):
        yield f"claimed {name}", replace(outside, session=replace(outside.session, claim=claim))
        yield f"claimed {name}, raw", replace(case(is_raw=True), session=replace(outside.session, claim=claim))


def decisions() -> Iterator[str]:
    for name, found in cases():
        yield f"## {name}"
        for wish in WISHES:
            decision = choose_strategy(found, now=NOW, wish=wish)
            yield f"{f'{wish.value}: ' if wish else ''}{decision.strategy.value}, {decision.reason}"
        yield f"redrive: {why_not_redriven(found.session, NOW)!r}"


def test_every_case_has_its_strategy_and_its_reason(update_cases: bool) -> None:
    found = "\n".join(decisions()) + "\n"
    if update_cases:
        EXPECTED.write_text(found, encoding="utf-8")
    assert found == EXPECTED.read_text(encoding="utf-8")


def test_a_strategy_is_known_by_its_name_however_it_is_written() -> None:
    assert [read_strategy(text) for text in ("redrive", "Resume", "RESTART")] == list(WISHES[1:])
    for text in ("leave", "again", ""):
        with pytest.raises(InvalidInput) as refused:
            read_strategy(text)
        assert (refused.value.code, refused.value.facts) == ("unknown-strategy", {"strategy": text})
        assert refused.value.hint == "One of: redrive, resume, restart"
