"""Definitions in files become pipelines: their bytes kept, their placeholders filled in, what an apply would make shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.json import Json
from bunsui.plan.model import Action
from bunsui.services.adoption.definition_file import (
    DefinitionImport,
    DefinitionRequest,
    NamedDefinition,
    is_definition_file,
    plan_definitions,
)
from bunsui.services.adoption.definition_text import definition_text
from bunsui.services.adoption.new_files import write_new_file
from tests.fakes.workspace import Workspace, a_workspace

PASS = b'{"StartAt": "A",\n\n "States": {"A": {"Type": "Pass", "End": true}}}'
OWN = "arn:aws:lambda:us-east-1:000000000000:function:raw--local--etl--load"


def task(resource: str, **more: Json) -> bytes:
    state = {"Type": "Task", "Resource": resource, "End": True, **more}
    return json.dumps({"StartAt": "A", "States": {"A": state}}).encode()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path, "raw")


def planned(
    workspace: Workspace, content: bytes, *, file: str = "/elsewhere/Nightly Load.asl.json", **values: str
) -> DefinitionImport:
    named = NamedDefinition(file=file, content=content)
    return plan_definitions(workspace.repository, workspace.ports, DefinitionRequest(definitions=(named,), values=values))


def written(workspace: Workspace, found: DefinitionImport) -> Json:
    """Write the files, and return the definition that an apply would send."""
    for path, content in found.files.items():
        write_new_file(workspace.folder, path, content)
    plan = workspace.plan(found.definitions[0].pipeline).plan
    assert plan is not None
    [machine] = [change for change in plan.changes if change.address.kind == MACHINE]
    assert machine.desired is not None
    return machine.desired.attributes["definition"]  # type: ignore[return-value]


def test_a_definition_is_kept_as_it_is_and_its_plan_is_what_would_be_made(workspace: Workspace) -> None:
    found = planned(workspace, PASS)
    assert found.files["pipelines/Nightly-Load.asl.json"] == PASS
    assert found.plan is not None
    assert {change.action for change in found.plan.pending} == {Action.CREATE}
    assert MACHINE in {change.address.kind for change in found.plan.pending}
    assert not workspace.account.calls
    assert written(workspace, found) == json.loads(PASS)
    assert not planned(workspace, PASS).files, "it is in the project already"


def test_a_placeholder_is_filled_in_by_what_was_given(workspace: Workspace) -> None:
    content = task("${LoadArn}").replace(b'"End"', b'"TimeoutSeconds": ${seconds}, "End"')
    given = {"LoadArn": "arn:aws:lambda:us-east-1:111111111111:function:load", "seconds": "30"}
    found = planned(workspace, content, **given)
    assert found.files["pipelines/Nightly-Load.asl.json"] == content
    [state] = written(workspace, found)["States"].values()  # type: ignore[index,call-overload,union-attr]
    assert (state["Resource"], state["TimeoutSeconds"]) == (given["LoadArn"], 30)  # type: ignore[index,call-overload]


def test_what_cloudformation_fills_in_by_itself_is_the_environments(workspace: Workspace) -> None:
    content = task("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:load")
    [state] = written(workspace, planned(workspace, content))["States"].values()  # type: ignore[index,call-overload,union-attr]
    assert state["Resource"] == "arn:aws:lambda:us-east-1:000000000000:function:load"  # type: ignore[index,call-overload]


def test_a_placeholder_without_a_value_is_refused_with_the_command_that_gives_it(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as caught:
        planned(workspace, task("${Load.Arn}", Comment="${b} $${c}"), b="1")
    assert "Load.Arn" in caught.value.summary
    assert "--set Load.Arn=VALUE" in caught.value.hint
    assert "c=VALUE" not in caught.value.hint


def test_a_value_for_no_placeholder_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput) as caught:
        planned(workspace, PASS, laod="1")
    assert caught.value.facts["placeholder"] == "laod"


def test_arns_of_the_account_are_those_of_each_environment_and_mean_the_same_here(workspace: Workspace) -> None:
    project = workspace.repository.scope.project
    own = OWN.replace("raw--", f"{project}--")
    content = task(own, Comment="arn:aws:lambda:us-east-1:111111111111:function:theirs")
    found = planned(workspace, content)
    [one] = found.definitions
    assert one.text.arns == (own,)
    assert b"function:theirs" in one.text.content
    assert list(one.text.substitutions.values()) == [  # type: ignore[union-attr]
        f"arn:aws:lambda:${{environment.region}}:${{environment.account}}:function:{project}--${{environment.name}}--etl--load"
    ]
    assert written(workspace, found) == json.loads(content)


@pytest.mark.parametrize("text", ["{% ${'a': 1} %}", "${'a': $x}"])
def test_what_is_no_placeholder_stays_text_beside_one(workspace: Workspace, text: str) -> None:
    alone = definition_text(task("${x}", Comment=text), workspace.repository.scope, {"x": "1"}, file="a.asl.json")
    assert f"${text[text.index('${') :]}".encode() in alone.content
    nothing = definition_text(text.encode(), workspace.repository.scope, {}, file="a.asl.json")
    assert (nothing.content, nothing.substitutions) == (text.encode(), "none")


def test_a_definition_that_lies_in_the_project_is_named_where_it_is(workspace: Workspace) -> None:
    (workspace.folder / "machines").mkdir()
    (workspace.folder / "machines/load.asl.json").write_bytes(task(OWN))
    named = NamedDefinition(file="load.asl.json", content=task(OWN), inside="machines/load.asl.json")
    found = plan_definitions(workspace.repository, workspace.ports, DefinitionRequest(definitions=(named,)))
    assert list(found.files) == ["pipelines/load.yaml"]
    assert b"definition: ../machines/load.asl.json" in found.files["pipelines/load.yaml"]


def test_mistakes_are_told_in_the_file_that_was_named(workspace: Workspace) -> None:
    found = planned(workspace, PASS.replace(b'"End": true', b'"Next": "B"'))
    assert found.plan is None
    assert {finding.position.file for finding in found.diagnostics if finding.position} == {"/elsewhere/Nightly Load.asl.json"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", "template of CloudFormation"),
        (b"version: 1\nname: x\njobs: {}\n", "pipeline's file"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_what_is_no_definition_is_refused_by_name(workspace: Workspace, content: bytes, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        planned(workspace, content, file="x.yaml")
    assert told in caught.value.summary


def test_a_definition_in_yaml_is_never_taken_for_a_pipeline(workspace: Workspace) -> None:
    found = planned(workspace, b"StartAt: A\nStates: {A: {Type: Succeed}}\n", file="load.asl.yaml")
    assert found.plan is not None
    [definition, pipeline] = found.files
    assert (definition, pipeline) == ("pipelines/load.asl", "pipelines/load.yaml")


def test_a_name_that_is_taken_is_another_pipelines(workspace: Workspace) -> None:
    assert [one.pipeline for one in planned(workspace, PASS, file="raw.json").definitions] == ["raw-2"]


@pytest.mark.parametrize(
    ("said", "is_file"), [("a.asl.json", True), ("nightly", False), ("arn:aws:states:x:1:stateMachine:a.json", False)]
)
def test_a_file_is_known_by_its_end(said: str, *, is_file: bool) -> None:
    assert is_definition_file(said) is is_file


def test_the_account_of_another_environment_is_not_ours(workspace: Workspace) -> None:
    scope = replace(workspace.repository.scope, account="222222222222")
    assert definition_text(task(OWN), scope, {}, file="a.asl.json").arns == ()
