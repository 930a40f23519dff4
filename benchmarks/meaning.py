"""Hold many drawn pipelines against what they mean, and print how many had what in them.

    python -m benchmarks.meaning [DRAWS] [SEED]

The interpreter (`tests/dag_interpreter.py`) is written from the documentation; the machine is compiled and run on the engine.
Ends with 1 at the first pipeline in which they differ.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from random import Random

from tests.services.test_dag_law import check_law


def main(draws: int, seed: int) -> int:
    """Draw so many pipelines and print the counts; return the exit code."""
    seen: Counter[str] = Counter()
    began = time.monotonic()
    for number in range(draws):
        try:
            check_law(Random(f"{seed}-{number}"), seen)
        except AssertionError as error:
            print(f"draw {seed}-{number} differs: {error}")
            return 1
    print(f"{draws} pipelines do what they mean ({time.monotonic() - began:.0f} s)")
    width = max(len(kind) for kind in seen)
    for kind, count in sorted(seen.items(), key=lambda entry: (-entry[1], entry[0])):
        print(f"  {kind:<{width}}  {count:>6}")
    return 0


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(*arguments, *(10_000, 1)[len(arguments) :])))
