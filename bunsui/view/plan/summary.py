"""What a plan comes to, in one sentence: once in every rendering."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.plan.model import UNREAD, UNTOLD, Action, Basis, Plan, Reason
from bunsui.view.plan.assumed import assumed_words
from bunsui.view.safe import safe
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
        return _nothing_in_files(plan.basis, plan.scope.environment)
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
    return line(f"{title_of(plan)}: ", *parts, *outside, *unseen, *(_UNCOMPARED if _is_uncompared(plan) else ()))


def _nothing_in_files(basis: Basis, environment: str) -> Line:
    if basis.environment:
        said = f" between {safe(basis.environment)} and {safe(environment)}, but for what they are called"
        return line(span("No difference", Role.OK), said)
    return line(span("No changes", Role.OK), " to what the repository compiles to; AWS was not looked at")


def title_of(plan: Plan) -> str:
    """Return what the changes of a plan are changes to."""
    if plan.basis is None:
        return "Plan"
    if plan.basis.environment:
        return f"What makes {safe(plan.basis.environment)} into {safe(plan.scope.environment)}"
    return "Changes to the repository, not to AWS"


def basis_words(plan: Plan) -> str:
    """Return what the plan compares the files with, when it is not AWS; else nothing."""
    basis = plan.basis
    if basis is None:
        return ""
    compared = "not compared" if _is_uncompared(plan) else "compared"
    compared = f"{basis.to} {compared}" if basis.to else compared
    if basis.environment:
        return f"{compared} with {basis.environment}"
    if basis.is_named:
        name = f" ({basis.revision})" if not basis.commit.startswith(basis.revision) else ""
        return f"{compared} with {basis.commit[:12]}{name}"
    return f"{compared} with {basis.commit[:12]}, where it left {basis.revision}"


def _is_uncompared(plan: Plan) -> bool:
    return plan.basis is not None and any(found.code == UNREAD for found in plan.diagnostics)


def _amount(count: int, action: Action, word: str) -> str:
    return f"{count} refused" if action is Action.REFUSE else f"{count} to {word}"
