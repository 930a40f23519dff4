"""What a new job of a type says before anybody filled it in: valid where that refers to nothing, else its type alone."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.model.json import Json

_BEGINNINGS: Mapping[str, Mapping[str, Json]] = {
    "wait": {"for": "10m"},
    "check": {"that": "{% true %}", "message": "what did not hold"},
    "fail": {"error": "Refused", "message": "why it fails"},
    "approval": {"message": "Go on?", "deadline": "24h"},
    "choice": {"cases": [{"when": "{% true %}", "operations": [{"type": "wait", "for": "1s"}]}]},
    "athena_query": {"query": "SELECT 1"},
    "asl": {"start_at": "First", "states": {"First": {"Type": "Pass", "End": True}}},
}
"""By type. One that is not here needs what only its author knows (a function, a bucket, a queue): a name that is made up would
pass every check and fail in AWS, so the findings about what is missing say what to fill in."""


def new_job(kind: str, *, after: str = "") -> Mapping[str, Json]:
    """Return the entry of a new job of a type; it depends on the job `after`, where one is named."""
    needs: dict[str, Json] = {"depends_on": [after]} if after else {}
    return {**needs, "type": kind, **_BEGINNINGS.get(kind, {})}
