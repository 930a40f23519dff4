"""What was shown last in a project, by environment: ids of sessions for `-`, `#N` and the shell, addresses for the shell.

Losing it loses nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bunsui import __version__
from bunsui.folders.files import is_private_folder, make_private_folder, read_regular, write_atomically
from bunsui.stored_words import StoredForm, StoredItem, written_by

_FORMAT, _WRITTEN_BY = "$format", "$written_by"
"""Beside the environments, none of which can have such a name."""

LAST, LISTED, ADDRESSES = "last", "listed", "addresses"
"""The session shown last, the ids of the last list, the addresses of the last list of the state."""


class ShownFile(Protocol):
    """Where it is remembered."""

    @property
    def last_session(self) -> Path:
        """The file, which may not be there."""
        ...

    def keep_last_session(self, content: bytes) -> None:
        """Replace the file."""
        ...


class ShownFolder(Protocol):
    """The folder around it."""

    def look(self) -> ShownFile | None:
        """Return it as it is; None when there is none of ours."""
        ...

    def open(self) -> ShownFile:
        """Return it, made when it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class DeployedShown:
    """What was shown of a project without its files: in a folder of the user's state."""

    last_session: Path

    def look(self) -> DeployedShown | None:
        """Return it; None when its folder is not there, or not the user's."""
        return self if is_private_folder(self.last_session.parent) else None

    def open(self) -> DeployedShown:
        """Return it, its folder made when it is not there."""
        make_private_folder(self.last_session.parent)
        return self

    def keep_last_session(self, content: bytes) -> None:
        """Replace the file."""
        write_atomically(self.last_session, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLast:
    """What is remembered in the folder of a project."""

    folder: Callable[[], ShownFolder]

    def of(self, environment: str) -> Mapping[str, object]:
        """Return what was shown in the environment.

        Raises:
            Refused: a newer bunsui wrote it.

        """
        kept = self._all().get(environment)
        return kept if isinstance(kept, dict) else {}

    def keep(self, environment: str, values: Mapping[str, object]) -> None:
        """Remember these beside what is remembered already.

        Raises:
            OSError: it cannot be written.
            Refused: a newer bunsui wrote what is there.
            Unavailable: the folder cannot be used.

        """
        ours = {**self.of(environment), **values}
        kept = {**self._all(), _FORMAT: StoredForm.SHOWN.format, _WRITTEN_BY: __version__, environment: ours}
        self.folder().open().keep_last_session(json.dumps(kept).encode())

    def _all(self) -> dict[str, object]:
        own = self.folder().look()
        try:
            found = json.loads(read_regular(own.last_session)) if own is not None else {}
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        if _FORMAT in found:
            item = StoredItem(name="the sessions shown last", written_by=written_by(found.get(_WRITTEN_BY)))
            item.check_format(found[_FORMAT], StoredForm.SHOWN)
        return found


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts as it was kept; empty for anything else."""
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
