"""What installed packages bring: operation types, channel types, each from an entry-point group of its own.

A plugin's `pyproject.toml` says ``[project.entry-points."bunsui.operations"]`` and ``my_type = "my_package.types:TYPE"``, where
`TYPE` is an `OperationType`; a channel's type stands in the group `bunsui.notifications` and is a `ChannelType`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache, partial
from importlib.metadata import EntryPoint, entry_points

from bunsui.errors import InvalidInput
from bunsui.notifications.contract import ChannelType
from bunsui.notifications.registry import ChannelTypes
from bunsui.operations.contract import OperationType

OPERATIONS_GROUP = "bunsui.operations"
NOTIFICATIONS_GROUP = "bunsui.notifications"


def operation_plugins() -> Sequence[EntryPoint]:
    """List the installed operation plugins by name, importing none of them. What is installed later, the next process finds."""
    return _found_on(tuple(sys.path), OPERATIONS_GROUP)


def channel_plugins() -> Sequence[EntryPoint]:
    """List the installed channel plugins by name, importing none of them."""
    return _found_on(tuple(sys.path), NOTIFICATIONS_GROUP)


@lru_cache(maxsize=8)
def _found_on(_path: tuple[str, ...], group: str) -> Sequence[EntryPoint]:
    # Every installed package is looked at, which takes longer than a small project takes to be read.
    return sorted(entry_points(group=group), key=lambda point: point.name)


def load_operation(point: EntryPoint) -> OperationType:
    """Import one plugin; InvalidInput, naming its package, when it cannot be imported or is not an operation type."""
    loaded = _load(point)
    if isinstance(loaded, OperationType):
        return loaded
    raise InvalidInput(
        "plugin-not-an-operation",
        "an installed plugin does not give an OperationType",
        hint=f"Tell the authors of {package_of(point)}; see CONTRIBUTING, 'Add an operation type'.",
        plugin=point.name,
        package=package_of(point),
    )


def load_channel_type(point: EntryPoint) -> ChannelType:
    """Import one plugin; InvalidInput, naming its package, when it cannot be imported or is not a channel type of that name."""
    loaded = _load(point)
    if isinstance(loaded, ChannelType) and loaded.name == point.name:
        return loaded
    raise InvalidInput(
        "plugin-not-a-channel",
        "an installed plugin does not give a ChannelType of its name",
        hint=f"Tell the authors of {package_of(point)}; see CONTRIBUTING, 'Add a channel type'.",
        plugin=point.name,
        package=package_of(point),
    )


def channel_types() -> ChannelTypes:
    """Return the built-in channel types and those of installed plugins, of which none is imported before it is asked for."""
    return ChannelTypes({point.name: partial(load_channel_type, point) for point in channel_plugins()})


def package_of(point: EntryPoint) -> str:
    """Return the name of the distribution that brings a plugin."""
    return point.dist.name if point.dist else "unknown"


def _load(point: EntryPoint) -> object:
    try:
        return point.load()
    except Exception as error:
        raise InvalidInput(
            "plugin-broken",
            "an installed plugin could not be imported",
            hint=f"Repair or uninstall the package {package_of(point)}.",
            plugin=point.name,
            package=package_of(point),
            error=f"{type(error).__name__}: {error}",
        ) from error
