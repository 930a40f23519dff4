from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput
from bunsui.project.files import RootFolder


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
    """Return a folder in which one path is closed, without the rights of the superuser, for whom no mode is a hindrance."""
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


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


EVERYTHING = (
    "app.py",
    "lib/tool.py",
    "lib/README.md",
    "tests/test_app.py",
    "credentials.py",
    "id_rsa.pub",
    ".env.example",
    ".env",
    "deploy/ca.pem",
    "server.key",
    "ID_RSA",
    "credentials.json",
    ".bunsui/local/state/lambda.json",
    ".git/config",
    ".venv/pyvenv.cfg",
    ".venv/lib/x.py",
    "env/pyvenv.cfg",
    "env/lib/cacert.pem",
    "node_modules/left-pad/index.js",
    "__pycache__/app.cpython-312.pyc",
    ".config/settings.json",
    ".hidden",
)
"""What lies in the folder of a repository with its handler at the top."""

MEANT = ["app.py", "credentials.py", "id_rsa.pub", "lib/README.md", "lib/tool.py", "tests/test_app.py"]


@pytest.mark.parametrize("path", [".", "f"])
def test_a_code_folder_holds_what_was_meant(root: Path, path: str) -> None:
    shutil.rmtree(root)
    make(root / path, *EVERYTHING)
    source = RootFolder(root)

    assert [entry.path for entry in source.folder(path)] == MEANT
    assert source.withheld(path) == [".env", "ID_RSA", "credentials.json", "deploy/ca.pem", "server.key"]


@pytest.mark.parametrize(
    ("exclude", "include", "more", "less"),
    [
        (["tests"], [], [], ["tests/test_app.py"]),
        (["*.md"], [], [], ["lib/README.md"]),
        (["lib/*"], [], [], ["lib/README.md", "lib/tool.py"]),
        (["lib/**"], [], [], ["lib/README.md", "lib/tool.py"]),
        (["tool.py"], [], [], ["lib/tool.py"]),
        (["./tool.py", "nothing"], [], [], ["lib/tool.py"]),
        ([], ["deploy/ca.pem"], ["deploy/ca.pem"], []),
        ([], ["*.pem"], ["deploy/ca.pem", "env/lib/cacert.pem"], []),
        (["env"], ["*.pem"], ["deploy/ca.pem"], []),
        ([], ["node_modules", ".config"], [".config/settings.json", "node_modules/left-pad/index.js"], []),
        ([], [".git", ".bunsui", "__pycache__", "*.pyc", "config", "lambda.json"], [], []),
        (["ca.pem"], ["ca.pem"], [], []),
    ],
)
def test_what_is_excluded_goes_and_what_is_included_comes(
    root: Path, exclude: list[str], include: list[str], more: list[str], less: list[str]
) -> None:
    make(root / "f", *EVERYTHING)
    source = RootFolder(root)

    found = {entry.path for entry in source.folder("f", exclude=exclude, include=include)}
    assert found == set(MEANT) - set(less) | set(more)
    withheld = source.withheld("f", exclude=exclude, include=include)
    assert not set(withheld) & found
    if "*.pem" in include:
        assert "deploy/ca.pem" not in withheld


@pytest.mark.parametrize(
    ("exclude", "include", "unused"),
    [
        ([], [], []),
        (["tests", "*.md", "lib/**", "env", "data.json"], ["deploy/ca.pem", ".config"], []),
        (["test", "lib/tool", "/lib", "*.md"], [], ["test", "lib/tool"]),
        (["app.py", "lib"], ["lib/tool.py", "app.py"], ["lib/tool.py", "app.py"]),
        (["tests"], ["*.pfx", "ca.pem", "ca.pem/x", ".git", "__pycache__"], ["*.pfx", "ca.pem/x", ".git", "__pycache__"]),
        (["left-pad"], [], ["left-pad"]),
        (["left-pad"], ["node_modules"], ["node_modules"]),
        ([".idea", "node_modules", ".venv/**", "*.pyc", "**/__pycache__", "*.pem", "id_rsa", ".DS_Store"], [], []),
    ],
)
def test_a_pattern_that_names_nothing_in_its_folder_is_known(
    root: Path, exclude: list[str], include: list[str], unused: list[str]
) -> None:
    """What is left out by itself may lie on one machine and not on the other: to exclude it is a precaution."""
    make(root / "f", *EVERYTHING, "data.json")
    found = RootFolder(root).unused("f", exclude=exclude, include=include)
    assert [one.pattern for one in found] == unused


@pytest.mark.parametrize("target", [".env", ".git/config", "server.key", "../.bunsui/nonce", "../.git/config"])
def test_no_link_brings_what_is_left_out(root: Path, target: str) -> None:
    make(root / "f", *EVERYTHING)
    make(root, ".bunsui/nonce", ".git/config")
    (root / "f" / "data.txt").symlink_to(target)

    said = refusal(lambda: RootFolder(root).folder("f"))
    assert "it is a link to a hidden file" in said or "git's or bunsui's own" in said


@pytest.mark.parametrize("path", [".git", ".git/hooks", ".bunsui", "f/../.git", "into-git", "f/.git", ".GIT"])
def test_what_is_gits_or_bunsuis_own_is_no_code_and_no_file_of_the_project(root: Path, path: str) -> None:
    make(root, "f/app.py", "f/.git/x", ".git/config", ".git/hooks/x", ".bunsui/nonce", ".GIT/x")
    (root / "into-git").symlink_to(".git")
    source = RootFolder(root)

    assert "git's or bunsui's own" in refusal(lambda: source.folder(path))
    assert "git's or bunsui's own" in refusal(lambda: source.withheld(path))
    for file in (root / path).iterdir():
        assert "git's or bunsui's own" in refusal(lambda file=file: source.read(f"{path}/{file.name}"))


def test_a_code_folder_that_is_a_link_to_a_hidden_one_is_refused(root: Path) -> None:
    make(root, ".aws/app.py", "shared/app.py", ".named/app.py")
    (root / "hidden").symlink_to(".aws")
    (root / "plain").symlink_to("shared")
    (root / "f").mkdir()
    (root / "f" / "all").symlink_to("..")
    source = RootFolder(root)

    assert "it is a link to a hidden file" in refusal(lambda: source.folder("hidden"))
    assert [entry.path for entry in source.folder("plain")] == ["app.py"]
    assert [entry.path for entry in source.folder(".named")] == ["app.py"]
    assert "shared/app.py" in [entry.path for entry in source.folder("f/all", exclude=["hidden", "plain", "f"])]


def test_a_link_to_a_file_of_the_project_is_taken_with_its_content(root: Path) -> None:
    make(root, "f/app.py", "shared/table.csv")
    (root / "f" / "table.csv").symlink_to("../shared/table.csv")

    assert [entry.content for entry in RootFolder(root).folder("f")] == [b"f/app.py", b"shared/table.csv"]
