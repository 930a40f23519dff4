"""What is done about a session, and in which words, for every case that the rules tell apart: `tests/cases/decisions.txt`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from bunsui.compile.policies import NO_POLICIES, ToldPolicies
from bunsui.errors import InvalidInput
from bunsui.model.recovery import RecoveryRule, Strategy
from bunsui.model.session import Claim, Custody, SessionStatus
from bunsui.sessions.recovery.policies import PolicyInForce, RuleObstacles, count_recoveries, policy_in_force, told_attempts
from bunsui.sessions.recovery.strategies import (
    LONGEST_OPEN,
    REDRIVABLE_FOR,
    AppliedChange,
    Decision,
    RecoveryCase,
    choose_strategy,
    read_strategy,
    why_not_redriven,
)
from tests.unit.sessions.recovery.test_policies import LOAD, rule, under
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


def ruled() -> Iterator[tuple[str, RecoveryCase]]:
    """Return cases of pipelines that say what is to be done."""
    for strategy in (Strategy.REDRIVE, Strategy.RESUME, Strategy.RESTART, Strategy.MANUAL):
        for kind in ("throttling", "code", "data"):
            yield f"{kind}, a rule for any: {strategy.value}", under(case(kind), rule(strategy, line=4))
            yield f"{kind}, a rule for it: {strategy.value}", under(case(kind), rule(strategy, kind, attempts=3, line=4))
    first, second = rule(Strategy.REDRIVE, attempts=1, line=4), rule(Strategy.RESUME, attempts=2, line=5)
    for recoveries in range(4):
        yield f"two rules, recovered {recoveries} times", under(case("data"), first, second, recoveries=recoveries)
    yield "from a job", under(case("data"), rule(Strategy.RESTART_FROM, job="load", line=4))
    yield "from a job that is gone", under(case("data"), rule(Strategy.RESTART_FROM, job="gone", line=4), second)
    yield "skipped", under(case("data"), rule(Strategy.SKIP, output={"rows": 0}, line=4))
    yield "skipped with too little", under(case("data"), rule(Strategy.SKIP, output={}, line=4))
    elsewhere = under(case("data"), rule(Strategy.SKIP, output={"rows": 0}, line=4))
    yield "skipped what is no job", replace(elsewhere, jobs={})
    note = elsewhere.session.failure
    assert note is not None
    done = replace(note, completed=("load",))
    yield "skipped what is done", replace(elsewhere, session=replace(elsewhere.session, failure=done))
    inner = replace(note, place="load/inner")
    yield "skipped what runs a pipeline", replace(elsewhere, session=replace(elsewhere.session, failure=inner))
    by_hand = rule(Strategy.MANUAL, owner="mika", note="ask", deadline_seconds=60, line=4)
    yield "by hand", under(case("data"), by_hand)
    stopped = case("cancelled", status=SessionStatus.CANCELLED)
    yield "stopped, a rule for any", under(stopped, rule(Strategy.RESUME, line=4))
    yield "stopped, a rule for it", under(stopped, rule(Strategy.RESUME, "cancelled", line=4))
    yield "another version", replace(case("throttling"), policy=PolicyInForce(is_foreign=True))
    remark = replace(under(case("data"), by_hand).policy, remark="not as applied")
    yield "a remark", replace(under(case("data"), by_hand), policy=remark)
    yield "a remark, no rule", replace(case("throttling"), policy=PolicyInForce(remark="not as applied"))
    for owner, told in (("mika", "soon"), ("", "")):
        custody = Custody(owner=owner, by="ann", at=NOW, attempt=1, note=told, until=NOW + timedelta(hours=1))
        held = replace(case("throttling").session, custody=custody)
        yield f"held by {owner or 'nobody'}", replace(under(case("throttling"), second), session=held)
    year = replace(outside_of(LONGEST_OPEN), fixed="")
    yield "just a year open", year
    yield "longer than a year open", outside_of(LONGEST_OPEN + timedelta(seconds=1))


def outside_of(age: timedelta) -> RecoveryCase:
    """Return the case of an execution that began so long ago, and ended a moment ago."""
    found = case("throttling", ended=timedelta(hours=1))
    attempt = replace(found.session.attempts[0], started_at=NOW - age)
    return replace(found, session=replace(found.session, attempts=(attempt,)))


def told(decision: Decision) -> str:
    more: dict[str, object] = {
        "rule": decision.rule,
        "job": decision.job,
        "output": dict(decision.output),
        "owner": decision.owner,
    }
    more |= {"note": decision.note, "deadline": decision.deadline_seconds, "until": decision.until and str(decision.until)}
    said = ", ".join(f"{name} {value}" for name, value in more.items() if value)
    return f"{decision.strategy.value}, {decision.reason}{f' [{said}]' if said else ''}"


def decisions() -> Iterator[str]:
    for name, found in (*cases(), *ruled()):
        yield f"## {name}"
        for wish in WISHES:
            decision = choose_strategy(found, now=NOW, wish=wish)
            yield f"{f'{wish.value}: ' if wish else ''}{told(decision)}"
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


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Restart_From", "resume SESSION --from JOB"),
        ("restart-from", "resume SESSION --from JOB"),
        ("skip", "resume SESSION --skip JOB --output JSON"),
        ("manual", "take SESSION"),
    ],
)
def test_a_strategy_that_needs_more_than_a_word_has_a_command_of_its_own(text: str, command: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_strategy(text)
    assert refused.value.hint == f"For one session:\n  bunsui {command}"


RULES = (rule(Strategy.RESUME, line=4), rule(Strategy.RESTART, line=5))
BARE = tuple(replace(one, position=None) for one in RULES)


def told_of(*rules: RecoveryRule, job: str = "") -> ToldPolicies:
    return ToldPolicies(pipeline=() if job else rules, jobs={job: rules} if job else {})


NOT_APPLIED = "what the file says of recovery is not applied"


@pytest.mark.parametrize(
    ("applied", "written", "places", "remark"),
    [
        (told_of(*RULES), None, ["rule 1 of the pipeline, as applied", "rule 2 of the pipeline, as applied"], ""),
        (told_of(*RULES), told_of(*RULES), ["pipelines/daily.yaml:4", "pipelines/daily.yaml:5"], ""),
        (told_of(*BARE), told_of(*BARE), ["rule 1 of the pipeline", "rule 2 of the pipeline"], ""),
        (told_of(*BARE, job="load"), told_of(*BARE, job="load"), ["rule 1 of load", "rule 2 of load"], ""),
        (told_of(RULES[0]), told_of(*RULES), ["rule 1 of the pipeline, as applied"], NOT_APPLIED),
        (NO_POLICIES, told_of(*RULES), [], NOT_APPLIED),
        (NO_POLICIES, NO_POLICIES, [], ""),
        (NO_POLICIES, None, [], ""),
    ],
)
def test_a_rule_is_named_by_its_place_where_the_files_say_what_is_applied(
    applied: ToldPolicies, written: ToldPolicies | None, places: list[str], remark: str
) -> None:
    found = policy_in_force(applied, written, "load")
    assert (found.rules, list(found.places), found.remark, found.is_foreign) == (applied.of("load"), places, remark, False)


def test_of_what_another_version_wrote_nothing_is_told() -> None:
    foreign = ToldPolicies(pipeline=RULES, jobs={}, is_foreign=True)
    assert policy_in_force(foreign, NO_POLICIES, "load") == PolicyInForce(is_foreign=True)


def test_what_can_be_carried_out_has_no_word_against_it() -> None:
    free = RuleObstacles(jobs={"load": LOAD}, failed_job="load")
    for one in (rule(Strategy.REDRIVE), rule(Strategy.RESUME), rule(Strategy.RESTART_FROM, job="load")):
        assert free.against(one) == ""
    assert free.against(rule(Strategy.SKIP, output={"rows": 1})) == ""
    assert RuleObstacles(redrive="too old").against(rule(Strategy.REDRIVE)) == "too old"


def test_recoveries_are_the_attempts_after_the_first() -> None:
    session = case().session
    assert [count_recoveries(replace(session, attempts=session.attempts * count)) for count in range(4)] == [0, 0, 1, 2]
    assert [told_attempts(count) for count in (1, 2)] == ["its 1 attempt is", "its 2 attempts are"]
