"""What a sparse checkout leaves out: files that git knows, that are missing here and were removed by nobody."""

from __future__ import annotations

from pathlib import Path

from bunsui.checkout.git import git_folder, open_checkout, tops
from bunsui.errors import BunsuiError

_SKIPPED = "S "
"""How `git ls-files -t` marks a file that the checkout leaves out."""


def left_out_of(folder: Path) -> tuple[str, ...]:
    """Read the paths below the folder, relative to it, that a sparse checkout leaves out; empty where there is none.

    Raises:
        InvalidInput, MissingExtra: what `open_checkout` raises, in a sparse checkout only: what is missing cannot be told from
            what was removed.

    """
    try:
        checkout = open_checkout(folder)
    except BunsuiError:
        if _looks_sparse(folder):
            raise
        return ()
    if checkout.ask("config", "--type=bool", "core.sparseCheckout").out.strip() != "true":
        return ()
    listed = checkout.ask("ls-files", "-t", "-z", "--", checkout.prefix or ".").out.split("\0")
    found = (line.removeprefix(_SKIPPED).removeprefix(checkout.prefix) for line in listed if line.startswith(_SKIPPED))
    return tuple(sorted(found))


def _looks_sparse(folder: Path) -> bool:
    top = next(tops(folder.resolve()), None)
    inside = git_folder(top) if top is not None else None
    return inside is not None and (inside / "info" / "sparse-checkout").is_file()
