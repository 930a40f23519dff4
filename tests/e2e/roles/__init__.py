"""Pipelines with every key and operation type, applied with the roles that are derived for them."""

from __future__ import annotations

from tests.e2e.roles.generated import ANSWERS, Document, pipelines_of_types
from tests.e2e.roles.written import ENDS, WRITTEN, recorded

_CHILD: Document = {
    "parameters": {"m": {"type": "string", "default": "x"}, "date": {"type": "string", "default": "x"}},
    "jobs": {"a": {"type": "wait", "for": "1s"}},
}
__all__ = ["ANSWERS", "ENDS", "all_pipelines"]

CHILDREN = {"pipeline": {"q": _CHILD, "r": _CHILD, "rates": _CHILD}}
"""What pipelines start."""


def all_pipelines() -> dict[str, dict[str, Document]]:
    """Return documents by the name of the pipeline that is run, each with those that it needs."""
    found = {**pipelines_of_types(), **WRITTEN, **recorded()}
    return {name: {name: document, **CHILDREN.get(name, {})} for name, document in found.items()}
