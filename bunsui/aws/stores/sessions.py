"""Session rows in DynamoDB; what finds them stands beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice

from bunsui.aws.dynamodb import EXPIRES_AT, Condition, DynamoDBClient, Item, Scalar
from bunsui.aws.stores.item import chunks, stamp, stored_item
from bunsui.aws.stores.session_documents import session_document, session_in
from bunsui.aws.stores.session_expiry import SessionExpiry
from bunsui.aws.stores.session_lists import instant_key, list_items, list_keys, list_query
from bunsui.errors import Conflict, InvalidInput, Missing
from bunsui.model.resource import Scope
from bunsui.model.session import Attempt, Session
from bunsui.ports.session_rows import KnownExecution, SessionQuery, Watermark
from bunsui.stored_words import StoredForm

_PAGE = 200
"""Items of a page where some are left out by what else is asked."""
FOR_EVER = SessionExpiry()
_READY = "ready"
_THREADS = 8


class DynamoDBSessionRepository:
    """Implements `bunsui.ports.session_rows.SessionRepository`: an item for each session, by its id, and beside it in one
    transaction items for its lists (`session_lists`), its executions and its intent."""

    def __init__(self, client: DynamoDBClient, scope: Scope, *, expiry: SessionExpiry = FOR_EVER) -> None:
        """Make it for a scope, with how long ended sessions are kept."""
        self._client = client
        self._expiry = expiry
        self._base = f"{scope.project}#{scope.environment}#sessions"
        self._is_ready = False

    def add(self, session: Session) -> None:
        """Store a new row; Conflict when its id, its intent or one of its executions has a row. One that ended before what is
        kept leaves nothing."""
        if self._expiry.is_over(self._expiry.attributes(session)):
            return
        puts = [
            (item, self._expiry.free()) for item in (self._row(session), *self._executions(session), *self._intent(session))
        ]
        lists = [(item, None) for item in list_items(self._base, session, self._row(session))]
        try:
            self._client.write([*puts, *lists])
        except Conflict as error:
            raise Conflict("session-exists", "there is a session with this id already", session=session.id) from error

    def save(self, session: Session) -> Session:
        """Replace the row if its `row_version` is still the stored one; give it back with the new version.

        Raises:
            Conflict: somebody else wrote the row first, or it is gone, or another row has its intent.

        """
        return self._replace(session)

    def merge(self, session: Session, gone: Session) -> Session:
        """Replace the row as `save` does, and remove the other in the same step."""
        return self._replace(session, gone=gone)

    def get(self, session_id: str) -> Session | None:
        """Return the row, None when there is none."""
        item = self._client.get(self._base, session_id)
        return session_in(item) if item is not None and not self._expiry.is_over(item) else None

    def find(self, query: SessionQuery) -> Sequence[Session]:
        """Return matching rows, newest start first; empty when the table does not exist yet."""
        if not self._ready():
            return self._search_rows(query)
        where = list_query(self._base, query)
        items = self._client.query(
            where.partition,
            prefix=where.prefix,
            at_least=where.at_least,
            newest_first=True,
            equal=where.equal,
            page_size=max(query.limit, _PAGE) if where.equal else query.limit,
        )
        since = instant_key(query.since) if query.since is not None and not where.is_by_start else ""
        found = self._whole(
            list(islice((item for item in items if _start(item) >= since and not self._expiry.is_over(item)), query.limit))
        )
        return sorted(found, key=_order, reverse=True) if not where.is_by_start and query.commit else found

    def find_prefix(self, prefix: str, *, limit: int = 2) -> Sequence[Session]:
        """Return rows whose id begins with the prefix, newest first."""
        items = self._client.query(self._base, prefix=prefix, newest_first=True, page_size=limit)
        return [session_in(item) for item in islice(self._expiry.without_expired(items), limit)]

    def known(self, execution_arns: Collection[str]) -> Mapping[str, KnownExecution]:
        """Return what is known of these executions, by ARN."""
        partition = f"{self._base}#executions"
        items = self._client.get_all([(partition, _execution_key(arn)) for arn in execution_arns])
        return {str(item["sk"]).partition("#")[2]: _known_execution(item) for item in self._expiry.without_expired(items)}

    def named(self, execution_name: str) -> Sequence[str]:
        """Return the ids of the sessions that have an execution of this name."""
        items = self._client.query(f"{self._base}#executions", prefix=f"{execution_name}#")
        return list(dict.fromkeys(_known_execution(item).session_id for item in self._expiry.without_expired(items)))

    def intended(self, intents: Collection[str]) -> Mapping[str, str]:
        """Return the ids of the sessions of these intents, a hundred a call."""
        items = self._client.get_all([(f"{self._base}#intents", intent) for intent in intents if intent])
        return {str(item["sk"]): _intent_owner(item) for item in self._expiry.without_expired(items)}

    def watermarks(self) -> Mapping[str, Watermark]:
        """Return how far machines were looked at, by the machine's ARN."""
        items = self._client.query(f"{self._base}#watermarks")
        return {mark.machine_arn: mark for mark in map(_watermark, items)}

    def keep(self, watermark: Watermark) -> None:
        """Store it in place of the one before; nothing where there is no table, since nothing was applied."""
        with suppress(Missing):
            self._client.put(
                {
                    "pk": f"{self._base}#watermarks",
                    "sk": watermark.machine_arn,
                    "pipeline": watermark.pipeline,
                    "gone": int(watermark.is_gone),
                    "newest": watermark.newest.isoformat(),
                    "looked_at": watermark.looked_at.isoformat(),
                    "back_to": watermark.back_to.isoformat() if watermark.back_to else "",
                    **stamp(StoredForm.WATERMARK),
                }
            )

    def prepare(self) -> None:
        """Put rows that an older bunsui stored into the lists; nothing when that was done."""
        if self._ready():
            return
        old = [session_in(item) for item in self._client.query(self._base) if item.get("format") == 1]
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="rows") as pool:
            list(pool.map(self._list_row, old))
        with suppress(Missing):  # before the first apply there is no table
            self._client.put({"pk": f"{self._base}#{_READY}", "sk": _READY, **stamp(StoredForm.SESSION)})
            self._is_ready = True

    def _ready(self) -> bool:
        self._is_ready = self._is_ready or self._client.get(f"{self._base}#{_READY}", _READY) is not None
        return self._is_ready

    def _search_rows(self, query: SessionQuery) -> Sequence[Session]:
        """Find among all rows: those that an older bunsui stored stand in no list yet."""
        rows = (session_in(item) for item in self._expiry.without_expired(self._client.query(self._base)))
        found = sorted((row for row in rows if query.fits(row)), key=_order, reverse=True)
        return found[: query.limit]

    def _list_row(self, session: Session) -> None:
        """Write the row as this bunsui does."""
        try:
            self._replace(session)
        except Conflict:
            return  # somebody else just wrote it

    def _replace(self, session: Session, *, gone: Session | None = None) -> Session:
        newer = replace(session, row_version=session.row_version + 1)
        item = self._client.get(self._base, session.id)
        before = session_in(item) if item is not None else None
        if item is None or before is None or before.row_version != session.row_version:
            raise _changed_error(session)
        row = self._row(newer)
        puts: list[tuple[Item, Condition | None]] = [(row, _if_unchanged(session))]
        puts += [(one, None) for one in (*list_items(self._base, newer, row), *self._news(newer, before, item))]
        puts += [(one, _own(newer, self._expiry.free())) for one in self._new_intent(newer, before, item)]
        leaves = set(list_keys(self._base, before)) - set(list_keys(self._base, newer))
        deletes: list[tuple[str, str, Condition | None]] = [(pk, sk, None) for pk, sk in sorted(leaves)]
        if gone is not None:
            deletes.append((self._base, gone.id, _if_unchanged(gone)))
            deletes += [(pk, sk, None) for pk, sk in list_keys(self._base, gone)]
        try:
            self._client.write(puts, deletes=deletes)
        except Conflict as error:
            raise _changed_error(session) from error
        return newer

    def _whole(self, items: Sequence[Item]) -> Sequence[Session]:
        """Return the sessions of a list, in its order; rows too large for a copy are read."""
        large = [(self._base, str(item["id"])) for item in items if "body" not in item]
        rows = {str(item["sk"]): session_in(item) for item in self._client.get_all(large)} if large else {}
        found = (session_in(item) if "body" in item else rows.get(str(item["id"])) for item in items)
        return [row for row in found if row is not None]

    def _row(self, session: Session) -> dict[str, Scalar]:
        parts = chunks(session_document(session), StoredForm.SESSION)
        if len(parts) > 1:
            raise InvalidInput(
                "session-too-large",
                "the parameters and outputs of the session do not fit into one row",
                hint="Pass references, such as S3 keys, instead of data.",
                session=session.id,
            )
        return {
            "pk": self._base,
            "sk": session.id,
            "status": session.status.value,
            "row_version": session.row_version,
            **self._expiry.attributes(session),
            **parts[0],
        }

    def _news(self, session: Session, before: Session, item: Item) -> Iterator[dict[str, Scalar]]:
        """Return the items of executions of which the row knows more than before."""
        if item.get("format") == 1 or self._expiry.attributes(session).get(EXPIRES_AT) != item.get(EXPIRES_AT):
            return self._executions(session)
        there = list(self._executions(before))
        return (one for one in self._executions(session) if one not in there)

    def _new_intent(self, session: Session, before: Session, item: Item) -> Iterator[dict[str, Scalar]]:
        if item.get("format") == 1:  # nothing kept an older bunsui from having two rows of one intent
            taken = self.intended([session.intent]).get(session.intent, session.id)
            return self._intent(session) if taken == session.id else iter(())
        is_same = session.intent == before.intent and self._expiry.attributes(session).get(EXPIRES_AT) == item.get(EXPIRES_AT)
        return iter(()) if is_same else self._intent(session)

    def _executions(self, session: Session) -> Iterator[dict[str, Scalar]]:
        newest: dict[str, Attempt] = {}
        for attempt in (*session.attempts, *session.duplicates):
            there = newest.get(attempt.execution_arn)
            if there is None or attempt.redrive > there.redrive:
                newest[attempt.execution_arn] = attempt
        for arn, attempt in newest.items():
            yield {
                "pk": f"{self._base}#executions",
                "sk": _execution_key(arn),
                "id": session.id,
                "redrive": attempt.redrive,
                "ended": int(attempt.status.is_final),
                "error": attempt.error[:100],
                **self._expiry.attributes(session),
                **stamp(StoredForm.EXECUTION),
            }

    def _intent(self, session: Session) -> Iterator[dict[str, Scalar]]:
        if session.intent:
            pk = f"{self._base}#intents"
            expiry = self._expiry.attributes(session)
            yield {"pk": pk, "sk": session.intent, "id": session.id, **expiry, **stamp(StoredForm.INTENT)}


def _if_unchanged(session: Session) -> Condition:
    return Condition(text="#row_version = :before", values={"before": session.row_version})


def _own(session: Session, free: Condition) -> Condition:
    return Condition(text=f"{free.text} OR #id = :id", values={**free.values, "id": session.id})


def _changed_error(session: Session) -> Conflict:
    return Conflict(
        "session-changed",
        "somebody else changed the session first",
        hint="Look at it again.",
        session=session.id,
        row_version=session.row_version,
    )


def _execution_key(execution_arn: str) -> str:
    return f"{execution_arn.rpartition(':')[2]}#{execution_arn}"


def _known_execution(item: Item) -> KnownExecution:
    stored_item(item, name=f"execution {item['sk']!s}").check_format(item.get("format"), StoredForm.EXECUTION)
    return KnownExecution(
        session_id=str(item["id"]), redrive=int(item["redrive"]), is_final=item["ended"] == 1, error=str(item["error"])
    )


def _intent_owner(item: Item) -> str:
    stored_item(item, name=f"intent {item['sk']!s}").check_format(item.get("format"), StoredForm.INTENT)
    return str(item["id"])


def _watermark(item: Item) -> Watermark:
    stored_item(item, name=f"watermark of {item['sk']!s}").check_format(item.get("format"), StoredForm.WATERMARK)
    back_to = str(item["back_to"])
    return Watermark(
        machine_arn=str(item["sk"]),
        pipeline=str(item["pipeline"]),
        is_gone=item["gone"] == 1,
        newest=datetime.fromisoformat(str(item["newest"])),
        looked_at=datetime.fromisoformat(str(item["looked_at"])),
        back_to=datetime.fromisoformat(back_to) if back_to else None,
    )


def _start(item: Item) -> str:
    """Return the start in the key of a list's item."""
    return str(item["sk"]).split("#")[-2]


def _order(session: Session) -> tuple[datetime, str]:
    return session.created_at, session.id
