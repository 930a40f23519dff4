"""Print one JSON line for every case file under the folders given."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bunsui.errors import BunsuiError
from tests.conformance.running import line_of


def main(folders: list[str]) -> int:
    """Run every case file; a case that cannot be run at all has the status INVALID, one that breaks the engine CRASHED."""
    if not folders:
        sys.stderr.write("usage: python -m tests.conformance DIR...\n")
        return 5
    for file in sorted(path for folder in folders for path in Path(folder).rglob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(case, dict) and "definition" in case and "execution_arn" in case:
            sys.stdout.write(json.dumps(_line(case)) + "\n")
    return 0


def _line(case: Mapping[str, Any]) -> Mapping[str, Any]:
    nothing = {"name": case["name"], "output": None, "events": []}
    try:
        return line_of(case)
    except BunsuiError as error:
        return {**nothing, "status": "INVALID", "error": error.code, "cause": str(dict(error.facts))}
    except Exception as error:  # noqa: BLE001 - the other cases are to be run whatever one does
        traceback.print_exc()
        return {**nothing, "status": "CRASHED", "error": type(error).__name__, "cause": str(error)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
