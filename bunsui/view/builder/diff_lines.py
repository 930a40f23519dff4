"""What writing a draft would change, as lines: the diff, and what else is to be known before."""

from __future__ import annotations

from bunsui.document.edit.draft import DraftDiff
from bunsui.view.builder.page import DraftPage
from bunsui.view.spans import Line, Role, line, span

_ROLES = {"+": Role.AFTER, "-": Role.BEFORE, "@": Role.MUTED}


def draft_diff_lines(page: DraftPage, diff: DraftDiff) -> tuple[Line, ...]:
    """Return the diff with its colours; above it, whether the draft is valid."""
    errors = sum(finding.is_error for finding in (*page.findings, *page.others))
    told: list[Line] = []
    if page.is_stale:
        told.append(line(span("✗ the text cannot be read as it is", Role.BAD)))
    elif errors:
        told.append(line(span(f"✗ {errors} error{'s' if errors != 1 else ''}: a plan would be refused", Role.BAD)))
    elif not page.is_checked:
        told.append(line(span("checking … whether a plan would be refused is said here", Role.WARN)))
    else:
        told.append(line(span("✓ valid", Role.GOOD)))
    for step in page.draft.steps[1 : page.draft.at + 1]:
        told += [line(span(f"goes with what was removed: {comment}", Role.WARN)) for comment in step.removed_comments]
    shown = [item for item in diff.lines if not item.startswith(("--- ", "+++ "))]
    return (*told, *([line()] if told else []), *(line(span(item, _ROLES.get(item[:1], Role.TEXT))) for item in shown))
