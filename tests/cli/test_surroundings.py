"""How bunsui was started does not change what it does."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.cli.surroundings import settle
from bunsui.services.init import init_project

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    mask = os.umask(0o022)
    os.umask(mask)
    with warnings.catch_warnings():
        yield
    os.umask(mask)


@pytest.mark.parametrize("text", ["0", "-1", "1000000000", "wide", "", "٣٣", "1e2", "19"])
def test_a_width_that_is_none_is_forgotten(text: str) -> None:
    environ = {"COLUMNS": text, "LINES": text if text != "19" else "0", "TERMINAL_WIDTH": text}
    settle(environ)
    assert environ == {}


def test_a_size_of_a_terminal_stays() -> None:
    environ = {"COLUMNS": "80", "LINES": "24", "TEXTUAL_DRIVER": "evil:Driver"}
    settle(environ)
    assert environ == {"COLUMNS": "80", "LINES": "24"}


@pytest.mark.parametrize(("mask", "kept"), [(0o000, 0o002), (0o777, 0o077), (0o022, 0o022), (0o002, 0o002), (0o077, 0o077)])
def test_what_is_made_can_be_read_by_its_owner_and_not_written_by_everybody(mask: int, kept: int) -> None:
    os.umask(mask)
    settle({})
    assert os.umask(0o022) == kept


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A project with modules that are named as libraries are, and would tell that they were imported."""
    project = tmp_path / "project"
    init_project(project, template="raw")
    (project / "sub").mkdir()
    for folder in (project, project / "sub"):
        for name in ("yaml", "json", "typer", "pydantic", "rich"):
            (folder / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    return project


@pytest.mark.parametrize("path", ["", ".", "sub", "{project}/sub", "{project}"])
def test_no_module_of_the_current_folder_is_imported(hostile: Path, path: str) -> None:
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("BUNSUI_", "CI"))}
    environment["PYTHONPATH"] = os.pathsep.join((path.format(project=hostile), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-m", "bunsui", "validate"], cwd=hostile, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert not (hostile.parent / "ran").exists()


def test_where_file_names_are_no_utf8_it_starts_again(tmp_path: Path) -> None:
    project = tmp_path / "水"
    init_project(project, template="raw")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [str(Path(sys.executable).with_name("bunsui")), "-C", str(project), "render", "raw"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    done.stdout.decode("utf-8")
    assert b"Error" not in done.stderr


def test_in_a_folder_that_was_deleted_a_project_elsewhere_is_found(tmp_path: Path) -> None:
    project = tmp_path / "project"
    init_project(project, template="raw")
    line = f'mkdir gone && cd gone && rmdir ../gone && exec "$0" -C {project} validate'
    command = ["/bin/sh", "-c", line, str(Path(sys.executable).with_name("bunsui"))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_in_a_folder_that_was_deleted_it_is_said(tmp_path: Path) -> None:
    line = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" validate'
    command = ["/bin/sh", "-c", line, str(Path(sys.executable).with_name("bunsui"))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 5, done.stderr
    assert "the current folder was deleted" in done.stderr
    assert "no-project" in done.stderr
    assert "Traceback" not in done.stderr
