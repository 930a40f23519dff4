"""Small definitions for tests of the validator."""

from __future__ import annotations

from typing import Any

from bunsui.asl.validation.finding import DefinitionFinding
from bunsui.asl.validation.validate import validate
from bunsui.asl.validation.views import Kind


def machine(*, top: dict[str, Any] | None = None, **states: Any) -> dict[str, Any]:
    """Return a definition of these states, starting at the first."""
    return {"StartAt": next(iter(states)), "States": states, **(top or {})}


def jsonata(**states: Any) -> dict[str, Any]:
    """Return a definition in JSONata."""
    return machine(top={"QueryLanguage": "JSONata"}, **states)


def task(**fields: Any) -> dict[str, Any]:
    """Return a Task that ends."""
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True, **fields}


def passing(**fields: Any) -> dict[str, Any]:
    """Return a Pass that ends."""
    return {"Type": "Pass", "End": True, **fields}


def told(definition: Any, kind: Kind = "STANDARD") -> list[tuple[str, str]]:
    """Return code and AWS's place of every finding."""
    return [(finding.code, finding.aws_location or "") for finding in validate(definition, kind=kind)]


def only(definition: Any, kind: Kind = "STANDARD") -> DefinitionFinding:
    """Return the one finding that there is."""
    (finding,) = validate(definition, kind=kind)
    return finding
