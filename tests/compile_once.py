"""Compiles the tests before their workers start: `python -m tests.compile_once`.

pytest rewrites the assertions of a test file when it is first imported, which takes as long as importing everything else. In a
fresh checkout all workers of a run would do that for all files at the same time. Here each file is read by one process, as many
side by side as there are cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Collect what has not been compiled since it changed; what cannot be collected is told by the run that follows."""
    found = uncompiled(ROOT / "tests")
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider", *map(str, part)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for part in shares(found, os.cpu_count() or 1)
    ]
    for process in started:
        process.wait()


def uncompiled(folder: Path) -> list[Path]:
    """Return the test files below `folder` without a compiled file that is as new."""
    return [path for path in sorted(folder.rglob("test_*.py")) if not _is_compiled(path)]


def shares(paths: Sequence[Path], count: int) -> list[list[Path]]:
    """Return the paths in at most `count` shares of about as many bytes each."""
    parts: list[list[Path]] = [[] for _ in range(count)]
    sizes = [0] * count
    for path in sorted(paths, key=lambda path: (-path.stat().st_size, path)):
        least = sizes.index(min(sizes))
        parts[least].append(path)
        sizes[least] += path.stat().st_size
    return [part for part in parts if part]


def _is_compiled(path: Path) -> bool:
    kept = path.parent.joinpath("__pycache__").glob(f"{path.stem}.{sys.implementation.cache_tag}-pytest-*.pyc")
    return any(found.stat().st_mtime >= path.stat().st_mtime for found in kept)


if __name__ == "__main__":
    main()
