"""What a function's code is made of: kept by an apply, compared by the next plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.model.resource import CodeSource
from bunsui.project.code_files import MOST_FILES, code_files
from bunsui.project.files import RootFolder


def code(requirements: str | None = None) -> CodeSource:
    return CodeSource(path="fn", requirements=requirements, runtime="python3.12", architecture="x86_64", digest="sha256:1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fn" / "lib").mkdir(parents=True)
    (tmp_path / "fn" / "main.py").write_text("1")
    (tmp_path / "fn" / "lib" / "a.py").write_text("2")
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def test_files_are_named_as_in_the_project(folder: Path) -> None:
    assert sorted(code_files(code("requirements.txt"), RootFolder(folder))) == ["fn/lib/a.py", "fn/main.py", "requirements.txt"]


def test_content_and_the_executable_bit_tell_files_apart(folder: Path) -> None:
    seen = {code_files(code(), RootFolder(folder))["fn/main.py"]}
    (folder / "fn" / "main.py").write_text("11")
    seen.add(code_files(code(), RootFolder(folder))["fn/main.py"])
    (folder / "fn" / "main.py").chmod(0o755)
    seen.add(code_files(code(), RootFolder(folder))["fn/main.py"])
    assert len(seen) == 3


def test_of_many_files_nothing_is_kept(folder: Path) -> None:
    for number in range(MOST_FILES):
        (folder / "fn" / f"{number}.py").write_text("")
    assert code_files(code(), RootFolder(folder)) == {}
