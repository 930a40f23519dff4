"""The flowchart of a change: jobs rather than states, through what is not drawn, harmless labels."""

from __future__ import annotations

from typing import Any

from bunsui.view.plan.graph import MOST_NODES, flow, plan_mermaid


def compiled(*jobs: str, seconds: int = 1) -> dict[str, Any]:
    """A machine of jobs in sequence, each with a guard, as the compiler writes it."""
    states: dict[str, Any] = {"_start": {"Type": "Pass", "Next": f"{jobs[0]}.guard"}}
    for job, following in zip(jobs, (*jobs[1:], None), strict=True):
        after = f"{following}.guard" if following else "_end"
        states[f"{job}.guard"] = {"Type": "Choice", "Choices": [{"Next": after}], "Default": job}
        states[job] = {"Type": "Wait", "Seconds": seconds, "Next": f"_out-{job}"}
        states[f"_out-{job}"] = {"Type": "Pass", "Next": after}
    states["_end"] = {"Type": "Pass", "End": True}
    return {"StartAt": "_start", "States": states}


def raw(states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def test_jobs_follow_each_other_through_their_helpers() -> None:
    found = flow(compiled("a", "b", "c"))
    assert list(found.nodes) == ["a", "b", "c"]
    assert {("a", "b"), ("b", "c")} <= found.edges


def test_a_parallel_is_drawn_by_its_branches() -> None:
    branches = [raw({"x": {"Type": "Pass", "Next": "y"}, "y": {"Type": "Pass", "End": True}}), raw({"z": {"Type": "Succeed"}})]
    machine = raw(
        {
            "first": {"Type": "Pass", "Next": "both"},
            "both": {"Type": "Parallel", "Branches": branches, "Next": "last", "Catch": [{"Next": "caught"}]},
            "last": {"Type": "Succeed"},
            "caught": {"Type": "Fail"},
        }
    )
    assert flow(machine).edges == {
        ("first", "x"), ("first", "z"), ("x", "y"), ("y", "last"), ("z", "last"), ("y", "caught"), ("z", "caught"),
    }  # fmt: skip


def test_what_is_added_removed_and_edited_says_so() -> None:
    drawn = plan_mermaid(compiled("a", "b", "c"), compiled("a", "d", "c"), edited=())
    assert '"- b"' in drawn
    assert '"+ d"' in drawn
    assert "-.->" in drawn
    assert "==>" in drawn
    assert '"~ b"' in plan_mermaid(compiled("a", "b"), compiled("a", "b", seconds=2), edited={"b"})


def test_a_new_machine_is_drawn_without_marks() -> None:
    drawn = plan_mermaid(None, compiled("a", "b"), edited=())
    assert '"a"' in drawn
    assert "classDef" not in drawn


def test_loops_end() -> None:
    machine = raw({"a": {"Type": "Pass", "Next": "b"}, "b": {"Type": "Choice", "Choices": [{"Next": "a"}], "Default": "b"}})
    assert flow(machine).edges == {("a", "b"), ("b", "a")}


def test_too_many_nodes_a_single_one_and_what_is_no_definition_are_not_drawn() -> None:
    assert not plan_mermaid(None, compiled(*(f"j{index}" for index in range(MOST_NODES + 1))), edited=())
    assert not plan_mermaid(None, compiled("alone"), edited=())
    assert not plan_mermaid("nonsense", {"States": [1]}, edited=())


def test_a_hostile_name_is_only_a_label() -> None:
    name = 'x"] --> y["```\n\x1b[2J<img src=x>'
    drawn = plan_mermaid(None, raw({name: {"Type": "Pass", "Next": "b"}, "b": {"Type": "Succeed"}}), edited=())
    assert drawn.splitlines()[1].count('"') == 2
    assert not set("`<>\x1b") & set(drawn.replace("-->", ""))
