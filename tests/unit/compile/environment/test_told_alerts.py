"""A machine holds what its environment's resident tells; it runs as it would without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.environment.told_alerts import read_told_alerts
from bunsui.compile.pipeline import compile_pipeline
from bunsui.compile.policies import read_policies, runs_alike
from bunsui.model.alerts import Alert, Channel
from bunsui.model.pipeline import Pipeline
from bunsui.model.recovery import RecoveryRule, Strategy
from bunsui.operations.registry import builtin_registry
from tests.executing import SCOPE
from tests.fakes.session_room import PIPELINE

FAILED = Alert(event="failed", notify=("mail",))
LATE = Alert(event="late", notify=("mail", "pager"), deadline="06:00")
CHANNELS = {name: Channel(name=name) for name in ("mail", "pager")}
PLAIN = replace(PIPELINE, recovery=(RecoveryRule(strategy=Strategy.MANUAL),))


def compiled(pipeline: Pipeline, *, has_resident: bool = True) -> Any:
    return compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry(), channels=CHANNELS, has_resident=has_resident)


def test_what_the_machine_holds_is_read_back_beside_its_policies() -> None:
    made = compiled(replace(PLAIN, alerts=(FAILED, LATE)))
    assert read_told_alerts(made.definition) == (FAILED, LATE)
    assert read_policies(made.definition) == read_policies(compiled(PLAIN).definition)


def test_other_alerts_are_no_other_machine() -> None:
    told, plain = compiled(replace(PLAIN, alerts=(LATE,))).definition, compiled(PLAIN).definition
    assert told != plain
    assert runs_alike(told, plain)
    assert runs_alike(told, compiled(replace(PLAIN, alerts=(FAILED,))).definition)


def test_a_rule_tells_of_failures_where_no_resident_does_and_not_where_one_does() -> None:
    watched = replace(PLAIN, alerts=(FAILED,))
    alone, awake = compiled(watched, has_resident=False), compiled(watched)
    assert [one.address.kind for one in alone.resources if one.address.kind == "alert_rule"] == ["alert_rule"]
    assert read_told_alerts(alone.definition) == ()
    assert [one for one in awake.resources if one.address.kind == "alert_rule"] == []


@pytest.mark.parametrize("comment", [None, "", "Alerts, version 1: {", 'Alerts, version 1: [{"event": "late"}]', 3])
def test_a_comment_that_says_something_else_holds_none(comment: object) -> None:
    assert read_told_alerts({"States": {"_start": {"Comment": comment}}}) == ()  # type: ignore[dict-item]


def test_of_a_newer_version_what_is_known_is_told() -> None:
    comment = 'Alerts, version 9: [{"event":"failed","notify":["mail"],"new":1},{"event":"tomorrow","notify":["mail"]}] rest'
    assert read_told_alerts({"States": {"_start": {"Comment": comment}}}) == (FAILED,)
