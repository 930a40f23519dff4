"""`bunsui diff`, as a user types it: which forms it has, how it ends, and that it asks nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bunsui.services.init import init_project
from tests.typed import typed
from tests.unit.checkout.test_tree import git

PROJECT = """environments:
  dev: {account: "111111111111", region: eu-west-1, schedules: disabled}
  prod: {account: "222222222222", region: eu-west-3}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("diff")
    init_project(made, template="etl")
    with (made / "bunsui.yaml").open("a") as project:
        project.write(PROJECT)
    git(made, "init", "-q", "-b", "main")
    git(made, "add", "-A")
    git(made, "commit", "-qm", "first")
    path = made / "pipelines/etl.yaml"
    path.write_text(path.read_text().replace("name: etl", "name: etl\ntags: {team: data}"))
    return made


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 0),
        (("--detailed-exitcode",), 2),
        (("main..HEAD", "--detailed-exitcode"), 0),
        (("--from", "main", "--to", "HEAD"), 0),
        (("dev", "prod", "--select", "etl"), 0),
        (("dev",), 5),
        (("dev", "prod", "--from", "main"), 5),
        (("a..b..c",), 5),
        (("main..HEAD", "--to", "HEAD"), 5),
    ],
)
def test_each_form_ends_as_it_should(folder: Path, arguments: tuple[str, ...], code: int) -> None:
    done = typed(folder, "diff", *arguments)
    assert done.returncode == code, done.stdout + done.stderr
    assert not (folder / ".bunsui" / "local").exists()


def test_json_is_the_plans_document_and_names_what_was_compared(folder: Path) -> None:
    document = json.loads(typed(folder, "--json", "diff").stdout)
    assert (document["basis"]["revision"], document["can_apply"]) == ("HEAD", False)
    assert json.loads(typed(folder, "--json", "diff", "dev", "prod").stdout)["basis"]["environment"] == "dev"
