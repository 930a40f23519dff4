"""What going on would keep and do twice, told without any history."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.compile.fingerprints import ToldFingerprints
from bunsui.model.pipeline import Job, Operation
from bunsui.model.values import Expression
from bunsui.operations.choice import Case, ChoiceParams
from bunsui.operations.registry import builtin_registry
from bunsui.operations.wait import WaitParams
from bunsui.sessions.recovery.foresight import foresee_resume, starts_pipelines, undeclared_operations
from tests.unit.sessions.recovery.test_nested import calling, choosing, starting

REGISTRY = builtin_registry()
CHAIN = (calling("one"), calling("two", "one"), calling("three", "two"))
WAIT = Operation(id="rest", type="wait", params=WaitParams(duration="1m"))
CALL = Operation(id="call", type="lambda", params={})


@pytest.mark.parametrize(
    ("completed", "ran", "applied", "restored", "to_run"),
    [
        ((), {}, {}, (), ("one", "two", "three")),
        (("one",), {}, {}, ("one",), ("two", "three")),
        (("one", "gone"), {}, {}, ("one",), ("two", "three")),
        (("one", "two"), {"one": "1", "two": "2"}, {"one": "1", "two": "2"}, ("one", "two"), ("three",)),
        (("one", "two"), {"one": "1", "two": "2"}, {"one": "1", "two": "3"}, ("one",), ("two", "three")),
        (("one", "two"), {"one": "1", "two": "2"}, {"one": "9", "two": "2"}, (), ("one", "two", "three")),
    ],
)
def test_what_is_kept_follows_from_the_row_and_two_versions(
    completed: tuple[str, ...], ran: dict[str, str], applied: dict[str, str], restored: tuple[str, ...], to_run: tuple[str, ...]
) -> None:
    plan = foresee_resume(CHAIN, completed, REGISTRY, ran=ToldFingerprints(jobs=ran), applied=ToldFingerprints(jobs=applied))
    assert (plan.restored, plan.to_run, plan.skipped) == (restored, to_run, ())


def test_of_a_version_that_nobody_can_compare_everything_runs() -> None:
    foreign, known = ToldFingerprints(jobs={}, is_foreign=True), ToldFingerprints(jobs={"one": "1"})
    for ran, applied in ((foreign, known), (known, foreign)):
        assert foresee_resume(CHAIN, ("one",), REGISTRY, ran=ran, applied=applied).restored == ()


@pytest.mark.parametrize(
    ("job", "starts"),
    [
        (calling("a"), False),
        (starting("a"), True),
        (choosing("a", starting("a")), True),
        (choosing("a", calling("a")), False),
        (Job(name="a", operations=(CALL, *starting("a").operations)), True),
    ],
)
def test_a_job_starts_pipelines_when_any_of_its_operations_does(job: Job, starts: bool) -> None:
    assert starts_pipelines(job, REGISTRY) is starts


def test_what_calls_something_and_does_not_say_that_twice_is_well_is_named() -> None:
    def choice(inner: Operation) -> Operation:
        cases = [Case(when=Expression("true"), operations=(inner,))]
        return Operation(id="choose", type="choice", params=ChoiceParams(cases=cases))

    jobs = (
        Job(name="a", operations=(CALL, WAIT, replace(CALL, id="twice", idempotent=True), replace(CALL, id="more"))),
        Job(name="b", operations=(choice(CALL),)),
        Job(
            name="c", operations=(choice(WAIT), choice(replace(CALL, idempotent=True)), replace(choice(CALL), idempotent=True))
        ),
        Job(name="d", operations=(CALL,)),
    )
    assert undeclared_operations(jobs, ("a", "b", "c", "gone"), REGISTRY) == ("a.call", "a.more", "b.call")
    assert undeclared_operations(jobs, (), REGISTRY) == ()
