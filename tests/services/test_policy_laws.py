"""The law of policies: whatever they say, a recovered session gives what one without the failure gives, no completed job is
called again but by a restart, and nothing is chosen that Step Functions refuses. `BUNSUI_DRAWS` says how many are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.errors import Refused
from bunsui.model.pipeline import Pipeline
from bunsui.model.recovery import RULE_STRATEGIES, Policy, RecoveryRule, Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.execution import SessionExecutions
from bunsui.services.recovery.carrying import RecoveryStatus
from bunsui.services.recovery.planning import RecoveryRequest, plan_recovery
from bunsui.services.session_filter import parse_filter
from bunsui.sessions.recovery.plan import RecoveryPart, RecoveryPlan
from bunsui.sessions.recovery.policies import count_recoveries
from tests.fakes.passing import PassingExecution
from tests.services.test_recovered_result import CHANCE, LAWFUL, World, failed, world_of

ERRORS = ("Lambda.TooManyRequestsException", "Lambda.ServiceException", "States.Timeout", "ValueError")
WORDS = ("throttling", "infrastructure", "timeout", "code", "data", *ERRORS)


def values(pipeline: Pipeline, numbers: Mapping[str, int]) -> dict[str, int]:
    """Return what each job gives."""
    found: dict[str, int] = {}
    for job in pipeline.jobs:
        found[job.name] = numbers[job.name] + sum(found[other] for other in job.depends_on)
    return found


def policy_of(chance: Random, names: list[str], gives: int | None) -> Policy:
    """Draw rules; `gives` is what the job gives that has them, None for the pipeline's."""
    allowed = [one for one in RULE_STRATEGIES if gives is not None or one is not Strategy.SKIP]
    return tuple(
        RecoveryRule(
            strategy=(strategy := chance.choice(allowed)),
            only=tuple(chance.sample(WORDS, chance.choice([0, 0, 1, 3]))),
            attempts=None if strategy is Strategy.MANUAL else chance.choice([None, None, 1, 2]),
            job=chance.choice(names) if strategy is Strategy.RESTART_FROM else "",
            output={"n": gives or 0} if strategy is Strategy.SKIP else {},
        )
        for _ in range(chance.randint(1, 4))
    )


def with_policies(world: World, pipeline: Pipeline, chance: Random) -> Pipeline:
    """Apply policies to the pipeline, and to the half of its jobs."""
    names, gives = [job.name for job in pipeline.jobs], values(pipeline, world.numbers)
    jobs = [
        replace(job, recovery=policy_of(chance, names, gives[job.name])) if chance.random() < 0.5 else job
        for job in pipeline.jobs
    ]
    said = replace(pipeline, jobs=tuple(jobs), recovery=policy_of(chance, names, None))
    world.apply(said)
    return said


def only_part(plan: RecoveryPlan) -> RecoveryPart:
    (group,) = plan.groups
    (part,) = group.parts
    return part


def descendants(pipeline: Pipeline, name: str) -> set[str]:
    found = {name}
    for job in pipeline.jobs:
        if found.intersection(job.depends_on):
            found.add(job.name)
    return found


def called_again(world: World, completed: Set[str]) -> set[str]:
    return {name for name, count in world.calls.items() if count} & completed


def may_run_again(pipeline: Pipeline, part: RecoveryPart) -> set[str]:
    if part.strategy is Strategy.RESTART:
        return {job.name for job in pipeline.jobs}
    return descendants(pipeline, part.job) if part.strategy is Strategy.RESTART_FROM else set()


def first_that_fits(pipeline: Pipeline, session: Session) -> RecoveryRule | None:
    """Return the rule that counts where nothing stands against any: the sentence of the docs, in code of its own."""
    assert session.failure is not None
    own = pipeline.job(session.failure.place).recovery or pipeline.recovery
    for rule in own:
        is_about = not rule.only or session.failure.error_class in rule.only or session.failure.error in rule.only
        if is_about and (rule.attempts is None or count_recoveries(session) < rule.attempts):
            return rule
    return None


@LAWFUL
@given(chance=CHANCE)
def test_whatever_the_policy_says_the_result_is_that_of_a_run_without_failure(chance: Random) -> None:
    world, pipeline, names = world_of(chance)
    whole = world.ran()
    pipeline = with_policies(world, pipeline, chance)
    world.error = chance.choice(ERRORS)
    session = failed(world, chance.choice(names))
    assert session.failure is not None
    completed = set(session.failure.completed)
    world.calls.clear()
    plan = world.planned()
    part, wanted = only_part(plan), first_that_fits(pipeline, session)
    if wanted is not None and part.strategy is not Strategy.LEAVE:
        assert part.strategy is wanted.strategy, part.reason
    if not part.strategy.starts:
        assert not world.calls
        return
    assert world.carried(plan) is RecoveryStatus.STARTED
    row = world.settled(session)
    assert (row.status, row.output) == (SessionStatus.SUCCEEDED, whole.output), part
    assert called_again(world, completed) <= may_run_again(pipeline, part)
    assert {name for name, count in world.calls.items() if count} == set(part.runs)
    assert max(world.calls.values(), default=1) == 1
    if part.strategy is Strategy.SKIP:
        assert session.failure.place not in world.calls


@LAWFUL
@given(chance=CHANCE)
def test_however_often_it_fails_it_ends_with_a_success_or_a_person(chance: Random) -> None:
    world, pipeline, names = world_of(chance)
    pipeline = with_policies(world, pipeline, chance)
    session = failed(world, chance.choice(names))
    for recoveries in range(5):
        plan = world.planned()
        part = only_part(plan)
        if part.strategy is Strategy.LEAVE:
            return
        assert part.strategy is not Strategy.MANUAL or world.carried(plan) is RecoveryStatus.HANDED_OVER
        if part.strategy is Strategy.MANUAL:
            assert only_part(world.planned()).strategy is Strategy.LEAVE
            return
        world.failing = chance.choice(names) if recoveries < 3 else ""
        assert world.carried(plan) is RecoveryStatus.STARTED
        session = world.settled(session)
        assert len(session.attempts) == recoveries + 2
        world.failing = ""
        if session.status is SessionStatus.SUCCEEDED:
            return
    raise AssertionError("it was recovered without end")


class TooLate(PassingExecution):
    """Redrives nothing that ended more than 14 days ago, as Step Functions does."""

    def __init__(self, inner: SessionExecutions, world: World, session: Session) -> None:
        super().__init__(inner)
        self._world, self._session = world, session

    def redrive(self, execution_arn: str, *, token: str = "") -> None:
        """Refuse it when it is too late."""
        latest = self._session.latest
        assert latest is not None
        assert latest.stopped_at is not None
        if self._world.clock.now() - latest.stopped_at > timedelta(days=14):
            raise Refused("not-redrivable", "Step Functions does not redrive it")
        self.inner.redrive(execution_arn, token=token)


@LAWFUL
@given(chance=CHANCE)
def test_a_policy_picks_nothing_that_step_functions_refuses(chance: Random) -> None:
    world, pipeline, names = world_of(chance)
    rules = (RecoveryRule(strategy=Strategy.REDRIVE), *policy_of(chance, names, None))
    pipeline = replace(pipeline, recovery=rules)
    world.apply(pipeline)
    session = failed(world, chance.choice(names))
    ports = world.context.ports
    world.context = replace(world.context, ports=replace(ports, execution=TooLate(ports.execution, world, session)))
    world.clock.sleep(timedelta(days=chance.choice([1, 15])).total_seconds())
    if chance.random() < 0.3:
        world.apply(replace(pipeline, timeout_seconds=3600))
    request = RecoveryRequest(wanted=parse_filter("since:4w"), asked="since:4w")
    plan = plan_recovery(world.context, request)
    part = only_part(plan)
    if part.strategy.starts:
        assert world.carried(plan) is RecoveryStatus.STARTED, part


def test_a_policy_alone_is_no_other_version_that_a_redrive_would_miss() -> None:
    world, pipeline, names = world_of(Random(7))
    failed(world, names[-1])
    world.apply(replace(pipeline, recovery=(RecoveryRule(strategy=Strategy.REDRIVE, only=("throttling",)),)))
    part = only_part(world.planned())
    assert (part.strategy, part.rule) == (Strategy.REDRIVE, "rule 1 of the pipeline")


@pytest.mark.parametrize("is_applied", [True, False])
def test_what_counts_is_what_is_applied_and_not_what_the_file_says(is_applied: bool) -> None:
    world, pipeline, names = world_of(Random(7))
    said = replace(pipeline, recovery=(RecoveryRule(strategy=Strategy.RESTART),))
    failed(world, names[-1])
    if is_applied:
        world.apply(said)
        world.context = replace(world.context, pipelines={"law": pipeline})
    else:
        world.context = replace(world.context, pipelines={"law": said})
    part = only_part(world.planned())
    assert part.strategy is (Strategy.RESTART if is_applied else Strategy.REDRIVE)
    assert "what the file says of recovery is not applied" in part.reason
