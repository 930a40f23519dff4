"""Operations: common keys to `Operation`, the type's own keys to its params dataclass, code folders to digests."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from bunsui.document.code import read_code
from bunsui.document.lowering_polls import lower_poll
from bunsui.document.operation_tree import nested_lists, operation_spots
from bunsui.document.reading import Lowering
from bunsui.document.tree import Path
from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Operation, Retry
from bunsui.model.values import Value
from bunsui.operations.contract import FunctionCode, OperationType

COMMON_KEYS = frozenset({"id", "type", "timeout", "heartbeat", "retry", "idempotent", "poll"})


def lower_operations(lowering: Lowering, path: Path, value: Value) -> tuple[Operation, ...]:
    """Give the operations of a job; one that cannot be lowered is left out, with findings. `path` leads to the list."""
    names = {spot.path: spot.id for spot in operation_spots(value, lowering.registry)}
    return _OperationList(lowering=lowering, names=names, root=path).lower(value, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _OperationList:
    """The operations of one job, by their paths from the job's list."""

    lowering: Lowering
    names: Mapping[Path, str]
    root: Path

    def lower(self, value: Value, path: Path) -> tuple[Operation, ...]:
        operations = []
        for index, entry in enumerate(value if isinstance(value, (list, tuple)) else ()):
            if isinstance(entry, Mapping):
                operation = self._one(entry, (*path, index))
                if operation is not None:
                    operations.append(operation)
        return tuple(operations)

    def _one(self, entry: Mapping[str, Value], path: Path) -> Operation | None:
        operation_type = self.lowering.registry.get(str(entry.get("type")))
        if operation_type is None:
            return None
        own: Any = entry
        for inner, listed in nested_lists(operation_type, entry):
            own = _replaced(own, inner, self.lower(listed, (*path, *inner)))
        return _operation(self.lowering, (*self.root, *path), own, self.names[path])


def _replaced(value: Any, path: Path, new: object) -> Any:
    """Give the value with the part at the path replaced, the original left as it is."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    copied: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copied[step] = _replaced(copied[step], rest, new)
    return copied


def merged_retry(*layers: object) -> Mapping[str, Value]:
    """Give the keys of all layers, later ones over earlier ones."""
    merged: dict[str, Value] = {}
    for layer in layers:
        if isinstance(layer, Mapping):
            merged.update(layer)
    return merged


def _operation(lowering: Lowering, path: Path, entry: Mapping[str, Value], name: str) -> Operation | None:
    operation_type = lowering.registry[str(entry["type"])]
    fields = {field.name for field in dataclasses.fields(operation_type.params)}
    own = {key: item for key, item in entry.items() if key not in COMMON_KEYS or (key in fields and key != "type")}
    params = _params(lowering, path, operation_type, own)
    if params is None:
        return None
    timeout = None if "timeout" in fields else lowering.duration((*path, "timeout"), entry.get("timeout"))
    if timeout is None and operation_type.default_timeout_seconds is not None:
        timeout = lowering.default_timeout
    operation = Operation(
        id=name,
        type=operation_type.name,
        params=params,
        timeout_seconds=timeout,
        heartbeat_seconds=lowering.duration((*path, "heartbeat"), entry.get("heartbeat")),
        retry=_retry(lowering, path, entry.get("retry")),
        idempotent=lowering.flag((*path, "idempotent"), entry.get("idempotent"), default=False),
        poll=lower_poll(lowering, (*path, "poll"), entry.get("poll"), operation_type),
        position=lowering.document.at(path),
    )
    for found in operation_type.findings(params, operation):
        lowering.findings.append(_placed(lowering, found, path))
    _check_times(lowering, path, operation, operation_type)
    return operation


def _params(lowering: Lowering, path: Path, operation_type: OperationType, own: Mapping[str, Value]) -> Any:
    from pydantic import ValidationError  # deferred: the operation types bring it anyway

    try:
        params = _adapter(cast("Hashable", operation_type.params)).validate_python(dict(own))
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False, include_input=False):
            steps = tuple(step for step in problem["loc"] if _exists(own, problem["loc"], step))
            message = str(problem["msg"]).removeprefix("Value error, ")
            lowering.report("BS109", f"{message[:1].lower()}{message[1:]}", (*path, *steps))
        return None
    except Exception as error:  # noqa: BLE001 (a plugin's dataclass may raise anything on a value that it did not expect)
        lowering.report("BS109", f"the operation cannot be read: {type(error).__name__}: {error}", path)
        return None
    function = operation_type.function(params)
    if function is None:
        return params
    digest = _digest(lowering, path, function)
    return operation_type.with_digest(params, digest) if digest else None


def _placed(lowering: Lowering, found: Any, path: Path) -> Any:
    if found.position is not None:
        return found
    steps = tuple(step for step in found.pointer.split("/")[1:])
    placed = lowering.document.finding(
        found.code, found.summary, (*path, *steps), severity=found.severity, detail=found.detail, hint=found.hint
    )
    return dataclasses.replace(placed, subject=found.subject)


def _exists(own: object, steps: Sequence[int | str], step: int | str) -> bool:
    """Tell whether a step of pydantic's location is one of the document's, not the name of a union's branch."""
    current = own
    for candidate in steps:
        if isinstance(current, Mapping) and candidate in current:
            current = current[str(candidate)]
        elif isinstance(current, (list, tuple)) and isinstance(candidate, int) and candidate < len(current):
            current = current[candidate]
        elif candidate is step:
            return False
        if candidate is step:
            return True
    return False


def _digest(lowering: Lowering, path: Path, function: FunctionCode) -> str:
    at = (*path, "code")
    try:
        return read_code(
            lowering.source,
            function.code.path,
            requirements=function.code.requirements,
            runtime=function.runtime,
            architecture=function.architecture,
        )
    except InvalidInput as error:
        shown = error.facts.get("path", "")
        is_lock = bool(shown) and shown == function.code.requirements
        lowering.report(
            "BS212" if is_lock else "BS211",
            f"{error.summary}: {shown}",
            (*at, "requirements" if is_lock else "path"),
            hint=error.hint or "Paths are relative to the folder of bunsui.yaml.",
        )
        return ""


def _retry(lowering: Lowering, path: Path, value: Value) -> Retry | None:
    merged = merged_retry(lowering.default_retry, value)
    if not merged:
        return None
    at = (*path, "retry")
    errors = merged.get("errors")
    delay = lowering.duration((*at, "delay"), merged.get("delay"))
    return Retry(
        attempts=lowering.whole((*at, "attempts"), merged.get("attempts"), 3),
        delay_seconds=5 if delay is None else delay,
        backoff=lowering.number((*at, "backoff"), merged.get("backoff"), 2.0),
        max_delay_seconds=lowering.duration((*at, "max_delay"), merged.get("max_delay")),
        jitter=lowering.flag((*at, "jitter"), merged.get("jitter"), default=True),
        errors=tuple(str(name) for name in errors) if isinstance(errors, (list, tuple)) else ("throttling", "infrastructure"),
    )


def _check_times(lowering: Lowering, path: Path, operation: Operation, operation_type: OperationType) -> None:
    limit = operation.timeout_seconds or operation_type.default_timeout_seconds
    if operation.timeout_seconds is not None and operation.timeout_seconds <= 0:
        lowering.report("BS113", "timeout must be longer than nothing", (*path, "timeout"))
    if operation.heartbeat_seconds is not None and limit is not None and operation.heartbeat_seconds >= limit:
        lowering.report("BS113", "heartbeat must be shorter than timeout", (*path, "heartbeat"))
    retry = operation.retry
    if retry is not None and "timeout" in retry.errors and not operation.idempotent:
        at: Path = (*path, "retry") if lowering.document.node((*path, "retry")) is not lowering.document.node(path) else path
        lowering.report(
            "BS114",
            "a timeout is retried only when the operation is idempotent",
            at,
            hint="Add idempotent: true when running it twice does no harm; else take timeout out of errors.",
        )


@cache
def _adapter(params: Hashable) -> Any:
    from pydantic import TypeAdapter  # deferred: the operation types bring it anyway

    return TypeAdapter(cast("type[Any]", params))
