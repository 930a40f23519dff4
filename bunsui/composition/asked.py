"""What a face is asked for before anything is opened: the global options, as composition reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bunsui.aws.connect import Traffic


class Asked(Protocol):
    """What the user asked for on the command line; the faces' global options have these."""

    @property
    def directory(self) -> Path:
        """Where to look for the project file, upwards."""
        ...

    @property
    def project(self) -> str | None:
        """The project that is reached without its files, None for the one of the directory."""
        ...

    @property
    def environment(self) -> str | None:
        """The environment, None when none was named."""
        ...

    @property
    def profile(self) -> str | None:
        """An AWS profile that overrides the environment's."""
        ...

    @property
    def region(self) -> str | None:
        """A region that overrides the environment's."""
        ...

    def notice(self, message: str) -> None:
        """Tell the user something that is no error, such as saved data that could not be read."""
        ...

    def connected(self, traffic: Callable[[], Traffic]) -> None:
        """Learn that an account is being talked to; `traffic` gives the calls made so far."""
        ...
