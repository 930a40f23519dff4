"""The form of a simulation: values for the parameters of the draft's pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bunsui.command_line import Invocation, command_line
from bunsui.tui.screens.filled_form import FilledFormScreen

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.view.pipelines.form import StartForm


class SimulationFormScreen(FilledFormScreen[tuple[str, ...]]):
    """Returns the parameters that were typed, `NAME=VALUE` each."""

    enter_word = "simulate"

    def __init__(self, invocation: Invocation, pipeline: str, form: StartForm) -> None:
        """Show the form."""
        super().__init__("simulate", pipeline, form)
        self._invocation = invocation
        self._pipeline = pipeline

    def command(self) -> str:
        """Return the command that simulates the file, once the draft is written."""
        words = [word for text in self.form.params for word in ("-p", text)]
        return self._invocation.complete(command_line("simulate", self._pipeline, *words))

    def submit(self) -> None:
        """Go on with these."""
        self.leave(self.form.params)
