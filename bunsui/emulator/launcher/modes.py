"""What a project says of its embedded AWS, told to one that runs already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import Announcement
from bunsui.errors import LocalFailed
from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """What a project says under `local:`."""

    ecs: str
    """What is done with the commands of containers: `process` or `none`."""
    iam: str
    """What is done with calls that a role does not permit: `enforce` or `warn`."""
    lag: float = 0.0
    """How many seconds late it is where AWS is."""
    answers: Mapping[str, Json]
    """What is answered to calls that are not served, by call."""


def tell_modes(running: Announcement, modes: Modes) -> None:
    """Have it do what the project says, where it does otherwise. Raises LocalFailed."""
    known = control.identity(running) or asdict(modes)
    refused = ""
    if known.get("ecs", "none") != modes.ecs and not control.set_containers(running, modes.ecs):
        refused = f"ecs: {modes.ecs}"
    elif known.get("iam", "enforce") != modes.iam and not control.set_iam(running, modes.iam):
        refused = f"iam: {modes.iam}"
    elif known.get("lag", 0.0) != modes.lag and not control.set_late(running, modes.lag):
        refused = f"lag: {modes.lag:g}s"
    elif known.get("answers", {}) != modes.answers and not control.set_answers(running, modes.answers):
        refused = "answers: …"
    if refused:
        raise LocalFailed(
            "local-setting-refused",
            f"the embedded AWS runs, and did not take `local: {{{refused}}}`",
            hint="Stop it, then repeat the command:\n  bunsui local stop",
            process=running.pid,
        )
