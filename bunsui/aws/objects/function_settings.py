"""What few functions have: attributes of bunsui, as fields of Lambda's configuration.

An attribute that is as Lambda has it by itself is left out when it is read, and sent only where it is something else, or was:
then the request puts it back. Shapes: API reference of Lambda, UpdateFunctionConfiguration, where empty lists and texts take a
setting away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bunsui.kinds.lambda_function import SETTINGS
from bunsui.model.json import Json

SEPARATE = "reserved_concurrency"
"""The setting that is no part of the configuration: a call of its own writes it, and lists do not tell it."""
_USUAL: Mapping[str, Json] = {setting.name: setting.default for setting in SETTINGS}


def setting(attributes: Mapping[str, Any], name: str) -> Any:
    """Return a setting; what Lambda has by itself where the attributes leave it out."""
    return attributes.get(name, _USUAL[name])


def settings_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Tell whether the configuration has to be written for a setting."""
    return any(_comparable(before, name) != _comparable(after, name) for name in _USUAL if name != SEPARATE)


def settings_request(after: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that make the settings so; none for those that are, and were, as Lambda has them."""
    said = {name for name, usual in _USUAL.items() if any(setting(one, name) != usual for one in (after, before))}
    request: dict[str, Any] = {}
    if said & {"subnets", "security_groups"}:
        groups = sorted(setting(after, "security_groups"))
        request["VpcConfig"] = {"SubnetIds": sorted(setting(after, "subnets")), "SecurityGroupIds": groups}
    if "layers" in said:
        request["Layers"] = list(setting(after, "layers"))
    if "ephemeral_storage_mb" in said:
        request["EphemeralStorage"] = {"Size": setting(after, "ephemeral_storage_mb")}
    if "tracing" in said:
        request["TracingConfig"] = {"Mode": "Active" if setting(after, "tracing") else "PassThrough"}
    if "dead_letter_arn" in said:
        request["DeadLetterConfig"] = {"TargetArn": setting(after, "dead_letter_arn") or ""}
    if "kms_key_arn" in said:
        request["KMSKeyArn"] = setting(after, "kms_key_arn") or ""
    return request


def observed_settings(function: Mapping[str, Any]) -> dict[str, Json]:
    """Return the settings of a function's configuration that are not as Lambda has them by itself."""
    network = function.get("VpcConfig") or {}
    found: dict[str, Json] = {
        "subnets": sorted(map(str, network.get("SubnetIds") or ())),
        "security_groups": sorted(map(str, network.get("SecurityGroupIds") or ())),
        "layers": [str(layer["Arn"]) for layer in function.get("Layers") or ()],
        "ephemeral_storage_mb": int((function.get("EphemeralStorage") or {}).get("Size", 512)),
        "tracing": (function.get("TracingConfig") or {}).get("Mode") == "Active",
        "dead_letter_arn": (function.get("DeadLetterConfig") or {}).get("TargetArn") or None,
        "kms_key_arn": function.get("KMSKeyArn") or None,
    }
    return {name: value for name, value in found.items() if value != _USUAL[name]}


def _comparable(attributes: Mapping[str, Any], name: str) -> Any:
    value = setting(attributes, name)
    return sorted(set(value)) if name in ("subnets", "security_groups") else value
