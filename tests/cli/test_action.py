"""The scripts of `action.yml` as a runner runs them: bash, variables, files; the forge on the loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bunsui.services.init import init_project
from tests.fakes.forges import PULL, FakeGitHub, serving
from tests.typed import without_ours
from tests.unit.checkout.test_tree import git

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def ran(name: str, folder: Path, environment: dict[str, str]) -> Any:
    (script,) = (step["run"] for step in ACTION["runs"]["steps"] if step["name"] == name)
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.mark.slow
def test_the_action_s_own_scripts_post_what_fails_and_refuse_to_apply_it(tmp_path: Path) -> None:
    folder, bin_folder, temp = tmp_path / "sales", tmp_path / "bin", tmp_path / "temp"
    init_project(folder, template="raw")
    (folder / "pipelines/raw.yaml").write_text("version: 1\nname: raw\ndefinition: nowhere.json\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    bin_folder.mkdir()
    temp.mkdir()
    shim = bin_folder / "bunsui"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bunsui "$@"\n')
    shim.chmod(0o755)
    event = temp / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": PULL, "head": {"sha": "1" * 40}}}))
    with serving(FakeGitHub(merged_as="e" * 40)) as github:
        outside = {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "RUNNER_TEMP": str(temp)}
        files = {name: str(temp / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
        event_of = {"GITHUB_EVENT_PATH": str(event), "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_SHA": "e" * 40}
        environment = without_ours(
            CI="true",
            BUNSUI_ENV="local",
            BUNSUI_DIRECTORY=".",
            IS_FORK="true",
            **github.environ(),
            **outside,
            **files,
            **event_of,
        )
        planned = ran("Plan", folder, environment)
        assert planned.returncode == 0, planned.stderr
        assert (temp / "GITHUB_OUTPUT").read_text() == "code=5\n"
        assert "No plan" in (temp / "GITHUB_STEP_SUMMARY").read_text()
        assert ran("Comment", folder, environment).returncode == 0
        assert len(github.bodies()) == 1
        assert ran("Outcome of the plan", folder, {**environment, "CODE": "5"}).returncode == 5
        refused = ran("Find what was reviewed", folder, environment)
        assert (refused.returncode, (temp / "bunsui-reviewed").read_text()) == (4, "")
