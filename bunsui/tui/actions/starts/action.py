"""One way to start something of a pipeline: its form, what it would start, and starting it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.view.spans import Line

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.model.pipeline import Pipeline
    from bunsui.services.run import RunRequest
    from bunsui.services.running.backfill import BackfillPlan
    from bunsui.services.session_context import SessionContext
    from bunsui.view.pipelines.form import StartForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseeing:
    """What would start."""

    pipeline: str
    form: StartForm
    question: str
    lines: tuple[Line, ...]
    """What a person should know before saying yes."""
    starts: bool
    """False when there is nothing to start."""
    run: RunRequest | None = None
    several: tuple[Foreseeing, ...] = ()
    """Of several pipelines at once: that of each."""
    backfill: BackfillPlan | None = None
    """What was shown is what is carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAction:
    """An action. Its functions run in a thread of the bridge, and import services when they are called."""

    name: str
    """As the command line calls it, such as `run`."""
    key: str
    told: str
    """Why somebody wants it, for the menu."""
    form: Callable[[Pipeline], StartForm]
    foresee: Callable[[SessionContext, str, StartForm], Foreseeing]
    """Finds out what would start; nothing is changed. Raises what refuses it."""
    carry_out: Callable[[SessionContext, Foreseeing], Iterator[Line]]
    """Starts it, and tells each step; whoever asks for no further step ends it."""
    command: Callable[[str, StartForm | None], str]
    """The command that does the same, as far as the form is filled in."""
    is_long: bool = False
    """True for one that goes on until all that it started has ended."""

    @property
    def handle(self) -> str:
        """What Textual calls to ask for it."""
        return f"start('{self.name}')"

    def fits(self, pipeline: PipelineStatus) -> bool:
        """Tell whether it can be asked for: the pipeline's file can be read, and it may be in the account."""
        refused = (PipelineStanding.INVALID, PipelineStanding.NEW, PipelineStanding.REFUSED)
        return bool(pipeline.path) and pipeline.enabled and pipeline.standing not in refused
