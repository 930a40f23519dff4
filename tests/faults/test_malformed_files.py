"""A hundred thousand damaged projects and bombs: no traceback, no signal, every finding has a place, p99 below 200 ms.

The damage (`damaged.py`) knows the structure of what it damages: the published schemas, the fields of state machines, the
grammars of the small languages in their texts. It is done to every kind of file that there is: of the project, pipelines,
definitions, tests, requirements. One project in twenty-five lies in a real folder with a trap in it.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.faults.amount import ALL, amount
from tests.faults.conftest import Figure
from tests.faults.damaged import BOMBS, ROOT
from tests.faults.malformed import MEMORY_BYTES, SECONDS, check, unlocated

pytestmark = pytest.mark.timeout(7200)

LAW = "13 malformed files"
CHUNKS = 20
CHUNK = 5_000
SAMPLE = 200
P99_SECONDS = 0.2
REACHED = 0.9


def seen(first: int, count: int, *options: str) -> dict[str, Any]:
    """What a process saw that checked these seeds; it must end by itself."""
    command = [sys.executable, "-m", "tests.faults.malformed", str(first), str(count), *options]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr[-2000:]
    assert not done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("chunk", range(amount(1, 2, CHUNKS)))
def test_every_damaged_project_is_answered_with_findings_that_have_a_place(figure: Figure, chunk: int) -> None:
    answer = seen(chunk * CHUNK, CHUNK if ALL else SAMPLE)
    assert answer["wrong"] == []
    assert answer["findings"] > answer["cases"]
    assert answer["longest"] <= SECONDS
    assert answer["p99"] <= (P99_SECONDS if ALL else SECONDS)  # of few cases, the slowest hundredth is the warming up
    assert answer["memory"] <= MEMORY_BYTES
    figure(
        LAW,
        f"{answer['cases']} cases, {answer['findings']} findings, 0 tracebacks, 0 without a place, "
        f"{answer['codes']} codes, p99 {answer['p99'] * 1000:.0f} ms of processor and {answer['p99_wall'] * 1000:.0f} ms of "
        f"wall time, longest {answer['longest']:.2f} s, {answer['memory'] >> 20} MiB",
    )


@pytest.mark.skipif(not ALL, reason="tracing every line takes minutes; make faults does it")
def test_the_damage_reaches_nine_tenths_of_the_lines_that_read_files(figure: Figure) -> None:
    answer = seen(0, 3_000, "--reach")
    figure(LAW, f"{answer['share']:.1%} of the lines of document/ and asl/ reached by {answer['cases']} cases")
    assert answer["share"] >= REACHED, answer["missing"]


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("file", ["bunsui.yaml", "pipeline.yaml", "defs/machine.asl.json"] if ALL else ["pipeline.yaml"])
def test_a_bomb_is_answered_with_a_finding(name: str, file: str) -> None:
    raw = b"version: 1\nname: raw\ndefinition: defs/machine.asl.json\n"
    files = {"bunsui.yaml": b"version: 1\nproject: p\nid: 00000000\npipelines: ['*.yaml']\n", "pipeline.yaml": raw}
    found = {**files, "defs/machine.asl.json": b"{}", file: BOMBS[name]}
    gc.collect()
    gc.freeze()  # what other tests of this process left is not looked through meanwhile
    begun = time.thread_time()
    findings = check(found)
    taken = time.thread_time() - begun
    assert taken <= SECONDS
    assert any(finding.is_error for finding in findings)
    assert not unlocated(findings, found)
