"""What the embedded AWS could not save, told at the end of each command that wrote to it: its memory is then the only copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bunsui.aws.connect import Connection, Traffic
from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.folder import DataFolder, read_announcement


def unsaved_of(root: Path) -> str:
    """Have what runs for the data folder save now; return why it could not, empty when all is on disk or nothing runs."""
    running = read_announcement(DataFolder(root.resolve()))
    return (control.save(running) or "") if running is not None else ""


def traffic_of(connection: Connection, root: Path) -> Traffic:
    """Read what a connection to the embedded AWS of the data folder did, and after writes why they are not on disk."""
    traffic = connection.traffic
    return replace(traffic, unsaved=unsaved_of(root)) if traffic.has_written else traffic
