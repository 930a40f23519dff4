"""Runs a command and measures it: wall clock, CPU, and the memory of it and all processes that it starts."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that ended."""

    code: int
    seconds: float
    cpu_seconds: float
    user_seconds: float
    """The part of `cpu_seconds` that was not spent in the system."""
    peak_mb: float
    """The most memory that the process and its descendants held at one moment. A page that some of them share is shared out
    among them (the kernel's proportional set size)."""
    output: str


def run(arguments: Sequence[str], *, environ: Mapping[str, str], folder: Path) -> Ran:
    """Run it to its end."""
    begun = time.monotonic()
    with (folder / "output.log").open("w+b") as log:
        process = subprocess.Popen(arguments, cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        peak, ended = [0.0], threading.Event()
        sampler = threading.Thread(target=_sample, args=(process.pid, peak, ended), daemon=True)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        ended.set()
        sampler.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read().decode(errors="replace")
    return Ran(
        code=process.returncode,
        seconds=seconds,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        user_seconds=usage.ru_utime,
        peak_mb=max(peak[0], usage.ru_maxrss / 1024),
        output=text,
    )


def _sample(pid: int, peak: list[float], ended: threading.Event) -> None:
    while not ended.wait(_SAMPLE_SECONDS):
        peak[0] = max(peak[0], sum(_held_mb(one) for one in _family(pid)))


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = [int(one.name) for one in Path(f"/proc/{pid}/task").iterdir() if int(one.name) != pid]
        for thread in threads:  # Go starts processes from any thread
            children += Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(found for child in children for found in _family(int(child)))]


def _held_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0) / 1024
