"""What an account sets aside for its functions."""

from __future__ import annotations

from typing import Protocol


class FunctionLimits(Protocol):
    """Asks Lambda."""

    def reserved(self, function: str) -> int | None:
        """Return how many invocations at once are reserved for a function, and are the most that it gets; `function` is its
        name or ARN without a version. None when nothing is reserved, or when it does not exist. AccessDenied without the
        permission."""
        ...
