"""The plan as a reader sees it: pipelines, their resources, and one sentence for each changed place.

One view-model for the command line, the pull-request comment and the terminal UI; it styles by role and knows no colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from bunsui.diagnostics import Acceptance, Diagnostic, Severity
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address, is_pipeline
from bunsui.plan.digest import pipeline_digests, whole_digest
from bunsui.plan.marker import PlanMarker, marker_of
from bunsui.plan.model import OUTSIDE_CHANGES, Action, PipelineFacts, Plan, Reason, ResourceChange, Risk
from bunsui.plan.partial import can_apply, dependents
from bunsui.view.plan.code import CODE, apart, code_line, renewed_functions
from bunsui.view.plan.content import content
from bunsui.view.plan.context import neighbours
from bunsui.view.plan.created import content_lines, created_lines, setting_lines
from bunsui.view.plan.edits import ASK_FOR_STATES, edit_lines, folded, is_told, unworded_line
from bunsui.view.plan.machine_graph import machine_graph
from bunsui.view.plan.summary import SYMBOLS, basis_words, summary
from bunsui.view.plan.wording import kind_words, sentences
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
    created: tuple[Line, ...] = ()
    """Of a new resource, the little of `lines` that a reviewer reads."""
    count: int = 0
    """How many places change, however many lines tell of them."""

    @property
    def is_change(self) -> bool:
        """True when apply has something to do or to refuse."""
        return self.action is not Action.NO_OP

    @property
    def heading(self) -> Line:
        """Symbol, word, title, reason where it says more than the action, and risk."""
        parts = [span(f"{self.symbol} {self.word}", self.role), span(f" {self.title}", Role.STRONG)]
        if self.reason not in _UNSAID:
            parts.append(span(f"  {self.reason.value}", Role.DRIFT if self.reason in OUTSIDE_CHANGES else Role.MUTED))
        if self.action in (Action.CREATE, Action.DELETE, Action.RETIRE):
            parts.append(span(f"  {self.physical_name}", Role.MUTED))
        if self.risk not in _SAID:
            parts.append(span(f"  [{self.risk.value}]", Role.RISK))
        return line(*parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingLine:
    """One diagnostic, for reading."""

    severity: Severity
    role: Role
    code: str
    summary: Safe
    place: Safe
    """`file:line:column` or an address; empty when it is about the whole project."""
    detail: Safe
    hint: str
    """Still foreign, and of several lines where it offers commands: see `bunsui.view.commands.hint_lines`."""
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
    title: Safe
    """For people; empty when its file says none."""
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
    edits: tuple[Line, ...]
    """What its author edited, one line a place; empty where nobody knows, or it is something else that changed."""
    notes: tuple[Line, ...]
    """Facts about the pipeline as a whole, such as waits that the DAG does not ask for."""
    settings: tuple[Line, ...]
    """What a new pipeline is made with, beyond what it does, for a reader who is not shown its resources."""
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
    findings: tuple[FindingLine, ...]
    complete: bool
    """False when only some pipelines were planned, or when this is a part of a plan."""
    selected: tuple[Safe, ...]
    """The names of those; empty when all were."""
    can_apply: bool
    left: tuple[Line, ...]
    """The pipelines that an apply would leave as they are since they need one that is refused, each with what it needs."""
    digests: tuple[str, ...]
    """Of each pipeline that changes, as in the plan: `digest` proves them."""
    basis: Safe
    """What the checkout is compared with, in words; empty for AWS."""
    unworded: Line | None
    """Which pipelines are told by state as no text of theirs was kept; None when all are told in their authors' words."""
    digest: str
    """Of all changes together: two plans share it exactly when they change the same things in the same way. Empty without a
    change."""
    summary: Line
    """The counts in one sentence: once in every rendering."""
    marker: PlanMarker
    """What tells its comment from others, and what an apply takes from it."""


_UNSAID = frozenset({Reason.IN_SYNC, Reason.ASSUMED, Reason.CONFIGURED, Reason.NEW, Reason.REMOVED, Reason.NOT_OURS})
"""Reasons that the action itself, or the row's note, already says."""
_SAID = frozenset({Risk.NONE, Risk.COSMETIC, Risk.RETIRES, Risk.REPLACES, Risk.DESTROYS})
"""Risks that are none, or that the action's own word already says."""


def plan_view(plan: Plan, *, context: int = 0, states: bool = False, ask_for_states: str = ASK_FOR_STATES) -> PlanView:
    """Return the view of a plan; `context` is how many unchanged neighbours are shown on each side of a changed field.

    Changed states that follow from what an author edited are folded into a line that ends with `ask_for_states`, unless
    `states`, or a context, asks for them.
    """
    by_pipeline: dict[str, list[ResourceChange]] = {}
    for change in plan.changes:
        by_pipeline.setdefault(change.address.pipeline, []).append(change)
    remarks, renewed = _remarks(plan.diagnostics), renewed_functions(plan)
    digests = tuple(pipeline_digests(plan).values())

    def folding(change: ResourceChange) -> str | None:
        told = not states and not context and is_told(change, plan.edits.get(change.address.pipeline))
        return ask_for_states if told else None

    nodes = tuple(
        _node(
            name,
            tuple(
                resource_row(
                    change, context=context, remarks=remarks, renewed=renewed, as_of=plan.as_of, folding=folding(change)
                )
                for change in changes
            ),
            changes,
            plan,
            renewed,
        )
        for name, changes in by_pipeline.items()
    )
    drifted = sum(1 for change in plan.changes if change.drift or change.reason in OUTSIDE_CHANGES)
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
        can_apply=can_apply(plan),
        left=_left(plan),
        digests=digests,
        basis=safe(basis_words(plan)),
        unworded=unworded_line(plan),
        digest=whole_digest(digests) if plan.pending else "",
        summary=summary(plan, pipelines=sum(1 for name in by_pipeline if is_pipeline(name)), drifted=drifted),
        marker=marker_of(plan, digests),
    )


def _left(plan: Plan) -> tuple[Line, ...]:
    return tuple(
        line(span(f"! leaves {pipeline} as it is, too: ", Role.REFUSE), span(f"it needs {need}"))
        for pipeline, need in dependents(plan).items()
    )


def resource_row(
    change: ResourceChange,
    *,
    context: int = 0,
    remarks: Mapping[str, tuple[Safe, ...]] = MappingProxyType({}),
    renewed: Mapping[str, Address] = MappingProxyType({}),
    as_of: datetime | None = None,
    folding: str | None = None,
) -> ResourceRow:
    """Return the view of one change; `remarks` are by address, `renewed` as `plan_code.renewed_functions` gives them, `as_of`
    is when the plan was made, for the next starts of a new schedule. With `folding`, changed states are one line that ends
    with it."""
    symbol, word, role = SYMBOLS[change.action]
    lines, shown, count = list[Line](), set[str](), 0
    if change.action is Action.CREATE and change.desired is not None:
        lines.extend(content_lines(change.desired))
    else:
        own, calls = apart(change.diff.items, renewed)
        count = len(own) + len(calls)
        own, follows = folded(own, folding) if folding is not None else (own, ())
        for item, said in sentences(own):
            around = [] if not context else neighbours(change, item, context)
            lines.append((code_line(change) if item.attribute == CODE else None) or said)
            lines.extend(extra.indented(2) for extra in around if extra.text not in shown)
            shown.update(extra.text for extra in around)
        lines.extend((*follows, *calls))
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
        created=_created(change, as_of),
        count=count,
    )


def _created(change: ResourceChange, as_of: datetime | None) -> tuple[Line, ...]:
    if change.action is not Action.CREATE or change.desired is None or as_of is None:
        return ()
    return created_lines(change.desired, as_of=as_of)


def _remarks(diagnostics: Iterable[Diagnostic]) -> Mapping[str, tuple[Safe, ...]]:
    """Return what only informs, by the address that it concerns."""
    found: dict[str, tuple[Safe, ...]] = {}
    for diagnostic in diagnostics:
        is_told = diagnostic.severity is Severity.INFO and diagnostic.accepted is None
        if is_told and diagnostic.position is None and diagnostic.subject:
            found[diagnostic.subject] = (*found.get(diagnostic.subject, ()), safe(diagnostic.summary))
    return found


def findings(diagnostics: Iterable[Diagnostic]) -> tuple[FindingLine, ...]:
    """Return the diagnostics for reading, the gravest first, else in their order."""
    gravest = sorted(diagnostics, key=lambda found: list(Severity).index(found.severity))
    return tuple(_finding(found) for found in gravest)


def _finding(found: Diagnostic) -> FindingLine:
    place = str(found.position) if found.position is not None else found.subject
    return FindingLine(
        severity=found.severity,
        role=SEVERITY_ROLES[found.severity],
        code=found.code,
        summary=safe(found.summary),
        place=safe(place),
        detail=safe(found.detail),
        hint=found.hint,
        pipeline=found.subject.split(".")[1] if "." in found.subject else "",
        accepted=found.accepted,
    )


def _node(
    name: str,
    rows: tuple[ResourceRow, ...],
    changes: Sequence[ResourceChange],
    plan: Plan,
    renewed: Mapping[str, Address],
) -> PipelineNode:
    action = _whole(changes)
    facts = plan.pipelines.get(name)
    symbol, word, role = SYMBOLS[action]
    return PipelineNode(
        name=safe(name),
        title=safe(facts.about.title if facts else "", limit=60),
        path=safe(facts.path if facts else ""),
        action=action,
        symbol=symbol,
        word=word,
        role=role,
        rows=rows,
        edits=edit_lines(plan.edits.get(name)) if any(row.is_change for row in rows) else (),
        notes=(
            *(_switched_off(facts) if facts else ()),
            *(_notes(facts) if facts and any(map(_shapes, changes)) else ()),
        ),
        settings=tuple(setting_lines(changes)) if action is Action.CREATE else (),
        graph=next((machine_graph(change, plan, renewed) for change in changes if _shapes(change)), ""),
        content=safe(content(changes)),
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
    return change.address.kind == MACHINE and (change.reason is Reason.NEW or "definition" in change.diff.attributes)


def _switched_off(facts: PipelineFacts) -> tuple[Line, ...]:
    return () if facts.enabled else (line(span("switched off by enabled: false; nothing starts it", Role.WARN)),)


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
