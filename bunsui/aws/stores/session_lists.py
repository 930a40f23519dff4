"""The lists that sessions stand in: items beside the row, written in the same transaction, in partitions of their own.

Each list is in the order of the sessions' start, and its items are copies of the row, so that a screen is one query. Where a
copy would be large it holds the keys only, and the row is read. So no secondary index is needed, whose reads would lag.

| partition | what it lists |
|---|---|
| `…#started` | every session |
| `…#status=failed` | those that stand so |
| `…#pipeline=orders` | those of a pipeline |
| `…#date=2026-01-31` | those of a business date |
| `…#commit` | those with a commit, which comes first in the key |
| `…#undescribed` | those of which only a list of executions told |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bunsui.aws.dynamodb import EXPIRES_AT, Item, Scalar
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery

_ALWAYS = ("format", "written_by", EXPIRES_AT)
"""Attributes of the row that its lists hold without a copy, too."""
_LARGEST_COPY = 6_000
"""Bytes of a row above which its lists hold no copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which partition answers a query, and how."""

    partition: str
    prefix: str = ""
    at_least: str = ""
    equal: Mapping[str, Scalar] = field(default_factory=dict)
    """What else the items must have."""
    is_by_start: bool = True


def list_items(base: str, session: Session, attributes: Item) -> Iterator[dict[str, Scalar]]:
    """Return the items of the lists that the session stands in; `attributes` are those that hold the row."""
    body = attributes["body"]
    is_copy = isinstance(body, bytes) and len(body) <= _LARGEST_COPY
    held = attributes if is_copy else {name: attributes[name] for name in _ALWAYS if name in attributes}
    shown: dict[str, Scalar] = {
        "id": session.id,
        "pipeline": session.pipeline,
        "status": session.standing.value,
        "date": session.date,
        "described": int(session.is_described),
    }
    for pk, sk in list_keys(base, session):
        yield {**held, **shown, "pk": pk, "sk": sk}


def list_keys(base: str, session: Session) -> Iterator[tuple[str, str]]:
    """Return the keys of those items."""
    at = f"{instant_key(session.created_at)}#{session.id}"
    yield f"{base}#started", at
    yield f"{base}#status={session.standing.value}", at
    yield f"{base}#pipeline={session.pipeline}", at
    yield f"{base}#date={session.date}", at
    if session.commit:
        yield f"{base}#commit", f"{session.commit}#{at}"
    if not session.is_described:
        yield f"{base}#undescribed", f"{_urgency(session)}#{at}"


def instant_key(at: datetime) -> str:
    """Return an instant as text that sorts by time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def list_query(base: str, query: SessionQuery) -> ListQuery:
    """Return where a query is answered: in the list that is likely to be the shortest."""
    since = instant_key(query.since) if query.since is not None else ""
    wanted: dict[str, str | int | None] = {
        "status": query.status,
        "pipeline": query.pipeline,
        "date": query.date,
        "described": None if query.is_described is None else int(query.is_described),
    }
    equal: dict[str, str | int] = {name: value for name, value in wanted.items() if value is not None}
    if query.commit:
        return ListQuery(partition=f"{base}#commit", prefix=query.commit, equal=equal, is_by_start=False)
    if query.is_described is False:
        return ListQuery(partition=f"{base}#undescribed", equal=equal, is_by_start=False)
    for name in ("date", "status", "pipeline"):
        is_many = name == "status" and query.status == SessionStatus.SUCCEEDED.value and query.pipeline is not None
        if name in equal and not is_many:
            rest = {other: value for other, value in equal.items() if other != name}
            return ListQuery(partition=f"{base}#{name}={equal[name]!s}", at_least=since, equal=rest)
    return ListQuery(partition=f"{base}#started", at_least=since, equal=equal)


def _urgency(session: Session) -> int:
    """Return what comes first of what is to be described: the newest of those that run or failed."""
    return int(session.status is not SessionStatus.SUCCEEDED)
