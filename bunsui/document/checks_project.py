"""References between pipeline files: unique names, pipelines that start other pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bunsui.diagnostics import Diagnostic
from bunsui.document.tree import Document
from bunsui.model.pipeline import Pipeline
from bunsui.operations.contract import OperationType


def check_together(
    loaded: Sequence[tuple[Document, Pipeline | None]], registry: Mapping[str, OperationType]
) -> tuple[Diagnostic, ...]:
    """Give the findings about all pipeline files together."""
    return ()
