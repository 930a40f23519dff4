"""The emulator starts without looking around on the machine."""

from __future__ import annotations

from bunsui.emulator.internals import replace_inner


def run_no_scripts_of_the_machine() -> None:
    """Leave out the scripts that the emulator runs at its start when folders for containers, outside ours, happen to exist."""
    from ministack import app

    def no_scripts(*_folders: str) -> list[str]:
        return []

    replace_inner(app, "_collect_scripts", no_scripts)
