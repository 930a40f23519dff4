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
from bunsui.model.environment.resident import EVENT, SWEPT
from bunsui.resident.opened import open_sessions
from bunsui.services.resident.sweep import Look, look_at_event, sweep


def handle(event: Mapping[str, Any], context: Any) -> dict[str, object]:
    """Look at what the event says: `{"cause": "sweep"}`, or `{"cause": "event", "machine": ARN, …}`.

    Returns what the line of log says. What fails is raised: Lambda tells whoever invoked it, who tries again.
    """
    began = time.monotonic()
    opened = open_sessions(context.invoked_function_arn, os.environ)
    look = look_at_event(opened.sessions, str(event.get("machine"))) if event.get("cause") == EVENT else sweep(opened.sessions)
    told = _summary_of(look, opened.place.version, time.monotonic() - began)
    sys.stdout.write(json.dumps({SWEPT: told}) + "\n")
    return told


def _summary_of(look: Look, compiled_by: str, seconds: float) -> dict[str, object]:
    said = {name: value for name, value in asdict(look).items() if value != ()}
    return {**said, "seconds": round(seconds, 1), "version": __version__, "compiled_by": compiled_by}
