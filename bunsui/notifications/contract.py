"""The interface of a channel type: what it is, and what it makes of a notification."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bunsui.notifications.outgoing import Outgoing
from bunsui.ports.notifications import Notification

QUIET_HOURS = "quiet_hours"
COMMON_KEYS = frozenset({"type", QUIET_HOURS})
"""Keys of an entry that are no parameters of its type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelType:
    """One kind of channel. `P` below is its frozen params dataclass, which pydantic validates at the boundary."""

    name: str
    """As the YAML says it: `slack_webhook`."""
    summary: str
    """One line for the schema, the docs and editors."""
    params: type[Any]
    """P: a frozen, keyword-only dataclass with a `__pydantic_config__` that forbids extras; field docs become the schema's."""
    outgoing: Callable[[Any, Notification], Outgoing]
    """(P, notification) -> what is sent. Pure: secrets stand in it as references; texts are cut to what the channel takes."""
    example: str
    """The YAML of an entry."""
    topics: Callable[[Any], Sequence[str]] = lambda params: ()
    """(P) -> ARNs of SNS topics to which it publishes."""
