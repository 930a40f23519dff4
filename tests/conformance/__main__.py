"""Print one JSON line for every case file under the folders given."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bunsui.errors import BunsuiError
from tests.conformance.running import line_of


def main(folders: list[str]) -> int:
    """Run every case file; a case that cannot be run at all has the status INVALID."""
    if not folders:
        sys.stderr.write("usage: python -m tests.conformance DIR...\n")
        return 5
    for file in sorted(path for folder in folders for path in Path(folder).rglob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(case, dict) or "definition" not in case or "execution_arn" not in case:
            continue
        try:
            line = line_of(case)
        except BunsuiError as error:
            told: dict[str, object] = {
                "status": "INVALID",
                "output": None,
                "error": error.code,
                "cause": str(dict(error.facts)),
                "events": [],
            }
            line = {"name": case["name"], **told}
        sys.stdout.write(json.dumps(line) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
