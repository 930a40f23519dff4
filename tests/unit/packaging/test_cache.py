"""The cache of packages: what is under a key is whole, used things stay, unused ones go."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bunsui.packaging.cache import PackageCache


def test_what_was_kept_is_found_under_its_key_only(tmp_path: Path) -> None:
    cache = PackageCache(tmp_path / "new")
    assert cache.archive("a") is None
    cache.keep_archive("a", b"one")
    cache.keep_archive("a", b"two")

    assert cache.archive("a") == b"two"
    assert cache.archive("b") is None
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_folder_is_filled_once(tmp_path: Path) -> None:
    cache = PackageCache(tmp_path)
    filled = []

    def fill(folder: Path) -> None:
        filled.append(folder)
        (folder / "file").write_text("x")

    first = cache.folder("wheels", fill)
    assert cache.folder("wheels", fill) == first
    assert (first / "file").read_text() == "x"
    assert len(filled) == 1


def test_a_failed_fill_leaves_nothing(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ValueError("no index")

    with pytest.raises(ValueError, match="no index"):
        PackageCache(tmp_path).folder("wheels", fill)
    assert list(tmp_path.iterdir()) == []


def test_many_fill_at_once_and_all_get_a_whole_folder(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        for number in range(20):
            (folder / str(number)).write_text("x")

    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: PackageCache(tmp_path).folder("wheels", fill), range(8)))

    assert set(folders) == {tmp_path / "wheels"}
    assert len(list((tmp_path / "wheels").iterdir())) == 20
    assert [path.name for path in tmp_path.iterdir()] == ["wheels"]


def test_what_nobody_used_for_a_month_is_forgotten(tmp_path: Path) -> None:
    cache = PackageCache(tmp_path)
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
