"""`bunsui plan --untrusted` in a process of its own: whatever a fork brings, nothing is called, loaded or run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bunsui.services.init import init_project
from bunsui.view.documents.findings import findings_schema
from bunsui.view.documents.plan import plan_schema
from tests.unit.checkout.test_hostile_git import shaped
from tests.unit.checkout.test_tree import git

ROOT = Path(__file__).parents[2]

PROBE = """
import importlib.abc, socket, sys

def forbidden(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        raise SystemExit(f"NETWORK {event} {arguments[1:]}")
    if event == "subprocess.Popen" and arguments[0].rpartition("/")[2] != "git":
        raise SystemExit(f"PROCESS {arguments[0]}")

sys.addaudithook(forbidden)

# These read descriptions of services from files that are installed, and talk to nobody.
FILES_ONLY = {"bunsui.aws", "bunsui.aws.offered_calls", "bunsui.aws.service_models", "bunsui.aws.descriptions"}

class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        is_account = name.startswith("bunsui.aws") and name not in FILES_ONLY
        if top in ("boto3", "botocore", "evil_plugin", "textual", "ministack") or is_account:
            raise SystemExit(f"IMPORT {name}")

sys.meta_path.insert(0, Wall())
sys.argv = ["bunsui", *sys.argv[1:]]
from bunsui.cli.main import main
main()
"""


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """A fork's checkout: an edited definition, a look-up, a plugin that is installed, and a module that wants to be run."""
    folder = tmp_path / "fork"
    init_project(folder, template="raw")
    (folder / "pipelines/look.yaml").write_text(
        "version: 1\nname: look\ntags: {team: '${ssm:/team}'}\njobs:\n  go:\n    operations: [{type: wait, for: 5s}]\n"
    )
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    git(folder, "checkout", "-qb", "fork")
    definition = folder / "pipelines/definitions/raw.asl.json"
    definition.write_text(definition.read_text().replace('"Seconds": 1', '"Seconds": 2'))
    (folder / "sitecustomize.py").write_text("raise SystemExit('RAN')\n")
    installed = tmp_path / "site" / "evil-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[bunsui.operations]\nevil = evil_plugin:TYPE\n")
    return folder


def bunsui(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUNSUI_", "CI", "GITHUB_"))}
    paths = os.pathsep.join([str(ROOT), str(folder.parent / "site")])
    return subprocess.run(
        [sys.executable, "-c", PROBE, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**kept, "PYTHONPATH": paths, **environ},
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.parametrize("form", [(), ("--markdown",), ("--json",)])
def test_nothing_is_called_loaded_or_run(fork: Path, form: tuple[str, ...]) -> None:
    done = bunsui(fork, "plan", "--untrusted", *form, CI="true", BUNSUI_ENV="local")
    assert done.returncode == 0, done.stdout + done.stderr
    if form == ("--json",):
        document = json.loads(done.stdout)
        Draft202012Validator(plan_schema()).validate(document)
        assert (document["can_apply"], document["basis"]["revision"]) == (False, "main")
    else:
        assert "Changes to the repository, not to AWS" in done.stdout
        assert "state Wait: seconds 1 → 2" in done.stdout


@pytest.mark.parametrize("command", [("validate",), ("plan", "--untrusted")])
def test_a_project_that_is_shaped_as_a_git_directory_hides_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    """A fork's project folder holds `HEAD`, `objects`, `refs` and `config` of its own: they say that nothing changed."""
    top, ran = tmp_path / "fork", tmp_path / "ran"
    project = top / "project"
    init_project(project, template="etl")
    git(top, "init", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "first")
    git(top, "checkout", "-qb", "fork")
    handler = next(project.rglob("*.py"))
    handler.write_text(handler.read_text() + "\nimport os; os.system('true')\n")
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {ran}\n")
    trap.chmod(0o755)
    shaped(project, str(trap))
    done = bunsui(top, "-C", "project", *command, BUNSUI_ENV="local")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not ran.exists()
    if command[0] == "plan":
        assert "4 to update" in done.stdout  # the function, and what names its version


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_the_probe_stops_what_trusts_the_checkout(fork: Path, command: str) -> None:
    done = bunsui(fork, command, BUNSUI_ENV="local")
    assert done.returncode != 0
    assert "IMPORT evil_plugin" in done.stderr


@pytest.mark.parametrize("rules", ["", "rules: {BS529: info}\n"])
def test_a_removal_of_what_had_errors_at_the_base_is_no_silence(tmp_path: Path, rules: str) -> None:
    folder = tmp_path / "project"
    init_project(folder, template="raw")
    (folder / "pipelines/plug.yaml").write_text("version: 1\nname: plug\njobs: {go: {operations: [{type: evil}]}}\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    (folder / "pipelines/plug.yaml").unlink()
    with (folder / "bunsui.yaml").open("a") as stream:
        stream.write(rules)

    done = bunsui(folder, "plan", "--untrusted", "--base", "main")

    assert "warning BS529 pipelines/plug.yaml has errors at the commit" in " ".join(done.stdout.split())
    assert "git diff" in done.stdout
    assert "No changes to what the repository compiles to" not in done.stdout
    assert done.returncode == 0, done.stderr


def test_an_operation_type_of_a_plugin_is_an_error_that_says_why(fork: Path) -> None:
    (fork / "pipelines/evil.yaml").write_text("version: 1\nname: evil\njobs:\n  go:\n    operations: [{type: evil}]\n")
    done = bunsui(fork, "plan", "--untrusted")
    assert done.returncode == 5
    assert "operation types of plugins are code, and are not loaded for this plan: evil" in done.stderr


@pytest.mark.parametrize("more", [("--out", "plan.json"), ("--refresh", "full"), ("--now",)])
def test_an_untrusted_plan_is_neither_saved_nor_read(fork: Path, more: tuple[str, ...]) -> None:
    done = bunsui(fork, "plan", "--untrusted", *more)
    assert done.returncode == 5
    assert "untrusted-plan" in done.stderr


def test_a_base_and_names_exclude_each_other(fork: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bunsui", "plan", "raw", "--base", "main"],
        capture_output=True,
        text=True,
        cwd=fork,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BUNSUI_ENV": "local"},
    )
    assert done.returncode == 5
    assert "base-and-names" in done.stderr


def test_findings_of_broken_files_are_json_of_their_published_form(fork: Path) -> None:
    (fork / "pipelines/raw.yaml").write_text("version: 1\nname: raw\ndefinition: nowhere.json\n")
    done = bunsui(fork, "--json", "plan", "--untrusted")
    assert done.returncode == 5
    document = json.loads(done.stdout)
    Draft202012Validator(findings_schema()).validate(document)
    assert (document["kind"], document["findings"][0]["file"]) == ("findings", "pipelines/raw.yaml")
