"""How the names of a scope's resources begin, whatever their kind."""

from __future__ import annotations

from bunsui.kinds.registry import kinds
from bunsui.model.names import SEPARATOR
from bunsui.model.resource import Scope

_SHORTEST_CUT = min(kind.name_limit for kind in kinds().values()) - 9
"""How much of a long name is surely left: `bunsui.model.names.fitted` puts `-` and 8 hex digits at its end."""


def name_prefix(scope: Scope) -> str:
    """Return what the names of the scope's resources begin with, also of those that were cut to their service's limit."""
    whole = SEPARATOR.join((scope.project, scope.environment, ""))
    return whole if len(whole) < _SHORTEST_CUT else whole[:_SHORTEST_CUT].rstrip("-")
