"""Polls and distributed foreach in `bunsui test`: mocks, recorded sessions, coverage, objects of S3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bunsui.errors import InvalidInput
from bunsui.model.pipeline_test import PipelineTest
from bunsui.services.testing.pipeline_tests import Judgement, run_test, run_tests
from bunsui.services.testing.recorded import record, replay
from bunsui.services.testing.scaffold import scaffold
from bunsui.testkit.sessions import MemorySessionRepository
from tests.services.test_pipeline_tests import project, shown
from tests.services.test_recorded import a_session, machine_of, past_of

POLLS = """\
version: 1
name: sales
jobs:
  ask:
    operations:
      - type: lambda
        function: "ask:1"
        retry: {attempts: 2, errors: [Slow]}
        poll: {until: "{% $result.done %}", fail_if: "{% $result.bad = true %}", timeout: 2m}
  each:
    foreach: {items: [1, 2]}
    operations: [{type: lambda, function: "each:1", poll: {until: "{% $result.done %}", timeout: 2m}}]
    outputs: {n: "{% $result.output.n %}"}
"""

ITEMS = """\
version: 1
name: sales
jobs:
  each:
    foreach: {items: {s3: s3://lake/in.csv, format: csv}, as: row, mode: distributed, tolerate: 1}
    operations:
      - type: choice
        cases:
          - when: "{% $row.kind = 'a' %}"
            operations: [{id: first, type: lambda, function: "first:1"}]
        default: [{id: other, type: lambda, function: "other:1", retry: {attempts: 3, jitter: false, errors: [Slow]}}]
    outputs: {n: "{% $count($result) %}"}
"""


def waits(*answers: dict[str, Any]) -> list[dict[str, Any]]:
    return [*answers, {"return": {"done": True, "n": 7}}]


WAIT: dict[str, Any] = {"return": {"done": False}}


def polls(**mocks: Any) -> PipelineTest:
    told = {"ask": waits(WAIT, {"error": "Slow"}), "each": waits(WAIT), **mocks}
    return PipelineTest(name="t", pipeline="sales", mocks=told)


def test_a_recorded_poll_passes_as_a_test_question_by_question(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, pipeline=POLLS)
    each = [{"item": 0, **WAIT}, {"item": 1, "attempt": 1, **WAIT}, {"item": 1, "return": {"done": True, "n": 2}}]
    each[0] = {"item": 0, "return": {"done": True, "n": 1}}
    test = record(machine, a_session(), past_of(machine, polls(each=each)).port)
    assert test.mocks["ask.poll"] == [WAIT, {"error": "Slow"}, {"return": {"done": True, "n": 7}}]
    assert [(mock["item"], mock.get("attempt")) for mock in test.mocks["each.lambda.poll"]] == [  # type: ignore[union-attr,index,call-overload]
        (0, None),
        (1, 1),
        (1, 2),
    ]
    assert run_test(machine, test).passed


def test_a_mock_of_the_operations_own_name_answers_its_questions(tmp_path: Path) -> None:
    tests = """\
  - name: by operation
    mocks: {ask.lambda: [{return: {done: false}}, {return: {done: true}}], each: {return: {done: true, n: 1}}}
    expect: {output: {each: {n: [1, 1]}}, duration: 30s, jobs: {ask: succeeded}}
"""
    outcome = run_tests(project(tmp_path, tests=tests, pipeline=POLLS))
    assert not outcome.is_bad, shown(outcome)


def missed(outcome: Judgement) -> set[str]:
    (covered,) = outcome.coverage
    return {*covered.missed_states, *(f"{way.state}: {way.label}" for way in covered.missed_ways)}


def test_the_ways_of_a_poll_that_no_test_took_are_told(tmp_path: Path) -> None:
    tests = (
        "  - {name: at once, mocks: {ask: {return: {done: true}}, each: {return: {done: true}}}, expect: {status: succeeded}}\n"
    )
    assert missed(run_tests(project(tmp_path, tests=tests, pipeline=POLLS))) >= {
        "ask.polled: fail_if holds",
        "ask.polled: 2m are over",
        "ask.polled: default, to ask.wait",
        "ask.wait",
    }


def test_items_come_from_the_objects_that_a_test_tells(tmp_path: Path) -> None:
    tests = """\
  - name: reads
    mocks: {each.first: {return: 1}, each.other: [{error: Slow}, {return: 2}]}
    objects: {"s3://lake/in.csv": "kind,n\\na,1\\nb,2\\n"}
    expect: {output: {each: {n: 2}}, retries: {each: 1}, path: [each]}
"""
    outcome = run_tests(project(tmp_path, tests=tests, pipeline=ITEMS))
    assert not outcome.is_bad, shown(outcome)
    # States and ways inside of children count as taken.
    assert missed(outcome) == {"each.too-many", "each.counted: More than 1000 items"}
    facts = outcome.verdicts[0].facts
    assert facts is not None
    assert [(job.items_done, job.items_total, job.items_failed) for job in facts.jobs] == [(2, 2, 0)]


@pytest.mark.parametrize("name", ["lake/in.csv", "s3://lake"])
def test_an_object_without_an_address_is_refused(tmp_path: Path, name: str) -> None:
    test = PipelineTest(name="t", pipeline="sales", objects={name: "x"})
    problem = run_test(machine_of(tmp_path, pipeline=ITEMS), test).problem
    assert problem is not None
    assert problem.code == "object-invalid"


def distributed(tmp_path: Path) -> tuple[Any, Any]:
    machine = machine_of(tmp_path, pipeline=ITEMS)
    mocks = {"each.first": {"return": 1}, "each.other": {"return": 2}}
    test = PipelineTest(name="t", pipeline="sales", mocks=mocks, objects={"s3://lake/in.csv": "kind\na\n"})
    return machine, past_of(machine, test)


def test_a_session_whose_items_ran_apart_is_not_recorded(tmp_path: Path) -> None:
    machine, past = distributed(tmp_path)
    with pytest.raises(InvalidInput) as refused:
        record(machine, a_session(), past.port)
    assert refused.value.code == "items-apart"


def test_a_replay_says_of_such_a_session_that_it_cannot_be_told(tmp_path: Path) -> None:
    machine, past = distributed(tmp_path)
    sessions = MemorySessionRepository()
    sessions.add(a_session())
    (verdict,) = replay(machine, sessions, past.port, count=3)
    assert verdict.problem is not None
    assert verdict.problem.code == "items-apart"


def test_mocks_are_begun_with_what_decides_whether_it_is_asked_again(tmp_path: Path) -> None:
    begun: Any = scaffold(machine_of(tmp_path, pipeline=POLLS), "ask")
    assert begun["tests"][0]["mocks"] == {"ask.poll": {"return": {"done": None, "bad": None}}}
