"""What a plan comes to, in one sentence: once in every rendering."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.plan.model import UNREAD, UNTOLD, Action, Plan, Reason
from bunsui.view.plan.assumed import assumed_words
from bunsui.view.spans import Line, Role, Span, line, span

SYMBOLS: Mapping[Action, tuple[str, str, Role]] = {
    Action.NO_OP: (" ", "no change", Role.MUTED),
    Action.CREATE: ("+", "create", Role.CREATE),
    Action.UPDATE: ("~", "update", Role.UPDATE),
    Action.REPLACE: ("±", "replace", Role.REPLACE),
    Action.DELETE: ("-", "delete", Role.DELETE),
    Action.RETIRE: ("○", "retire", Role.REPLACE),
    Action.ADOPT: ("←", "adopt", Role.ADOPT),
    Action.FORGET: ("×", "forget", Role.ADOPT),
    Action.REFUSE: ("!", "refuse", Role.REFUSE),
}
"""For each action the symbol, the word, and the role of both."""
_UNCOMPARED = (span("; nothing was compared", Role.WARNING),)


def summary(plan: Plan, *, pipelines: int, drifted: int) -> Line:
    """Return the counts in one sentence; `pipelines` were looked at, `drifted` resources changed outside."""
    counts = plan.counts()
    if not counts and _is_uncompared(plan):
        return line(span("No changes found", Role.WARNING), *_UNCOMPARED)
    if not counts and any(found.code == UNTOLD for found in plan.diagnostics):
        return line(span("No changes found", Role.WARNING), "; of what has errors where the branch began they cannot be told")
    if not counts and plan.basis is not None:
        return line(span("No changes", Role.OK), " to what the repository compiles to; AWS was not looked at")
    if not counts and not plan.changes and not plan.complete:
        return line(span("No changes", Role.OK), ": no pipeline is concerned")
    if not counts:
        pipelines_text = f"{pipelines} pipeline{'s' if pipelines != 1 else ''}"
        amount = f"{pipelines_text}, {len(plan.changes)} resource{'s' if len(plan.changes) != 1 else ''}"
        unread = sum(1 for change in plan.changes if change.reason is Reason.UNREADABLE)
        if unread:
            return line(span("No changes found", Role.WARNING), f": {amount}, {unread} of which could not be read")
        assumed = assumed_words(plan)
        if assumed:
            return line(span("No changes found", Role.OK), f": {amount}; {assumed}")
        retired = sum(1 for change in plan.changes if change.reason is Reason.RETIRED)
        if retired:
            return line(span("No changes", Role.OK), f": {amount}, {retired} retired, the others as the repository says")
        held = len(plan.interventions.holds.keys() & {change.address.pipeline for change in plan.changes})
        if held:
            return line(
                span("No changes", Role.OK), f": {amount}, {held} held by a rollback, the others as the repository says"
            )
        return line(span("No changes", Role.OK), f": {amount}, all as the repository says")
    parts: list[Span] = []
    for action, (_, word, role) in SYMBOLS.items():
        if action in counts:
            parts += [span(", " if parts else ""), span(_amount(counts[action], action, word), role)]
    outside = [span(f"; {drifted} changed outside bunsui", Role.DRIFT)] if drifted else []
    assumed = assumed_words(plan)
    unseen = [span(f"; {assumed}", Role.MUTED)] if assumed else []
    title = "Plan: " if plan.basis is None else "Changes to the repository, not to AWS: "
    return line(title, *parts, *outside, *unseen, *(_UNCOMPARED if _is_uncompared(plan) else ()))


def basis_words(plan: Plan) -> str:
    """Return what the plan compares the checkout with, when it is not AWS; else nothing."""
    if plan.basis is None:
        return ""
    compared = "not compared" if _is_uncompared(plan) else "compared"
    return f"{compared} with {plan.basis.commit[:12]}, where it left {plan.basis.revision}"


def _is_uncompared(plan: Plan) -> bool:
    return plan.basis is not None and any(found.code == UNREAD for found in plan.diagnostics)


def _amount(count: int, action: Action, word: str) -> str:
    return f"{count} refused" if action is Action.REFUSE else f"{count} to {word}"
