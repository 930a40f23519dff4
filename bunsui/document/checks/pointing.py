"""Where in a file a place inside an expression stands."""

from __future__ import annotations

from dataclasses import replace

from bunsui.diagnostics import Diagnostic
from bunsui.model.values import Expression


def point_into(finding: Diagnostic, expression: Expression, offset: int) -> Diagnostic:
    """Return the finding moved from the value's beginning to the place inside it, where both stand on the same line."""
    position = finding.position
    assert position is not None
    before, _, _ = expression.text[:offset].rpartition("\n")
    start = finding.excerpt.find(expression.text.split("\n")[0], position.column - 1)
    if before or start < 0 or not expression.text.split("\n")[0]:
        return finding
    return replace(finding, position=replace(position, column=start + offset + 1))
