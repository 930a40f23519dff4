from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bunsui.document.files import RootFolder
from bunsui.errors import InvalidInput


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "pipelines" / "deep").mkdir(parents=True)
    (folder / "pipelines" / "b.yaml").write_text("b")
    (folder / "pipelines" / "a.yaml").write_text("a")
    (folder / "pipelines" / "deep" / "c.yml").write_text("c")
    (folder / "pipelines" / ".hidden").mkdir()
    (folder / "pipelines" / ".hidden" / "x.yaml").write_text("x")
    (tmp_path / "outside.yaml").write_text("secret")
    return folder


def refusal(call: object) -> str:
    with pytest.raises(InvalidInput) as raised:
        call()  # type: ignore[operator]
    return raised.value.summary


def test_globs_give_sorted_paths_and_leave_hidden_folders_alone(root: Path) -> None:
    source = RootFolder(root)
    assert source.find(["pipelines/**/*.yaml", "pipelines/**/*.yml"]) == [
        "pipelines/a.yaml", "pipelines/b.yaml", "pipelines/deep/c.yml"
    ]  # fmt: skip
    assert source.find(["pipelines/*.yaml"]) == ["pipelines/a.yaml", "pipelines/b.yaml"]
    assert source.find(["pipelines/?.yaml", "nowhere/*.yaml"]) == ["pipelines/a.yaml", "pipelines/b.yaml"]
    assert source.find(["../*.yaml"]) == []


def test_a_link_that_leaves_the_root_is_refused(root: Path) -> None:
    (root / "pipelines" / "link.yaml").symlink_to(root.parent / "outside.yaml")
    (root / "away").symlink_to(root.parent)
    assert "outside" in refusal(lambda: RootFolder(root).read("pipelines/link.yaml"))
    assert "outside" in refusal(lambda: RootFolder(root).read("away/outside.yaml"))
    assert "outside" in refusal(lambda: RootFolder(root).read("../outside.yaml"))
    assert "outside" in refusal(lambda: RootFolder(root).read("/etc/passwd"))


def test_a_link_inside_the_root_is_followed(root: Path) -> None:
    (root / "pipelines" / "link.yaml").symlink_to("a.yaml")
    assert RootFolder(root).read("pipelines/link.yaml") == b"a"


def test_a_loop_of_links_is_an_error_and_no_traceback(root: Path) -> None:
    (root / "loop.yaml").symlink_to("loop.yaml")
    assert "cannot be reached" in refusal(lambda: RootFolder(root).read("loop.yaml"))


def test_a_pipe_is_refused_without_waiting_for_a_writer(root: Path) -> None:
    os.mkfifo(root / "pipelines" / "pipe.yaml")
    assert "regular file" in refusal(lambda: RootFolder(root).read("pipelines/pipe.yaml"))


def test_large_missing_and_strangely_named_files_are_refused(root: Path) -> None:
    (root / "large.yaml").write_bytes(b"x" * 2000)
    assert "larger" in refusal(lambda: RootFolder(root).read("large.yaml", limit_bytes=1024))
    assert "does not exist" in refusal(lambda: RootFolder(root).read("nowhere.yaml"))
    assert "regular" in refusal(lambda: RootFolder(root).read("pipelines"))
    assert "do not print" in refusal(lambda: RootFolder(root).read("a\x00b"))


@contextmanager
def seen_by_anybody(closed: str) -> Iterator[Path]:
    """Give a folder in which one path is closed, without the rights of the superuser, for whom no mode is a hindrance."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for inner in ("pipelines", "code", "code/inner"):
            (folder / inner).mkdir()
        (folder / "pipelines" / "p.yaml").write_text("version: 1")
        mode = (folder / closed).stat().st_mode
        (folder / closed).chmod(0)
        superuser = os.geteuid() == 0
        if superuser:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if superuser:
                os.seteuid(0)
            (folder / closed).chmod(mode)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX systems")
@pytest.mark.parametrize("closed", ["pipelines", "pipelines/p.yaml", "code/inner"])
def test_what_may_not_be_read_is_an_error_and_never_nothing(closed: str) -> None:
    def look(source: RootFolder) -> object:
        return [source.read(path) for path in source.find(["pipelines/*.yaml"])], source.folder("code")

    with seen_by_anybody(closed) as folder, pytest.raises(InvalidInput) as caught:
        look(RootFolder(folder))
    assert "permission denied" in caught.value.summary
    assert "Make it readable" in caught.value.hint


def test_too_many_files_are_refused(root: Path) -> None:
    for number in range(2_001):
        (root / "pipelines" / f"{number}.yaml").touch()
    assert "2000" in refusal(lambda: RootFolder(root).find(["pipelines/*.yaml"]))


def test_a_code_folder_is_listed_without_caches(root: Path) -> None:
    code = root / "code"
    (code / "__pycache__").mkdir(parents=True)
    (code / "__pycache__" / "app.cpython-311.pyc").write_bytes(b"")
    (code / "z.py").write_text("z")
    (code / "sub").mkdir()
    (code / "sub" / "a.sh").write_text("a")
    (code / "sub" / "a.sh").chmod(0o755)
    (code / ".DS_Store").touch()
    entries = RootFolder(root).folder("code")
    assert [(entry.path, entry.executable) for entry in entries] == [("sub/a.sh", True), ("z.py", False)]


def test_a_code_folder_with_a_link_outside_is_refused(root: Path) -> None:
    (root / "code").mkdir()
    (root / "code" / "secret.py").symlink_to(root.parent / "outside.yaml")
    assert "outside" in refusal(lambda: RootFolder(root).folder("code"))
