"""Answers calls as they would have been answered some seconds ago, around the emulator's services."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from bunsui.emulator.access.refusals import Words as CodeWords
from bunsui.emulator.access.refusals import error_of
from bunsui.emulator.access.signatures import Head
from bunsui.emulator.asgi import AsgiApp, AsgiMessage, Receive, Send
from bunsui.emulator.lag.calls import REQUEST, Answer, LateCall, ask, hear_answer, read_call
from bunsui.emulator.lag.journal import PastJournal
from bunsui.emulator.lag.reads import LISTS, READS, LateList, LateRead
from bunsui.emulator.lag.refusals import Words
from bunsui.emulator.lag.uses import Uses
from bunsui.model.json import Json

_PAGES = 100
_STATUSES = {"ResourceConflictException": 409, "ConflictException": 409, "ResourceNotFoundException": 404, "NoSuchEntity": 404}
_LOGS = {"GetLogEvents", "FilterLogEvents"}
Item = Mapping[str, Any]
_Place = tuple[str, str, str, str, str]
"""Service and operation of a read, account, region, and the object."""


class Late:
    """Implements `local: {lag: …}`; until `set` is called with more than 0 seconds nothing is late."""

    def __init__(self, uses: Uses) -> None:
        """`uses` says what cannot be used yet."""
        self._uses = uses
        self._reads: PastJournal[_Place, Answer] = PastJournal()
        self._items: PastJournal[_Place, Item | None] = PastJournal()
        self.seconds = 0.0

    def set(self, seconds: float) -> None:
        """Be so many seconds late from now on."""
        self.seconds = seconds
        self._reads.set(seconds)
        self._items.set(seconds)
        self._uses.set(seconds)

    def around(self, app: AsgiApp) -> AsgiApp:
        """Return the application whose answers are late."""

        async def late(scope: AsgiMessage, receive: Receive, send: Send) -> None:
            call = read_call(scope) if self.seconds and scope["type"] == "http" else None
            if call is None:
                await app(scope, receive, send)
            else:
                answer = await self._answer(app, scope, call)
                await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
                await send({"type": "http.response.body", "body": answer.body})

        return late

    async def _answer(self, app: AsgiApp, scope: AsgiMessage, call: LateCall) -> Answer:
        body: bytes = scope[REQUEST][1]
        if (words := self._uses.refusal(call)) is not None:
            return _refuse(scope, words)
        if call.service == "logs" and call.operation in _LOGS:
            scope, body = _until(scope, call, self.seconds)
        for read in READS:
            if (call.service, call.operation) == (read.service, read.operation) and read.asked_lately(call):
                before = self._reads.look_back(_place(read, call, read.names(call)))
                return await hear_answer(app, scope, body) if before is None else before.value
        for listed in LISTS:
            if (call.service, call.operation) == (listed.service, listed.operation):
                return self._relist(listed, call, await hear_answer(app, scope, body))
        return await self._write(app, scope, call, body)

    async def _write(self, app: AsgiApp, scope: AsgiMessage, call: LateCall, body: bytes) -> Answer:
        key = (call.service, call.operation)
        reads = [(read, name) for read in READS if key in read.writes and (name := read.writes[key](call))]
        lists = [(listed, name) for listed in LISTS if key in listed.writes and (name := listed.writes[key](call))]
        told = [(_place(read, call, name), await ask(app, scope, read.ask(call, name))) for read, name in reads]
        items = [(_place(one, call, name), await _item(app, scope, one, name)) for one, name in lists]
        begun = self._uses.before(call)
        answer = await hear_answer(app, scope, body)
        if answer.status < 300:
            for place, was in told:
                self._reads.note(place, was)
            for place, item in items:
                self._items.note(place, item)
            self._uses.note(call, begun, answer)
        return self._uses.show_state(call, answer)

    def _relist(self, listed: LateList, call: LateCall, answer: Answer) -> Answer:
        late = {place[4]: item for place, item in self._items.late().items() if place[:4] == _place(listed, call, "")[:4]}
        if not late or answer.status >= 300:
            return answer
        document = json.loads(answer.body)
        found = [late.get(one[listed.name], one) for one in document.get(listed.items, ())]
        there = {one[listed.name] for one in document.get(listed.items, ())}
        if not document.get(listed.follows):
            found += [one for name, one in late.items() if name not in there and one is not None and listed.fits(call, one)]
        document[listed.items] = [one for one in found if one is not None]
        return answer.saying(json.dumps(document).encode())


async def _item(app: AsgiApp, scope: AsgiMessage, listed: LateList, name: str) -> Item | None:
    """Return what a list tells of an object now; None where it is not in it."""
    page = ""
    for _ in range(_PAGES):
        answer = await ask(app, scope, listed.ask(page))
        document: Json = json.loads(answer.body) if answer.status < 300 else {}
        assert isinstance(document, dict)
        items = document.get(listed.items) or []
        assert isinstance(items, list)
        for item in items:
            if isinstance(item, Mapping) and item.get(listed.name) == name:
                return item
        page = str(document.get(listed.follows) or "")
        if not page:
            break
    return None


def _place(row: LateRead | LateList, call: LateCall, name: str) -> _Place:
    return row.service, row.operation, call.account, call.region if row.service != "iam" else "", name


def _until(scope: AsgiMessage, call: LateCall, seconds: float) -> tuple[AsgiMessage, bytes]:
    """Return a request for events of a log that ends so many seconds ago: CloudWatch Logs ingests late."""
    latest = int((time.time() - seconds) * 1000)
    body = json.dumps({**call.members, "endTime": min(int(call.members.get("endTime") or latest), latest)}).encode()
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"content-length"]
    return {**scope, "headers": [*headers, (b"content-length", str(len(body)).encode())]}, body


def _refuse(scope: AsgiMessage, words: Words) -> Answer:
    code, message = words
    head: Head = scope[REQUEST][0]
    headers, body = error_of(head, CodeWords(code, code, code), message)
    return Answer(_STATUSES.get(code, 400), tuple(headers), body)
