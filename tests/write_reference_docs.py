"""Writes the generated pages of the reference: `python -m tests.write_reference_docs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bunsui.cli.command_docs import commands_page
from bunsui.services.reference.files import channels_page, pipeline_page, project_page
from bunsui.tui.key_docs import keys_page

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "channels.md": channels_page,
    "commands.md": commands_page,
    "keys.md": keys_page,
    "pipeline.md": pipeline_page,
    "project.md": project_page,
}


def write() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
