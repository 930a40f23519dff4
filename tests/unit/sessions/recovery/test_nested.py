"""What a resume keeps of the pipelines that jobs start, and when one that changed runs again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.fingerprints import ToldFingerprints, fingerprint_comment
from bunsui.compile.foreach.kept import told_items
from bunsui.errors import Missing
from bunsui.model.json import Json
from bunsui.model.pipeline import Foreach, Job, Operation, Pipeline
from bunsui.model.session import HistoryEvent
from bunsui.model.values import Expression
from bunsui.operations.choice import Case, ChoiceParams
from bunsui.operations.pipeline import PipelineParams
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.checkpoints import AttemptHistory
from bunsui.sessions.items.reading import ItemPlan
from bunsui.sessions.items.runs import ItemRuns
from bunsui.sessions.recovery.nested import (
    AppliedPipeline,
    ChildReader,
    ChildResume,
    _what_changed,
    every_child,
    resumed_machines,
)
from tests.unit.sessions.logs.test_called_work import CHILD, Histories
from tests.unit.sessions.logs.test_invocations import at

REGISTRY = builtin_registry()


def calling(name: str, *before: str) -> Job:
    return Job(
        name=name,
        operations=(Operation(id="call", type="lambda", params={}),),
        depends_on=before,
        outputs={"n": Expression("$result.n")},
    )


def starting(name: str, *before: str, **more: Any) -> Job:
    operation = Operation(id="kid", type="pipeline", params=PipelineParams(pipeline="kid", params={}))
    return Job(name=name, operations=(operation,), depends_on=before, **more)


def choosing(name: str, inner: Job) -> Job:
    """Return a job that starts a pipeline where a condition holds."""
    cases = [Case(when=Expression("true"), operations=inner.operations)]
    return Job(name=name, operations=(Operation(id="choose", type="choice", params=ChoiceParams(cases=cases)),))


KID = Pipeline(name="kid", path="kid.yaml", jobs=(calling("one"), calling("two", "one")))
MOTHER = Pipeline(name="mother", path="mother.yaml", jobs=(starting("run"), calling("after", "run")))


def definition(**fingerprints: str) -> dict[str, Json]:
    """Return a machine of these jobs; without any it says no fingerprints."""
    comment: dict[str, Json] = {"Comment": fingerprint_comment(fingerprints)} if fingerprints else {}
    states: dict[str, Json] = {name: {"Type": "Task"} for name in ("one", "two", "run", "after")}
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass", **comment}, **states}}


def foreign() -> dict[str, Json]:
    """Return a machine of another version of bunsui."""
    text = fingerprint_comment({"one": "1"}).replace("version ", "version 9")
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass", "Comment": text}}}


def history(*found: tuple[str, Mapping[str, Any]], given: Json = None) -> list[HistoryEvent]:
    whole = [("ExecutionStarted", {"input": json.dumps(given)}), *found]
    return [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)
        for number, (kind, details) in enumerate(whole, 1)
    ]


def started(*children: str, job: str = "run") -> list[tuple[str, Mapping[str, Any]]]:
    """Return the events of a job that starts these executions, each when the one before has failed."""
    return [
        event
        for child in children
        for event in (
            ("TaskStateEntered", {"name": job, "input": "{}"}),
            ("TaskScheduled", {**CHILD, "parameters": "{}"}),
            ("TaskSubmitted", {**CHILD, "output": json.dumps({"ExecutionArn": child})}),
            ("TaskFailed", {**CHILD, "error": "E", "cause": "no"}),
        )
    ]


def completed(*jobs: str) -> list[tuple[str, Mapping[str, Any]]]:
    output = json.dumps({"jobs": {job: {"n": 1} for job in jobs}, "status": dict.fromkeys(jobs, "succeeded")})
    return [
        event
        for job in jobs
        for event in (("TaskStateEntered", {"name": job}), ("TaskStateExited", {"name": job, "output": output}))
    ]


class Nest(Histories):
    """Executions of `mother` and `kid`, whose machines are given by the beginning of their ARN."""

    machines: Mapping[str, Mapping[str, Json]] = {}

    def definition(self, execution_arn: str) -> Mapping[str, Json]:
        if execution_arn in self.forgotten:
            raise Missing("missing", "forgotten")
        return self.machines.get(execution_arn, definition(one="1", two="2"))


def reader(
    found: Mapping[str, list[HistoryEvent]],
    *,
    now: Mapping[str, Json] | None = None,
    carry_all: bool = False,
    foreign: Sequence[str] = (),
    forgotten: Sequence[str] = (),
    machines: Mapping[str, Mapping[str, Json]] | None = None,
    pipeline: Pipeline = KID,
    further: Mapping[str, Sequence[str]] | None = None,
) -> ChildReader:
    """Return a reader of these executions; `now` is what is applied, `further` the executions of a session beside each."""
    client = Nest(dict(found), forgotten=frozenset(forgotten))
    client.machines = machines or {}
    applied = AppliedPipeline(pipeline=pipeline, definition=now or definition(one="1", two="2"), carry_all=carry_all)
    return ChildReader(
        execution=client,
        registry=REGISTRY,
        applied=lambda arn: None if arn in foreign else applied,
        executions_of=lambda arn: (further or {}).get(arn, [arn]),
        items=ItemRuns(execution=client, map_runs=None),
    )


def attempt(*events: tuple[str, Mapping[str, Any]], number: int = 1) -> AttemptHistory:
    return AttemptHistory(number=number, definition=definition(run="1"), events=history(*events))


@pytest.mark.parametrize("before", [{}, {"one": "1"}])
def test_what_did_not_change_is_told_by_no_word(before: Mapping[str, str]) -> None:
    told = ToldFingerprints(jobs=before)
    assert _what_changed(told, told) == ""
    assert reader({"k1": history()}, foreign=["k1"])._why_changed("k1") == reader({"k1": history()})._why_changed("k1") == ""


NOBODY = "nobody can tell whether the pipeline kid that it runs changed"
CHANGED = "the pipeline kid that it runs changed: "


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        (definition(one="1", two="2"), definition(one="1", two="2"), ""),
        (definition(one="1", two="2"), definition(one="1", two="3"), f"{CHANGED}two: its definition changed"),
        (definition(one="1.1", two="2"), definition(one="1.2", two="3"), f"{CHANGED}one: its code changed"),
        (definition(two="2"), definition(one="1", two="2"), f"{CHANGED}one is new"),
        (definition(one="1", two="2", old="3", older="4"), definition(one="1", two="2"), f"{CHANGED}old is gone"),
        (definition(), definition(one="1"), ""),
        (definition(one="1"), definition(), ""),
        (foreign(), definition(one="1"), f"{CHANGED}another version of bunsui compiled it, so that nobody can tell what"),
        (definition(one="1"), foreign(), f"{CHANGED}another version of bunsui compiled it, so that nobody can tell what"),
    ],
)
def test_a_job_changed_when_the_pipeline_that_it_runs_did(
    before: Mapping[str, Json], now: Mapping[str, Json], why: str
) -> None:
    found = reader({"k1": history()}, now=now, machines={"k1": before}).changed_children(MOTHER.jobs, [attempt(*started("k1"))])
    assert found == ({"run": why} if why else {})


def test_a_child_that_is_forgotten_may_have_changed_and_one_of_others_never_did() -> None:
    called = [attempt(*started("k1"))]
    assert reader({}, forgotten=["k1"]).changed_children(MOTHER.jobs, called) == {"run": NOBODY}
    assert reader({"k1": history()}, foreign=["k1"], now=definition(one="9")).changed_children(MOTHER.jobs, called) == {}


def test_of_the_executions_of_a_foreach_the_first_and_the_last_are_compared() -> None:
    old, new = definition(one="0", two="2"), definition(one="1", two="2")
    found = {f"k{number}": history() for number in range(1, 5)}
    called = [attempt(*started(*found))]
    for changed, is_seen in (("k1", True), ("k2", False), ("k3", False), ("k4", True)):
        reading = reader(found, now=new, machines={changed: old})
        assert bool(reading.changed_children(MOTHER.jobs, called)) is is_seen
        assert list(reading.read) == (["k1", "k4"] if changed != "k1" else ["k1"])


def test_a_later_attempt_that_started_it_anew_tells_of_it() -> None:
    old = definition(one="0", two="2")
    found, machines = {"k1": history(), "k2": history()}, {"k1": old}
    both = [attempt(*started("k1")), attempt(*started("k2"), number=2)]
    assert reader(found, machines=machines).changed_children(MOTHER.jobs, both) == {}
    assert reader(found, machines={"k2": old}).changed_children(MOTHER.jobs, both) == {
        "run": f"{CHANGED}one: its definition changed"
    }
    none = [*both[:1], AttemptHistory(number=2, definition={}, events=both[1].events)]
    assert reader(found, machines={"k2": old}).changed_children(MOTHER.jobs, none) == {}, (
        "of what is forgotten nothing is known"
    )


def test_only_jobs_that_start_pipelines_are_asked() -> None:
    called = [attempt(*started("k1", job="after"))]
    assert reader({"k1": history()}, machines={"k1": definition(one="0")}).changed_children(MOTHER.jobs, called) == {}
    assert reader({}).changed_children([calling("run")], [attempt(*started("k1"))]) == {}
    chosen = [choosing("run", starting("run"))]
    found = reader({}, forgotten=["k1"]).changed_children(chosen, [attempt(*started("k1"))])
    assert found == {"run": NOBODY}, "also where a condition decides whether it is started"


def test_what_changed_in_a_child_of_the_child_is_told_with_both() -> None:
    inner = Pipeline(name="kid", path="kid.yaml", jobs=(starting("run"),))
    same = definition(run="1")
    found = {"k1": history(*started("k2"))}
    reading = reader(found, now=same, machines={"k1": same}, pipeline=inner, forgotten=["k2"])
    assert reading.changed_children(MOTHER.jobs, [attempt(*started("k1"))]) == {
        "run": f"in the pipeline kid that it runs, run: {NOBODY}"
    }


def kept(child: ChildResume) -> tuple[str, str, tuple[str, ...], tuple[str, ...], Json]:
    return child.job, child.state, child.plan.restored, child.plan.to_run, child.params


FAILED = history(*completed("one"), given={"params": {"x": 1}})


def test_a_child_keeps_what_it_completed_and_goes_on_where_it_is_given_the_same() -> None:
    (child,) = reader({"k1": FAILED}).resumable_children(MOTHER.jobs, [attempt(*started("k1"))])
    assert kept(child) == ("run", "run", ("one",), ("two",), {"x": 1})
    assert child.payload == {
        "pipeline": "kid",
        "params": {"x": 1},
        "resume": {"jobs": {}, "status": {"one": "succeeded"}},
    }
    (whole,) = reader({"k1": FAILED}, carry_all=True).resumable_children(MOTHER.jobs, [attempt(*started("k1"))])
    assert whole.payload["resume"] == {"jobs": {"one": {"n": 1}}, "status": {"one": "succeeded"}}


@pytest.mark.parametrize("given", [None, [], {"params": None}, {}])
def test_a_child_that_was_given_nothing_was_given_no_parameters(given: Json) -> None:
    found = {"k1": history(*completed("one"), given=given)}
    (child,) = reader(found).resumable_children(MOTHER.jobs, [attempt(*started("k1"))])
    assert child.params == {}


def test_what_keeps_nothing_is_left_out() -> None:
    called = [attempt(*started("k1"))]
    nothing: list[ChildReader] = [
        reader({"k1": history()}),
        reader({"k1": FAILED}, foreign=["k1"]),
        reader({"k1": FAILED}, forgotten=["k1"]),
        reader({"k1": FAILED}, now=definition(one="9", two="2")),
    ]
    assert [one.resumable_children(MOTHER.jobs, called) for one in nothing] == [()] * len(nothing)
    assert reader({"k1": FAILED}).resumable_children(MOTHER.jobs, called, 0) == ()
    assert reader({"k1": FAILED}).resumable_children(MOTHER.jobs, []) == ()
    assert reader({"k1": FAILED}).resumable_children([calling("run")], called) == ()
    each = [starting("run", foreach=Foreach(items=Expression("[1]")))]
    assert reader({"k1": FAILED}).resumable_children(each, called) == (), "items have executions of their own"
    assert reader({"k1": FAILED}).resumable_children([choosing("run", starting("run"))], called) != ()


def test_the_last_execution_of_each_attempt_and_what_resumed_it_by_itself_count() -> None:
    found = {"k1": FAILED, "k2": history(), "k3": history(*completed("two")), "k4": history(given={"params": {"x": 4}})}
    called = [attempt(*started("k1")), attempt(*started("k2", "k3"), number=2)]
    reading = reader(found, further={"k3": ["k3", "k4"]})
    assert [kept(one) for one in reading.resumable_children(MOTHER.jobs, called)] == []
    assert list(reading.read) == ["k1", "k3", "k4"]
    assert [reading.read[arn].number for arn in reading.read] == [1, 2, 3]
    both = reader({**found, "k3": history(*completed("one", "two"))}, further={"k3": ["k3"]})
    (child,) = both.resumable_children(MOTHER.jobs, called)
    assert (child.plan.restored, child.params) == (("one", "two"), {})
    lost = reader(found, forgotten=["k3"]).resumable_children(MOTHER.jobs, called)
    assert [kept(one) for one in lost] == [("run", "run", ("one",), ("two",), {"x": 1})]


def test_what_a_child_was_told_of_as_an_object_is_kept_where_its_older_histories_are_forgotten() -> None:
    told: Json = {"resume": {"status": {"one": "succeeded"}, "stored": {"one": "01A/one.json"}}}
    found = reader({"k2": history(given=told)}, forgotten=["k1"])
    called = [attempt(*started("k1")), attempt(*started("k2"), number=2)]
    assert found.resumable_children(MOTHER.jobs, called) == ()
    stored = replace(found, read={}, stored=lambda definition, events: {"one": {"n": 1}})
    (child,) = stored.resumable_children(MOTHER.jobs, called)
    assert (child.plan.restored, child.plan.to_run) == (("one",), ("two",))


def test_a_child_that_keeps_nothing_hands_on_what_its_own_child_keeps() -> None:
    middle = Pipeline(name="middle", path="middle.yaml", jobs=(starting("run"),))
    found = {"m1": history(*started("k1"), given={"params": {"y": 2}}), "k1": FAILED}
    same = definition(run="1")
    applied = {
        "m1": AppliedPipeline(pipeline=middle, definition=same, carry_all=False),
        "k1": AppliedPipeline(pipeline=KID, definition=definition(one="1", two="2"), carry_all=False),
    }
    client = Nest(found)
    client.machines = {"m1": same}
    reading = ChildReader(
        execution=client,
        registry=REGISTRY,
        applied=applied.get,
        executions_of=lambda arn: [arn],
        items=ItemRuns(execution=client, map_runs=None),
    )
    (child,) = reading.resumable_children(MOTHER.jobs, [attempt(*started("m1"))])
    assert (child.pipeline, child.plan.restored, [one.pipeline for one in child.children]) == ("middle", (), ["kid"])
    inner = {"pipeline": "kid", "params": {"x": 1}, "resume": {"jobs": {}, "status": {"one": "succeeded"}}}
    assert child.payload == {
        "pipeline": "middle",
        "params": {"y": 2},
        "resume": {"jobs": {}, "status": {}, "children": {"run": inner}},
    }
    other = replace(child, job="other", state="at", children=())
    assert [(one.definition, one.below, one.jobs) for one in resumed_machines([child, other])] == [
        (same, ("run",), "run/"),
        (definition(one="1", two="2"), ("run", "run"), "run/run/"),
        (same, ("at",), "other/"),
    ]
    assert [one.job for one in every_child([child, replace(child, job="other", children=())])] == ["run", "run/run", "other"]
    assert reading.resumable_children(MOTHER.jobs, [attempt(*started("m1"))], 1) == (), "as deep as is followed"


EACH = Job(name="one", operations=(), foreach=Foreach(items=Expression("$params.items")))


def mapping() -> dict[str, Json]:
    """Return a machine of the job `one`, a foreach some of whose items may be kept."""
    states: dict[str, Json] = {"one.guard": {"Type": "Choice", "Choices": told_items("one")}, "one": {"Type": "Map"}}
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass", "Comment": fingerprint_comment({"one": "1"})}, **states}}


def test_a_child_none_of_whose_jobs_is_done_keeps_the_items_that_are_unless_there_is_no_room() -> None:
    item = json.dumps({"label": "0", "status": "succeeded", "output": {}})
    some = history(
        ("MapStateEntered", {"name": "one", "input": "{}"}),
        ("MapStateStarted", {"length": 3}),
        ("PassStateExited", {"name": "one.last", "output": item}),
        ("MapIterationSucceeded", {"name": "one", "index": 0}),
    )
    pipeline = Pipeline(name="kid", path="kid.yaml", jobs=(EACH,))
    reading = reader({"k1": some}, now=mapping(), machines={"k1": mapping()}, pipeline=pipeline)
    (child,) = reading.resumable_children(MOTHER.jobs, [attempt(*started("k1"))])
    kept_item = ItemPlan(total=3, done=1, results={0: {}})
    assert (child.plan.restored, child.plan.to_run, child.plan.items) == ((), ("one",), {"one": kept_item})
    assert child.plan.payload["items"] == {"one": {"count": 3, "kept": {"0": {}}}}
    untold = ItemPlan(total=3, done=3, why_again="its code changed")
    whole = replace(child, children=(replace(child, plan=child.plan.with_items({"one": kept_item, "two": untold})),))
    bare = whole.without_items("it is too large")
    assert bare.plan.items == {"one": ItemPlan(total=3, done=1, why_again="it is too large")}
    assert bare.children[0].plan.items == {"one": bare.plan.items["one"], "two": untold}
    assert bare.payload["resume"] == {"jobs": {}, "status": {}, "children": {"run": bare.children[0].payload}}
    assert replace(bare, plan=child.plan, children=whole.children) == whole
