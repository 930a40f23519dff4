"""The tests are compiled once, not by each worker."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.compile_once import shares, uncompiled


def test_a_file_is_compiled_that_changed_since_or_was_never(tmp_path: Path) -> None:
    kept = tmp_path / "__pycache__"
    kept.mkdir()
    for name, age in (("test_old", -10), ("test_new", 10)):
        path = tmp_path / f"{name}.py"
        path.write_text("")
        compiled = kept / f"{name}.{sys.implementation.cache_tag}-pytest-1.0.pyc"
        compiled.write_text("")
        os.utime(compiled, (path.stat().st_mtime + age,) * 2)
    tmp_path.joinpath("test_never.py").write_text("")
    tmp_path.joinpath("helper.py").write_text("")
    assert [path.name for path in uncompiled(tmp_path)] == ["test_never.py", "test_old.py"]


def test_each_file_is_in_one_of_two_shares_of_about_a_size(tmp_path: Path) -> None:
    paths = [tmp_path / f"test_{size}.py" for size in (50, 30, 20, 10)]
    for path in paths:
        path.write_bytes(b" " * int(path.stem.removeprefix("test_")))
    assert [[path.stat().st_size for path in part] for part in shares(paths, 2)] == [[50, 10], [30, 20]]
    assert shares([], 2) == []
