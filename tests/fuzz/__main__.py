"""Try damaged definitions: `python -m tests.fuzz [--count 20000] [--seed 0]`.

Prints how they ended; the exit code is 1 when one broke something or took too long."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter

from tests.fuzz.trying import tried

LONGEST_SECONDS = 20.0


def main(arguments: list[str]) -> int:
    """Try that many, from that seed on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    ends: Counter[str] = Counter()
    for seed in range(options.seed, options.seed + options.count):
        began = time.process_time()
        try:
            ends[tried(seed)] += 1
        except Exception:  # noqa: BLE001 - the others are to be tried whatever one does
            ends["broken"] += 1
            sys.stderr.write(f"seed {seed}:\n{traceback.format_exc()}\n")
        if time.process_time() - began > LONGEST_SECONDS:
            ends["slow"] += 1
            sys.stderr.write(f"seed {seed} took {time.process_time() - began:.0f} s\n")
    sys.stdout.write(", ".join(f"{number} {end}" for end, number in sorted(ends.items())) + "\n")
    return 1 if ends["broken"] or ends["slow"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
