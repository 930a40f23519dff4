"""A plan as JSON for machines: a public, versioned format, described by `plan_schema`.

Values are whole, sensitive ones apart, which are never in it. What apply alone can know stands as a text in parentheses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from bunsui import __version__
from bunsui.codec.making import ShapeOf
from bunsui.codec.schema import Schema, file_schema
from bunsui.codec.shape import ABSENT, Absent, Keywords, member
from bunsui.codec.writing import to_json
from bunsui.diff.model import ChangeOperation, DiffItem, Section
from bunsui.kinds.registry import kind
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.plan.digest import after_hash, before_hash, change_digest, desired_digest, pipeline_digests
from bunsui.plan.model import Action, Basis, Plan, Reason, ResourceChange, Retirement, Risk
from bunsui.plan.partial import can_apply
from bunsui.plan.saved.saved_plan import checksum, edited
from bunsui.ports.ledger import StateMark
from bunsui.stored_words import StoredForm
from bunsui.view.documents.edits import EditPart, edits_of
from bunsui.view.documents.findings import FindingPart, found_part
from bunsui.view.plan.wording import jsonable, sentence

FORMAT_VERSION = StoredForm.PLAN.format
"""Grows when a reader of the old format could misread the new one; added keys do not count."""

_Instant: TypeAlias = Annotated[datetime, Keywords({"type": "string"}, instead=True)]
_COUNTS = Keywords(
    {
        "type": "object",
        "propertyNames": {"enum": [action.value for action in Action]},
        "additionalProperties": {"type": "integer", "minimum": 1},
    },
    instead=True,
)
_VERIFIED = Keywords(
    {
        "type": "string",
        "format": "date-time",
        "description": "Only of what was not read: when it was last seen to be as applied.",
    },
    instead=True,
)


class PlacePart(ShapeOf[DiffItem], name="place", is_open=True, is_described=False):
    """A place that differs."""

    section: Section = member()
    attribute: str = member()
    subject: str = member("The state, statement or attribute that changes.")
    path: tuple[str, ...] = member()
    operation: ChangeOperation = member()
    text: str = member("The change in words, shortened.", of=None)
    before: Json | Absent = member("Absent when the place was added.", of=None, default=ABSENT)
    after: Json | Absent = member("Absent when the place was removed.", of=None, default=ABSENT)


class RetirementPart(ShapeOf[Retirement], is_open=True):
    """Why something that is no longer wanted stays; null for everything else."""

    since: _Instant | None = member("Null when this plan retires it.")
    until: _Instant | None = member("The earliest time of its deletion.")
    running: tuple[str, ...] = member()
    redrivable: tuple[str, ...] = member()
    unknown: str = member("Why nobody could tell what needs it.")
    is_over: bool = member("True when this plan deletes it.")


class ChangePart(ShapeOf[ResourceChange], name="change", is_open=True, is_described=False):
    """A resource with what is to be done."""

    address: Address = member("`kind.pipeline` or `kind.pipeline.name`; stable.")
    kind: str = member(of="address.kind")
    pipeline: str = member(of="address.pipeline")
    name: str = member(of="address.name")
    physical_name: str = member("The name in AWS.")
    action: Action = member()
    reason: Reason = member()
    risk: Risk = member()
    depends_on: tuple[Address, ...] = member()
    diff: tuple[PlacePart, ...] = member(of=None)
    drift: tuple[PlacePart, ...] = member(of=None)
    note: str = member()
    newly_allowed: tuple[tuple[str, str], ...] = member(
        "Pairs of action and resource that a role is newly allowed; of a new one, what gives power."
    )
    creates: Annotated[Mapping[str, Json] | None, Keywords({"type": ["object", "null"]}, instead=True)] = member(
        "All attributes of a new resource.", of=None
    )
    retirement: RetirementPart | None = member()
    before_hash: str = member("Of what AWS has; empty for nothing.", of=None)
    after_hash: str = member("Of what the repository wants; empty for nothing.", of=None)
    revision: str = member("The live revision that the plan saw.", of=None)
    verified_at: Annotated[datetime, _VERIFIED] | Absent = member(of=None, default=ABSENT)


class StateMarkPart(ShapeOf[StateMark], is_open=True):
    """Which state the plan was made from, and how many applies it had seen."""

    lineage: str = member()
    serial: Annotated[int, Keywords({"minimum": 0})] = member()


class BasisPart(ShapeOf[Basis], is_open=True):
    """What the files are compared with; null when it is AWS."""

    revision: str = member()
    commit: str = member()
    to: str | Absent = member("The revision whose files these are; empty for the checkout's.", default=ABSENT)
    environment: str | Absent = member("The other environment; empty where it is a commit.", default=ABSENT)


class PlanDocument(
    ShapeOf[Plan], version=FORMAT_VERSION, is_open=True, schema_order=("format_version", "id", "written_by", "checksum")
):
    """What `bunsui plan --json` prints, and `bunsui plan --out FILE` saves."""

    project: str = member(of="scope.project")
    project_id: str = member(of="scope.project_id")
    environment: str = member(of="scope.environment")
    account: str = member(of="scope.account")
    region: str = member(of="scope.region")
    commit: str = member("With `*` when the tree was dirty; empty outside git.")
    as_of: datetime = member()
    complete: bool = member("False when only some pipelines were planned, or when this is a part of a plan.")
    can_apply: bool = member("There is something to do that nothing forbids.", of=None)
    state: StateMarkPart = member(of="mark")
    select: tuple[str, ...] | None = member("The planned pipelines; null for all.")
    refresh: Literal["full", "touched", "hinted", "none"] = member("How much of AWS was read.")
    basis: BasisPart | None | Absent = member(default=ABSENT)
    at_once: bool = member("True when what is removed is deleted without being retired first.")
    digest: str = member("Two plans that change the same things from and to the same values share it.", of=None)
    digests: Mapping[str, str] | Absent = member(
        "The same of each pipeline that changes, by its name. `digest` is the digest of these.", of=None, default=ABSENT
    )
    desired_digest: str = member("Of everything that the repository wants, changed or not.", of=None)
    counts: Annotated[Mapping[str, int], _COUNTS] = member(of=None)
    changes: tuple[ChangePart, ...] = member(of=None)
    edits: Mapping[str, tuple[EditPart, ...] | None] | Absent = member(
        "By pipeline, what was edited in its file; null where no earlier text of it was kept.", of=None, default=ABSENT
    )
    findings: tuple[FindingPart, ...] = member(of=None)
    id: str | Absent = member("Only in a saved plan: it is applied once.", of=None, default=ABSENT)
    written_by: str | Absent = member("Only in a saved plan: the version of bunsui that wrote it.", of=None, default=ABSENT)
    made_by: str | Absent = member("Only in a saved plan: ARN of who made it.", of=None, default=ABSENT)
    checksum: str | Absent = member("Only in a saved plan: SHA-256 of the rest.", of=None, default=ABSENT)


def plan_document(plan: Plan, **saved: str) -> PlanDocument:
    """Return the plan as one document; `saved` are the members that only a saved plan has."""
    return PlanDocument.of(
        plan,
        can_apply=can_apply(plan),
        digest=change_digest(plan),
        digests=dict(sorted(pipeline_digests(plan).items())),
        desired_digest=desired_digest(plan),
        counts={action.value: count for action, count in plan.counts().items()},
        changes=tuple(map(_change, plan.changes)),
        edits=edits_of(plan),
        findings=tuple(map(found_part, plan.diagnostics)),
        **saved,
    )


def plan_file(plan: Plan, plan_id: str, *, made_by: str = "") -> dict[str, Json]:
    """Return the document of a saved plan: the plan with an id, who made it where that is known, the version that wrote it and
    a checksum."""
    known = {"made_by": made_by} if made_by else {}
    document = to_json(plan_document(plan, id=plan_id, written_by=__version__, **known))
    return {**document, "checksum": checksum(document)}


def check_shown(document: Mapping[str, Json], plan: Plan) -> None:
    """Compare what the file shows of each change that is still to be done with what would be shown now.

    Raises:
        Refused: `plan-edited`.

    """
    rows = document["changes"]
    shown = {row["address"]: row for row in rows if isinstance(row, Mapping)} if isinstance(rows, Sequence) else {}
    for change in plan.pending:
        row = shown.get(str(change.address))
        now: dict[str, Json] = json.loads(json.dumps(to_json(_change(change))))  # through text, since a file knows no tuples
        said = change.desired or change.applied
        if isinstance(row, Mapping) and said is not None and said.lifecycle.ignore:
            now["revision"] = row.get("revision")  # it also tells of what belongs to others; the rest was compared
        if now != row:
            raise edited("it shows something else of a resource than would be done", resource=change.address)
    told = document.get("edits")
    if isinstance(told, Mapping):  # what an older bunsui saved has none
        known = json.loads(json.dumps(_edits_json(plan)))
        for name in {change.address.pipeline for change in plan.pending}:
            if told.get(name) != known.get(name):
                raise edited("it shows other edits of a pipeline than there are", pipeline=name)


def plan_schema() -> Schema:
    """Return the JSON Schema of `plan --json`."""
    return file_schema("bunsui plan", PlanDocument, ChangePart, PlacePart, EditPart, FindingPart)


def _edits_json(plan: Plan) -> dict[str, Json]:
    edits = edits_of(plan)
    return {} if edits is ABSENT else {name: None if each is None else [*map(to_json, each)] for name, each in edits.items()}


def _change(change: ResourceChange) -> ChangePart:
    actual = change.actual
    return ChangePart.of(
        change,
        diff=tuple(map(_place, change.diff.items)),
        drift=tuple(map(_place, change.drift)),
        creates=_created(change),
        before_hash=before_hash(change),
        after_hash=after_hash(change.desired),
        revision=actual.revision if actual is not None else "",
        verified_at=actual.verified_at if actual is not None and actual.is_assumed and actual.verified_at else ABSENT,
    )


def _created(change: ResourceChange) -> Mapping[str, Json] | None:
    """All attributes of a new resource, since there is nothing to differ from; None for every other change."""
    if change.action is not Action.CREATE or change.desired is None:
        return None
    hidden = {attribute.name for attribute in kind(change.address.kind).attributes if attribute.sensitive}
    values = change.desired.attributes
    return {name: "(sensitive)" if name in hidden else jsonable(value) for name, value in values.items()}


def _place(item: DiffItem) -> PlacePart:
    return PlacePart.of(
        item,
        text=sentence(item).text,
        before=ABSENT if item.operation is ChangeOperation.ADDED else jsonable(item.before),
        after=ABSENT if item.operation is ChangeOperation.REMOVED else jsonable(item.after),
    )
