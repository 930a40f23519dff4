"""Fields that expressions read of the results of operations."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Protocol

from bunsui.model.values import Value
from bunsui.operations.contract import OperationType

Operation = Mapping[str, Value]
"""An operation as the file has it."""


class ResultModels(Protocol):
    """What is known of the results of operations whose type cannot tell it, such as answers of AWS's API."""

    def kind_of(self, operation: Operation, path: tuple[str, ...]) -> str:
        """Return the JSONata type of what a path leads to in an operation's result; empty when nothing is known."""
        ...

    def unknown_member(self, operation: Operation, path: tuple[str, ...]) -> tuple[str, str] | None:
        """Return what a path reads that an operation's result has not, as a sentence's end, and a hint; None when it reads
        nothing of the kind."""
        ...


_OF_ITEMS = ("label", "status", "output")
"""What the result of each item of a foreach can have; `items` where they come in batches, `error` where some may fail."""
_OF_FAILURES = frozenset({"Error", "Cause"})
_OF_OBJECTS = ("Key", "Size", "Etag", "LastModified", "StorageClass")
"""What Step Functions tells of an object that is an item (developer guide, "ItemReader")."""


def unknown_of_items(path: tuple[str, ...], foreach: Operation) -> tuple[str, str] | None:
    """Return the same of what is read of the results of a foreach."""
    if not path or path[0] in _OF_ITEMS:
        return None
    if path[0] == "items" and "batch" not in foreach:
        return "items: without batch each item has a result of its own", "How many there are is $count($result)."
    if path[0] == "error":
        return _unknown_of_failure(path, foreach)
    if path[0] == "items":
        return None
    near = difflib.get_close_matches(path[0], (*_OF_ITEMS, "items", "error"), n=1, cutoff=0.7)
    hint = f"Did you mean {near[0]}?" if near else f"What an item gave is under output: write $result.output.{path[0]}."
    return f"{path[0]}: it is the list of the items' results, each with label, status and output", hint


def _unknown_of_failure(path: tuple[str, ...], foreach: Operation) -> tuple[str, str] | None:
    if "tolerate" not in foreach:
        return (
            "error: without tolerate the first item that fails fails the job",
            "Write tolerate: 10%, or how many items may fail.",
        )
    if len(path) < 2 or path[1] in _OF_FAILURES:
        return None
    return f"{'.'.join(path[:2])}: an item's error has Error and Cause", "error.Error is its name, error.Cause what it says."


def unknown_of_object(path: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the same of an item that is an object in S3."""
    if not path or path[0] in _OF_OBJECTS:
        return None
    small = {name.lower(): name for name in _OF_OBJECTS}
    near = difflib.get_close_matches(path[0].lower(), list(small), n=1, cutoff=0.6)
    hint = f"Did you mean {small[near[0]]}?" if near else f"It has {', '.join(_OF_OBJECTS)}."
    return f"{path[0]}: it is an object as S3 lists it", hint


def unknown_field(operation_type: OperationType | None, path: tuple[str, ...]) -> tuple[str, str] | None:
    """Return the same of a path, by what the type says of its results."""
    fields = operation_type.result_fields if operation_type is not None else None
    if operation_type is None or fields is None or not path:
        return None
    wanted = path[0]
    if wanted in fields:
        return _unknown_entry(operation_type, path)
    near = difflib.get_close_matches(wanted, sorted(fields), n=1, cutoff=0.6)
    if not fields:
        hint = f"{operation_type.name} gives no result."
    else:
        hint = f"Did you mean {near[0]}?" if near else f"It has {', '.join(sorted(fields))}."
    return f"{wanted}: it is the result of a {operation_type.name}", hint


def _unknown_entry(operation_type: OperationType, path: tuple[str, ...]) -> tuple[str, str] | None:
    names = operation_type.result_entries.get(path[0])
    if names is None or len(path) < 2 or path[1] in names:
        return None
    small = {name.lower(): name for name in names}
    near = difflib.get_close_matches(path[1].lower(), list(small), n=1, cutoff=0.6)
    hint = f"Did you mean {small[near[0]]}?" if near else f"It has {', '.join(sorted(names))}."
    return f"{path[0]}.{path[1]}: it is the result of a {operation_type.name}", hint
