"""Makes checkouts that a stranger wrote: each holds a few traps, drawn by its number."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.traps import HANDLER, REFUSED, TRAPS, Ground

PROJECT = """\
version: 1
project: ground{number}
id: 6c0f2c4e-8b0a-4d55-9d3c-{number:012d}
default_environment: local
environments:
  prod: {{region: us-east-1, account: "{account}"}}
"""
PIPELINE = """\
version: 1
name: etl
timeout: 2m
jobs:
  call:
    operations:
      - {type: lambda, code: {path: code, handler: app.handler}, timeout: 1m}
"""
_LONG_AGO = 1_500_000_000
_AFTER_THE_COMMIT = ("git: ", "a .git ")


def account_of(number: int) -> str:
    """Return the account that the checkout's environment `prod` names."""
    return str(300_000_000_000 + number)


def hostile_checkout(base: Path, number: int) -> tuple[Ground, list[str]]:
    """Make the checkout of that number in an empty folder, always the same; return it, and the names of its traps."""
    drawn = random.Random(number)
    names = drawn.sample(sorted(set(TRAPS) - set(REFUSED)), drawn.randint(2, 6))
    names += [name for name in (sorted(TRAPS)[number % len(TRAPS)],) if name not in names]  # each trap is in some checkout
    return ground_with(base, number, names, is_committed=drawn.random() < 0.6), names


def ground_with(base: Path, number: int, names: Sequence[str], *, is_committed: bool) -> Ground:
    """Make a checkout with these traps; one that was not committed came in an archive, which brings pipes as well."""
    ground = _ground(base, number)
    early = [name for name in names if not name.startswith(_AFTER_THE_COMMIT)]
    for name in early:
        TRAPS[name](ground)
    if is_committed:
        ground.git("add", "--all", "--force")
        ground.git("commit", "--quiet", "--message", "everything")
    for name in names:
        if name not in early:
            TRAPS[name](ground)
    for path in _walk(ground.base):
        with contextlib.suppress(OSError):  # old, so that whatever tidies up takes it
            os.utime(path, (_LONG_AGO, _LONG_AGO), follow_symlinks=False)
    return ground


def _ground(base: Path, number: int) -> Ground:
    ground = Ground(base=base)
    for folder in (ground.project, ground.outside / "state", ground.home, ground.ran, ground.temporary):
        folder.mkdir(parents=True)
    for name in ("thesis.txt", "state/lambda.json", f"wheels-{'0' * 64}", "x.partial", f"{'0' * 64}.{'1' * 64}.zip"):
        (ground.outside / name).write_text("years of work")
    ground.write("bunsui.yaml", PROJECT.format(number=number, account=account_of(number)))
    ground.write("pipelines/etl.yaml", PIPELINE)
    ground.write("code/app.py", HANDLER)
    ground.write("wait.asl.json", '{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}')
    ground.git("init", "--quiet", "--initial-branch", "main")
    ground.git("add", "bunsui.yaml")
    ground.git("commit", "--quiet", "--message", "first")
    return ground


def _walk(base: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(base):
        yield from (Path(folder, name) for name in (*names, *files))


def fingerprint(ground: Ground) -> dict[str, str]:
    """Return what is around the project by path, with a digest of each file: all but what bunsui may write."""
    state = ground.home / ".local" / "state" / "bunsui", ground.home / ".cache" / "bunsui"
    own = (*state, ground.temporary / f"bunsui-{os.geteuid()}", ground.project)
    found = {}
    for path in _walk(ground.base):
        if any(path.is_relative_to(folder) for folder in own) or any(folder.is_relative_to(path) for folder in own):
            continue
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        about = f"{status.st_mode:o} {hashlib.sha256(content).hexdigest()[:12]}"
        found[str(path.relative_to(ground.base))] = about
    return found
