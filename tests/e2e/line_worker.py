"""A process that starts sessions of a pipeline with a limit, and tells who joined the line, and took a slot, in which order."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bunsui.composition.workspace import Workspace
from bunsui.model.admission.pools import SlotPool
from bunsui.ports.session_rows import PoolStore
from bunsui.services.run import RunRequest, start_session


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody in a project's folder."""

    directory: Path
    project: str | None = None
    environment: str | None = None
    profile: str | None = None
    region: str | None = None

    def notice(self, message: str) -> None:
        sys.stderr.write(message)

    def connected(self, traffic: Any) -> None:
        """Count no calls."""


@dataclass
class ToldPools:
    """Tells of each write which sessions are in the pool for the first time, and which hold a slot since."""

    pools: PoolStore

    def read(self, name: str) -> SlotPool:
        return self.pools.read(name)

    def write(self, pool: SlotPool) -> SlotPool:
        newer = self.pools.write(pool)
        holders, tickets = [one.session for one in newer.holders], [one.session for one in newer.tickets]
        sys.stdout.write(json.dumps({"version": newer.row_version, "holders": holders, "tickets": tickets}) + "\n")
        return newer


def main(folder: str, pipeline: str, count: int) -> None:
    """Start so many sessions at once."""
    context = Workspace(Caller(directory=Path(folder))).read_sessions()
    assert context.ports.line is not None
    line = replace(context.ports.line, patience_seconds=None, pools=ToldPools(context.ports.line.pools))
    context = replace(context, ports=replace(context.ports, line=line))
    starts = [threading.Thread(target=start_session, args=(context, RunRequest(pipeline=pipeline))) for _ in range(count)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
