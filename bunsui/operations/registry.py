"""All operation types by name: built-ins, imported when they are first asked for, and those of plugins beside them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from bunsui.operations.contract import OperationType

BUILTIN: Mapping[str, str] = MappingProxyType(
    {
        "lambda": "lambda_function",
        "ecs_task": "ecs_task",
        "pipeline": "pipeline",
        "step_function": "step_function",
        "wait": "wait",
        "choice": "choice",
        "check": "check",
        "sns_publish": "sns_publish",
        "sqs_send": "sqs_send",
        "dynamodb": "dynamodb",
        "s3": "s3",
        "aws": "aws",
        "asl": "asl",
    }
)
"""Name -> module of this package that holds it as `TYPE`."""

NEIGHBOURS: Mapping[str, str] = MappingProxyType(
    {
        "aws_lambda": "lambda",
        "function": "lambda",
        "python": "lambda",
        "ecs": "ecs_task",
        "fargate": "ecs_task",
        "container": "ecs_task",
        "docker": "ecs_task",
        "sleep": "wait",
        "delay": "wait",
        "sns": "sns_publish",
        "sqs": "sqs_send",
        "ddb": "dynamodb",
        "dynamo": "dynamodb",
        "aws_sdk": "aws",
        "sdk": "aws",
        "stepfunctions": "step_function",
        "state_machine": "step_function",
        "states": "asl",
        "raw": "asl",
        "if": "choice",
        "switch": "choice",
        "branch": "choice",
        "assert": "check",
        "quality": "check",
        "sub_pipeline": "pipeline",
        "child": "pipeline",
    }
)
"""What people write who know another tool -> our name."""


class Registry(Mapping[str, OperationType]):
    """Operation types by name, in the order in which they were added; immutable."""

    def __init__(self, extra: Mapping[str, OperationType] | None = None) -> None:
        """Hold the built-in types, then `extra`; ValueError when an extra type bears a name that is taken or not its own."""
        self._extra: Mapping[str, OperationType] = MappingProxyType(dict(extra or {}))
        for name, operation_type in self._extra.items():
            if name in BUILTIN:
                raise ValueError(f"{name} is a built-in operation type")
            if operation_type.name != name:
                raise ValueError(f"the operation type {operation_type.name} cannot be registered as {name}")

    def __getitem__(self, name: str) -> OperationType:
        """Give the type of that name, importing a built-in one when it is first asked for; KeyError when there is none."""
        if name in self._extra:
            return self._extra[name]
        return _builtin(name)

    def __iter__(self) -> Iterator[str]:
        """Give the names; imports nothing."""
        yield from BUILTIN
        yield from self._extra

    def __len__(self) -> int:
        """Give how many there are; imports nothing."""
        return len(BUILTIN) + len(self._extra)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a type of that name; imports nothing."""
        return name in BUILTIN or name in self._extra

    def with_types(self, extra: Mapping[str, OperationType]) -> Registry:
        """Give a registry that also knows these types; ValueError when a name is taken."""
        taken = next((name for name in extra if name in self._extra), None)
        if taken is not None:
            raise ValueError(f"{taken} is registered already")
        return Registry({**self._extra, **extra})

    def suggest(self, name: str) -> str | None:
        """Give the name that was probably meant, None when nothing is near."""
        plain = name.strip().lower().replace("-", "_").replace(" ", "_")
        if plain in self:
            return plain
        if plain in NEIGHBOURS:
            return NEIGHBOURS[plain]
        near = difflib.get_close_matches(plain, list(self), n=1, cutoff=0.6)
        return near[0] if near else None


@cache
def builtin_registry() -> Registry:
    """Give the registry of the types that come with bunsui."""
    return Registry()


@cache
def _builtin(name: str) -> OperationType:
    # Deferred: the types bring pydantic, which `--help` and the first frame of the terminal UI do without.
    module = import_module(f"bunsui.operations.{BUILTIN[name]}")
    found = module.TYPE
    assert isinstance(found, OperationType), f"{module.__name__}.TYPE is not an operation type"
    return found
