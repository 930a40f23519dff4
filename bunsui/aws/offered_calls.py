"""The calls that Step Functions can make of AWS's services, from the models that botocore carries."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from bunsui.asl.sdk_names import java_name
from bunsui.aws.service_models import Shape, offered_services, service_model
from bunsui.ports.service_models import ServiceCallModel, ServiceShape

_KINDS = {
    "structure": "structure",
    "list": "list",
    "map": "map",
    "string": "string",
    "character": "string",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "bigdecimal": "number",
    "boolean": "boolean",
}
"""Bytes, instants and documents of any form are not looked into."""


class BotocoreModels:
    """Implements `bunsui.ports.service_models.ServiceModels`. A model is read once in a process: 1 to 80 ms."""

    def calls(self, service: str) -> Mapping[str, ServiceCallModel]:
        """Return the calls of a service by their names."""
        return _calls(offered_services()[service])

    def shape(self, service: str, name: str) -> ServiceShape:
        """Return a shape of a service by its name."""
        return _shape(offered_services()[service], name)

    def services(self) -> Collection[str]:
        """Return the names of all services."""
        return offered_services().keys()

    def renamed(self, service: str) -> str:
        """Return what Step Functions calls a service that the AWS CLI calls `service`."""
        names = {boto: name for name, boto in offered_services().items()}
        return names.get(service) or names.get({"states": "stepfunctions"}.get(service, ""), "")


@lru_cache
def _calls(boto: str) -> Mapping[str, ServiceCallModel]:
    model = service_model(boto)
    return {f"{name[0].lower()}{name[1:]}": _call(model, operation) for name, operation in model["operations"].items()}


def _call(model: Mapping[str, Any], operation: Mapping[str, Any]) -> ServiceCallModel:
    takes, gives = (str(operation.get(way, {}).get("shape", "")) for way in ("input", "output"))
    return ServiceCallModel(takes=takes, gives=gives, is_stream=any(_streams(model, name) for name in (takes, gives) if name))


def _streams(model: Mapping[str, Any], name: str) -> bool:
    members = model["shapes"][name].get("members", {})
    return any(model["shapes"][member["shape"]].get("eventstream") for member in members.values())


@lru_cache(maxsize=4096)
def _shape(boto: str, name: str) -> ServiceShape:
    model: Shape = service_model(boto)["shapes"][name]
    kind = "other" if model.get("document") or model.get("eventstream") else _KINDS.get(model["type"], "other")
    members: Mapping[str, Any] = model.get("members", {})
    return ServiceShape(
        kind=kind,
        members={_member(name, key): member["shape"] for key, member in members.items()},
        required=frozenset(
            java_name(key) for key in model.get("required", ()) if not members.get(key, {}).get("idempotencyToken")
        ),
        entries=model.get("member", model.get("value", {})).get("shape", ""),
        values=tuple(model.get("enum", ())),
        minimum=model.get("min"),
        maximum=model.get("max"),
        pattern=_readable(model.get("pattern", "")),
    )


def _member(shape: str, name: str) -> str:
    # The attribute value NULL of DynamoDB would be a word of Java's.
    return "Nul" if (shape, name) == ("AttributeValue", "NULL") else java_name(name)


def _readable(pattern: str) -> str:
    """Return a published pattern when Python reads it; they are written for another library."""
    try:
        re.compile(pattern)
    except re.error:
        return ""
    return pattern
