"""The JSON Schemas as they are published, in the package or the checkout: what files are checked with where no plugin adds."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PIPELINE = "pipeline-v1"
PROJECT = "project-v1"
TESTS = "tests-v1"
DURATIONS = "durations-v1"
PLACEHOLDER_PATTERN = r"\$\{[^}]+\}"
"""A text with `${…}` in it, which may stand for any value until it is filled in."""

Schema = dict[str, Any]


@cache
def published(name: str) -> Schema | None:
    """Return the published schema of that name, from the package or the checkout; None when it is in neither."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "published", here.parents[3] / "schemas"):
        try:
            loaded: Schema = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        return loaded
    return None


def operation_names(schema: Schema) -> list[str]:
    """Return the operation types that a pipeline schema knows."""
    names: list[str] = schema["$defs"]["OperationEntry"]["properties"]["type"]["enum"]
    return names


def operation_definition(name: str) -> str:
    """Return the name of the definition that holds an operation type."""
    return f"operation.{name}"
