"""What each performance shortcut buys: `python -m benchmarks.shortcuts [--files 150] [--runs 3]`.

Each is measured where it matters, with it and without it in turns, in processes of their own; medians. The files are those of
`benchmarks.projects`; no AWS is involved, so that what a shortcut of botocore buys is seen in what it reads.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.processes import Ran, run
from benchmarks.projects import write_project
from bunsui.performance import PLAIN_VARIABLE, Shortcut

ACCOUNT = "111122223333"
_VALIDATE = ("-m", "bunsui", "validate")
_JSONATA = """
from bunsui.engine.jsonata.program import program, run
parsed = program("$map($rows[kind = 'a'], function($row) { {'id': $row.id, 'sum': $row.price * $row.count, 'tag': 'r'} })")
rows = [{"id": n, "kind": "ab"[n % 2], "price": 2, "count": n} for n in range(40)]
for _ in range(150):
    run(parsed, {"rows": rows})
"""
_TIMESTAMPS = """
from bunsui.aws.botocore_session import core_session
core = core_session(None, None, "http://127.0.0.1:1", print)
read = core.get_component("response_parser_factory")._factory._defaults["timestamp_parser"]
for number in range(10_000):
    read(f"2026-11-{number % 28 + 1:02}T12:00:00Z")
"""
_VALIDATORS = """
from pathlib import Path
from bunsui.document.schema.check import pipeline_check
from bunsui.document.yaml.reader import read_document
from bunsui.operations.registry import builtin_registry
check = pipeline_check(builtin_registry())
path = next(Path("pipelines").glob("*.yaml"))
document = read_document(path.name, path.read_bytes()).document
import yaml
data = yaml.safe_load(path.read_bytes())
for _ in range(300):
    check(document, data)
"""
_MODELS = """
from bunsui.aws.botocore_session import Credentials, core_session
keys = Credentials(access_key="a", secret_key="b")
for region in ("eu-west-1", "us-east-1", "ap-northeast-1"):
    core = core_session(None, keys, "http://127.0.0.1:1", print)
    kept = [core.create_client(name, region_name=region) for name in ("stepfunctions", "iam", "lambda", "dynamodb")]
"""
WORK: Mapping[Shortcut, tuple[str, ...]] = {
    Shortcut.RARE_COLLECTIONS: _VALIDATE,
    Shortcut.ONE_HEAP: _VALIDATE,
    Shortcut.IMMEDIATE_EXIT: _VALIDATE,
    Shortcut.LIBYAML: _VALIDATE,
    Shortcut.KEPT_VALIDATORS: ("-c", _VALIDATORS),
    Shortcut.SHARED_SERVICE_MODELS: ("-c", _MODELS),
    Shortcut.ISO_TIMESTAMPS: ("-c", _TIMESTAMPS),
    Shortcut.JSONATA_STEPS: ("-c", _JSONATA),
}
"""What shows each. The subprocess compiler needs an account to talk to meanwhile: `python -m benchmarks.plan`."""


def main() -> int:
    """Measure and print one row for each shortcut."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=150, help="pipelines of the project that is validated")
    parser.add_argument("--runs", type=int, default=3, help="processes with and without each")
    asked = parser.parse_args()
    print(f"{'shortcut':22} {'with':>20} {'without':>20}")
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), pipelines=asked.files, variant="scheduled", account=ACCOUNT)
        for shortcut, arguments in WORK.items():
            pairs = [[_ran(arguments, folder, off) for off in ("", shortcut.value)] for _ in range(asked.runs)]
            with_it, without = (_said([pair[side] for pair in pairs]) for side in (0, 1))
            print(f"{shortcut.value:22} {with_it:>20} {without:>20}", flush=True)
    return 0


def _ran(arguments: tuple[str, ...], folder: str, off: str) -> Ran:
    ran = run([sys.executable, *arguments], environ={**os.environ, PLAIN_VARIABLE: off}, folder=Path(folder))
    if ran.code:
        raise SystemExit(ran.output)
    return ran


def _said(runs: list[Ran]) -> str:
    processor, peak = (statistics.median(getattr(one, name) for one in runs) for name in ("cpu_seconds", "peak_mb"))
    return f"{processor:.2f} s, {peak:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
