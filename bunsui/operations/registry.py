"""All operation types by name: built-ins, imported when they are first asked for, and those of plugins beside them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType

from bunsui.operations.contract import OperationType


@dataclass(frozen=True, slots=True)
class _Builtin:
    """A type that comes with bunsui, imported when it is first asked for."""

    name: str
    """As the YAML says it."""
    module: str
    """The module of this package that holds it as `TYPE`."""
    elsewhere: tuple[str, ...] = ()
    """What people write who know another tool."""


_EVERY = (
    _Builtin("lambda", "lambda_function", ("aws_lambda", "function", "python")),
    _Builtin("ecs_task", "ecs_task", ("ecs", "fargate", "container", "docker")),
    _Builtin("pipeline", "pipeline", ("sub_pipeline", "child")),
    _Builtin("step_function", "step_function", ("stepfunctions", "state_machine")),
    _Builtin("wait", "wait", ("sleep", "delay")),
    _Builtin("choice", "choice", ("if", "switch", "branch")),
    _Builtin("check", "check", ("assert", "quality")),
    _Builtin("approval", "approval", ("approve", "manual", "pause", "gate", "human")),
    _Builtin("athena_query", "athena_query", ("athena", "sql", "query")),
    _Builtin("http", "http", ("https", "rest", "webhook", "api")),
    _Builtin("fail", "fail", ("raise", "error", "abort")),
    _Builtin("glue_job", "glue_job", ("glue", "glue_start_job_run")),
    _Builtin("sns_publish", "sns_publish", ("sns",)),
    _Builtin("sqs_send", "sqs_send", ("sqs",)),
    _Builtin("dynamodb", "dynamodb", ("ddb", "dynamo")),
    _Builtin("s3", "s3"),
    _Builtin("aws", "aws", ("aws_sdk", "sdk")),
    _Builtin("asl", "asl", ("states", "raw")),
)
BUILTIN: Mapping[str, str] = MappingProxyType({one.name: one.module for one in _EVERY})
"""Name -> module of this package that holds it as `TYPE`."""
NEIGHBOURS: Mapping[str, str] = MappingProxyType({word: one.name for one in _EVERY for word in one.elsewhere})
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
        """Return the type of that name, importing a built-in one when it is first asked for; KeyError when there is none."""
        if name in self._extra:
            return self._extra[name]
        return _builtin(name)

    def __iter__(self) -> Iterator[str]:
        """Return the names; imports nothing."""
        yield from BUILTIN
        yield from self._extra

    def __len__(self) -> int:
        """Return how many there are; imports nothing."""
        return len(BUILTIN) + len(self._extra)

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a type of that name; imports nothing."""
        return name in BUILTIN or name in self._extra

    def with_types(self, extra: Mapping[str, OperationType]) -> Registry:
        """Return a registry that also knows these types; ValueError when a name is taken."""
        taken = next((name for name in extra if name in self._extra), None)
        if taken is not None:
            raise ValueError(f"{taken} is registered already")
        return Registry({**self._extra, **extra})

    def suggest(self, name: str) -> str | None:
        """Return the name that was probably meant, None when nothing is near."""
        plain = name.strip().lower().replace("-", "_").replace(" ", "_")
        if plain in self:
            return plain
        if plain in NEIGHBOURS:
            return NEIGHBOURS[plain]
        near = difflib.get_close_matches(plain, list(self), n=1, cutoff=0.6)
        return near[0] if near else None


@cache
def builtin_registry() -> Registry:
    """Return the registry of the types that come with bunsui."""
    return Registry()


@cache
def _builtin(name: str) -> OperationType:
    # Deferred: the types bring pydantic, which `--help` and the first frame of the terminal UI do without.
    module = import_module(f"bunsui.operations.{BUILTIN[name]}")
    found = module.TYPE
    assert isinstance(found, OperationType), f"{module.__name__}.TYPE is not an operation type"
    return found
