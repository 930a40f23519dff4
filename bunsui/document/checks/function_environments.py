"""What Lambda does not take as environment variables, known from the files (`bunsui.kinds.constraints.environment`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.checks.tags import place_broken, without_placeholders
from bunsui.document.named_functions import FUNCTIONS
from bunsui.document.operation_tree import operation_spots
from bunsui.document.yaml.tree import Document, Path
from bunsui.kinds.constraints.environment import broken_environment
from bunsui.model.json import Json
from bunsui.model.values import Value
from bunsui.operations.contract import OperationType

_GIVEN = ("environment", "secrets")


def check_environments(
    document: Document, data: Mapping[str, Json], registry: Mapping[str, OperationType]
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the variables of the pipeline's functions; the data may be of any shape. What is not known yet
    counts as nothing."""
    for path, code in _functions(data, registry):
        given = {key: part for key in _GIVEN if isinstance(part := code.get(key), Mapping)}
        variables = {
            name: without_placeholders(value, "") if isinstance(value, str) else ""
            for part in given.values()
            for name, value in part.items()
        }
        for broken in broken_environment(variables):
            key = next((key for key in given if broken.member in given[key]), next(iter(given), ""))
            yield place_broken(document, broken, (*path, key))


def _functions(
    data: Mapping[str, Json], registry: Mapping[str, OperationType]
) -> Iterator[tuple[Path, Mapping[str, Value]]]:  # fmt: skip
    for name, code in _members(data.get(FUNCTIONS)):
        yield (FUNCTIONS, name), code
    for job, entry in _members(data.get("jobs")):
        for spot in operation_spots(entry.get("operations"), registry):
            own = spot.entry.get("code")
            if spot.type == "lambda" and isinstance(own, Mapping):
                yield ("jobs", job, "operations", *spot.path, "code"), own


def _members(value: Json) -> Iterator[tuple[str, Mapping[str, Value]]]:
    for name, member in value.items() if isinstance(value, Mapping) else ():
        if isinstance(member, Mapping):
            yield name, member
