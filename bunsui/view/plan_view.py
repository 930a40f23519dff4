"""The plan as a reader sees it: pipelines, their resources, and one sentence for each changed place.

One view-model for the command line, the pull-request comment and the terminal UI; it styles by role and knows no colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bunsui.diagnostics import Acceptance, Diagnostic, Severity
from bunsui.model.resource import Address, DesiredResource
from bunsui.plan.definitions import every_state
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Action, PipelineFacts, Plan, Reason, ResourceChange, Risk
from bunsui.view.plan_context import neighbours
from bunsui.view.plan_graph import plan_mermaid
from bunsui.view.plan_summary import SYMBOLS, basis_words, summary
from bunsui.view.plan_words import attribute_words, kind_words, permission, sentences, shorten
from bunsui.view.safe import Safe, safe
from bunsui.view.spans import Line, Role, line, span

SEVERITY_ROLES: Mapping[Severity, Role] = {
    Severity.ERROR: Role.ERROR,
    Severity.WARNING: Role.WARNING,
    Severity.INFO: Role.INFO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRow:
    """One resource of the plan."""

    address: Address
    """Its identity, for selecting; show `title`, which is safe."""
    action: Action
    reason: Reason
    risk: Risk
    symbol: str
    word: str
    role: Role
    """The role of symbol and word."""
    title: Safe
    """What it is called in its pipeline, such as `function extract.fetch`."""
    physical_name: Safe
    lines: tuple[Line, ...]
    """One for each changed place; for a new resource, what it will be."""
    drift: tuple[Line, ...]
    """One for each place that somebody changed outside."""
    note: Safe
    remarks: tuple[Safe, ...] = ()
    """What is worth knowing of this change and needs nobody's attention, such as sessions that go on with the old version."""

    @property
    def is_change(self) -> bool:
        """True when apply has something to do or to refuse."""
        return self.action is not Action.NO_OP

    @property
    def heading(self) -> Line:
        """Symbol, word, title, reason where it says more than the action, and risk."""
        parts = [span(f"{self.symbol} {self.word}", self.role), span(f" {self.title}", Role.STRONG)]
        if self.reason not in _UNSAID:
            parts.append(span(f"  {self.reason.value}", Role.DRIFT if self.reason in _DRIFTED else Role.MUTED))
        if self.action in (Action.CREATE, Action.DELETE, Action.RETIRE):
            parts.append(span(f"  {self.physical_name}", Role.MUTED))
        if self.risk not in _SAID:
            parts.append(span(f"  [{self.risk.value}]", Role.RISK))
        return line(*parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One diagnostic, for reading."""

    severity: Severity
    role: Role
    code: str
    summary: Safe
    place: Safe
    """`file:line:column` or an address; empty when it is about the whole project."""
    detail: Safe
    hint: Safe
    pipeline: str
    """The pipeline that it concerns; empty when none is known."""
    accepted: Acceptance | None = None
    """Why it is lived with; then it is shown folded."""

    @property
    def heading(self) -> Line:
        """Severity, code, place and summary on one line."""
        place = [span(f"{self.place}: ", Role.STRONG)] if self.place else []
        return line(span(f"{self.severity.value} {self.code}", self.role), " ", *place, span(self.summary))


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineNode:
    """One pipeline of the plan."""

    name: Safe
    path: Safe
    """Its file; empty when the repository no longer has it."""
    action: Action
    """What happens to the pipeline as a whole: create when all is new, delete when all goes, refuse when anything is
    refused, no-op when nothing changes, else update."""
    symbol: str
    word: str
    role: Role
    rows: tuple[ResourceRow, ...]
    """Every resource, also those without a change."""
    notes: tuple[Line, ...]
    """Facts about the pipeline as a whole, such as waits that the DAG does not ask for."""
    graph: str
    """Its machine before and after as a Mermaid flowchart; empty when its definition does not change, or is too large."""
    content: Safe
    """What it is made of: `1 state machine with 7 states, 2 functions, …`."""

    @property
    def changed(self) -> tuple[ResourceRow, ...]:
        """The rows that apply would act on or refuse."""
        return tuple(row for row in self.rows if row.is_change)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The whole plan, for reading."""

    project: Safe
    environment: Safe
    account: Safe
    region: Safe
    commit: Safe
    as_of: Safe
    """RFC 3339."""
    counts: Mapping[Action, int]
    """How many changes of each action, no-ops left out."""
    resources: int
    """How many resources were looked at."""
    drifted: int
    """How many of them were changed outside."""
    pipelines: tuple[PipelineNode, ...]
    findings: tuple[Finding, ...]
    complete: bool
    """False when only some pipelines were planned."""
    selected: tuple[Safe, ...]
    """The names of those; empty when all were."""
    can_apply: bool
    basis: Safe
    """What the checkout is compared with, in words; empty for AWS."""
    digest: str
    """Of all changes together: two plans share it exactly when they change the same things in the same way. Empty without a
    change."""
    summary: Line
    """The counts in one sentence; the first and the last line of every rendering."""


_UNSAID = frozenset({Reason.IN_SYNC, Reason.ASSUMED, Reason.CONFIGURED, Reason.NEW, Reason.REMOVED, Reason.NOT_OURS})
"""Reasons that the action itself, or the row's note, already says."""
_SAID = frozenset({Risk.NONE, Risk.COSMETIC, Risk.RETIRES, Risk.REPLACES, Risk.DESTROYS})
"""Risks that are none, or that the action's own word already says."""
_DRIFTED = frozenset(
    {Reason.DRIFT, Reason.CONFIGURED_AND_DRIFT, Reason.CONFLICT, Reason.REMOVED_AND_DRIFT, Reason.DELETED_OUTSIDE}
)


def plan_view(plan: Plan, *, context: int = 0) -> PlanView:
    """Give the view of a plan; `context` is how many unchanged neighbours are shown on each side of a changed field."""
    by_pipeline: dict[str, list[ResourceChange]] = {}
    for change in plan.changes:
        by_pipeline.setdefault(change.address.pipeline, []).append(change)
    remarks = _remarks(plan.diagnostics)
    nodes = tuple(
        _node(name, tuple(resource_row(change, context=context, remarks=remarks) for change in changes), changes, plan)
        for name, changes in by_pipeline.items()
    )
    drifted = sum(1 for change in plan.changes if change.drift or change.reason in _DRIFTED)
    return PlanView(
        project=safe(plan.scope.project),
        environment=safe(plan.scope.environment),
        account=safe(plan.scope.account),
        region=safe(plan.scope.region),
        commit=safe(plan.commit),
        as_of=safe(plan.as_of.isoformat(timespec="seconds")),
        counts=plan.counts(),
        resources=len(plan.changes),
        drifted=drifted,
        pipelines=nodes,
        findings=findings(plan.diagnostics),
        complete=plan.complete,
        selected=tuple(map(safe, plan.select or ())),
        can_apply=plan.can_apply,
        basis=safe(basis_words(plan)),
        digest=change_digest(plan) if plan.pending else "",
        summary=summary(plan, pipelines=len(nodes), drifted=drifted),
    )


def resource_row(
    change: ResourceChange, *, context: int = 0, remarks: Mapping[str, tuple[Safe, ...]] = MappingProxyType({})
) -> ResourceRow:
    """Give the view of one change; `remarks` are by address."""
    symbol, word, role = SYMBOLS[change.action]
    lines: list[Line] = []
    if change.action is Action.CREATE and change.desired is not None:
        lines.extend(_content_lines(change.desired))
    else:
        shown: set[str] = set()
        for item, said in sentences(change.diff.items):
            around = [] if not context else neighbours(change, item, context)
            lines.append(said)
            lines.extend(extra.indented(2) for extra in around if extra.text not in shown)
            shown.update(extra.text for extra in around)
    name = f" {change.address.name}" if change.address.name else ""
    return ResourceRow(
        address=change.address,
        action=change.action,
        reason=change.reason,
        risk=change.risk,
        symbol=symbol,
        word=word,
        role=role,
        title=safe(f"{kind_words(change.address.kind)}{name}"),
        physical_name=safe(change.physical_name),
        lines=tuple(lines),
        drift=tuple(said for _, said in sentences(change.drift)),
        note=safe(change.note),
        remarks=remarks.get(str(change.address), ()),
    )


def _remarks(diagnostics: Iterable[Diagnostic]) -> Mapping[str, tuple[Safe, ...]]:
    """Give what only informs, by the address that it concerns."""
    found: dict[str, tuple[Safe, ...]] = {}
    for diagnostic in diagnostics:
        is_told = diagnostic.severity is Severity.INFO and diagnostic.accepted is None
        if is_told and diagnostic.position is None and diagnostic.subject:
            found[diagnostic.subject] = (*found.get(diagnostic.subject, ()), safe(diagnostic.summary))
    return found


def findings(diagnostics: Iterable[Diagnostic]) -> tuple[Finding, ...]:
    """Give the diagnostics for reading, the gravest first, else in their order."""
    gravest = sorted(diagnostics, key=lambda found: list(Severity).index(found.severity))
    return tuple(_finding(found) for found in gravest)


def _finding(found: Diagnostic) -> Finding:
    place = str(found.position) if found.position is not None else found.subject
    return Finding(
        severity=found.severity,
        role=SEVERITY_ROLES[found.severity],
        code=found.code,
        summary=safe(found.summary),
        place=safe(place),
        detail=safe(found.detail),
        hint=safe(found.hint),
        pipeline=found.subject.split(".")[1] if "." in found.subject else "",
        accepted=found.accepted,
    )


def _node(name: str, rows: tuple[ResourceRow, ...], changes: Sequence[ResourceChange], plan: Plan) -> PipelineNode:
    action = _whole(changes)
    facts = plan.pipelines.get(name)
    symbol, word, role = SYMBOLS[action]
    return PipelineNode(
        name=safe(name),
        path=safe(facts.path if facts else ""),
        action=action,
        symbol=symbol,
        word=word,
        role=role,
        rows=rows,
        notes=_notes(facts) if facts and any(map(_shapes, changes)) else (),
        graph=next((_graph(change) for change in changes if _shapes(change)), ""),
        content=safe(_content(changes)),
    )


def _whole(changes: Sequence[ResourceChange]) -> Action:
    actions = {change.action for change in changes}
    if Action.REFUSE in actions:
        return Action.REFUSE
    if Action.RETIRE in actions and all(change.desired is None for change in changes):
        return Action.RETIRE
    if actions <= {Action.DELETE, Action.FORGET}:
        return Action.DELETE if Action.DELETE in actions else Action.FORGET
    if len(actions) == 1:
        return next(iter(actions))
    return Action.UPDATE


def _shapes(change: ResourceChange) -> bool:
    """True when the change gives a pipeline's DAG its form: then, what the form costs is worth saying."""
    return change.address.kind == "state_machine" and (change.reason is Reason.NEW or "definition" in change.diff.attributes)


def _graph(change: ResourceChange) -> str:
    before = change.actual.attributes.get("definition") if change.actual is not None else None
    after = change.desired.attributes.get("definition") if change.desired is not None else None
    return plan_mermaid(before, after)


def _notes(facts: PipelineFacts) -> tuple[Line, ...]:
    notes = [
        line(
            span(f"job {wait.job} also waits for {wait.waits_for}, since Step Functions joins branches as a whole", Role.MUTED)
        )
        for wait in facts.synthetic_waits
    ]
    if facts.makespan > facts.critical_path > 0:
        slower = round((facts.makespan / facts.critical_path - 1) * 100)
        if slower:
            notes.append(line(span(f"these waits make the longest path {slower} % longer", Role.MUTED)))
    return tuple(notes)


def _content(changes: Sequence[ResourceChange]) -> str:
    counts: dict[str, int] = {}
    states = 0
    for change in changes:
        if change.action is not Action.FORGET:
            counts[change.address.kind] = counts.get(change.address.kind, 0) + 1
        attributes = change.desired.attributes if change.desired else {}
        states += sum(1 for _ in every_state(attributes.get("definition")))
    words = []
    for kind, count in counts.items():
        text = f"{count} {kind_words(kind)}{'s' if count > 1 else ''}"
        words.append(f"{text} with {states} state{'s' if states != 1 else ''}" if kind == "state_machine" and states else text)
    return ", ".join(words)


def _content_lines(desired: DesiredResource) -> list[Line]:
    lines: list[Line] = []
    for name, value in desired.attributes.items():
        words = attribute_words(name)
        if name == "definition":
            names = [name for name, _ in every_state(value)]
            more = f" and {len(names) - 12} more" if len(names) > 12 else ""
            lines.append(line(f"{len(names)} states: ", span(", ".join(names[:12]) + more, Role.AFTER)))
        elif isinstance(value, Mapping) and isinstance(statements := value.get("Statement"), (list, tuple)):
            lines.extend(line(f"{words} ", span(permission(item), Role.AFTER)) for item in statements)
        elif value not in (None, "", {}, [], ()):
            lines.append(line(f"{words}: ", span(shorten(value), Role.AFTER)))
    return lines
