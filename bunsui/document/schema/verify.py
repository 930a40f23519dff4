"""The shape of `verify`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bunsui.document.schema.tests import Entry
from bunsui.document.schema.values import Anything, Duration


class VerifyEntry(Entry):
    """A smoke run: one session of the new version, after each apply that deploys one."""

    run: Annotated[dict[str, Anything], Field(examples=[{"day": "2026-01-31"}])]
    """The parameters of the session; `{}` where the defaults do."""
    within: Duration = "10m"
    """By when the session must have succeeded. One that fails, or takes longer, rolls the pipeline back to the version before,
    and the apply fails."""
