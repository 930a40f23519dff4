"""What users paste into their CI, and what runs there: commands that exist, and no text from outside in a script."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import bunsui
from tests.architecture.test_offered_commands import parse

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "docs" / "how-to" / "bunsui.gitlab-ci.yml").read_text(encoding="utf-8"))
PAGES = [ROOT / "docs" / "how-to" / name for name in ("pull-requests.md", "give-ci-its-permissions.md")]
COMMAND = re.compile(r"(?:^|\$\(|&& |\|\| )(bunsui [^>|]*?)(?=\s*(?:>|\|\||$))")


def blocks(language: str) -> list[str]:
    pattern = re.compile(rf"```{language}\n(.*?)```", re.S)
    return [block for page in PAGES for block in pattern.findall(page.read_text(encoding="utf-8"))]


def scripts() -> Iterator[str]:
    yield from (step["run"] for step in ACTION["runs"]["steps"])
    yield from ("\n".join(job.get("script", [])) for job in GITLAB.values())
    yield from blocks("sh")
    for workflow in map(yaml.safe_load, blocks("yaml")):
        yield from (step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step)


def commands() -> list[str]:
    lines = (line.strip() for script in scripts() for line in script.splitlines())
    return [command for line in lines for command in COMMAND.findall(line)]


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_a_command_in_ci_is_understood(command: str) -> None:
    parse(" ".join(map(shlex.quote, shlex.split(command))))


def test_the_commands_are_found() -> None:
    assert {"bunsui plan --untrusted --markdown", "bunsui ci digest"} <= set(commands())
    assert len(set(commands())) > 8


def test_no_script_holds_text_from_outside() -> None:
    assert [script for script in scripts() if "${{" in script] == []


def test_the_token_is_in_no_step_that_reads_the_project_s_pipelines() -> None:
    steps = [step for step in ACTION["runs"]["steps"] if "GITHUB_TOKEN" in step.get("env", {})]
    ran = [command for step in steps for line in step["run"].splitlines() for command in COMMAND.findall(line.strip())]
    assert [command.split()[1] for command in ran] == ["ci", "ci"]


def test_the_workflow_gives_the_action_inputs_that_it_has() -> None:
    (workflow,) = map(yaml.safe_load, blocks("yaml"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"] if "/bunsui@" in step["uses"]]
    assert [step["with"]["command"] for step in steps] == ["plan", "apply"]
    required = {name for name, given in ACTION["inputs"].items() if given.get("required")}
    for step in steps:
        assert required <= set(step["with"]) <= set(ACTION["inputs"])
        assert step["uses"].endswith(f"@v{bunsui.__version__}")
    assert GITLAB[".bunsui"]["variables"]["BUNSUI_VERSION"] == bunsui.__version__
