"""Whatever a pipeline looks like, its machine is well-formed: targets in scope, all reachable, all expressions fine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonata import jsonata  # noqa: F401 - raises the recursion limit when imported, which Hypothesis takes for a fault of the test

from bunsui.asl.expressions import check, variables
from bunsui.compile.pipeline import compile_pipeline
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.outcomes import RunIf
from bunsui.model.pipeline import Foreach, Job, Operation, Pipeline, Poll
from bunsui.model.values import Expression, Value
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder
from tests.executing import SCOPE, breaks, compiled, echo, skips
from tests.faults.amount import amount

ASSIGNED = {"params", "session", "resume", "states"}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def targets(state: Mapping[str, Any]) -> list[str]:
    found = [state[key] for key in ("Next", "Default") if key in state]
    found += [rule["Next"] for rule in state.get("Choices", ())]
    return found + [catcher["Next"] for catcher in state.get("Catch", ())]


def inner_scopes(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*state.get("Branches", ()), *(state[key] for key in ("ItemProcessor",) if key in state)]


def assert_scope(scope: Mapping[str, Any], names: set[str]) -> None:
    states = scope["States"]
    reached, front = set(), [scope["StartAt"]]
    while front:
        name = front.pop()
        assert name in states, f"{name} is not in this scope"
        if name not in reached:
            reached.add(name)
            front += targets(states[name])
    assert reached == set(states), f"nobody reaches {set(states) - reached}"
    for name, state in states.items():
        assert name not in names, f"{name} is there twice"
        names.add(name)
        assert len(name) <= 80
        ends = state["Type"] in ("Choice", "Succeed", "Fail") or ("End" in state) != ("Next" in state)
        assert ends, f"{name} leads nowhere, or both on and out"
        for inner in inner_scopes(state):
            assert_scope(inner, names)


def assert_children_read_no_variables(scope: Mapping[str, Any], *, is_child: bool) -> None:
    """The items of a distributed Map see no variables that are assigned outside."""
    for name, state in scope["States"].items():
        fields = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor")}
        codes = [text.removeprefix("{%").removesuffix("%}") for text in texts(fields) if text.startswith("{%")]
        if is_child:
            free = {use.name for expression in codes for use in variables(expression) if not use.called}
            assert not free & {"params", "session", "resume"}, name
        for inner in inner_scopes(state):
            mode = inner.get("ProcessorConfig", {}).get("Mode")
            assert_children_read_no_variables(inner, is_child=is_child or mode == "DISTRIBUTED")


OWN = ("poll_", "query_")
"""How variables begin that single operations assign."""


def assert_well_formed(definition: Mapping[str, Any]) -> None:
    assert_scope(definition, set())
    assert_children_read_no_variables(definition, is_child=False)
    for text in texts(definition):
        if text.startswith("{%"):
            expression = text.removeprefix("{%").removesuffix("%}").strip()
            assert check(expression) is None, expression
            free = {use.name for use in variables(expression) if not use.called}
            assert {name for name in free if not name.startswith(OWN)} <= ASSIGNED, expression


@st.composite
def operations(draw: st.DrawFn, *, inside: str) -> tuple[Operation, ...]:
    count = draw(st.integers(1, 3))
    found: list[Operation] = []
    for index in range(count):
        values: list[Value] = [1, Expression("$params.x"), Expression(inside), {"a": Expression("$session.date")}]
        value: Value = draw(st.sampled_from(values))
        previous: Value = Expression("$result") if index else value
        kinds = [
            echo(value, name=f"o{index}"),
            echo(previous, name=f"o{index}", needs_exit=True),
            breaks(name=f"o{index}"),
            skips(),
        ]
        polls = Poll(until=Expression("$result = 1"), fail_if=draw(st.sampled_from([None, Expression("$ops.o0 = 2")])))
        found.append(replace(draw(st.sampled_from(kinds)), poll=draw(st.sampled_from([None, None, polls]))))
    return tuple(found)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    jobs: list[Job] = []
    for index in range(draw(st.integers(1, 7))):
        earlier = [job.name for job in jobs]
        needs = tuple(name for name in earlier if draw(st.integers(0, 2)) == 0)
        read = f"$exists($jobs.{needs[0]}) ? $jobs.{needs[0]}.x : 0" if needs else "1"
        items = draw(st.sampled_from([None, None, (1, 2), Expression("$params.items")]))
        foreach = None if items is None else Foreach(items=items, tolerate_count=draw(st.sampled_from([None, 1])))
        if foreach is not None and draw(st.booleans()):
            label = draw(st.sampled_from([None, Expression("$string($item) & $params.x")]))
            foreach = replace(foreach, is_distributed=True, batch=draw(st.sampled_from([None, 2])), label=label)
        jobs.append(
            Job(
                name=f"j{index}",
                depends_on=needs,
                operations=draw(operations(inside="$item" if foreach else read)),
                when=draw(st.sampled_from([None, Expression(f"({read}) = 1")])),
                run_if=draw(st.sampled_from(RunIf)) if needs else RunIf.ALL_SUCCEEDED,
                isolate=draw(st.booleans()),
                foreach=foreach,
                outputs=draw(st.sampled_from([{}, {"x": Expression("$result")}, {"x": Expression("$count($ops.o0)")}])),
            )
        )
    return Pipeline(name="any", path="p.yaml", jobs=tuple(jobs), timezone=draw(st.sampled_from(["UTC", "Asia/Tokyo"])))


@given(pipelines())
@settings(max_examples=amount(32, 80, 800), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_machine_is_well_formed(pipeline: Pipeline) -> None:
    assert_well_formed(compiled(pipeline).definition)


def assert_polls_assigned(scope: Mapping[str, Any], outer: frozenset[str]) -> None:
    """Every variable of a single operation that is read is assigned in its own scope, and in none around it."""
    own = {name for state in scope["States"].values() for name in state.get("Assign", ()) if name.startswith(OWN)}
    assert not own & outer
    for state in scope["States"].values():
        fields = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor")}
        codes = [text.strip("{%} ") for text in texts(fields) if text.startswith("{%")]
        read = {use.name for expression in codes for use in variables(expression) if use.name.startswith("poll_")}
        assert read <= own
        for inner in inner_scopes(state):
            assert_polls_assigned(inner, outer | own)


@given(pipelines())
@settings(max_examples=amount(16, 40, 400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_poll_keeps_its_time_in_a_variable_of_its_own(pipeline: Pipeline) -> None:
    assert_polls_assigned(compiled(pipeline).definition, frozenset())


EXAMPLES = {name: kind.example for name, kind in builtin_registry().items() if kind.example and "code:" not in kind.example}


PARAMETERS = json.dumps(
    {**{name: {"type": "string"} for name in ("key", "date", "region", "rows")}, "count": {"type": "integer"}}
)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
@pytest.mark.parametrize(
    "wrapping",
    [
        "",
        "    isolate: true\n",
        "    foreach: {items: [1, 2], tolerate: 1}\n",
        "    foreach: {items: [1, 2], mode: distributed}\n",
        "    foreach: {items: [1, 2], mode: distributed, batch: 2}\n",
    ],
    ids=["plain", "isolated", "items", "apart", "batches"],
)
def test_every_operation_type_fits_into_a_machine(name: str, wrapping: str, tmp_path: Path) -> None:
    lines = EXAMPLES[name].rstrip().splitlines()
    operation = "      - " + "\n        ".join(lines)
    head = f"version: 1\nname: example\nparameters: {PARAMETERS}\njobs:\n  only:\n{wrapping}"
    (tmp_path / "rates.yaml").write_text(
        "version: 1\nname: rates\nparameters: {date: {type: string}}\njobs: {a: {operations: [{type: wait, for: 1s}]}}\n"
    )
    last = "" if builtin_registry()[name].ends_job else "      - {type: wait, for: 1s}\n"
    (tmp_path / "example.yaml").write_text(f"{head}    operations:\n{operation}\n{last}")
    project = ProjectDocument(name="p", id="", environment=EnvironmentDocument(name="prod"), patterns=("*.yaml",))
    found = load_pipelines(RootFolder(tmp_path), project, registry=builtin_registry(), scope=SCOPE)
    assert not [finding.summary for finding in found.diagnostics if finding.is_error]
    machine = compile_pipeline(found.pipelines[0], scope=SCOPE, registry=builtin_registry())
    assert not machine.diagnostics
    assert_well_formed(machine.definition)
    assert_polls_assigned(machine.definition, frozenset())
