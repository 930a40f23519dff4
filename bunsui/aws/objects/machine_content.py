"""A state machine in two forms: the kind's attributes, and what Step Functions takes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from bunsui.aws.objects.tags import TAG_TRACING, users_own
from bunsui.model.json import Json
from bunsui.model.resource import TAG_ADDRESS
from bunsui.ports.cloud import ResolvedResource

_READABLE_CHARS = 500_000
"""Above this a definition is written without indentation: the limit of the service is 1,048,576 characters."""


def attributes_of(
    machine: Mapping[str, Any], tags: Mapping[str, str], *, alias: str, drops: Collection[str]
) -> dict[str, Json]:
    """Return the kind's attributes of what DescribeStateMachine answered; `drops` is what the endpoint does not keep."""
    logging = machine.get("loggingConfiguration", {})
    groups = [
        str(target["cloudWatchLogsLogGroup"]["logGroupArn"]).removesuffix(":*") for target in logging.get("destinations", ())
    ]
    tracing = bool(machine.get("tracingConfiguration", {}).get("enabled", False))
    if "tracing" in drops:
        tracing = tags.get(TAG_TRACING) == "true"
    return {
        "type": str(machine["type"]),
        "definition": machine["definition"],
        "role_arn": str(machine["roleArn"]),
        "tracing": tracing,
        "alias": alias,
        "logging": {
            "level": str(logging.get("level", "OFF")),
            "include_execution_data": bool(logging.get("includeExecutionData", False)),
            "log_group_arn": groups[0] if groups else None,
        },
        "tags": users_own(tags),
    }


def content_of(resource: ResolvedResource) -> dict[str, object]:
    """Return what Create and Update have in common."""
    attributes: Mapping[str, Any] = resource.attributes
    logging = attributes["logging"]
    configuration: dict[str, object] = {
        "level": logging["level"],
        "includeExecutionData": logging["include_execution_data"],
    }
    if logging["log_group_arn"]:
        configuration["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{logging['log_group_arn']}:*"}}]
    return {
        "definition": definition_text(attributes["definition"]),
        "roleArn": attributes["role_arn"],
        "loggingConfiguration": configuration,
        "tracingConfiguration": {"enabled": attributes["tracing"]},
        "versionDescription": version_description(resource),
    }


def version_description(resource: ResolvedResource) -> str:
    """Return what a version that bunsui publishes says of itself: which resource it is."""
    return f"bunsui {resource.tags.get(TAG_ADDRESS, resource.physical_name)}"[:256]


def definition_text(definition: Json) -> str:
    """Return the definition as it is stored: indented for the console's reader as long as there is room."""
    text = json.dumps(definition, indent=2, ensure_ascii=False)
    return text if len(text) <= _READABLE_CHARS else json.dumps(definition, separators=(",", ":"), ensure_ascii=False)
