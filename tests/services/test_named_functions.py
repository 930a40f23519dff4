"""One function for several operations, from the files to the account and away again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bunsui.diagnostics import Position
from bunsui.plan.model import Action
from tests.fakes.workspace import Workspace, a_workspace

JOBS = "jobs:\n  warm: {type: lambda, code: weather, payload: {x: 1}}\n  dry: {type: lambda, code: weather, depends_on: warm}\n"
CODE = "{path: functions/etl, handler: etl.load, permissions: [{actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*']}]}"
FILE = "pipelines/etl.yaml"


def written(tmp_path: Path, text: str, *, project: str = "") -> Workspace:
    workspace = a_workspace(tmp_path, "etl")
    write(workspace, text)
    with (tmp_path / "bunsui.yaml").open("a") as file:
        file.write(project)
    return workspace


def write(workspace: Workspace, text: str) -> None:
    (workspace.folder / FILE).write_text("version: 1\nname: etl\n" + text)


def kinds(workspace: Workspace) -> Counter[str]:
    return Counter(kind for kind, _ in workspace.account.objects)


def test_one_function_role_and_log_group_are_made_for_all_that_invoke_it(tmp_path: Path) -> None:
    workspace = written(tmp_path, f"functions: {{weather: {CODE}}}\n" + JOBS)
    assert workspace.apply().is_complete
    assert kinds(workspace) == {"state_machine": 1, "lambda_function": 1, "role": 2, "log_group": 2}
    plan = workspace.plan().plan
    assert plan is not None
    assert not plan.pending
    (function,) = (change for change in plan.changes if change.address.kind == "lambda_function")
    assert function.address.name == "functions.weather"
    (role,) = (change for change in plan.changes if change.address.kind == "role" and change.address.name)
    assert role.desired is not None
    assert "s3:GetObject" in str(role.desired.attributes["policy"])


def test_functions_of_operations_become_one_and_go_once_nothing_names_them(tmp_path: Path) -> None:
    workspace = written(tmp_path, JOBS.replace("weather", CODE))
    workspace.apply()
    assert kinds(workspace)["lambda_function"] == 2
    write(workspace, f"functions: {{weather: {CODE}}}\n" + JOBS)
    plan = workspace.plan().plan
    assert plan is not None
    actions = {(change.address.name, change.action) for change in plan.changes if change.address.kind == "lambda_function"}
    assert ("functions.weather", Action.CREATE) in actions
    assert {name for name, action in actions if action in (Action.RETIRE, Action.DELETE)} == {"warm.lambda", "dry.lambda"}
    assert workspace.apply().is_complete


def test_a_function_of_the_project_is_each_pipelines_own(tmp_path: Path) -> None:
    workspace = written(tmp_path, JOBS, project=f"functions: {{weather: {CODE}, idle: {CODE}}}\n")
    (workspace.folder / "pipelines" / "two.yaml").write_text("version: 1\nname: two\n" + JOBS)
    assert workspace.apply().is_complete
    names = [name for kind, name in workspace.account.objects if kind == "lambda_function"]
    assert sorted(name.split("--")[-3] for name in names) == ["etl", "two"]


@pytest.mark.parametrize(
    ("text", "code", "place", "hint"),
    [
        (f"functions: {{wether: {CODE}}}\n" + JOBS, "BS224", Position(FILE, 5, 30), "Did you mean wether?"),
        (f"functions: {{weather: {CODE}, other: {CODE}}}\n" + JOBS, "BS225", Position(FILE, 3, 141), "remove it"),
        ("functions: {weather: {path: functions/none, handler: a.b}}\n" + JOBS, "BS211", Position(FILE, 3, 29), ""),
        ("functions: {weather: {path: functions/etl}}\n" + JOBS, "BS102", Position(FILE, 3, 13), ""),
    ],
    ids=["unknown", "unused", "no folder", "no handler"],
)
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, text: str, code: str, place: Position, hint: str) -> None:
    found = [finding for finding in written(tmp_path, text).plan().diagnostics if finding.code == code]
    assert found[0].position == place
    assert hint in found[0].hint
