"""Print one JSON line for every case file under the folders given."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bunsui.errors import BunsuiError
from tests.conformance.running import is_case, line_of


def main(folders: list[str]) -> int:
    """Run every case file.

    A case whose definition is refused has the status INVALID; a file that cannot be read, or a case that breaks the engine,
    CRASHED. Files of another kind, such as requests of TestState, are passed over."""
    if not folders:
        sys.stderr.write("usage: python -m tests.conformance DIR...\n")
        return 5
    for file in _files(folders):
        line = _line(file)
        if line is not None:
            sys.stdout.write(json.dumps(line) + "\n")
    return 0


def _files(folders: list[str]) -> Iterator[Path]:
    for folder in map(Path, folders):
        yield from [folder] if folder.is_file() else sorted(folder.rglob("*.json"))


def _line(file: Path) -> Mapping[str, Any] | None:
    """Return what is printed of a file; None when it is no case."""
    nothing: dict[str, Any] = {"name": file.stem, "output": None, "events": []}
    try:
        case = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(case, dict) or not is_case(case):
            return None
        nothing["name"] = case.get("name", file.stem)
        return {**line_of(case), "name": nothing["name"]}
    except BunsuiError as error:
        return {**nothing, "status": "INVALID", "error": error.code, "cause": str(dict(error.facts))}
    except Exception as error:  # noqa: BLE001 - the other cases are to be run whatever one does
        traceback.print_exc()
        return {**nothing, "status": "CRASHED", "error": type(error).__name__, "cause": str(error)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
