"""The user's folders: where they are, who may write there, and which folders of projects are known."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bunsui.errors import Unavailable
from bunsui.folders.user import UserFolders, private_name, user_folders


def found(tmp_path: Path, **environ: str) -> UserFolders:
    (tmp_path / "project").mkdir(exist_ok=True)
    (tmp_path / "tmp").mkdir(exist_ok=True)
    return user_folders(environ, outside=tmp_path / "project", temporary=tmp_path / "tmp")


def a_home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_they_are_where_the_specification_says(tmp_path: Path) -> None:
    at_home = found(tmp_path, HOME=str(a_home(tmp_path)))
    assert at_home.state == tmp_path / "home" / ".local" / "state" / "bunsui"
    assert at_home.cache == tmp_path / "home" / ".cache" / "bunsui"

    named = found(tmp_path, HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path / "s"), XDG_CACHE_HOME=str(tmp_path / "c"))
    assert (named.state, named.cache) == (tmp_path / "s" / "bunsui", tmp_path / "c" / "bunsui")


def test_a_relative_name_is_ignored_as_the_specification_says(tmp_path: Path) -> None:
    assert found(tmp_path, HOME=str(tmp_path), XDG_STATE_HOME="state").state == tmp_path / ".local" / "state" / "bunsui"


def test_they_are_for_their_owner_only(tmp_path: Path) -> None:
    user = found(tmp_path, HOME=str(tmp_path))

    assert stat.S_IMODE(user.state.stat().st_mode) == 0o700
    assert len(user.key) == 32
    assert stat.S_IMODE((user.state / "key").stat().st_mode) == 0o600


@pytest.mark.parametrize("home", ["project", "project/inner", "link"])
def test_a_home_inside_the_project_is_not_used(tmp_path: Path, home: str) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to("project")
    user = found(tmp_path, HOME=str(tmp_path / home))

    assert user.cache is None
    assert user.state.parent == tmp_path / "tmp"
    assert list((tmp_path / "project").iterdir()) == []


def test_a_folder_that_others_may_write_is_not_used(tmp_path: Path) -> None:
    open_to_all = tmp_path / "s" / "bunsui"
    open_to_all.mkdir(parents=True)
    open_to_all.chmod(0o777)

    assert found(tmp_path, HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path / "s")).state != open_to_all


def test_without_a_home_there_is_a_temporary_cache_and_lasting_state(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    user = found(tmp_path, HOME=str(tmp_path / "file"))

    assert user.cache is None
    assert stat.S_IMODE(user.cache_or_temporary.stat().st_mode) == 0o700
    assert user.cache_or_temporary == user.cache_or_temporary
    user.know("0" * 64, tmp_path / "project" / ".bunsui")
    assert found(tmp_path, HOME=str(tmp_path / "file")).knows("0" * 64, tmp_path / "project" / ".bunsui")


@pytest.mark.parametrize("home", ["", ".", "/proc", "/proc/nowhere"])
def test_what_is_ours_is_known_without_the_home_as_well(tmp_path: Path, home: str) -> None:
    found(tmp_path, HOME=str(tmp_path)).know("4" * 64, tmp_path / "project" / ".bunsui")

    assert found(tmp_path, HOME=home).knows("4" * 64, tmp_path / "project" / ".bunsui")


def test_no_folder_at_all_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        _ = UserFolders(states=(), caches=()).state
    assert "XDG_STATE_HOME" in caught.value.hint


def test_many_processes_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: found(tmp_path, HOME=str(tmp_path)).key, range(16)))

    assert len(set(keys)) == 1


def test_a_damaged_key_is_replaced(tmp_path: Path) -> None:
    user = found(tmp_path, HOME=str(tmp_path))
    (user.state / "key").write_bytes(b"short")

    assert len(user.key) == 32
    assert found(tmp_path, HOME=str(tmp_path)).key == user.key


def test_a_nonce_is_known_for_its_own_folder_only(tmp_path: Path) -> None:
    user = found(tmp_path, HOME=str(tmp_path))
    user.know("1" * 64, tmp_path / "a")

    assert user.knows("1" * 64, tmp_path / "a")
    assert not user.knows("1" * 64, tmp_path / "copy")
    assert not user.knows("2" * 64, tmp_path / "a")


def test_a_full_disk_hides_nothing_that_is_only_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    user = found(tmp_path, HOME=str(tmp_path))
    user.know("1" * 64, tmp_path / "there")
    monkeypatch.setattr(tempfile, "gettempdir", full)
    assert user_folders({"HOME": str(tmp_path)}, outside=tmp_path / "project").knows("1" * 64, tmp_path / "there")


def test_records_of_folders_long_gone_are_removed(tmp_path: Path) -> None:
    user = found(tmp_path, HOME=str(tmp_path))
    (tmp_path / "there").mkdir()
    user.know("1" * 64, tmp_path / "gone")
    user.know("2" * 64, tmp_path / "there")
    long_ago = time.time() - 100 * 24 * 3600
    for record in tmp_path.rglob("folders/*.json"):
        os.utime(record, (long_ago, long_ago))

    user.know("3" * 64, tmp_path / "new")

    assert not user.knows("1" * 64, tmp_path / "gone")
    assert user.knows("2" * 64, tmp_path / "there")


def test_parts_of_a_private_name_do_not_run_together() -> None:
    assert private_name(b"k", b"ab", b"c") != private_name(b"k", b"a", b"bc")
    assert private_name(b"k", b"a") != private_name(b"l", b"a")
