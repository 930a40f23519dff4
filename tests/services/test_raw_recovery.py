"""A raw machine has no guards: its sessions are redriven or restarted, and what may happen twice is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline, RawDefinition
from bunsui.model.recovery import Strategy
from bunsui.model.session import SessionStatus
from bunsui.services.recovery.carrying import RecoveryStatus
from bunsui.services.recovery.single import plan_by_strategy
from bunsui.services.watch import show_session
from bunsui.sessions.recovery.plan import RecoveryPart
from bunsui.view.sessions.advice import next_steps
from tests.services.test_recovered_result import World, failed


def task(name: str, then: str = "") -> dict[str, Json]:
    call: dict[str, Json] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": f"{name}:1"},
    }
    return {**call, "Next": then} if then else {**call, "End": True}


DEFINITION: Mapping[str, Json] = {
    "StartAt": "fetch",
    "States": {
        "fetch": task("fetch", "wait"),
        "wait": {"Type": "Pass", "Next": "load"},
        "load": task("load", "tell"),
        "tell": task("tell"),
    },
}
RAW = Pipeline(name="law", path="raw.yaml", definition=RawDefinition(path="m.json", document=DEFINITION))


def world() -> World:
    return World(RAW, {"fetch": 1, "load": 2, "tell": 3})


def only_part(found: World, strategy: Strategy | None = None) -> RecoveryPart:
    ((part,),) = [group.parts for group in found.planned(strategy).groups]
    return part


def test_what_lay_outside_is_redriven_after_what_is_done_and_names_what_may_happen_twice() -> None:
    found = world()
    session = failed(found, "load")
    found.calls.clear()
    part = only_part(found)
    assert (part.strategy, part.kept, part.side_effects) == (Strategy.REDRIVE, ("fetch", "wait"), ("load",))
    assert found.carried(found.planned()) is RecoveryStatus.STARTED
    assert found.settled(session).status is SessionStatus.SUCCEEDED
    assert dict(found.calls) == {"load": 1, "tell": 1}


def test_a_restart_runs_everything_again_and_names_all_that_was_at_work() -> None:
    found = world()
    session = failed(found, "load")
    found.calls.clear()
    part = only_part(found, Strategy.RESTART)
    assert (part.kept, part.side_effects) == ((), ("fetch", "load"))
    assert found.carried(found.planned(Strategy.RESTART)) is RecoveryStatus.STARTED
    assert found.settled(session).status is SessionStatus.SUCCEEDED
    assert dict(found.calls) == {"fetch": 1, "load": 1, "tell": 1}


def test_a_resume_is_not_offered() -> None:
    found = world()
    session = failed(found, "load")
    part = only_part(found, Strategy.RESUME)
    assert part.strategy is Strategy.LEAVE
    assert not part.side_effects
    with pytest.raises(InvalidInput, match="raw-not-resumable") as refused:
        plan_by_strategy(found.context, session, Strategy.RESUME)
    for strategy in ("redrive", "restart"):
        assert f"\n  bunsui resume {session.id} --strategy {strategy}" in refused.value.hint
    offered = [step.command for step in next_steps(replace(show_session(found.context, session), can_resume=False))]
    assert [command.split(" --strategy ")[1] for command in offered] == ["redrive", "restart"]
