"""A plan that failed as a pull-request comment: what is wrong, and no digest, so that nothing can be applied by it."""

from __future__ import annotations

from collections.abc import Iterable

from bunsui.command_line import Invocation
from bunsui.diagnostics import Diagnostic
from bunsui.errors import BunsuiError
from bunsui.plan.marker import PlanMarker
from bunsui.view.commands import completed, labelled_hint
from bunsui.view.plan.comment import LIMIT, cut_lines, escape_text, fenced
from bunsui.view.plan.model import findings
from bunsui.view.plan.text import counted_lines, worth_reading
from bunsui.view.safe import safe, safe_lines


def failed_markdown(
    place: tuple[str, str], error: BunsuiError, found: Iterable[Diagnostic], invocation: Invocation | None = None
) -> str:
    """Return the comment in place of the plan's: the error, the findings, and that nothing of it can be applied. `place` is the
    project and the environment."""
    known = invocation or Invocation()
    marker = PlanMarker(project=place[0], environment=place[1])
    lines = [completed(item, known).text for item in counted_lines(worth_reading(findings(found)))]
    for name, value in error.facts.items():
        lines.extend(f"{name}: {text}" for text in safe_lines(value, limit_lines=40))
    lines.extend(completed(item, known).text for item in labelled_hint(error.hint))
    told = fenced(cut_lines(lines, LIMIT - 2_000)) if lines else ""
    where = f"{escape_text(safe(place[0]))} in {escape_text(safe(place[1]))}, `{error.code}`"
    title = f"### No plan&#58; {escape_text(safe(error.summary))}"
    return f"{marker.text}{title}\n\n{where}. Nothing can be applied until there is a plan again.\n\n{told}"
