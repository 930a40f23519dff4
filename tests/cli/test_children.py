"""Pipelines that start pipelines, and machines that somebody else wrote, applied and run as a user does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Bunsui, share

pytestmark = pytest.mark.embedded

PARENT = """\
version: 1
name: parent
jobs:
  compiled:
    operations: [{type: pipeline, pipeline: child, params: {n: 21}}]
    outputs: {twice: "{% $result.one.twice %}"}
  written:
    operations: [{type: pipeline, pipeline: echo, params: {given: here}}]
    outputs: {got: "{% $result %}"}
  gate:
    isolate: true
    operations: [{type: check, that: "{% 1 = 2 %}", message: one is not two}]
  after:
    depends_on: [gate]
    run_if: any_failed
    handles: true
    operations: [{type: wait, for: 1s}]
"""

CHILD = """\
version: 1
name: child
parameters: {n: {type: integer, default: 3}}
jobs:
  one:
    operations: [{type: check, that: "{% $params.n > 0 %}"}]
    outputs: {twice: "{% $params.n * 2 %}"}
"""

ECHO = """\
version: 1
name: echo
parameters:
  given: {type: string}
  limit: {type: integer, default: 10}
definition: echo.asl.json
"""


@pytest.fixture(scope="module")
def family(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bunsui:
    """A project whose pipeline `parent` has started `child` and the raw `echo`."""
    bunsui = Bunsui(tmp_path_factory.mktemp("family"))
    share(shared_folder, bunsui.folder)
    bunsui.write("bunsui.yaml", "version: 1\nproject: family\nid: 0f2b86a4-2f4e-4c53-8a53-9d0f4f0d8c51\n")
    for name, text in {"parent": PARENT, "child": CHILD, "echo": ECHO}.items():
        bunsui.write(f"pipelines/{name}.yaml", text)
    bunsui.write("pipelines/echo.asl.json", '{"StartAt": "only", "States": {"only": {"Type": "Pass", "End": true}}}')
    bunsui("apply", "--yes")
    bunsui("run", "parent", "--wait")
    return bunsui


def shown(bunsui: Bunsui, session: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(bunsui("show", session, "--json").stdout)
    return document


def test_a_pipeline_starts_others_by_their_alias_and_reads_what_they_give(family: Bunsui) -> None:
    output = shown(family, "parent")["session"]["output"]
    assert output["compiled"] == {"twice": 42}
    assert output["written"] == {"got": {"given": "here", "limit": 10}}


def test_children_are_sessions_of_their_own_with_who_started_them(family: Bunsui) -> None:
    child = shown(family, "child")["session"]
    assert (child["status"], child["params"]) == ("succeeded", {"n": 21})
    assert ":execution:family--local--parent:" in child["started_by"]


def test_an_isolated_job_that_a_check_failed_shows_the_checks_message(family: Bunsui) -> None:
    gate = next(job for job in shown(family, "parent")["jobs"] if job["name"] == "gate")
    assert (gate["status"], gate["error"], gate["cause"]) == ("failed", "CheckFailed", "one is not two")


def test_a_raw_machine_is_given_the_parameters_themselves(family: Bunsui) -> None:
    family("run", "echo", "--param", "given=text", "--wait")
    assert shown(family, "echo")["session"]["output"] == {"given": "text", "limit": 10}


def test_a_child_runs_the_version_that_its_alias_names(family: Bunsui) -> None:
    family.write("pipelines/child.yaml", CHILD.replace("* 2", "* 3"))
    family("apply", "--yes")
    family("run", "parent", "--wait")
    assert shown(family, "parent")["session"]["output"]["compiled"] == {"twice": 63}
    assert shown(family, "child")["session"]["version_arn"].endswith(":2")


def test_a_nested_pipeline_is_one_tree_with_its_parent(family: Bunsui) -> None:
    family("run", "parent", "--wait")
    found = shown(family, "parent")
    assert {child["job"]: child["pipeline"] for child in found["children"]} == {"compiled": "child", "written": "echo"}
    page = family("show", "parent").stdout
    assert "runs child" in page
    assert "✓   one" in page
    inner = json.loads(family("show", "parent", "--job", "compiled/one", "--json").stdout)
    assert [turn["job"]["status"] for turn in inner["turns"]] == ["succeeded"]
    assert "compiled/one" in family("events", "parent", "--job", "compiled/one").stdout
    assert "jobs  one" in family("show", "parent", "--job", "compiled/nope", code=5).stderr
    assert "jobs  one" in family("events", "parent", "--job", "compiled/nope", code=5).stderr


@pytest.mark.slow
def test_every_verb_takes_what_names_a_session(family: Bunsui) -> None:
    attempt = shown(family, "child")["session"]["attempts"][-1]["execution_arn"]
    family("sessions")
    names = (attempt, attempt.rpartition(":")[2], "child", "#1", "-")
    for verb, name in zip(("show", "events", "logs", "watch", "checkpoints"), names, strict=True):
        family(verb, name)
    for name in names:
        family("show", name)
