"""What authors edited since the last apply: a plan's texts of pipelines against those that were kept with what was applied."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bunsui import __version__
from bunsui.diff.author import AuthorEdit, author_edits
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.applied_text import AppliedText
from bunsui.plan.model import Action, AuthorDiff, Plan, Reason, ResourceChange

_BY_THE_FILES = frozenset(
    {Reason.CONFIGURED, Reason.CONFIGURED_AND_DRIFT, Reason.CONFLICT, Reason.NEW, Reason.REMOVED, Reason.RULES}
)  # fmt: skip
"""Reasons that an edit of a file may be behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerTexts:
    """What the files said where a branch began, for pipelines of which no text was kept."""

    commit: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    """By the pipeline's name."""
    applied: frozenset[str] = frozenset()
    """Names of the pipelines whose machines are in AWS as that commit compiles to."""


def asked_texts(plan: Plan) -> tuple[str, ...]:
    """Return the names of the pipelines whose edits are worth knowing: they stay, and their files change something."""
    known = {change.address.pipeline for change in plan.changes if change.applied is not None}
    changed = {change.address.pipeline for change in plan.pending if change.reason in _BY_THE_FILES}
    has_text = {name for name, facts in plan.pipelines.items() if facts.text}
    return tuple(sorted(known & changed & has_text))


def believed_texts(plan: Plan, kept: Mapping[str, AppliedText]) -> Mapping[str, AppliedText]:
    """Return those of the texts that pipelines in AWS were made of.

    One that is older than the pipeline's machine is not: a bunsui that keeps none wrote it since.
    """
    machines = _machines(plan)

    def is_believed(name: str, text: AppliedText) -> bool:
        machine = machines.get(name)
        written_at = machine.applied.written_at if machine is not None and machine.applied is not None else None
        return written_at is None or text.kept_at >= written_at

    return {name: text for name, text in kept.items() if is_believed(name, text)}


def with_author_edits(plan: Plan, kept: Mapping[str, AppliedText], former: FormerTexts = FormerTexts()) -> Plan:
    """Return the plan with what was edited in each pipeline that `asked_texts` names; `kept` are the texts that there are, and
    `former` those that stand in where there are none."""
    machines, believed = _machines(plan), believed_texts(plan, kept)
    edits: dict[str, AuthorDiff | None] = {}
    for name in asked_texts(plan):
        machine = machines.get(name)
        if name in believed:
            edits[name] = _diff(believed[name], plan.pipelines[name].text)
        elif name in former.texts:
            found = tuple(_edits(former.texts[name], plan.pipelines[name].text))
            edits[name] = AuthorDiff(edits=found, since=former.commit, is_whole=name in former.applied)
        elif machine is not None and machine.action is Action.UPDATE:
            edits[name] = None
    return replace(plan, edits=edits)


def machines_as_applied(plan: Plan) -> frozenset[str]:
    """Return the names of the pipelines whose machines the plan leaves as they are."""
    return frozenset(name for name, change in _machines(plan).items() if not change.is_change)


def _machines(plan: Plan) -> Mapping[str, ResourceChange]:
    return {
        change.address.pipeline: change
        for change in plan.changes
        if change.address.kind == MACHINE and change.applied is not None and change.desired is not None
    }


def kept_texts(plan: Plan) -> Mapping[Address, str]:
    """Return the changes with whose success the text of their pipeline is kept, each with the pipeline's text: the machine's,
    or where that does not change the pipeline's last."""
    carriers: dict[str, ResourceChange] = {}
    for change in plan.pending:
        name = change.address.pipeline
        facts = plan.pipelines.get(name)
        if facts is None or not facts.text or (name in carriers and carriers[name].address.kind == MACHINE):
            continue
        if change.address.kind != MACHINE or change.desired is not None:
            carriers[name] = change
    return {change.address: plan.pipelines[name].text for name, change in carriers.items()}


def _diff(before: AppliedText, after: str) -> AuthorDiff:
    another = before.written_by if before.written_by != __version__ else ""
    return AuthorDiff(edits=tuple(_edits(before.text, after)), compiled_by=another)


def _edits(before: str, after: str) -> Iterator[AuthorEdit]:
    if before != after:
        yield from author_edits(json.loads(before), json.loads(after))
