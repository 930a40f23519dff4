"""The law of recovery: whatever the strategy, a recovered session gives what one without the failure gives.

No completed job is called again but by a restart. `BUNSUI_DRAWS` says how many pipelines are drawn.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.clock import EngineClock
from bunsui.engine.mocks import MockedAnswer, give
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded
from bunsui.model.pipeline import Pipeline
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session, SessionStatus
from bunsui.operations.registry import builtin_registry
from bunsui.services.recovery.carrying import RecoveryStatus, carry_recovery
from bunsui.services.recovery.planning import RecoveryRequest, plan_recovery
from bunsui.services.render import shown
from bunsui.services.run import RunRequest, start_session
from bunsui.services.session_context import SessionContext
from bunsui.services.session_filter import SessionFilter
from bunsui.sessions.recovery.plan import RecoveryPlan
from bunsui.testkit.execution import MemoryExecutionClient
from tests.executing import SCOPE
from tests.fakes.session_room import Room
from tests.services.test_resumed_result import pipeline_of, with_edited

DRAWS = int(os.environ.get("BUNSUI_DRAWS", "12"))
CHANCE = st.randoms(use_true_random=True)
LAWFUL = settings(max_examples=DRAWS, deadline=None, suppress_health_check=list(HealthCheck))


class World:
    """A project with one pipeline, whose functions give their numbers and are counted; one of them may fail."""

    def __init__(self, pipeline: Pipeline, numbers: dict[str, int]) -> None:
        self.calls: Counter[str] = Counter()
        self.numbers, self.failing = numbers, ""
        self.error = "Lambda.TooManyRequestsException"
        room = Room()
        self.clock = room.clock
        self.execution = MemoryExecutionClient(room.clock, work=lambda clock: _Runner(self, clock))
        ports = replace(room.context.ports, execution=self.execution)
        self.context: SessionContext = replace(room.context, ports=ports, pipelines={"law": pipeline})
        self.apply(pipeline)

    def apply(self, pipeline: Pipeline) -> None:
        """Put the machine into the account as its next version."""
        definition: Any = shown(compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry()).definition)
        machine = self.context.machine("law")
        self.execution.machine(machine.arn, definition=definition)
        self.execution.alias(machine.alias_arn, self.execution.publish(machine.arn))
        self.context = replace(self.context, pipelines={"law": pipeline})

    def ran(self) -> Session:
        """Run the pipeline once."""
        return self.settled(start_session(self.context, RunRequest(pipeline="law")))

    def settled(self, session: Session) -> Session:
        """Return the session when nothing of it runs any more."""
        self.clock.sleep(60)
        row = self.context.ports.sessions.get(session.id)
        assert row is not None
        return self.context.manager.sync(row)

    def planned(self, strategy: Strategy | None = None) -> RecoveryPlan:
        """Return what is to be done about all that failed."""
        return plan_recovery(self.context, RecoveryRequest(wanted=SessionFilter(), asked="", strategy=strategy))

    def carried(self, plan: RecoveryPlan) -> RecoveryStatus:
        """Carry out a plan of one session, and return what became of it."""
        (step,) = carry_recovery(self.context, plan, lambda step: None).steps
        return step.status

    def recovered(self, session: Session, strategy: Strategy) -> Session:
        """Recover all that failed in that way."""
        assert self.carried(self.planned(strategy)) is RecoveryStatus.STARTED
        return self.settled(session)


class _Runner:
    def __init__(self, world: World, clock: EngineClock) -> None:
        self._world, self._clock = world, clock

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        given: Any = request.arguments
        name, _, version = given["FunctionName"].partition(":")
        self._world.calls[name] += 1
        if name == self._world.failing:
            return give(
                MockedAnswer(last=TaskFailed(error=self._world.error, cause="slow down")),
                request,
                report,
                self._clock,
            )
        number = self._world.numbers[name] * 10 ** (version == "2")
        return give(MockedAnswer(last=TaskSucceeded(output={"Payload": {"n": number}})), request, report, self._clock)


def world_of(chance: Random) -> tuple[World, Pipeline, list[str]]:
    pipeline = pipeline_of(chance)
    names = [job.name for job in pipeline.jobs]
    return World(pipeline, {name: chance.randint(1, 9) for name in names}), pipeline, names


def failed(world: World, name: str) -> Session:
    world.failing = name
    session = world.ran()
    assert session.status is SessionStatus.FAILED
    world.failing = ""
    return session


@pytest.mark.parametrize("strategy", [Strategy.RESUME, Strategy.REDRIVE, Strategy.RESTART])
@LAWFUL
@given(chance=CHANCE)
def test_a_recovered_session_gives_what_one_without_the_failure_gives(chance: Random, strategy: Strategy) -> None:
    world, _, names = world_of(chance)
    whole = world.ran()
    session = failed(world, chance.choice(names))
    assert session.failure is not None
    completed = set(session.failure.completed)
    world.calls.clear()
    row = world.recovered(session, strategy)
    assert (row.status, row.output) == (SessionStatus.SUCCEEDED, whole.output)
    again = completed & {name for name, count in world.calls.items() if count}
    assert again == (completed if strategy is Strategy.RESTART else set())
    assert max(world.calls.values()) == 1


@LAWFUL
@given(chance=CHANCE)
def test_with_an_edited_job_a_planned_resume_gives_what_a_whole_run_gives(chance: Random) -> None:
    world, pipeline, names = world_of(chance)
    session = failed(world, chance.choice(names))
    edited = chance.choice(names)
    world.apply(with_edited(pipeline, edited))
    row = world.recovered(session, Strategy.RESUME)
    whole = world.ran()
    assert (row.status, row.output) == (SessionStatus.SUCCEEDED, whole.output)


def test_what_lay_outside_is_redriven_by_itself() -> None:
    world, _, names = world_of(Random(7))
    failed(world, names[-1])
    (group,) = plan_recovery(world.context, RecoveryRequest(wanted=SessionFilter(), asked="")).groups
    assert (group.error_class, [part.strategy for part in group.parts]) == ("throttling", [Strategy.REDRIVE])


def test_after_an_apply_it_is_resumed_since_a_redrive_runs_what_ran() -> None:
    world, pipeline, names = world_of(Random(7))
    failed(world, names[-1])
    world.apply(with_edited(pipeline, names[0]))
    (group,) = plan_recovery(world.context, RecoveryRequest(wanted=SessionFilter(), asked="")).groups
    (part,) = group.parts
    assert part.strategy is Strategy.RESUME
    assert names[0] in part.runs
