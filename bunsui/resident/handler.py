"""What Lambda calls: one look, and one line of log that says what it came to."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bunsui import __version__
from bunsui.model.environment.resident import SWEPT
from bunsui.resident.opened import open_sessions
from bunsui.services.resident.turn import ResidentTurn, take_turn


def handle(event: Mapping[str, Any], context: Any) -> dict[str, object]:
    """Look at what the event says, `{"cause": "sweep"}` or `{"cause": "event", "machine": ARN, …}`, and tell what is due.

    Returns what the line of log says. What fails is raised: Lambda tells whoever invoked it, who tries again.
    """
    began = time.monotonic()
    opened = open_sessions(context.invoked_function_arn, os.environ)
    turn = take_turn(opened.sessions, opened.alerts, event)
    told = _summary_of(turn, opened.place.version, time.monotonic() - began)
    sys.stdout.write(json.dumps({SWEPT: told}) + "\n")
    return told


def _summary_of(turn: ResidentTurn, compiled_by: str, seconds: float) -> dict[str, object]:
    said = {name: value for name, value in asdict(turn.look).items() if value != ()}
    if turn.alerts.watched or turn.delivered.waiting:
        problems = (*turn.alerts.problems, *turn.delivered.problems)
        counts = {"watched": turn.alerts.watched, "made": turn.alerts.made, **asdict(turn.delivered)}
        said["alerts"] = {**counts, "problems": list(problems)}
    return {**said, "seconds": round(seconds, 1), "version": __version__, "compiled_by": compiled_by}
