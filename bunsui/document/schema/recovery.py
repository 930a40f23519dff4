"""The shape of `recover`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, WithJsonSchema

from bunsui.document.schema.tests import Entry
from bunsui.document.schema.values import Duration, Id
from bunsui.model.failures import ErrorClass
from bunsui.model.recovery import RULE_STRATEGIES, Strategy

_CLASSES: Mapping[ErrorClass, str] = {
    ErrorClass.THROTTLING: "The service had too many calls for the moment.",
    ErrorClass.TIMEOUT: "Something took longer than it may.",
    ErrorClass.PERMISSION: "A role may not do it.",
    ErrorClass.PAYLOAD: "Data is too large, or has too many items.",
    ErrorClass.DATA: "The input, or an expression over it, was not what is expected.",
    ErrorClass.CODE: "An exception of your own code.",
    ErrorClass.INFRASTRUCTURE: "The service, or the machine that it ran on, failed.",
    ErrorClass.CANCELLED: "Somebody stopped the session; only a rule that names this class is about it.",
    ErrorClass.CONFIGURATION: "Something that is named does not exist, or is not set up as it must be.",
    ErrorClass.MEMORY: "The memory did not suffice.",
    ErrorClass.QUOTA: "As much as the account may have is there.",
}
_STRATEGIES: Mapping[Strategy, str] = {
    Strategy.REDRIVE: "The same execution goes on, with definition and code of then; up to 14 days after its end.",
    Strategy.RESUME: "A new execution runs what is applied now, after the completed jobs.",
    Strategy.RESTART: "A new execution runs what is applied now, from the start.",
    Strategy.RESTART_FROM: "As resume, and `job` runs again with all that depends on it.",
    Strategy.SKIP: "As resume, and the job that failed does not run: `output` stands for what it would give.",
    Strategy.MANUAL: "Nothing starts: `owner` sees to it, by hand.",
}
ErrorWord: TypeAlias = Annotated[
    str,
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "enum": [kind.value for kind in ErrorClass],
                    "enumDescriptions": [_CLASSES[kind] for kind in ErrorClass],
                },
                {"type": "string", "minLength": 1, "examples": ["States.TaskFailed", "KeyError"]},
            ]
        }
    ),
]
StrategyName: TypeAlias = Annotated[
    Literal["redrive", "resume", "restart", "restart-from", "skip", "manual"],
    Field(json_schema_extra={"enumDescriptions": [_STRATEGIES[one] for one in RULE_STRATEGIES]}),
]


class RecoverEntry(Entry):
    """What is done about a session that failed: one rule of a policy."""

    strategy: StrategyName
    """What is done."""
    only: Annotated[list[ErrorWord], Field(min_length=1, max_length=50, json_schema_extra={"uniqueItems": True})] | None = None
    """The failures that the rule is about: classes of errors, or errors by name; any but a stop by hand when left out."""
    attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    """For how many first recoveries of a session the rule is used, whoever began them. After that the next rule that fits
    counts; where there is none, a person sees to it."""
    job: Id | None = None
    """Of restart-from: the job that runs again, with all that depends on it."""
    output: dict[Id, Any] | None = None
    """Of skip: what stands for the outputs that the job declares."""
    owner: str | None = None
    """Of manual: who sees to it; the pipeline's owner when it is left out."""
    note: Annotated[str, Field(max_length=1000)] | None = None
    """Of manual: what that person should know."""
    deadline: Duration | None = None
    """Of manual: how long that may take; lists tell what is overdue."""
    automatic: bool = False
    """True lets it happen without anybody. No resident does that yet."""


Recovery: TypeAlias = RecoverEntry | Annotated[list[RecoverEntry], Field(min_length=1, max_length=20)]
"""One rule, or rules in their order: the first that fits counts."""
