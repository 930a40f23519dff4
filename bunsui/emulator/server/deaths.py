"""Counts at how many deaths of the embedded AWS each execution was under way.

An execution that ends the process it runs in, or keeps it from answering until it is killed, would do so after every start.
One that was under way at two deaths is therefore not taken up a third time.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from bunsui import __version__
from bunsui.folders.files import write_atomically
from bunsui.stored_words import StoredForm

MOST_DEATHS = 2


class Deaths:
    """The count in a file, which also says whether a process lives that has not ended cleanly yet."""

    def __init__(self, path: Path) -> None:
        """Keep it in `path`."""
        self._path = path
        self._counts: dict[str, int] = {}

    def begin(self, running: Collection[str]) -> frozenset[str]:
        """Note that a process lives, before any execution goes on. Give those of `running` (their ARNs) that are not to."""
        died, known = self._read()
        self._counts = {arn: known.get(arn, 0) + died for arn in running if known.get(arn, 0) + died}
        parked = frozenset(arn for arn, count in self._counts.items() if count >= MOST_DEATHS)
        for arn in parked:
            # Who runs it again by hand begins anew.
            del self._counts[arn]
        self._write(alive=True)
        return parked

    def end(self) -> None:
        """Note that the process ends as it should."""
        self._write(alive=False)

    def _write(self, *, alive: bool) -> None:
        document = {
            "format": StoredForm.DEATHS.format,
            "written_by": __version__,
            "alive": alive,
            "deaths": self._counts,
        }
        write_atomically(self._path, json.dumps(document).encode())

    def _read(self) -> tuple[bool, dict[str, int]]:
        try:
            document = json.loads(self._path.read_bytes())
            return bool(document["alive"]), {str(arn): int(count) for arn, count in document["deaths"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False, {}
