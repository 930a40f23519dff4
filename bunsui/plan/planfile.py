"""Reads a saved plan back from its file.

The file is `plan --json` with an id and a checksum. Only what apply checks is read; the rest is for people and other programs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bunsui.errors import InvalidInput
from bunsui.model.resource import parse_address
from bunsui.model.values import Json
from bunsui.plan.digest import rows_digest
from bunsui.plan.model import Action
from bunsui.plan.saved import SavedChange, SavedPlan, checksum, edited
from bunsui.ports.ledger import StateMark

FORMAT_VERSION = 1
LONGEST_BYTES = 64 * 1024 * 1024
"""A plan of five thousand machines stays below; a larger file is a mistake."""


class _State(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    lineage: str
    serial: Annotated[int, Field(ge=0)]


class _Change(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    address: str
    action: str
    before_hash: str
    after_hash: str
    revision: str


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    format_version: Literal[1]
    id: Annotated[str, Field(pattern="^[0-9A-Za-z-]{1,64}$")]
    checksum: str
    project: str
    project_id: str
    environment: str
    account: str
    region: str
    commit: str
    as_of: Annotated[AwareDatetime, Field(strict=False)]
    state: _State
    select: list[str] | None
    refresh: Literal["full", "touched", "hinted"]
    basis: None = None
    """Only what was compared with AWS is ever applied."""
    at_once: bool
    digest: str
    desired_digest: str
    changes: list[_Change]


def plan_document(content: bytes) -> dict[str, Json]:
    """Give the JSON object that the file holds.

    Raises:
        InvalidInput: it holds none.

    """
    try:
        document = json.loads(content) if len(content) <= LONGEST_BYTES else None
    except (ValueError, RecursionError) as error:
        raise _not_a_plan(f"it is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise _not_a_plan("it holds no JSON object, or is too large")
    return document


def saved_plan(document: Mapping[str, Json]) -> SavedPlan:
    """Give what the document promises.

    Raises:
        InvalidInput: it is not a saved plan, or one of another bunsui.
        Refused: it was edited.

    """
    if document.get("format_version") != FORMAT_VERSION:
        raise _not_a_plan("it has a format that this bunsui does not know")
    if "checksum" not in document:
        raise _not_a_plan("it has no checksum: save the plan with `bunsui plan --out FILE`")
    try:
        file = _File.model_validate(document)
        changes = tuple(_change(row) for row in file.changes)
    except ValidationError as error:
        first = error.errors()[0]
        raise _not_a_plan(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from error
    except ValueError as error:
        raise _not_a_plan(str(error)) from error
    pending = tuple(change for change in changes if change.action is not Action.NO_OP)
    if checksum(document) != file.checksum or rows_digest(change.row for change in pending) != file.digest:
        raise edited("its checksum does not fit what it says")
    return SavedPlan(
        id=file.id,
        project=file.project,
        project_id=file.project_id,
        environment=file.environment,
        account=file.account,
        region=file.region,
        commit=file.commit,
        as_of=file.as_of,
        mark=StateMark(lineage=file.state.lineage, serial=file.state.serial),
        select=tuple(file.select) if file.select is not None else None,
        refresh=file.refresh,
        at_once=file.at_once,
        digest=file.digest,
        desired=file.desired_digest,
        changes=pending,
    )


def _change(row: _Change) -> SavedChange:
    return SavedChange(
        address=parse_address(row.address),
        action=Action(row.action),
        before=row.before_hash,
        after=row.after_hash,
        revision=row.revision,
    )


def _not_a_plan(why: str) -> InvalidInput:
    return InvalidInput("not-a-plan", "the file is not a saved plan", hint="Save one:\n  bunsui plan --out plan.json", why=why)
