"""A machine that is in several environments is one file: what differs becomes variables, and the plan is empty in each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.kinds.state_machine import MACHINE
from bunsui.model.json import Json
from bunsui.services.adoption.differing import DefinitionDifferences, OtherMachine
from bunsui.services.adoption.importing import ImportStatus
from bunsui.services.adoption.text_places import scalar_places, with_scalars
from tests.fakes.workspace import Workspace, a_workspace
from tests.services.test_import import Theirs, imported, planned

ENVIRONMENTS = """
environments:
  dev: {account: "000000000000", region: us-east-1}  # by hand
  prod: {account: "000000000000", region: us-east-1}
  third: {account: "000000000000", region: us-east-1}
"""


def text(stage: str, **more: int) -> str:
    arn = f"arn:aws:lambda:us-east-1:111111111111:function:load-{stage}"
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": arn, "Payload": "${x}"},
        "End": True,
    }
    machine = {"QueryLanguage": "JSONata", "Comment": f"{{% 'of' & '{arn}' %}}", "StartAt": "A", "States": {"A": state}, **more}
    return json.dumps(machine, indent=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    a_workspace(tmp_path, "raw")
    (tmp_path / "pipelines/raw.yaml").unlink()
    with (tmp_path / "bunsui.yaml").open("a") as project:
        project.write(ENVIRONMENTS)
    return tmp_path


def account(folder: Path, stage: str, *, name: str = "nightly-{}", timeout: int | None = None) -> Theirs:
    """The account of an environment, with the machine made by hand."""
    theirs = Theirs(Workspace(folder, environment=stage))
    theirs.make(name.format(stage), text=text(stage, **({} if timeout is None else {"TimeoutSeconds": timeout})))
    arn, role = next(iter(theirs.described)), f"arn:aws:iam::111111111111:role/{stage}"
    theirs.described[arn] = replace(theirs.described[arn], role_arn=role)
    machine = theirs.workspace.account.objects[MACHINE, name.format(stage)]
    changed = {**machine.attributes, "role_arn": role}
    theirs.workspace.account.objects[MACHINE, name.format(stage)] = replace(machine, attributes=changed)
    return theirs


def check_plan_is_empty(theirs: Theirs) -> None:
    plan = theirs.workspace.plan().plan
    assert plan is not None
    assert not plan.pending


@pytest.mark.parametrize("name", ["nightly-{}", "nightly"])
def test_the_same_machine_in_three_environments_is_one_file_with_variables(folder: Path, name: str) -> None:
    accounts = [account(folder, stage, name=name) for stage in ("dev", "prod", "third")]
    pipeline = ""
    for theirs in accounts:
        stage = theirs.workspace.environment
        outcome = imported(theirs, name.format(stage))
        assert [one.status for one in outcome.machines] == [ImportStatus.IMPORTED], outcome.machines
        pipeline = pipeline or outcome.machines[0].candidate.pipeline
    assert sorted(path.name for path in (folder / "pipelines").glob("nightly*")) == [f"{pipeline}.asl.json", f"{pipeline}.yaml"]
    for theirs in accounts:
        check_plan_is_empty(theirs)
        assert [one.status for one in planned(theirs, name.format(theirs.workspace.environment)).machines] == [
            ImportStatus.KNOWN
        ]
    project = (folder / "bunsui.yaml").read_text()
    assert "# by hand" in project
    assert project.count("function:load-prod") == 1
    kept = (folder / f"pipelines/{pipeline}.asl.json").read_text()
    assert '"Payload": "$${x}"' in kept
    assert kept.count("\n") == text("dev").count("\n")


def test_nothing_is_written_before_the_import_of_the_second_is_confirmed(folder: Path) -> None:
    imported(account(folder, "dev"), "nightly-dev")
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    prod = account(folder, "prod")
    [one] = planned(prod, "nightly-prod").machines
    assert one.status is ImportStatus.NEW
    assert {edit.path for edit in one.candidate.edits} == {
        "bunsui.yaml", "pipelines/nightly-dev.yaml", "pipelines/nightly-dev.asl.json",
    }  # fmt: skip
    assert {path: path.read_bytes() for path in before} == before
    assert not prod.workspace.account.calls


def test_a_machine_of_another_shape_is_a_file_of_its_own(folder: Path) -> None:
    imported(account(folder, "dev"), "nightly-dev")
    [one] = imported(account(folder, "prod", timeout=3), "nightly-prod").machines
    assert (one.status, one.candidate.pipeline) == (ImportStatus.IMPORTED, "nightly-prod")


def test_an_import_that_is_given_back_takes_its_variables_back(folder: Path) -> None:
    imported(account(folder, "dev"), "nightly-dev")
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.is_file()}
    prod = account(folder, "prod")

    def trace(verb: str, name: str) -> None:
        if verb == "update":
            prod.workspace.account.change(MACHINE, name, tracing=True)

    prod.workspace.account.after = trace
    [one] = imported(prod, "nightly-prod").machines
    assert one.status is ImportStatus.UNDONE
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("here", "other"),
    [({"a": 1}, {"b": 1}), ([1], [1, 2]), ({"a": "x"}, {"a": ["x"]}), ({"a": "one two"}, {"a": "one, two"}), (None, "x")],
)
def test_what_differs_in_more_than_values_is_another_machine(here: Json, other: Json) -> None:
    with pytest.raises(OtherMachine):
        DefinitionDifferences(substitutions={}).compare(here, other)


def test_the_same_two_values_are_one_variable() -> None:
    found = DefinitionDifferences(substitutions=None)
    found.compare({"A": ["x1", "x1", 5, True]}, {"A": ["y1", "y1", 7, True]})
    assert found.values == {"a": ("x1", "y1"), "a_2": (5, 7)}
    assert found.texts == {("A", 0): "${a}", ("A", 1): "${a}", ("A", 2): "${a_2}"}


def test_one_scalar_is_replaced_and_every_other_byte_stays() -> None:
    written = '{ "a\\"b":[ 1,\t-2.5e3 , {"c" :"x\\u0041"}],\r\n"d":null }'
    assert set(scalar_places(written)) == {('a"b', 0), ('a"b', 1), ('a"b', 2, "c"), ("d",)}
    assert with_scalars(written, {('a"b', 2, "c"): "${c}", ("d",): 1}) == written.replace('"x\\u0041"', '"${c}"').replace(
        "null", "1"
    )
