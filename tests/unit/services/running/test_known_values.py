"""What expressions give in a run that has not begun."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Parameter, Pipeline
from bunsui.model.values import Expression, Value
from bunsui.services.running.known_values import ForeseenCondition, KnownValues, read_known_values

AT = datetime(2026, 1, 31, 18, tzinfo=UTC)
SLOT = "2026-01-31T15:30:00Z"


def parameter(name: str, default: Value = None, *, required: bool = False) -> Parameter:
    return Parameter(name=name, type="string", schema={"type": "string"}, default=default, required=required)


def known(*parameters: Parameter, when: str = "true", params: dict[str, Json] | None = None) -> KnownValues:
    job = Job(name="a", operations=(Operation(id="x", type="wait", params={}),), when=Expression(when))
    pipeline = Pipeline(name="p", path="p.yaml", timezone="Asia/Tokyo", parameters=parameters, jobs=(job,))
    session: dict[str, Json] = {"id": "", "attempt": 1, "slot": SLOT, "date": "2026-02-01", "scheduled_at": SLOT}
    return read_known_values(pipeline, {"params": params or {}, "session": {**session, "started_by": "mika"}}, at=AT)


def judged(when: str, *parameters: Parameter, **params: Json) -> ForeseenCondition:
    return known(*parameters, when=when, params=params).judge(Expression(when))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("$session.weekday = 'Sunday'", ForeseenCondition.HOLDS),
        ("$session.weekday in ['Monday']", ForeseenCondition.HOLDS_NOT),
        ("$session.month = '2026-02' and $session.date = '2026-02-01'", ForeseenCondition.HOLDS),
        ("$session.attempt = 1", ForeseenCondition.HOLDS),
        ("$params.region = 'jp'", ForeseenCondition.HOLDS),
        ("$exists($params.other)", ForeseenCondition.HOLDS_NOT),
        ("($a := $params.region; $a = 'us')", ForeseenCondition.HOLDS_NOT),
        ("true", ForeseenCondition.HOLDS),
    ],
)
def test_a_condition_over_parameters_and_session_is_decided(when: str, expected: ForeseenCondition) -> None:
    assert judged(when, parameter("region"), region="jp") is expected


@pytest.mark.parametrize("when", ["$params.region", "$params.other", "$params.region > 1", "$number($params.region) = 1"])
def test_what_is_neither_true_nor_false_is_no_truth(when: str) -> None:
    assert judged(when, parameter("region"), region="jp") is ForeseenCondition.NO_TRUTH


@pytest.mark.parametrize(
    "when",
    [
        "$exists($jobs.a.x)",
        "$status.a = 'succeeded' or true",
        "$session.id != ''",
        "$exists($session)",
        "$toMillis($session.slot) < $millis()",
        "$random() < 2",
        "$states.context.Execution.Name != ''",
        "$exists($resume.jobs)",
    ],
)
def test_what_reads_anything_else_is_left_to_the_run(when: str) -> None:
    assert judged(when) is ForeseenCondition.OPEN


def test_no_condition_holds() -> None:
    assert known().judge(None) is ForeseenCondition.HOLDS


def test_a_default_that_reads_the_session_is_told() -> None:
    found = known(parameter("day", Expression("$session.date")), parameter("none"), parameter("given"), params={"given": "x"})
    assert dict(found.params) == {"day": "2026-02-01", "none": None, "given": "x"}
    assert list(found.params) == ["day", "none", "given"]
    assert found.open_params == ()


@pytest.mark.parametrize("text", ["$uuid()", "$session.id", "$now()", "$number($session.date)"])
def test_a_default_that_the_run_alone_tells_is_open_and_so_is_what_reads_it(text: str) -> None:
    one = parameter("token", Expression(text))
    found = known(one)
    assert (dict(found.params), found.open_params) == ({}, ("token",))
    assert judged("$exists($params.token)", one) is ForeseenCondition.OPEN
    assert judged("$count($keys($params)) = 1", one) is ForeseenCondition.OPEN
    assert judged("$params.region = 'jp'", one, parameter("region"), region="jp") is ForeseenCondition.HOLDS
    assert judged("$params.token = 'x'", one, token="x") is ForeseenCondition.HOLDS, "given, it is known"
