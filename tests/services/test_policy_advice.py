"""Whoever looks at a failed session is told what its pipeline's policy says, and nothing is asked for where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from bunsui.model.json import Json
from bunsui.model.recovery import RecoveryRule, Strategy
from bunsui.model.session import Session
from bunsui.services.recovery.advice import advise
from bunsui.services.recovery.single import plan_by_strategy
from bunsui.services.recovery.taking import take_session
from bunsui.services.watch import show_session
from bunsui.view.sessions.advice import next_steps
from tests.fakes.passing import PassingExecution
from tests.services.test_recovered_result import World, failed, world_of


class Counted(PassingExecution):
    """Counts how often a definition is asked for."""

    asked = 0

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Return it as the other does."""
        self.asked += 1
        return self.inner.definition(arn)


def failed_under(*rules: RecoveryRule) -> tuple[World, Session]:
    world, pipeline, names = world_of(Random(7))
    world.apply(replace(pipeline, recovery=rules))
    return world, failed(world, names[-1])


def test_show_tells_what_the_policy_says_and_offers_the_command_first() -> None:
    world, session = failed_under(RecoveryRule(strategy=Strategy.RESTART, only=("throttling",)))
    shown = show_session(world.context, session)
    assert shown.advice is not None
    assert (shown.advice.strategy, shown.advice.rule) == (Strategy.RESTART, "rule 1 of the pipeline")
    first = next_steps(shown)[0]
    assert (first.command, first.why) == (f"bunsui recover {session.id}", "what its policy says: restart")


def test_a_resume_is_told_what_the_policy_would_have_and_stays_a_resume() -> None:
    world, session = failed_under(RecoveryRule(strategy=Strategy.MANUAL, owner="mika"))
    planned = plan_by_strategy(world.context, session, Strategy.RESUME)
    assert planned.strategy is Strategy.RESUME
    assert planned.advice is not None
    assert planned.advice.strategy is Strategy.MANUAL


def test_where_a_rule_is_about_something_else_or_somebody_is_on_it_nothing_is_offered() -> None:
    world, session = failed_under(RecoveryRule(strategy=Strategy.RESTART, only=("data",)))
    assert advise(world.context, session) is None
    world, session = failed_under(RecoveryRule(strategy=Strategy.RESTART))
    assert advise(world.context, take_session(world.context, session, note="", until=None)) is None


def test_a_pipeline_without_rules_costs_no_call() -> None:
    world, session = failed_under()
    counted = Counted(world.context.ports.execution)
    context = replace(world.context, ports=replace(world.context.ports, execution=counted))
    assert advise(context, session) is None
    assert counted.asked == 0
