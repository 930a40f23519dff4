"""What git knows and a sparse checkout leaves out: files that are missing here and were removed by nobody."""

from __future__ import annotations

from pathlib import Path

from bunsui.checkout.git import ask

_SKIPPED = "S "
"""How `git ls-files -t` marks a file that the checkout leaves out."""


def left_out_of(folder: Path) -> tuple[str, ...]:
    """Give the paths below the folder, relative to it, that a sparse checkout leaves out; empty where there is none."""
    if ask(folder, "config", "--type=bool", "core.sparseCheckout").out.strip() != "true":
        return ()
    listed = ask(folder, "ls-files", "-t", "-z", "--", ".").out.split("\0")
    return tuple(sorted(line.removeprefix(_SKIPPED) for line in listed if line.startswith(_SKIPPED)))
