"""A recovery as a value: what is to be started, what is left, and the digest by which the same plan is known again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.model.json import Json
from bunsui.model.recovery import Strategy
from bunsui.sessions.recovery.plan import RecoveryGroup, RecoveryPart, RecoveryPlace, RecoveryPlan, RecoveryTarget

AT = datetime(2026, 1, 31, tzinfo=UTC)
PLACE = RecoveryPlace(project="sales", project_id="x1", environment="prod", account="111111111111", region="eu-west-1")


def target(name: str, redrive: int = 0) -> RecoveryTarget:
    return RecoveryTarget(session=name, execution_arn=f"arn:{name}", redrive=redrive)


def part(strategy: Strategy, *targets: RecoveryTarget) -> RecoveryPart:
    return RecoveryPart(
        pipeline="daily",
        strategy=strategy,
        reason="why",
        kept=("extract",),
        runs=("load", "report"),
        outdated=(("load", "its code changed"), ("report", "after it")),
        side_effects=("load.call",),
        is_certain=False,
        typical_seconds=60,
        known_runs=3,
        targets=targets,
    )


def group(*parts: RecoveryPart) -> RecoveryGroup:
    return RecoveryGroup(
        fingerprint="f1-0",
        error_class="code",
        error="ValueError",
        message="no",
        place="load",
        first_at=AT,
        last_at=AT,
        sample="s1",
        parts=parts,
    )


PARTS = (
    part(Strategy.LEAVE, target("s0"), target("s9")),
    part(Strategy.RESUME, target("s1", 2), target("s2")),
    part(Strategy.REDRIVE, target("s3")),
)
PLAN = RecoveryPlan(place=PLACE, made_at=AT, asked="since:1d", groups=(group(*PARTS[:2]), group(PARTS[2])))


def test_work_is_what_is_started_group_by_group_and_the_rest_is_left() -> None:
    assert [(one.strategy, aim.session) for one, aim in PLAN.work] == [
        (Strategy.RESUME, "s1"),
        (Strategy.RESUME, "s2"),
        (Strategy.REDRIVE, "s3"),
    ]
    assert (PLAN.left, [one.count for one in PLAN.groups]) == (2, [4, 1])


def test_a_part_tells_what_is_done_and_why_jobs_run_again() -> None:
    assert PARTS[1].told == ["daily", "resume", ["extract"], ["load", "report"], False]
    assert PARTS[1].reasons == {"load": "its code changed", "report": "after it"}


TOLD: list[Json] = ["daily", "resume", ["extract"], ["load", "report"], False]


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ({}, []),
        ({"job": "load"}, ["load", {}, "", "", None]),
        ({"output": {"rows": 0}}, ["", {"rows": 0}, "", "", None]),
        ({"owner": "mika"}, ["", {}, "mika", "", None]),
        ({"note": "ask"}, ["", {}, "", "ask", None]),
        ({"deadline_seconds": 60}, ["", {}, "", "", 60]),
        ({"rule": "orders.yaml:12", "until": AT, "items": ("load",), "learnt_seconds": 9, "usd_each": 0.1}, []),
    ],
)
def test_what_a_policy_says_is_told_too_and_nothing_where_it_says_nothing(said: dict[str, Any], more: list[Json]) -> None:
    assert replace(PARTS[1], **said).told == [*TOLD, *more]


def test_a_target_tells_since_when_somebody_is_on_it() -> None:
    assert target("s1", 2).told == ["s1", "arn:s1", 2]
    assert replace(target("s1", 2), taken_at=AT).told == ["s1", "arn:s1", 2, "2026-01-31T00:00:00+00:00"]


WHERE = ("project", "project_id", "environment", "account", "region")


def other_place(name: str) -> RecoveryPlace:
    other: Any = {name: "other"}
    return replace(PLACE, **other)


def with_parts(*parts: RecoveryPart) -> RecoveryPlan:
    return replace(PLAN, groups=(group(*parts),))


def with_targets(*targets: RecoveryTarget) -> RecoveryPlan:
    return with_parts(replace(PARTS[1], targets=targets), PARTS[2])


def test_a_digest_stands_for_what_is_done_and_where_and_for_nothing_else() -> None:
    digest = "fab5990752016fc1d2e90638d226523a4a3a0b95fe1639f86eaecc0ed699a7e6"
    same: Sequence[RecoveryPlan] = (
        PLAN,
        with_parts(*PARTS[1:]),
        replace(PLAN, place=replace(PLACE, is_local=True)),
        replace(PLAN, made_at=datetime(2027, 1, 1, tzinfo=UTC), asked="", is_cut=True, unreached=("weekly",)),
        with_parts(replace(PARTS[1], reason="another", typical_seconds=None, known_runs=0, outdated=()), PARTS[2]),
    )
    others = (
        *(replace(PLAN, place=other_place(name)) for name in WHERE),
        with_targets(target("s1", 2)),
        with_targets(target("s2"), target("s1", 2)),
        with_targets(target("s1"), target("s2")),
        with_targets(target("s1", 2), replace(target("s2"), execution_arn="arn:other")),
        with_parts(replace(PARTS[1], pipeline="weekly"), PARTS[2]),
        with_parts(replace(PARTS[1], strategy=Strategy.RESTART), PARTS[2]),
        with_parts(replace(PARTS[1], kept=()), PARTS[2]),
        with_parts(replace(PARTS[1], runs=("load",)), PARTS[2]),
        with_parts(replace(PARTS[1], is_certain=True), PARTS[2]),
    )
    assert {one.digest for one in same} == {digest}, "another digest makes every saved plan another one"
    assert len({digest, *(one.digest for one in others)}) == 1 + len(others)
