"""Single values that stand in many places of a file, with what an editor offers for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Field, WithJsonSchema

from bunsui.document.output_form import TYPES as OUTPUT_TYPES
from bunsui.model.durations import DURATION_PATTERN
from bunsui.model.names import ID_PATTERN
from bunsui.model.outcomes import RUN_IF_SPELLINGS, RunIf

EXPRESSION_PATTERN = r"^\s*\{%[\s\S]*%\}\s*$"
"""A text that is one expression."""

Id: TypeAlias = Annotated[str, Field(pattern=ID_PATTERN)]
Duration: TypeAlias = Annotated[str, Field(pattern=DURATION_PATTERN, examples=["90s", "5m", "1h30m"])]


def condition(example: str) -> Any:
    """Return what describes an expression that gives true or false."""
    return Field(pattern=EXPRESSION_PATTERN, examples=[f"{{% {example} %}}"])


ExpressionText: TypeAlias = Annotated[str, Field(pattern=EXPRESSION_PATTERN, examples=["{% $params.date %}"])]
TimeZone: TypeAlias = Annotated[
    str,
    Field(
        examples=[
            "UTC",
            "Asia/Tokyo",
            "Asia/Singapore",
            "Asia/Kolkata",
            "Australia/Sydney",
            "Europe/London",
            "Europe/Berlin",
            "America/Sao_Paulo",
            "America/New_York",
            "America/Chicago",
            "America/Los_Angeles",
        ]
    ),
]
Place: TypeAlias = Annotated[
    str, Field(min_length=1, max_length=300, examples=["logging", "tags.cost-center", "states.load.Retry"])
]
Anything: TypeAlias = Annotated[Any, WithJsonSchema({})]
_RULES: Mapping[RunIf, str] = {
    RunIf.ALL_SUCCEEDED: "Every job before it succeeded; it is skipped with any that was skipped.",
    RunIf.NONE_FAILED: "No job before it failed; skipped ones are fine.",
    RunIf.NONE_FAILED_MIN_ONE_SUCCESS: "No job before it failed, and at least one succeeded.",
    RunIf.ALL_DONE: "The jobs before it ended, however they did.",
    RunIf.ANY_FAILED: "At least one job before it failed.",
}
RunIfName: TypeAlias = Annotated[
    str,
    Field(
        json_schema_extra={
            "enum": list(RUN_IF_SPELLINGS),
            "enumDescriptions": [
                _RULES[rule] if name == rule.value else f"Another spelling of {rule.value}."
                for name, rule in RUN_IF_SPELLINGS.items()
            ],
        }
    ),
]
ErrorName: TypeAlias = Annotated[
    str,
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "enum": ["throttling", "infrastructure", "timeout", "any"],
                    "enumDescriptions": [
                        "The service has too many calls for the moment.",
                        "The service, or the machine that it ran on, failed.",
                        "The operation took longer than its timeout; only with idempotent: true.",
                        "Everything that may be retried, exceptions of your own code too.",
                    ],
                },
                {"type": "string", "examples": ["States.TaskFailed"]},
            ]
        }
    ),
]
SparedError: TypeAlias = Annotated[
    str,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": ["throttling", "infrastructure", "timeout"]},
                {"type": "string", "examples": ["ValidationError"]},
            ]
        }
    ),
]
_OUTPUT_KEYS: dict[str, Any] = {
    "value": {"description": "The value, an expression over $result and $ops as a rule."},
    "default": {"description": "What stands for it where it gives nothing; without a default the job fails then."},
    "type": {
        "enum": list(OUTPUT_TYPES),
        "description": "What it must be. An array is a list for any number of values, one and none included.",
    },
    "sensitive": {
        "type": "boolean",
        "description": "True hides its value where outputs are stored or shown, and leaves it out of the session's result.",
    },
}
OutputValue: TypeAlias = Annotated[
    Any,
    WithJsonSchema(
        {"anyOf": [{"type": "object", "properties": _OUTPUT_KEYS, "required": ["value"], "additionalProperties": False}, {}]}
    ),
]
"""The value of an output, or more about it."""
