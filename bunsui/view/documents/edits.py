"""What authors edited, as JSON: a part of the document of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.diff.author import AuthorEdit, EditedPart, EditOperation
from bunsui.model.json import Json
from bunsui.plan.model import Plan
from bunsui.view.plan.edits import edit_line


class EditPart(ShapeOf[AuthorEdit], name="edit", is_open=True):
    """One edited place of a pipeline's file, in its long form."""

    part: EditedPart = member()
    name: str = member("Of the parameter, schedule, function or job; empty for the pipeline.")
    operation: str = member("Its id, where the job has several and one of them is edited.")
    path: tuple[str, ...] = member()
    edit: EditOperation = member()
    before: Json | Absent = member("Absent when the place was added. The old name of what was renamed.", default=ABSENT)
    after: Json | Absent = member("Absent when the place was removed.", default=ABSENT)
    inherited_by: Annotated[tuple[str, ...], "The jobs that a changed default changes."] = member()
    text: str = member("The edit in words, shortened.", of=None)


def edits_of(plan: Plan) -> Mapping[str, tuple[EditPart, ...] | None] | Absent:
    """Return what was edited by pipeline, None where that is not known; nothing where no pipeline's edits were asked for."""
    if not plan.edits:
        return ABSENT
    return {name: tuple(map(_edit, diff.edits)) if diff is not None else None for name, diff in sorted(plan.edits.items())}


def _edit(edit: AuthorEdit) -> EditPart:
    nothing = {"before": ABSENT} if edit.edit is EditOperation.ADDED else {}
    nothing |= {"after": ABSENT} if edit.edit is EditOperation.REMOVED else {}
    return EditPart.of(edit, text=edit_line(edit).text, **nothing)
