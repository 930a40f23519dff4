"""`bunsui import` as a user types it: machines made by hand on the embedded AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.cli.conftest import PROJECT, Bunsui, share
from tests.cli.test_unmanaged import client_of

pytestmark = pytest.mark.embedded

TEXT = '{"StartAt":"A",\n  "States":{"A":{"Type":"Pass","Result":"${AWS::Region}","End":true}}}'


@pytest.fixture
def bunsui(tmp_path: Path, shared_folder: Path) -> Bunsui:
    """A project without pipelines."""
    (tmp_path / "bunsui.yaml").write_text(PROJECT.replace("weights", "adopting").replace("6c0f2c4e", "8d0f2c4e"))
    (tmp_path / "pipelines").mkdir()
    share(shared_folder, tmp_path)
    return Bunsui(tmp_path)


def test_machines_made_by_hand_come_to_an_empty_plan(bunsui: Bunsui, embedded: LocalEndpoint) -> None:
    client = client_of(embedded)
    role = "arn:aws:iam::000000000000:role/by-hand"
    tags = [{"key": "team", "value": "adopted"}]
    plain = client.create_state_machine(name="Adopted_Plain", definition=TEXT, roleArn=role, tags=tags)["stateMachineArn"]
    published = client.create_state_machine(name="adopted-published", definition=TEXT, roleArn=role, tags=tags, publish=True)
    route = [{"stateMachineVersionArn": published["stateMachineVersionArn"], "weight": 100}]
    client.create_state_machine_alias(name="PROD", routingConfiguration=route)

    asked = bunsui("import", "--tag", "team=adopted", code=5)
    assert "--yes" in asked.stderr
    assert not list((bunsui.folder / "pipelines").iterdir())
    assert client.list_tags_for_resource(resourceArn=plain)["tags"] == tags

    told = json.loads(bunsui("import", "--tag", "team=adopted", "--yes", "--json").stdout)
    assert told["complete"]
    assert [one["status"] for one in told["machines"]] == ["imported", "imported"]
    assert (bunsui.folder / "pipelines/Adopted_Plain.asl.json").read_bytes() == TEXT.encode()
    assert client.describe_state_machine(stateMachineArn=plain)["definition"] == TEXT
    assert "No changes" in bunsui("plan", "Adopted_Plain", "adopted-published").stdout
    assert "already" in bunsui("import", plain).stdout
    bunsui("export", "Adopted_Plain", "--out", "out")
    assert (bunsui.folder / "out/Adopted_Plain.asl.json").read_bytes() == TEXT.encode()
    assert f'id = "{plain}"' in (bunsui.folder / "out/Adopted_Plain.tf").read_text()
    aliases = client.list_state_machine_aliases(stateMachineArn=published["stateMachineArn"])["stateMachineAliases"]
    assert {one["stateMachineAliasArn"].rpartition(":")[2] for one in aliases} == {"PROD", "live"}


def test_nothing_named_is_nothing_to_import(bunsui: Bunsui) -> None:
    assert "nothing-to-import" in bunsui("import", code=5).stderr


def test_the_page_before_an_import_writes_nothing(bunsui: Bunsui, embedded: LocalEndpoint) -> None:
    client = client_of(embedded)
    text = '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Stock.Empty","Cause":"none of it left"}}}'
    role = "arn:aws:iam::000000000000:role/by-hand"
    machine = client.create_state_machine(name="surveyed-stock", definition=text, roleArn=role)["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]
    while client.describe_execution(executionArn=execution)["status"] == "RUNNING":
        pass
    told = json.loads(bunsui("import", "--read-only", "--json").stdout)
    [one] = [one for one in told["machines"] if one["name"] == "surveyed-stock"]
    assert (one["owner"], one["pipeline"]) == ("nobody", "surveyed-stock")
    [cause] = [one for one in told["failures"] if "surveyed-stock" in one["machines"]]
    assert (cause["error"], cause["message"]) == ("Stock.Empty", "none of it left")
    assert execution in cause["executions"]
    listed = bunsui("unmanaged").stdout
    assert "surveyed-stock" in listed
    assert not list((bunsui.folder / "pipelines").iterdir())
    assert client.list_tags_for_resource(resourceArn=machine)["tags"] == []


SIMPLE = json.dumps(
    {
        "StartAt": "Pause",
        "States": {"Pause": {"Type": "Wait", "Seconds": 1, "Next": "Give"}, "Give": {"Type": "Pass", "Result": 7, "End": True}},
    }
)


def test_a_machine_that_can_be_said_in_jobs_is_taken_over_first(bunsui: Bunsui, embedded: LocalEndpoint) -> None:
    client = client_of(embedded)
    role = "arn:aws:iam::000000000000:role/by-hand"
    machine = client.create_state_machine(name="liftable", definition=SIMPLE, roleArn=role)["stateMachineArn"]
    seen = json.loads(bunsui("import", "--read-only", "--as", "jobs", "--json").stdout)
    assert {"arn": machine, "liftable": True, "why_not": ""} in seen["jobs"]
    assert not list((bunsui.folder / "pipelines").iterdir())

    told = json.loads(bunsui("import", machine, "--as", "jobs", "--yes", "--json").stdout)
    assert [one["status"] for one in told["machines"]] == ["imported"]
    [one] = told["jobs"]
    assert (one["lifted"], one["file"]) == (True, "pipelines/liftable.yaml")
    assert client.describe_state_machine(stateMachineArn=machine)["definition"] == SIMPLE, "AWS is as it was"
    assert sorted(path.name for path in (bunsui.folder / "pipelines").iterdir()) == ["liftable.yaml"]
    text = (bunsui.folder / "pipelines/liftable.yaml").read_text()
    assert "jobs:" in text
    assert "resource_name: liftable" in text
    assert "definition:" not in text
    assert "update" in bunsui("plan", "liftable").stdout
    again = bunsui("import", machine, "--as", "jobs", "--yes")
    assert (bunsui.folder / "pipelines/liftable.yaml").read_text() == text, again.stdout


def test_a_machine_of_a_stack_is_watched_and_not_taken_for_nobodys(bunsui: Bunsui, embedded: LocalEndpoint) -> None:
    properties = {
        "DefinitionString": TEXT,
        "RoleArn": "arn:aws:iam::000000000000:role/by-hand",
        "StateMachineName": "of-a-stack",
    }
    template = {"Resources": {"Nightly": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    stacks = client_of(embedded, "cloudformation")
    stacks.create_stack(StackName="etl-stack", TemplateBody=json.dumps(template))
    while stacks.describe_stacks(StackName="etl-stack")["Stacks"][0]["StackStatus"] == "CREATE_IN_PROGRESS":
        pass
    told = json.loads(bunsui("import", "--read-only", "--json").stdout)
    [one] = [one for one in told["machines"] if one["name"] == "of-a-stack"]
    assert (one["owner"], one["owned_by"]) == ("cloudformation", "etl-stack")
    bunsui("import", "of-a-stack", "--yes")
    assert "observed: CloudFormation stack etl-stack" in (bunsui.folder / "pipelines/of-a-stack.yaml").read_text()
    stacks.delete_stack(StackName="etl-stack")
