"""What a compiled machine lets a session be judged by although it succeeded: its last jobs, and what its checks warned of."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bunsui.model.failures import START_STATE
from bunsui.model.json import Json
from bunsui.model.names import digest8

LAST_KEY = "last"
"""The variable by which a machine names its last jobs; absent where one of them runs in every session that succeeds."""
WARNED = "warned_"
"""How the variables begin that hold the message of a check which only warns."""


def warned_variable(state: str) -> str:
    """Return the variable of the check in this state. No other state has it: an inner scope may not assign what an outer one
    holds."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", state)[:60]
    return WARNED + (plain if plain == state else f"{plain}_{digest8(state)}")


def last_jobs(definition: Mapping[str, Json]) -> tuple[str, ...]:
    """Return the last jobs that the machine names; empty where it names none."""
    states = definition.get("States")
    first = states.get(START_STATE) if isinstance(states, Mapping) else None
    assigned = first.get("Assign") if isinstance(first, Mapping) else None
    found = assigned.get(LAST_KEY) if isinstance(assigned, Mapping) else None
    return tuple(name for name in found if isinstance(name, str)) if isinstance(found, (list, tuple)) else ()
