"""A saved plan as its file tells it, for reading: no account, no project. Nothing of it is ever applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.codec.reading import from_json
from bunsui.codec.shape import ABSENT
from bunsui.diagnostics import Acceptance, Diagnostic, Position
from bunsui.diff.author import AuthorEdit
from bunsui.diff.model import DiffItem, ResourceDiff
from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Unknown
from bunsui.plan.model import AuthorDiff, Plan, ResourceChange, Retirement
from bunsui.plan.saved.planfile import plan_document, saved_plan
from bunsui.plan.saved.saved_plan import SavedPlan
from bunsui.view.documents.edits import EditPart
from bunsui.view.documents.findings import FindingPart
from bunsui.view.documents.plan import ChangePart, PlacePart, PlanDocument, RetirementPart
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.wording import jsonable

_LATER = jsonable(Unknown())
"""What is written of a value that only apply can know."""
_MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What showing a value of another form than bunsui writes raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A saved plan that was read."""

    name: str
    """The file, as it was named."""
    document: Mapping[str, Json]
    saved: SavedPlan
    """What an apply of it is checked against."""
    plan: Plan
    """What the file shows; of what changes only the changed places are known."""
    made_by: str
    """ARN of who made it, as the file says; empty where it does not."""
    written_by: str
    """The version of bunsui that wrote it; empty where the file does not say."""


def read_plan_file(content: bytes, name: str) -> PlanFile:
    """Read a saved plan for showing it.

    Raises:
        InvalidInput: `not-a-plan`.
        Refused: `plan-edited`, or it is one of a newer bunsui.

    """
    document = plan_document(content)
    saved = saved_plan(document)
    try:
        told = from_json(PlanDocument, document)
        plan = _shown_plan(told, saved)
        for context in (0, 1):
            plan_view(plan, context=context)
    except _MALFORMED as error:
        hint = "Save one:\n  bunsui plan --out plan.json"
        raise InvalidInput("not-a-plan", "the file is not a saved plan", hint=hint, why=str(error)) from error
    return PlanFile(
        name=name,
        document=document,
        saved=saved,
        plan=plan,
        made_by="" if told.made_by is ABSENT else told.made_by,
        written_by="" if told.written_by is ABSENT else told.written_by,
    )


def _shown_plan(told: PlanDocument, saved: SavedPlan) -> Plan:
    scope = Scope(
        project=told.project,
        environment=told.environment,
        account=told.account,
        region=told.region,
        project_id=told.project_id,
    )
    edits = {} if told.edits is ABSENT else told.edits
    return Plan(
        scope=scope,
        as_of=told.as_of,
        commit=told.commit,
        changes=tuple(map(_change, told.changes)),
        diagnostics=tuple(map(_finding, told.findings)),
        complete=told.complete,
        mark=saved.mark,
        select=told.select,
        refresh=told.refresh,
        at_once=told.at_once,
        edits={name: None if each is None else AuthorDiff(edits=tuple(map(_edit, each))) for name, each in edits.items()},
        saved_as=saved.id,
        saved_digest=saved.digest,
    )


def _change(part: ChangePart) -> ResourceChange:
    created = None
    if part.creates is not None:
        created = DesiredResource(address=part.address, physical_name=part.physical_name, attributes=part.creates)
    return ResourceChange(
        address=part.address,
        physical_name=part.physical_name,
        action=part.action,
        reason=part.reason,
        risk=part.risk,
        diff=ResourceDiff(items=tuple(map(_place, part.diff))),
        drift=tuple(map(_place, part.drift)),
        desired=created,
        depends_on=part.depends_on,
        note=part.note,
        newly_allowed=part.newly_allowed,
        retirement=_retirement(part.retirement) if part.retirement is not None else None,
    )


def _retirement(part: RetirementPart) -> Retirement:
    return Retirement(
        since=part.since,
        until=part.until,
        running=part.running,
        redrivable=part.redrivable,
        unknown=part.unknown,
        is_over=part.is_over,
    )


def _place(part: PlacePart) -> DiffItem:
    return DiffItem(
        section=part.section,
        attribute=part.attribute,
        subject=part.subject,
        path=part.path,
        operation=part.operation,
        before=None if part.before is ABSENT else part.before,
        after=None if part.after is ABSENT else Unknown() if part.after == _LATER else part.after,
    )


def _edit(part: EditPart) -> AuthorEdit:
    return AuthorEdit(
        part=part.part,
        name=part.name,
        operation=part.operation,
        path=part.path,
        edit=part.edit,
        before=None if part.before is ABSENT else part.before,
        after=None if part.after is ABSENT else part.after,
        inherited_by=part.inherited_by,
    )


def _finding(part: FindingPart) -> Diagnostic:
    position = None
    if part.file is not None:
        position = Position(part.file, part.line or 1, part.column or 1)
    accepted = None if part.accepted is ABSENT or part.accepted is None else Acceptance(reason=part.accepted)
    return Diagnostic(
        code=part.code,
        severity=part.severity,
        summary=part.summary,
        detail=part.detail,
        hint=part.hint,
        subject=part.subject,
        position=position,
        pointer=part.pointer,
        accepted=accepted,
    )
