"""Reads a saved plan back from its file.

The file is `plan --json` with an id and a checksum. Only what apply checks is read; the rest is for people and other programs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, get_args

from bunsui.codec.reading import from_json
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.errors import InvalidInput
from bunsui.kinds.registry import stored_address
from bunsui.model.json import Json
from bunsui.plan.digest import rows_digest
from bunsui.plan.model import Action, Reason, Risk
from bunsui.plan.saved.saved_plan import SavedChange, SavedPlan, checksum, edited
from bunsui.ports.ledger import StateMark
from bunsui.stored_words import StoredForm, StoredItem, written_by

LONGEST_BYTES = 64 * 1024 * 1024
"""A plan of five thousand machines stays below; a larger file is a mistake."""


_ID = re.compile("[0-9A-Za-z-]{1,64}")
_Refresh = Literal["full", "touched", "hinted"]
"""How much was read of what may be applied; a plan that read nothing is shown only."""


class _State(Shape):
    lineage: str = member()
    serial: int = member()


class _Change(Shape):
    address: str = member()
    action: str = member()
    reason: str | Absent = member(default=ABSENT)
    risk: str | Absent = member(default=ABSENT)
    before_hash: str = member()
    after_hash: str = member()
    revision: str = member()


class _File(Shape):
    id: str = member()
    checksum: str = member()
    project: str = member()
    project_id: str = member()
    environment: str = member()
    account: str = member()
    region: str = member()
    commit: str = member()
    as_of: datetime = member()
    state: _State = member()
    select: tuple[str, ...] | None = member()
    refresh: _Refresh = member()
    basis: Literal[None] | Absent = member(default=ABSENT)
    """Only what was compared with AWS is ever applied."""
    at_once: bool = member()
    digest: str = member()
    desired_digest: str = member()
    changes: tuple[_Change, ...] = member()


def plan_document(content: bytes) -> dict[str, Json]:
    """Return the JSON object that the file holds.

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
    """Return the saved plan that the document holds.

    Raises:
        InvalidInput: it is not a saved plan.
        Refused: it was edited, or is one of a newer bunsui.

    """
    item = StoredItem(name="the plan file", written_by=written_by(document.get("written_by")))
    version = document.get("format_version")
    if not isinstance(version, int) or version < 1:
        raise _not_a_plan("it has no format_version")
    item.check_format(version, StoredForm.PLAN)
    if "checksum" not in document:
        raise _not_a_plan("it has no checksum: save the plan with `bunsui plan --out FILE`")
    try:
        _check_refresh(document, item)
        file = from_json(_File, document)
        changes = tuple(_change(row, item) for row in file.changes)
    except ValueError as error:
        raise _not_a_plan(str(error)) from error
    if not _ID.fullmatch(file.id):
        raise _not_a_plan("id: should be up to 64 letters, digits and hyphens")
    pending = tuple(change for change in changes if change.action is not Action.NO_OP)
    if checksum(document) != file.checksum or file.digest not in _digests(pending):
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
        select=file.select,
        refresh=file.refresh,
        at_once=file.at_once,
        digest=file.digest,
        desired=file.desired_digest,
        changes=pending,
    )


def _digests(changes: Sequence[SavedChange]) -> tuple[str, str]:
    """Return the digest of these changes, and the one that was written before pipelines had digests of their own."""
    rows = sorted(change.row for change in changes)
    flat = hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()
    return rows_digest(rows), flat


def _check_refresh(document: Mapping[str, Json], item: StoredItem) -> None:
    refresh = document.get("refresh")
    if isinstance(refresh, str):
        item.word("refresh", refresh, (*get_args(_Refresh), "none"))


def _change(row: _Change, item: StoredItem) -> SavedChange:
    if row.reason is not ABSENT and row.reason:
        item.member("reason", row.reason, Reason)
    if row.risk is not ABSENT and row.risk:
        item.member("risk", row.risk, Risk)
    return SavedChange(
        address=stored_address(row.address, item),
        action=item.member("action", row.action, Action),
        before=row.before_hash,
        after=row.after_hash,
        revision=row.revision,
    )


def _not_a_plan(why: str) -> InvalidInput:
    return InvalidInput("not-a-plan", "the file is not a saved plan", hint="Save one:\n  bunsui plan --out plan.json", why=why)
