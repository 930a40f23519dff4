"""References inside one pipeline file: everything that a schema cannot see."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diagnostics import Diagnostic
from bunsui.document.interpolation import Filled
from bunsui.document.tree import Document
from bunsui.operations.contract import OperationType


def check_pipeline(document: Document, filled: Filled, registry: Mapping[str, OperationType]) -> tuple[Diagnostic, ...]:
    """Give every finding about references; the data may be of any shape."""
    return ()
