"""The smoke run of a pipeline: one session that proves a new version right after it was deployed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.model.json import Json

WITHIN_SECONDS = 600
"""How long it may take where the file does not say."""
MOST_SECONDS = 6 * 3600
"""Longer than this nobody waits for an apply: it is what a job of GitHub Actions may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRun:
    """What a pipeline's file says under `verify`."""

    params: Mapping[str, Json] = field(default_factory=dict)
    """The parameters that the session is given; defaults stand for the others."""
    within_seconds: int = WITHIN_SECONDS
    """By when the session must have succeeded, counted from its start."""


def smoke_identity(deployment_id: str) -> str:
    """Return what the smoke run of a deployment is known by: asked for again, it is the same session."""
    return f"verify={deployment_id}"
