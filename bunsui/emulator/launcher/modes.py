"""What a project says of its embedded AWS, told to one that runs already."""

from __future__ import annotations

from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import Announcement
from bunsui.errors import LocalFailed


def tell_modes(running: Announcement, *, ecs: str, iam: str) -> None:
    """Have it do with containers and with roles what the project says, where it does otherwise. Raises LocalFailed."""
    known = control.identity(running) or {"ecs": ecs, "iam": iam}
    refused = ""
    if known.get("ecs", "none") != ecs and not control.set_containers(running, ecs):
        refused = f"ecs: {ecs}"
    elif known.get("iam", "enforce") != iam and not control.set_iam(running, iam):
        refused = f"iam: {iam}"
    if refused:
        raise LocalFailed(
            "local-setting-refused",
            f"the embedded AWS runs, and did not take `local: {{{refused}}}`",
            hint="Stop it, then repeat the command:\n  bunsui local stop",
            process=running.pid,
        )
