"""How `bunsui validate` grows with the number of files: `python -m benchmarks.validate [--sizes 100,300,1000]`.

One process for each size, from its start to its end, on one core; the pipelines are those of `benchmarks.projects`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import run
from benchmarks.projects import write_project

ACCOUNT = "111122223333"


def main() -> int:
    """Measure and print; fails when a project is not valid."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100,300,1000", help="numbers of files")
    print(f"{'files':>6} {'processor':>10} {'wall':>7} {'ms a file':>10} {'MB':>5}")
    for size in map(int, parser.parse_args().sizes.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            write_project(Path(folder), pipelines=size, variant="scheduled", account=ACCOUNT)
            ran = run([sys.executable, "-m", "bunsui", "validate"], environ=os.environ, folder=Path(folder))
        if ran.code:
            print(ran.output)
            return 1
        each = ran.cpu_seconds / size * 1000
        print(f"{size:6} {ran.cpu_seconds:8.2f} s {ran.seconds:5.2f} s {each:10.1f} {ran.peak_mb:5.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
