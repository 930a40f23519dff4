"""What to do about a resource of somebody else's that has our name: a command that hands it over, or a key around it.

Both are the kind's to say (`Kind.hand_over`, `Kind.way_around`).
"""

from __future__ import annotations

import shlex

from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, Scope


def not_ours(address: Address, actual: ActualResource, scope: Scope, *, was_ours: bool) -> str:
    """Return the sentences for a resource that does not carry our tags; `was_ours` when bunsui wrote it last."""
    name, command = actual.physical_name, hand_over(address, actual, scope)
    if was_ours:
        return f"{name} no longer carries our tags. If it is still ours, give them back: `{command}`"
    kind = kind_named(address.kind)
    verb = "To hand it over" if kind.taggable else "To make room"
    return f"{name} exists and is not ours. {verb}: `{command}`. To leave it alone, {kind.way_around(address)}"


def hand_over(address: Address, actual: ActualResource, scope: Scope) -> str:
    """Return the command that makes the resource ours; for a kind without tags, the one that removes it."""
    return shlex.join(("aws", *kind_named(address.kind).hand_over(actual, scope.tags(address))))
