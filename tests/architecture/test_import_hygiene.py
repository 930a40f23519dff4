"""What a command may import is proved in a fresh process, by looking at `sys.modules`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROBE = """
import sys
sys.argv = ["bunsui", *{arguments!r}]
try:
    from bunsui.cli.main import main
    main()
except SystemExit:
    pass
sys.stderr.write("MODULES " + " ".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def top_level_imports(*arguments: str) -> frozenset[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=list(arguments))], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return frozenset(done.stderr.rpartition("MODULES ")[2].split())


@pytest.mark.parametrize(
    ("arguments", "forbidden"),
    [
        (("--help",), {"boto3", "botocore", "textual", "pydantic", "yaml", "jsonschema", "jsonata", "deepdiff"}),
        (("--version",), {"boto3", "botocore", "textual", "pydantic", "yaml", "jsonschema", "jsonata", "deepdiff"}),
        (("validate",), {"boto3", "botocore", "textual", "deepdiff", "ministack"}),
        (("graph", "seattle-weather"), {"boto3", "botocore", "textual", "deepdiff", "ministack"}),
        (("render", "seattle-weather"), {"boto3", "botocore", "textual", "deepdiff", "ministack"}),
    ],
)
def test_a_command_imports_only_what_it_needs(arguments: tuple[str, ...], forbidden: set[str]) -> None:
    assert not top_level_imports(*arguments) & forbidden
