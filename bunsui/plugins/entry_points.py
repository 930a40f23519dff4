"""Operation types of installed packages, from the entry-point group `bunsui.operations`.

A plugin's `pyproject.toml` says ``[project.entry-points."bunsui.operations"]`` and ``my_type = "my_package.types:TYPE"``, where
`TYPE` is an `OperationType`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

from bunsui.errors import InvalidInput
from bunsui.operations.contract import OperationType

OPERATIONS_GROUP = "bunsui.operations"


def operation_plugins() -> Sequence[EntryPoint]:
    """List the installed operation plugins by name, importing none of them. What is installed later, the next process finds."""
    return _found_on(tuple(sys.path))


@lru_cache(maxsize=8)
def _found_on(_path: tuple[str, ...]) -> Sequence[EntryPoint]:
    # Every installed package is looked at, which takes longer than a small project takes to be read.
    return sorted(entry_points(group=OPERATIONS_GROUP), key=lambda point: point.name)


def load_operation(point: EntryPoint) -> OperationType:
    """Import one plugin; InvalidInput, naming its package, when it cannot be imported or is not an operation type."""
    package = point.dist.name if point.dist else "unknown"
    try:
        loaded = point.load()
    except Exception as error:
        raise InvalidInput(
            "plugin-broken",
            "an installed plugin could not be imported",
            hint=f"Repair or uninstall the package {package}.",
            plugin=point.name,
            package=package,
            error=f"{type(error).__name__}: {error}",
        ) from error
    if not isinstance(loaded, OperationType):
        raise InvalidInput(
            "plugin-not-an-operation",
            "an installed plugin does not give an OperationType",
            hint=f"Tell the authors of {package}; see CONTRIBUTING, 'Add an operation type'.",
            plugin=point.name,
            package=package,
        )
    return loaded
