"""Fifty starts by four processes of a pipeline that takes three at a time, on the embedded AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.typed import typed

pytestmark = pytest.mark.slow
LIMIT, COUNTS = 3, (13, 13, 13, 11)
PIPELINE = f"""version: 1
name: slow
concurrency: {{limit: {LIMIT}}}
jobs:
  rest: {{type: wait, for: 1s}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    assert typed(tmp_path, "init", "orders", "--template", "etl").returncode == 0
    folder = tmp_path / "orders"
    for file in (folder / "pipelines").iterdir():
        file.unlink()
    (folder / "pipelines" / "slow.yaml").write_text(PIPELINE, encoding="utf-8")
    applied = typed(folder, "apply", "--yes")
    assert applied.returncode == 0, applied.stderr
    yield folder
    typed(folder, "local", "stop")


def start(folder: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.e2e.line_worker", str(folder), "slow", str(count)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def pools(folder: Path) -> list[dict[str, Any]]:
    """Return what the pool was after each write, in their order."""
    workers = [start(folder, count) for count in COUNTS]
    written = []
    for worker in workers:
        out, err = worker.communicate(timeout=500)
        assert (worker.returncode, err) == (0, "")
        written += [json.loads(line) for line in out.splitlines()]
    return sorted(written, key=lambda one: int(one["version"]))


def test_never_more_run_than_may_who_came_first_is_served_first_and_all_end(folder: Path) -> None:
    written = pools(folder)
    assert max(len(one["holders"]) for one in written) == LIMIT
    came = list(dict.fromkeys(name for one in written for name in (*one["holders"], *one["tickets"])))
    served = list(dict.fromkeys(name for one in written for name in one["holders"]))
    assert len(served) == sum(COUNTS)
    for place, name in enumerate(served):
        before = came[: came.index(name)]
        assert sum(other in before for other in served[place + 1 :]) < LIMIT
    done = typed(folder, "sessions", "--limit", "100", "--json")
    sessions = json.loads(done.stdout)["sessions"]
    assert len(sessions) == sum(COUNTS)
    spans = [(one["attempts"][0]["started_at"], one["attempts"][-1]["stopped_at"]) for one in sessions if one.get("attempts")]
    assert all(end for _, end in spans), "all have ended, or the last ones are about to"
    assert max(sum(begin <= at < end for begin, end in spans) for at, _ in spans) <= LIMIT
