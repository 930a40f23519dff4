"""What expressions read of results that those have not, by an operation's type, AWS's model, or the foreach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bunsui.document.checks.results import Operation, ResultModels, unknown_field, unknown_of_items
from bunsui.document.operation_tree import Spot
from bunsui.operations.contract import OperationType

Told = tuple[str, str]
"""What is wrong, and a hint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResults:
    """The results that expressions of one job read."""

    registry: Mapping[str, OperationType]
    results: ResultModels | None
    spots: Sequence[Spot]
    """The operations of the job."""

    def find_unknown(self, operation: str, path: tuple[str, ...], shown: str) -> Told | None:
        """Return what a path reads of the result of the operation of that id, which has it not; None where nothing is wrong."""
        spot = next((spot for spot in self.spots if spot.id == operation), None)
        if spot is None or not path:
            return None
        unknown = self.results.unknown_member(spot.entry, path) if self.results is not None else None
        kind = self.registry.get(spot.type)
        if kind is not None and kind.open_result_with and spot.entry.get(kind.open_result_with[0]) == kind.open_result_with[1]:
            return None
        unknown = unknown or unknown_field(kind, path)
        return None if unknown is None else (f"{shown} has no field {unknown[0]}", unknown[1])

    def unknown_of_items(self, path: tuple[str, ...], foreach: Operation, shown: str) -> Told | None:
        """Return the same of the list of the results of a foreach, whose `output` is the last operation's."""
        unknown = unknown_of_items(path, foreach)
        if unknown is not None:
            return f"{shown} has no field {unknown[0]}", unknown[1]
        last = [spot.id for spot in self.spots if len(spot.path) == 1][-1:]
        return self.find_unknown(last[0], path[1:], f"{shown}.output") if path[:1] == ("output",) and last else None
