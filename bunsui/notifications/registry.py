"""All channel types by name: those that come with bunsui, imported when they are first asked for, and those of plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module

from bunsui.notifications.contract import ChannelType

BUILTIN_CHANNELS = ("sns", "webhook", "slack_webhook", "smtp")
"""The types that come with bunsui, each a module of `bunsui.notifications.types`."""


class ChannelTypes(Mapping[str, ChannelType]):
    """Channel types by name. Plugins are imported when an entry names them, not before."""

    def __init__(self, plugins: Mapping[str, Callable[[], ChannelType]] | None = None) -> None:
        """Know the built-in types, and those that these functions load."""
        self._plugins = dict(plugins or {})

    def __getitem__(self, name: str) -> ChannelType:
        """Return the type of that name; KeyError where there is none."""
        if name in BUILTIN_CHANNELS:
            return _builtin(name)
        return self._plugins[name]()

    def __iter__(self) -> Iterator[str]:
        """Return the names; imports nothing."""
        yield from BUILTIN_CHANNELS
        yield from (name for name in self._plugins if name not in BUILTIN_CHANNELS)

    def __len__(self) -> int:
        """Return how many there are; imports nothing."""
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        """Tell whether there is one of that name; imports nothing."""
        return name in BUILTIN_CHANNELS or name in self._plugins


@cache
def builtin_channels() -> ChannelTypes:
    """Return the types that come with bunsui."""
    return ChannelTypes()


@cache
def _builtin(name: str) -> ChannelType:
    # Deferred: the types bring pydantic, which `--help` does without.
    found = import_module(f"bunsui.notifications.types.{name}").TYPE
    assert isinstance(found, ChannelType), f"{name} is not a channel type"
    return found
