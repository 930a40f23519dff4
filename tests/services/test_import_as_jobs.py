"""Definitions become jobs only where both behave alike: run side by side, and refused where a difference shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.lifting import attempts
from bunsui.document.lifting.lift import lift
from bunsui.model.json import Json
from bunsui.services.adoption.definition_file import DefinitionImport, DefinitionRequest, NamedDefinition, plan_definitions
from bunsui.services.adoption.lifting.attempt import LiftAttempt
from bunsui.services.adoption.lifting.comparing import compare
from bunsui.services.adoption.lifting.machines import lift_pipelines, with_jobs
from bunsui.services.adoption.new_files import write_new_file
from bunsui.services.testing.machine_under_test import machines_under_test
from tests.fakes.workspace import Workspace, a_workspace

CORPUS = Path(__file__).parents[1] / "asl_corpus"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:{}:live"


def task(name: str, **more: Json) -> dict[str, Json]:
    return {"Type": "Task", "Resource": FUNCTION.format(name), **({} if "Next" in more else {"End": True}), **more}


def definition(**states: Json) -> dict[str, Json]:
    return {"StartAt": next(iter(states)), "States": states}


RETRY: Json = [{"ErrorEquals": ["Lambda.ServiceException", "Stock.Busy"], "IntervalSeconds": 2, "MaxAttempts": 2}]
CHOICE: Json = [
    {"And": [{"Variable": "$.n", "NumericGreaterThan": 3}, {"Variable": "$.on", "BooleanEquals": True}], "Next": "Big"},
    {"Not": {"Variable": "$.name", "IsPresent": True}, "Next": "Stop"},
]
MACHINES: Mapping[str, dict[str, Json]] = {
    "sequence": definition(A=task("a", Retry=RETRY, Next="B"), B=task("b", ResultPath="$.b", Next="C"), C=task("c")),
    "choice": definition(
        A=task("a", Next="Pick"),
        Pick={"Type": "Choice", "Choices": CHOICE, "Default": "Small"},
        Big=task("big", Next="Last"),
        Small={"Type": "Wait", "Seconds": 5, "Next": "Last"},
        Stop={"Type": "Fail", "Error": "NoName", "Cause": "it has none"},
        Last=task("last"),
    ),
    "parallel": definition(
        P={
            "Type": "Parallel",
            "ResultPath": "$.both",
            "Next": "Z",
            "Branches": [definition(L=task("l", Next="M"), M=task("m")), definition(R=task("r", TimeoutSeconds=30))],
        },
        Z=task("z", Parameters={"left.$": "$.both[0].x", "all.$": "$.both"}),
    ),
    "map": definition(
        List=task("list", Next="Each"),
        Each={
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 2,
            "ItemSelector": {"item.$": "$$.Map.Item.Value", "of.$": "$.name"},
            "ItemProcessor": definition(One=task("one", Next="Two"), Two=task("two")),
            "End": True,
        },
    ),
    "poll": definition(
        Start=task("start", ResultPath="$.job", Next="W"),
        W={"Type": "Wait", "Seconds": 30, "Next": "Ask"},
        Ask=task("ask", Parameters={"id.$": "$.job.id"}, ResultPath="$.seen", Next="Done"),
        Done={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.seen.state", "StringEquals": "FAILED", "Next": "Broken"},
                {"Variable": "$.seen.state", "StringEquals": "OK", "Next": "Load"},
            ],
            "Default": "W",
        },
        Broken={"Type": "Fail", "Error": "CopyFailed", "Cause": "the copy failed"},
        Load=task("load"),
    ),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path, "raw")


def planned(workspace: Workspace, content: Json, *, as_jobs: bool = True) -> DefinitionImport:
    named = NamedDefinition(file="/elsewhere/tried.asl.json", content=json.dumps(content).encode())
    return plan_definitions(workspace.repository, workspace.ports, DefinitionRequest(definitions=(named,), as_jobs=as_jobs))


def attempt_of(found: DefinitionImport) -> LiftAttempt:
    [one] = found.definitions
    assert one.lift is not None
    return one.lift


def written(workspace: Workspace, found: DefinitionImport) -> None:
    for path, content in found.files.items():
        write_new_file(workspace.folder, path, content)


@pytest.mark.parametrize("name", MACHINES)
def test_a_simple_machine_becomes_jobs_that_behave_alike(workspace: Workspace, name: str) -> None:
    found = planned(workspace, MACHINES[name])
    lift = attempt_of(found)
    assert lift.refusal == ""
    assert lift.compared is not None
    assert lift.compared.situations > 3
    assert lift.compared.rules_taken == lift.compared.rules
    assert [*found.files] == ["pipelines/tried.yaml"]
    assert found.plan is not None
    written(workspace, found)
    assert not planned(workspace, MACHINES[name]).files, "the same command again has nothing to write"


CHANGES = {
    "another payload": ('"$jobs', '"$not'),
    "no retry": ('"MaxAttempts": 2', '"MaxAttempts": 1'),
    "another wait": ('"IntervalSeconds": 2', '"IntervalSeconds": 3'),
    "another function": (":function:b:", ":function:other:"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_jobs_that_do_something_else_are_noticed(workspace: Workspace, change: str) -> None:
    written(workspace, planned(workspace, MACHINES["sequence"]))
    machines, _ = machines_under_test(workspace.repository, ["tried"])
    jobs = json.dumps(machines["tried"].definition).replace("$states.input.jobs", "$jobs")
    before, after = CHANGES[change] if change != "another payload" else ("$jobs.A.result", "{'x': $jobs.A.result}")
    assert before in jobs
    changed = json.loads(jobs.replace(before, after).replace("$jobs", "$states.input.jobs"))
    compared = compare(MACHINES["sequence"], changed, lift(MACHINES["sequence"], {}))
    assert compared.difference
    assert not compare(MACHINES["sequence"], machines["tried"].definition, lift(MACHINES["sequence"], {})).difference


def test_what_cannot_be_said_stays_a_definition_and_says_where(workspace: Workspace) -> None:
    caught = definition(A=task("a", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), B={"Type": "Succeed"})
    found = planned(workspace, caught)
    assert attempt_of(found).refusal.startswith("A.Catch: ")
    assert [*found.files] == ["pipelines/tried.asl.json", "pipelines/tried.yaml"]
    assert found.files == planned(workspace, caught, as_jobs=False).files


def test_placeholders_stay_what_the_environment_says(workspace: Workspace) -> None:
    named = NamedDefinition(file="/elsewhere/tried.asl.json", content=json.dumps(definition(A=task("${F}"))).encode())
    content = named.content.replace(
        FUNCTION.format("${F}").encode(), b"arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:f"
    )
    request = DefinitionRequest(definitions=(NamedDefinition(file=named.file, content=content),), as_jobs=True)
    found = plan_definitions(workspace.repository, workspace.ports, request)
    assert attempt_of(found).refusal == ""
    text = found.files["pipelines/tried.yaml"].decode()
    assert "function: arn:aws:lambda:${environment.region}:${environment.account}:function:f" in text


def test_a_pipeline_keeps_every_other_line_of_its_file(workspace: Workspace) -> None:
    written(workspace, planned(workspace, MACHINES["choice"], as_jobs=False))
    path = workspace.folder / "pipelines/tried.yaml"
    path.write_text(f"# ours\n{path.read_text()}# between\ntags: {{a: b}} # kept\n")
    [one] = lift_pipelines(workspace.repository, ["tried"])
    assert one.attempt.refusal == ""
    assert one.removes_definition
    assert one.attempt.content is not None
    text = one.attempt.content.decode()
    assert text.startswith("# ours\n")
    assert "version: 1\nname: tried\nparameters:\n" in text
    assert text.endswith("# between\ntags: {a: b} # kept\n")
    assert "definition:" not in text
    assert with_jobs("version: 1\ndefinition: a.json\nsubstitutions:\n  x: 1\ntags: {}\n", {"jobs": {}}) == (
        "version: 1\njobs: {}\ntags: {}\n"
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_published_machines_become_jobs_or_say_why_they_do_not(workspace: Workspace) -> None:
    found = dict(attempts(CORPUS, workspace.repository))
    lifted = [one for one in found.values() if isinstance(one, LiftAttempt) and one.content is not None]
    assert len(lifted) >= 25
    assert all(one.compared is not None and one.compared.situations and not one.compared.difference for one in lifted)
    assert all(one if isinstance(one, str) else one.content or one.why for one in found.values())
