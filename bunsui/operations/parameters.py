"""The parameters of a type as a JSON Schema, by which documentation describes them."""

from __future__ import annotations

from typing import Any

from bunsui.operations.contract import OperationType


def parameter_schema(operation_type: OperationType) -> dict[str, Any]:
    """Give the JSON Schema of a type's own keys, with `$defs` for the mappings inside; keys as the YAML spells them."""
    from pydantic import TypeAdapter  # deferred: the types bring it anyway, and nobody needs it before one is looked at

    schema: dict[str, Any] = TypeAdapter(operation_type.params).json_schema(by_alias=True)
    return schema
