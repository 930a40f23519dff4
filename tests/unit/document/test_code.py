from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.document.code import code_digest, lock_problem, read_code
from bunsui.errors import InvalidInput
from bunsui.ports.source import FolderEntry
from bunsui.project.files import RootFolder

ENTRIES = st.lists(
    st.builds(FolderEntry, path=st.text("abc/.", min_size=1), executable=st.booleans(), content=st.binary(max_size=8)),
    unique_by=lambda entry: entry.path,
    max_size=6,
)


def digest(entries: list[FolderEntry], *, lock: bytes | None = None) -> str:
    return code_digest(entries, requirements=lock, runtime="python3.12", architecture="x86_64")


@given(ENTRIES, st.randoms())
def test_the_order_of_the_files_does_not_matter(entries: list[FolderEntry], chance: random.Random) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert digest(shuffled) == digest(entries)


@given(ENTRIES, ENTRIES)
def test_different_folders_have_different_digests(one: list[FolderEntry], other: list[FolderEntry]) -> None:
    def key(entries: list[FolderEntry]) -> list[tuple[str, bool, bytes]]:
        return sorted((entry.path, entry.executable, entry.content) for entry in entries)

    assert (digest(one) == digest(other)) == (key(one) == key(other))


def test_lock_runtime_and_architecture_are_part_of_the_digest() -> None:
    made = {
        code_digest([], requirements=lock, runtime=runtime, architecture=architecture)
        for lock in (b"a", b"b")
        for runtime in ("python3.12", "python3.13")
        for architecture in ("x86_64", "arm64")
    }
    assert len(made) == 8


def test_umask_and_times_do_not_matter(tmp_path: Path) -> None:
    digests = set()
    for number, mask in enumerate((0o022, 0o077, 0o002)):
        folder = tmp_path / str(number) / "code"
        before = os.umask(mask)
        try:
            folder.mkdir(parents=True)
            (folder / "app.py").write_text("x = 1\n")
            script = folder / "run.sh"
            script.touch(0o777)
            script.write_text("echo\n")
        finally:
            os.umask(before)
        os.utime(folder / "app.py", (number, number))
        digests.add(digest(list(RootFolder(folder.parent).folder("code"))))
    assert len(digests) == 1


def test_nothing_in_a_code_folder_is_executed(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    for name in ("setup.py", "sitecustomize.py", "__init__.py", "conftest.py"):
        (code / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    read_code(RootFolder(tmp_path), "code", handler="a.b", requirements=None, runtime="python3.12", architecture="x86_64")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a==1 --hash=sha256:00\n", ""),
        ("# comment\n\na==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via b\n", ""),
        ('a==1 ; python_version < "4" --hash=sha256:00\n', ""),
        ("--only-binary :all:\na==1 --hash=sha256:00\n", ""),
        ("a==1\n", "line 1: a==1 has no --hash="),
        ("a==1 \\\n  --hash=sha256:00\nb>=2 --hash=sha256:00\n", "line 3: b>=2 is not pinned with =="),
        ("-e .\n", "line 1: the option -e is not allowed here"),
        ("--index-url x\n", "line 1: the option --index-url is not allowed here"),
        (
            "a @ git+ssh://x\n",
            "line 1: a @ git+ssh://x comes from an address or a path; only named and pinned packages are taken",
        ),
        ("./a.whl\n", "line 1: ./a.whl comes from an address or a path; only named and pinned packages are taken"),
    ],
)
def test_a_lock_file_pins_every_package_with_hashes(text: str, problem: str) -> None:
    assert lock_problem(text.encode()) == problem


def test_an_unhashed_lock_file_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").touch()
    (tmp_path / "requirements.txt").write_text("requests\n")
    with pytest.raises(InvalidInput) as raised:
        read_code(
            RootFolder(tmp_path),
            "code",
            handler="a.b",
            requirements="requirements.txt",
            runtime="python3.12",
            architecture="arm64",
        )
    assert "--generate-hashes" in raised.value.hint
