"""How the work of a task fails."""

from __future__ import annotations


class TaskError(Exception):
    """The work failed with an error name and a cause, as the execution's history tells them."""

    def __init__(self, error: str, cause: str, *, at: str = "") -> None:
        """Keep them; `at` is the event that tells it when it is not the usual one."""
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.at = at
