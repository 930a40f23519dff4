"""The process in which tests run, in a copy of the tree: it imports what a package cannot change, and forks for each mutation.

It reads requests and writes answers, one JSON object a line."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import grimp
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from tests.mutation.packages import PACKAGES
from tests.mutation.recording import StatementNotes
from tests.mutation.watching import Recorder, Watch

_ARGUMENTS = ("-x", "-q", "-n", "0", "--tb=short", "--no-header", "-p", "no:cacheprovider", "-m", "not slow and not embedded")
_ALLOWED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""Plugins of pytest are imported before it starts here, hence not rewritten."""
_WALL = ("-o", "timeout=0")
"""How long a test may stand still is counted here: by a clock of its own it would fail whenever the machine pauses."""
_GLANCE_SECONDS = 0.05
"""As much as counts of the time between two looks at a process; what is longer was the machine's pause."""
MEMORY_BYTES = 6 << 30


def serve(package_name: str, scratch: Path) -> None:
    """Answer requests until the input ends."""
    package = next(package for package in PACKAGES if package.name == package_name)
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    log = os.open(scratch / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    set_hypothesis_home_dir(scratch / "hypothesis")
    recorded = _forked(partial(_record, package.name, package.tests), scratch, seconds=3600.0)
    for name in recorded.pop("modules", ()):
        with contextlib.suppress(Exception):  # what cannot be imported ahead is imported by who needs it
            importlib.import_module(name)
    if known := sorted(name for name in sys.modules if name.startswith(f"bunsui.{package.name}")):
        raise RuntimeError(f"imported ahead, so that no mutation of them would be seen: {', '.join(known)}")
    print(json.dumps(recorded), file=answers)
    for request in sys.stdin:
        asked = json.loads(request)
        limit = 60.0 + 20 * sum(asked["tests"].values())
        print(json.dumps(_forked(partial(_try, package.tests, asked["tests"]), scratch, seconds=limit)), file=answers)


def _record(package: str, tests: Sequence[str]) -> dict[str, Any]:
    """Run all tests of a package; tell what each touches and what was imported that does not know the package."""
    notes = StatementNotes(f"bunsui.{package}")
    notes.install()
    recorder = Recorder(notes)
    code = pytest.main([*_ARGUMENTS, *_ALLOWED, *tests], plugins=[recorder])
    graph = grimp.build_graph("bunsui", cache_dir=None)
    above = graph.find_downstream_modules(f"bunsui.{package}", as_package=True)
    modules = [
        name
        for name, module in sys.modules.items()
        if getattr(module, "__file__", None)
        and name not in above
        and not name.startswith((f"bunsui.{package}", "benchmarks", "tests", "conftest", "__m", "__editable"))
    ]
    root = f"{Path.cwd()}/"
    touched = {
        test: sorted([name.removeprefix(root), line] for name, line in lines) for test, lines in recorder.touched.items()
    }
    return {"code": int(code), "failed": recorder.failed, "seconds": recorder.seconds, "touched": touched, "modules": modules}


def _try(files: Sequence[str], tests: Mapping[str, float]) -> dict[str, Any]:
    """Run the chosen tests, which stand in these files; tell which one fails."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    watch = Watch(tests)
    wanted = list(dict.fromkeys(test.partition("::")[0] for test in tests)) or files
    code = pytest.main([*_ARGUMENTS, *_ALLOWED, *_WALL, *wanted], plugins=[watch])
    return {"code": int(code), "failed": watch.failed}


def _forked(live: Callable[[], dict[str, Any]], scratch: Path, *, seconds: float) -> dict[str, Any]:
    """Return what a forked process answers; `signal` is what it died of, and `cpu` its seconds of processor time."""
    told = scratch / "told.json"
    told.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 5))
            told.write_text(json.dumps(live()))
        finally:
            os._exit(0)
    status = _waited(pid, seconds)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    answer: dict[str, Any] = json.loads(told.read_text()) if told.exists() else {"code": None, "failed": None}
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**answer, "cpu": cpu, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None}


def _waited(pid: int, seconds: float) -> int:
    """Return how the process ended; it is killed when it takes longer than that: threads that a mutation makes wait for each
    other take no processor time. Time in which the machine let nothing run does not count."""
    awake, before = 0.0, time.monotonic()
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return status
        now = time.monotonic()
        awake, before = awake + min(now - before, _GLANCE_SECONDS), now
        if awake > seconds:
            os.kill(pid, signal.SIGKILL)
            return os.waitpid(pid, 0)[1]
        time.sleep(0.005)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
