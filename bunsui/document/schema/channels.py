"""The shape of `channels` in the project file, made of the parameters of the channel types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bunsui.document.schema.alerts import QuietHoursEntry
from bunsui.document.schema.published import Schema
from bunsui.document.schema.tests import Entry
from bunsui.notifications.contract import ChannelType
from bunsui.notifications.parameters import parameters_schema

_DEFS = "#/$defs/"
_PLUGIN_PATTERN = "^[a-z][a-z0-9_]*$"


class ChannelEntry(Entry):
    """Where people are told of alerts."""

    type: str
    """How: `sns`, `webhook`, `slack_webhook` or `smtp`, whose keys stand beside it; or a type of an installed package."""
    quiet_hours: QuietHoursEntry | None = None
    """When nobody is told on it; the environment needs a resident, which holds messages."""


def channel_definitions(entry: Schema, types: Mapping[str, ChannelType]) -> dict[str, Schema]:
    """Return the definitions of an entry and of each type's keys. An entry of a type that is not among these has any keys:
    whoever knows the type checks them."""
    names = list(types)
    kinds: Schema = {
        "description": entry["properties"]["type"]["description"],
        "anyOf": [
            {"type": "string", "enum": names, "enumDescriptions": [types[name].summary for name in names]},
            {"type": "string", "pattern": _PLUGIN_PATTERN},
        ],
    }
    found: dict[str, Schema] = {}
    for name in names:
        found |= _own(name, types[name], entry["properties"]["quiet_hours"])
    targets = {name: f"{_DEFS}{_definition(name)}" for name in names}
    found["ChannelEntry"] = {
        "type": "object",
        "description": entry["description"],
        "required": ["type"],
        "properties": {"type": kinds, "quiet_hours": entry["properties"]["quiet_hours"]},
        "discriminator": {"propertyName": "type", "mapping": targets},
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": {"$ref": target}}
            for name, target in targets.items()
        ],
    }
    return found


def _own(name: str, channel_type: ChannelType, quiet_hours: Schema) -> dict[str, Schema]:
    made: dict[str, Any] = parameters_schema(channel_type)
    return {
        _definition(name): {
            "type": "object",
            "description": channel_type.summary,
            "required": made.get("required", []),
            "properties": {"type": True, "quiet_hours": quiet_hours, **made["properties"]},
            "additionalProperties": False,
        }
    }


def _definition(name: str) -> str:
    return f"channel.{name}"
