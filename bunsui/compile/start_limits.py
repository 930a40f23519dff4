"""The limit of a pipeline in its machine: what an apply put in force, wherever it is asked for.

It stands in the comment of the machine's first state, as recovery policies do (`bunsui.compile.policies`): a comment changes
nothing in the run. Whoever starts a session counts by it; the machine itself does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from bunsui.errors import Refused
from bunsui.model.admission.concurrency import CONCURRENCY_POLICIES, MOST_AT_ONCE, Concurrency
from bunsui.model.failures import START_STATE
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline

CONCURRENCY_VERSION = 1
"""Grows when an older bunsui would take a limit otherwise."""
_MARK = "Concurrency, version "
CONCURRENCY_WRITTEN = re.compile(rf"{_MARK}([0-9]{{1,9}}): ")
"""How the limit is found in a comment; JSON follows."""
_AUTHORED = "Recovery policies, version "
"""What follows has texts of the file's author, in which anything may stand."""


def concurrency_comment(pipeline: Pipeline) -> str:
    """Return the limit as a comment, to be read back; empty where the file says none."""
    rule = pipeline.concurrency
    if rule is None:
        return ""
    told = json.dumps({"limit": rule.limit, "policy": rule.policy}, separators=(",", ":"))
    return f"{_MARK}{CONCURRENCY_VERSION}: {told}"


def read_concurrency(definition: Mapping[str, Json]) -> Concurrency | None:
    """Return the limit that a machine's definition holds; None where it says none.

    Raises:
        Refused: it says one that this bunsui does not know: a session must not start as if there were none.

    """
    states = definition.get("States")
    start = states.get(START_STATE) if isinstance(states, Mapping) else None
    comment = start.get("Comment") if isinstance(start, Mapping) else None
    text = comment.partition(_AUTHORED)[0] if isinstance(comment, str) else ""
    found = CONCURRENCY_WRITTEN.search(text)
    if found is None:
        return None
    try:
        told, _ = json.JSONDecoder().raw_decode(text, found.end())
        limit, policy = told["limit"], told["policy"]
    except (ValueError, KeyError, TypeError):
        raise _refusal_of(found.group(1)) from None
    is_known = int(found.group(1)) == CONCURRENCY_VERSION and policy in CONCURRENCY_POLICIES
    if not is_known or type(limit) is not int or not 1 <= limit <= MOST_AT_ONCE:
        raise _refusal_of(found.group(1))
    return Concurrency(limit=limit, policy=policy)


def _refusal_of(version: str) -> Refused:
    return Refused(
        "newer-bunsui",
        "the pipeline's machine limits how many sessions run at a time in a way that this bunsui does not know",
        hint="Install the bunsui that applied it, or a newer one, or apply the pipeline again.",
        version=version,
    )
