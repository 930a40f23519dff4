"""A project in an empty folder, applied to an embedded AWS of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = """\
version: 1
project: weights
id: 6c0f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a10
timezone: Asia/Tokyo
"""

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

    def __call__(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command that must end with this exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "bunsui", *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**_without_ci(), "BUNSUI_LOCAL_IDLE_MINUTES": "5", "COLUMNS": "120"},
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback (most recent call last)" not in done.stderr
        return done

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def applied_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bunsui]:
    """A project whose pipeline `weigh` fails on its data until its code is fixed."""
    bunsui = Bunsui(tmp_path_factory.mktemp("weights"))
    bunsui.write("bunsui.yaml", PROJECT)
    bunsui.write("pipelines/weigh.yaml", PIPELINE)
    bunsui.write("pipelines/slow.yaml", SLOW)
    bunsui.write("code/weights.py", BROKEN)
    try:
        bunsui("apply", "--yes")
        yield bunsui
    finally:
        bunsui("local", "stop")


def _without_ci() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith(("BUNSUI_", "AWS_"))}
