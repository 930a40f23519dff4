"""The cache of packages: what is under a key is whole, used things stay, unused ones go."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bunsui.packaging.cache import PackageCache

KEY = b"k" * 32


def cache_in(folder: Path, key: bytes = KEY) -> PackageCache:
    return PackageCache(folder, key=key)


def test_what_was_kept_is_found_under_its_key_only(tmp_path: Path) -> None:
    cache = cache_in(tmp_path / "new")
    assert cache.archive("a") is None
    cache.keep_archive("a", b"one")
    cache.keep_archive("a", b"two")

    assert cache.archive("a") == b"two"
    assert cache.archive("b") is None
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_folder_is_filled_once(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    filled = []

    def fill(folder: Path) -> None:
        filled.append(folder)
        (folder / "file").write_text("x")

    first = cache.folder("wheels", fill)
    assert cache.folder("wheels", fill) == first
    assert (first / "file").read_text() == "x"
    assert len(filled) == 1


def test_the_same_archive_may_be_kept_by_many_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cache_in(tmp_path).keep_archive("a", b"a" * 100_000), range(32)))

    assert cache_in(tmp_path).archive("a") == b"a" * 100_000
    assert len(list(tmp_path.iterdir())) == 1


def test_a_failed_fill_leaves_nothing(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ValueError("no index")

    with pytest.raises(ValueError, match="no index"):
        cache_in(tmp_path).folder("wheels", fill)
    assert list(tmp_path.iterdir()) == []


def test_many_fill_at_once_and_all_get_a_whole_folder(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        for number in range(20):
            (folder / str(number)).write_text("x")

    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: cache_in(tmp_path).folder("wheels", fill), range(8)))

    assert set(folders) == set(tmp_path.iterdir())
    assert len(set(folders)) == 1
    assert len(list(folders[0].iterdir())) == 20


def test_what_nobody_used_for_a_month_is_forgotten(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.keep_archive("old", b"old")
    cache.keep_archive("used", b"used")
    folder = cache.folder("wheels", lambda folder: folder.joinpath("x").touch())
    long_ago = time.time() - 40 * 24 * 3600
    for path in (*tmp_path.iterdir(), folder):
        os.utime(path, (long_ago, long_ago))
    assert cache.archive("used") == b"used"

    cache.keep_archive("new", b"new")

    assert cache.archive("old") is None
    assert cache.archive("used") == b"used"
    assert not folder.exists()


def test_what_somebody_without_the_key_put_there_is_not_found(tmp_path: Path) -> None:
    cache_in(tmp_path / "theirs", key=b"t" * 32).keep_archive("a", b"theirs")
    cache_in(tmp_path).keep_archive("a", b"ours")
    ours = next(path for path in tmp_path.iterdir() if path.is_file())
    theirs = next((tmp_path / "theirs").iterdir())
    ours.unlink()
    for name in (ours.name, theirs.name, f"{'a' * 64}.{hashlib.sha256(b'theirs').hexdigest()}.zip"):
        (tmp_path / name).write_bytes(b"theirs")

    assert cache_in(tmp_path).archive("a") is None


def test_only_names_that_the_cache_made_are_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("years of work")
    root = tmp_path / "cache"
    cache = cache_in(root)
    cache.keep_archive("a", b"a")
    (root / "notes.txt").write_text("mine")
    (root / f"wheels-{'0' * 64}").symlink_to(outside)
    long_ago = time.time() - 40 * 24 * 3600
    for path in (*root.iterdir(), outside, outside / "thesis.txt"):
        os.utime(path, (long_ago, long_ago), follow_symlinks=False)

    cache.keep_archive("b", b"b")

    assert (root / "notes.txt").exists()
    assert (outside / "thesis.txt").exists()
    assert cache.archive("a") is None


def test_a_pipe_in_the_cache_is_not_waited_for(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.keep_archive("a", b"a")
    kept = next(tmp_path.iterdir())
    kept.unlink()
    os.mkfifo(kept)

    assert cache.archive("a") is None


def test_a_link_in_place_of_the_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "cache").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(NotADirectoryError):
        cache_in(tmp_path / "cache").keep_archive("a", b"a")
    assert list((tmp_path / "elsewhere").iterdir()) == []
