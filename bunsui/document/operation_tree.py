"""The operations of one job as they stand in the file, nested ones included: where each is, its id, and what ran before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bunsui.document.yaml.tree import Path
from bunsui.model.json import Json
from bunsui.model.values import Value
from bunsui.operations.contract import OperationType


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One operation in the file."""

    path: Path
    """From the job's `operations`."""
    id: str
    """Its own, or made from its type: unique in the job where the file's own ids are."""
    type: str
    """Empty when the file says none."""
    is_named: bool
    """True when the id stands in the file."""
    entry: Mapping[str, Value]
    """What the file says of it."""
    before: tuple[tuple[str, str], ...]
    """Id and type of the operations whose results it can read; the last one's is `$result`."""


def operation_spots(entries: Value, registry: Mapping[str, OperationType]) -> tuple[Spot, ...]:
    """Return every operation of a job, in the order of the file; the data may be of any shape."""
    found = list(_walk(entries, registry, ()))
    ids = _ids([entry for _, entry in found])
    named = {path: name for (path, _), name in zip(found, ids, strict=True)}
    kinds = {path: _type(entry) for path, entry in found}
    return tuple(
        Spot(
            path=path,
            id=named[path],
            type=kinds[path],
            is_named=isinstance(entry.get("id"), str),
            entry=entry,
            before=tuple((named[other], kinds[other]) for other in _before(path, named)),
        )
        for path, entry in found
    )


def nested_lists(operation_type: OperationType, entry: Mapping[str, Value]) -> Iterator[tuple[Path, Sequence[Value]]]:
    """Return every list of operations inside an operation, with its path from the operation."""
    for pattern in operation_type.operation_lists:
        yield from _matching(entry, pattern, ())


def _walk(
    entries: Value, registry: Mapping[str, OperationType], path: Path
) -> Iterator[tuple[Path, Mapping[str, Value]]]:  # fmt: skip
    for index, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
        if not isinstance(entry, Mapping):
            continue
        here = (*path, index)
        yield here, entry
        operation_type = registry.get(_type(entry))
        if operation_type is not None:
            for inner, listed in nested_lists(operation_type, entry):
                yield from _walk(listed, registry, (*here, *inner))


def _matching(value: Value, pattern: Sequence[str], path: Path) -> Iterator[tuple[Path, Sequence[Value]]]:
    if not pattern:
        if isinstance(value, (list, tuple)):
            yield path, value
    elif pattern[0] == "*":
        for index, entry in enumerate(value if isinstance(value, (list, tuple)) else ()):
            yield from _matching(entry, pattern[1:], (*path, index))
    elif isinstance(value, Mapping) and pattern[0] in value:
        yield from _matching(value[pattern[0]], pattern[1:], (*path, pattern[0]))


def _before(path: Path, named: Mapping[Path, str]) -> Iterator[Path]:
    """Return the earlier entries of the operation's own list, after those of the lists around it."""
    for length, step in enumerate(path):
        if isinstance(step, int) and path[: length + 1] in named:
            yield from ((*path[:length], earlier) for earlier in range(step) if (*path[:length], earlier) in named)


def _ids(entries: Sequence[Mapping[str, Value]]) -> list[str]:
    taken = {name for entry in entries if isinstance(name := entry.get("id"), str)}
    ids: list[str] = []
    for entry in entries:
        own = entry.get("id")
        if not isinstance(own, str):
            kind = _type(entry) or "operation"
            own, number = kind, 2
            while own in taken:
                own, number = f"{kind}-{number}", number + 1
            taken.add(own)
        ids.append(own)
    return ids


def _type(entry: Mapping[str, Value]) -> str:
    kind = entry.get("type")
    return kind if isinstance(kind, str) else ""


def assigned_variables(value: Json) -> set[str]:
    """Return the variables that states anywhere in the value assign."""
    if isinstance(value, Mapping):
        own = value.get("Assign")
        return {
            *(own if isinstance(own, Mapping) else ()),
            *(name for inner in value.values() for name in assigned_variables(inner)),
        }
    return {name for inner in value for name in assigned_variables(inner)} if isinstance(value, (list, tuple)) else set()
