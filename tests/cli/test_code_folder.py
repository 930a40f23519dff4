"""A repository with its handler at the top, and a program beside it, as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Bunsui, share

pytestmark = pytest.mark.embedded

PROJECT = "version: 1\nproject: top\nid: 0a7f2c4e-8b0a-4d55-9d3c-3f1f1f4b7a22\n"
PIPELINE = """\
version: 1
name: top
jobs:
  call:
    operations:
      - {type: lambda, code: {path: ., handler: app.handler}, timeout: 1m}
    outputs: {said: "{% $result %}"}
"""
HANDLER = """\
import os, subprocess

def handler(event, context):
    said = subprocess.run([os.path.join(os.path.dirname(__file__), "bin", "tool")], capture_output=True, text=True, check=True)
    return [said.stdout.strip(), sorted(os.listdir(os.path.dirname(__file__)))]
"""


@pytest.mark.slow
def test_a_function_whose_folder_is_the_project_is_quiet_and_runs_what_lies_beside_it(
    shared_folder: Path, tmp_path: Path
) -> None:
    bunsui = Bunsui(tmp_path)
    share(shared_folder, tmp_path)
    bunsui.write("bunsui.yaml", PROJECT)
    bunsui.write("pipelines/top.yaml", PIPELINE)
    bunsui.write("app.py", HANDLER)
    bunsui.write("bin/tool", "#!/bin/sh\necho here\n")
    (tmp_path / "bin" / "tool").chmod(0o755)
    bunsui.write(".env", "TOKEN=canary")
    bunsui.write(".venv/pyvenv.cfg", "home = /usr")

    warned = bunsui("apply", "--yes")
    bunsui("plan", "--detailed-exitcode")
    ran = bunsui("run", "top", "--wait")
    bunsui("plan", "--detailed-exitcode")

    assert "BS228" in warned.stdout + warned.stderr
    assert "here" in ran.stdout
    assert ".env" not in ran.stdout
    assert "pyvenv" not in ran.stdout
