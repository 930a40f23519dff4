"""Projects that are applied to the embedded AWS which all tests of a worker share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from bunsui.composition.own_folder import project_folder
from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.typed import Done, typed, without_ours

PROJECT = """\
version: 1
project: weights
id: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10
timezone: Asia/Tokyo
"""
"""A project of another name is to have another id, too: both live in the same account."""

PIPELINE = """\
version: 1
name: weigh
timeout: 5m
parameters:
  unit: {type: string, enum: [gram, pound], default: gram}
jobs:
  fetch:
    operations:
      - type: lambda
        code: {path: code, handler: weights.fetch, runtime: python3.12}
        timeout: 1m
    outputs: {values: "{% $result.values %}"}
  mean:
    depends_on: [fetch]
    operations:
      - type: lambda
        code: {path: code, handler: weights.mean, runtime: python3.12}
        payload: {values: "{% $jobs.fetch.values %}", unit: "{% $params.unit %}"}
        timeout: 1m
    outputs: {table: "{% $result.table %}"}
"""

BROKEN = """\
def fetch(event, context):
    print("fetching \\x1b[31mred")
    return {"values": ["1", "2", "x"]}


def mean(event, context):
    values = [float(value) for value in event["values"]]
    return {"table": [{"unit": event["unit"], "mean": sum(values) / len(values)}]}
"""

FIXED = BROKEN.replace('for value in event["values"]]', 'for value in event["values"] if value != "x"]')

SLOW = """\
version: 1
name: slow
timeout: 5m
jobs:
  nap:
    operations:
      - {type: wait, for: 30s}
"""


@dataclass(frozen=True)
class Bunsui:
    """Runs bunsui in a project."""

    folder: Path

    def __call__(self, *arguments: str, code: int = 0) -> Done:
        """Run a command that must end with this exit code."""
        done = typed(self.folder, *arguments, environment=without_ours(COLUMNS="120"))
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback (most recent call last)" not in done.stderr
        return done

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def share(embedded_folder: Path, project: Path) -> None:
    """Have the project use the embedded AWS that runs already, where every project lives in the one account of `local`.

    Its data folder is one of the project's own; that the files in it are those of the other one, too, tells nobody.
    """
    own = project_folder(project.resolve(), notice=print).open().local
    own.mkdir(mode=0o700)
    for file in embedded_folder.iterdir():
        if file.is_file():
            (own / file.name).hardlink_to(file)


@pytest.fixture(scope="session")
def shared_folder(embedded_folder: Path, embedded: LocalEndpoint) -> Path:
    """The data folder of the embedded AWS, which runs; see `share`."""
    assert embedded.url
    return embedded_folder


@pytest.fixture(scope="session")
def applied_project(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bunsui:
    """A project whose pipeline `weigh` fails on its data until its code is fixed."""
    bunsui = Bunsui(tmp_path_factory.mktemp("weights"))
    share(shared_folder, bunsui.folder)
    bunsui.write("bunsui.yaml", PROJECT)
    bunsui.write("pipelines/weigh.yaml", PIPELINE)
    bunsui.write("pipelines/slow.yaml", SLOW)
    bunsui.write("code/weights.py", BROKEN)
    bunsui("apply", "--yes")
    return bunsui
