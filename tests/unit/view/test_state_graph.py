"""The states of any definition, as lines, JSON, Mermaid and DOT."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bunsui.codec.writing import to_json
from bunsui.document.yaml.reader import read_document
from bunsui.services.graph import graph_of_definition
from bunsui.services.state_graph import StateGraph, state_graph
from bunsui.view.documents.graphs import state_graph_document
from bunsui.view.spans import plain
from bunsui.view.state_graph import state_graph_lines
from bunsui.view.state_graph_source import state_graph_dot, state_graph_mermaid

CORPUS = sorted((Path(__file__).parents[2] / "asl_corpus").glob("*.asl.json"))
EXPRESS = {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
CAUGHT = [{"ErrorEquals": ["States.Timeout", "Busy"], "Next": "Lost"}]


def scope(states: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, **more}


ORDERS = scope(
    {
        "Read": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Catch": CAUGHT, "Next": "Any?"},
        "Lost": {"Type": "Fail", "Error": "Lost"},
        "Any?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Each"}],
            "Default": "Nothing",
        },
        "Each": {
            "Type": "Map",
            "MaxConcurrency": 5,
            "ItemProcessor": scope({"Work": {"Type": "Pass", "End": True}}, ProcessorConfig=EXPRESS),
            "Next": "Both",
        },
        "Nothing": {"Type": "Succeed"},
        "Both": {
            "Type": "Parallel",
            "Branches": [
                scope({"Sleep": {"Type": "Wait", "Seconds": 30, "End": True}}),
                scope({"Tell": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:1:function:tell", "End": True}}),
            ],
            "End": True,
        },
    }
)


def drawn(definition: dict[str, Any], width: int = 80) -> str:
    return plain(state_graph_lines(state_graph("orders", definition), width=width))


def test_states_come_in_the_order_of_the_flow_with_what_may_follow_them() -> None:
    assert drawn(ORDERS) == (
        "orders  9 states\n"
        "\n"
        "  ▶ Read     Task dynamodb:getItem → Any?\n"
        "      → Lost  on error States.Timeout, Busy\n"
        "    Any?     Choice\n"
        "      → Each     if $.n > 0\n"
        "      → Nothing  otherwise\n"
        "    Each     Map distributed, express, 5 at a time → Both\n"
        "      for each item\n"
        "      ▶ Work  Pass → end\n"
        "    Both     Parallel → end\n"
        "      branch 1\n"
        "      ▶ Sleep  Wait 30 s → end\n"
        "      branch 2\n"
        "      ▶ Tell  Task function tell → end\n"
        "    Nothing  Succeed\n"
        "    Lost     Fail Lost\n"
    )


def test_a_condition_without_room_stands_on_its_own_line_and_is_cut() -> None:
    rule = {"Condition": "{% $states.input.amount > 1000 and $exists($states.input.customer.address) %}", "Next": "x" * 60}
    machine = scope({"a": {"Type": "Choice", "Choices": [rule]}, "x" * 60: {"Type": "Succeed"}}, QueryLanguage="JSONata")
    lines = drawn(machine, width=70).splitlines()
    assert lines[3:5] == [f"      → {'x' * 60}", "          if $states.input.amount > 1000 and $exists($states.input.cu…"]


def test_wide_names_are_aligned_by_the_cells_that_they_take() -> None:
    states = {"読む": {"Type": "Pass", "Next": "ab"}, "ab": {"Type": "Succeed"}}
    read, end = drawn(scope(states)).splitlines()[2:]
    assert read.index("Pass") + 2 == end.index("Succeed")


def test_a_placeholder_is_drawn_as_one() -> None:
    machine = scope({"a": {"Type": "Pass", "Next": "${Later}"}})
    assert "    ${Later}  (filled in later)\n" in drawn(machine)
    assert '["#36;#123;Later#125;<br/>filled in later"]' in state_graph_mermaid(state_graph("m", machine))


def test_json_lists_states_with_their_place_and_transitions_with_their_reason() -> None:
    found: Any = to_json(state_graph_document(state_graph("orders", ORDERS)))
    states = {state["name"]: state for state in found["states"]}
    assert (states["Tell"]["parent"], states["Tell"]["branch"], states["Tell"]["starts"]) == ("Both", 1, True)
    assert (states["Work"]["parent"], states["Work"]["branch"], states["Work"]["ends"]) == ("Each", None, True)
    assert {"from": "Any?", "to": "Nothing", "type": "default", "condition": ""} in found["transitions"]
    assert {"from": "Read", "to": "Lost", "type": "catch", "condition": "States.Timeout, Busy"} in found["transitions"]


def test_mermaid_frames_what_a_parallel_runs_and_dots_what_is_caught() -> None:
    found = state_graph_mermaid(state_graph("orders", ORDERS))
    assert found.startswith('flowchart TD\n  b(("start")) --> n0\n  n0["Read<br/>Task dynamodb#58;getItem"]\n')
    assert '  subgraph n4["Both<br/>Parallel"]\n    subgraph n4_0["branch 1"]\n      b4_0(("start")) --> n5\n' in found
    assert '  n0 -.->|"States.Timeout#44; Busy"| n8\n' in found
    assert '  n4 --> e(("end"))\n' in found
    assert "  n8 --> e" not in found  # what fails does not come to the end


def test_dot_frames_it_too() -> None:
    found = state_graph_dot(state_graph("orders", ORDERS))
    assert '  subgraph cluster_4 {\n    n4 [label="Both\\nParallel"];\n    subgraph cluster_4_0 {\n' in found
    assert '  n0 -> n8 [label="States.Timeout, Busy", style=dashed];\n' in found
    assert "  n4 -> n5 [style=dotted, arrowhead=none];\n" in found


@pytest.mark.parametrize("write", [state_graph_mermaid, state_graph_dot])
def test_a_hostile_name_is_only_a_label(write: Any) -> None:
    name = 'x"] --> y["```\n\x1b[2J<img src=x>\\'
    found = write(state_graph("m", scope({name: {"Type": "Pass", "Next": "b"}, "b": {"Type": "Succeed"}})))
    assert "\x1b" not in found
    assert len(re.findall(r'(?<!\\)(?:\\\\)*"', found)) % 2 == 0
    assert len(found.splitlines()) == len(
        write(state_graph("m", scope({"a": {"Type": "Pass", "Next": "b"}, "b": {"Type": "Succeed"}}))).splitlines()
    )


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_every_definition_of_the_corpus_is_drawn_whole_and_fits(path: Path) -> None:
    outcome = graph_of_definition(path.name, path.read_bytes())
    found = outcome.graph
    if found is None:
        assert any(finding.is_error and finding.position for finding in outcome.diagnostics)
        return
    assert isinstance(found, StateGraph)
    names = [state.name for state in found.states()]
    document = read_document(path.name, path.read_bytes()).document
    assert document is not None
    assert set(names) >= set(_names(document.data))
    assert len(names) == len(set(names))
    for text in plain(state_graph_lines(found, width=80)).splitlines():
        room = 80 - (len(text) - len(text.lstrip()))
        # Names are not cut; the rest is, to what can still be read.
        assert len(text) <= 80 or max(len(name) for name in names if name in text) > room - 20, text
    json.dumps(to_json(state_graph_document(found)))


def _names(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    if not isinstance(value, dict):
        return []
    own = list(value["States"]) if isinstance(value.get("States"), dict) and "StartAt" in value else []
    return own + [name for item in value.values() for name in _names(item)]
