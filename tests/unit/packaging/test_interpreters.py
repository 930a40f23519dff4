"""Which Python runs a function: the one of its runtime, where this machine has it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from bunsui.packaging.interpreters import interpreter_for, missing_pythons, own_interpreter

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs here are shell scripts")
OWN = f"python3.{sys.version_info.minor}"


def program(folder: Path, name: str, script: str) -> str:
    """Put a program into a folder; give a PATH of that folder alone."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return str(folder)


def test_a_runtimes_python_is_found_on_the_path(tmp_path: Path) -> None:
    path = program(tmp_path, "python3.98", "echo 3.98; echo /usr/lib/python3.98")
    found = interpreter_for("python3.98", path)
    assert (found.path, found.version, found.is_for("python3.98")) == ("/usr/lib/python3.98", "3.98", True)


@pytest.mark.parametrize("script", ["exit 127", "echo 3.11; echo /usr/lib/other", "echo of a shim", "kill $$"])
def test_a_program_that_is_not_that_python_is_passed_over(tmp_path: Path, script: str) -> None:
    """As a shim of pyenv, which is there for versions that are not chosen."""
    shims = program(tmp_path / "shims", "python3.99", script)
    later = program(tmp_path / "later", "python3.99", "echo 3.99; echo /usr/lib/python3.99")
    assert interpreter_for("python3.99", shims) == own_interpreter()
    assert interpreter_for("python3.99", os.pathsep.join([shims, "relative", later])).path == "/usr/lib/python3.99"


def test_what_this_machine_lacks_is_told_once_each(tmp_path: Path) -> None:
    assert missing_pythons([OWN, "python3.97", "python3.97", "nodejs24.x", "python3.96"], str(tmp_path)) == [
        "python3.96",
        "python3.97",
    ]


def test_the_own_python_is_no_virtual_environments() -> None:
    assert not Path(own_interpreter().path).is_symlink()
