"""A graph as picture, Mermaid, DOT and JSON."""

from __future__ import annotations

import json

from bunsui.codec.writing import to_json
from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.order import JobOrder, order_of
from bunsui.model.estimates.learnt_durations import with_assumed
from bunsui.model.pipeline import Job
from bunsui.services.graph import PipelineGraph, graph_of
from bunsui.view.documents.graphs import GraphDocument
from bunsui.view.graph import graph_dot, graph_lines, graph_mermaid
from bunsui.view.spans import plain

CROSSING: dict[str, tuple[str, ...]] = {"a": (), "b": (), "c": ("a", "b"), "d": ("b",), "end": ("c", "d")}


def graph(dag: dict[str, tuple[str, ...]], **descriptions: str) -> PipelineGraph:
    order = order_of(dag)
    assert isinstance(order, JobOrder)
    jobs = [
        Job(name=name, operations=(), depends_on=needs, description=descriptions.get(name, "")) for name, needs in dag.items()
    ]
    return graph_of("sales", jobs, structured(order))


def test_what_the_file_says_of_jobs_stands_below_the_picture() -> None:
    text = plain(graph_lines(graph({"load": (), "b": ("load",), "c": ("b",)}, load="Loads the rows.", c="Tells who waits.")))
    assert "\n  load  Loads the rows.\n  c     Tells who waits.\n\n" in text
    assert "Loads" not in plain(graph_lines(graph({"load": ()})))


def test_the_picture_shows_what_runs_side_by_side_and_what_waits() -> None:
    assert plain(graph_lines(graph(CROSSING))) == (
        "sales  5 jobs in 3 waves\n"
        "\n"
        "  ┬─ a ─┬ ── ┬─ c ─┬ ── end\n"
        "  └─ b ─┘    └─ d ─┘\n"
        "\n"
        "d waits for a  without depending on it: Step Functions runs sequences and parallels only\n"
        "critical path  a → c → end\n"
    )


def test_branches_of_several_jobs_are_drawn_in_a_row() -> None:
    drawn = plain(graph_lines(graph({"x": (), "long-name": (), "y": ("x",), "z": ("y", "long-name")})))
    assert "  ┬─ x ── y ────┬ ── z\n  └─ long-name ─┘\n" in drawn


def test_a_picture_that_is_too_wide_gives_way_to_waves() -> None:
    assert plain(graph_lines(graph(CROSSING), width=10)).splitlines()[2:5] == ["   1  a, b", "   2  c, d", "   3  end"]


def test_json_tells_all_that_a_checker_needs() -> None:
    found = to_json(GraphDocument.of(graph(CROSSING)))
    assert found == {
        "format_version": 1,
        "kind": "graph",
        "pipeline": "sales",
        "title": "",
        "description": "",
        "jobs": [{"name": name, "duration": 1.0, "is_learnt": False, "description": ""} for name in CROSSING],
        "edges": [["a", "c"], ["b", "c"], ["b", "d"], ["c", "end"], ["d", "end"]],
        "waves": [["a", "b"], ["c", "d"], ["end"]],
        "synthetic": [["a", "d"]],
        "has_durations": False,
        "makespan": 3.0,
        "critical_path": ["a", "c", "end"],
    }
    json.dumps(found)


def test_learnt_durations_are_told_and_so_are_those_that_are_assumed() -> None:
    learnt = {"a": 600, "b": 600, "c": 60, "end": 1200}
    order = order_of(CROSSING, durations=with_assumed(CROSSING, learnt))
    assert isinstance(order, JobOrder)
    jobs = [Job(name=name, operations=(), depends_on=needs) for name, needs in CROSSING.items()]
    found = graph_of("sales", jobs, structured(order), learnt=learnt)
    *_, path, assumed = plain(graph_lines(found)).splitlines()
    assert path == "critical path  b → d → end  about 40m"
    assert assumed == "no duration was learnt of d: counted as 10m, the median of the others"
    document = to_json(GraphDocument.of(found))
    assert isinstance(document, dict)
    assert (document["has_durations"], document["makespan"]) == (True, 2400.0)


def test_mermaid_and_dot_mark_waits_and_critical_path() -> None:
    mermaid, dot = graph_mermaid(graph(CROSSING)), graph_dot(graph(CROSSING))
    assert "  n1 --> n3\n" in mermaid
    assert "  n0 -. waits .-> n3\n" in mermaid
    assert "  class n0,n2,n4 critical\n" in mermaid
    assert '  "b" -> "d";\n' in dot
    assert '  "a" -> "d" [style=dashed, label="waits"];\n' in dot
    assert '  "end" [penwidth=2];\n' in dot
