"""What the file of a pipeline said when the pipeline was applied last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedText:
    """The text of one pipeline, as in `Pipeline.text`, kept beside what was made of it."""

    pipeline: str
    """Its name."""
    text: str
    kept_at: datetime
    """Not before the machine that was made of it was written."""
    written_by: str = ""
    """The version of bunsui that compiled it."""
