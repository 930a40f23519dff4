"""CloudTrail's event history in the counting proxy: notes calls that change something, and shows them 15 minutes late.

Nobody waits for it: the trail's clock is some hours ahead, as that of `benchmarks.as_aws`, and calls are noted as if they had
been made 20 minutes ago, so that they have just shown up.
"""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

AGE_SECONDS = 20 * 60.0
LATENESS_SECONDS = 15 * 60.0
PAGE = 50
_WRITES = re.compile(r"(Create|Update|Put|Delete|Tag|Untag|Attach|Detach)\w+")
_HIDDEN = frozenset({"definition"})
"""CloudTrail writes HIDDEN_DUE_TO_SECURITY_REASONS in their place."""


@dataclass(slots=True)
class RecordedTrail:
    """Implements `benchmarks.countproxy.Recorder`."""

    events: list[dict[str, Any]] = field(default_factory=list)
    is_recording: bool = True
    hours_ahead: float = 0.0

    @property
    def now(self) -> float:
        """Seconds since the epoch, by the trail's clock."""
        return time.time() + self.hours_ahead * 3600

    def answer(self, action: str, head: bytes, body: bytes) -> bytes | None:
        """Note a call that changes something; answer LookupEvents, 50 events a page, the newest first."""
        service, _, name = action.partition(":")
        if action == "cloudtrail:LookupEvents":
            return _http(self._page(json.loads(body)))
        if self.is_recording and service != "dynamodb" and _WRITES.fullmatch(name):
            self.note(name, _parameters(head, body))
        return None

    def note(self, name: str, parameters: dict[str, Any]) -> None:
        """Note a call."""
        at = self.now - AGE_SECONDS
        detail = {"eventName": name, "requestParameters": parameters}
        self.events.append(
            {"EventId": f"{len(self.events):08}", "EventName": name, "EventTime": at, "CloudTrailEvent": json.dumps(detail)}
        )

    def _page(self, asked: dict[str, Any]) -> dict[str, Any]:
        [attribute] = asked["LookupAttributes"]
        shown = self.now - LATENESS_SECONDS
        found = [
            event
            for event in reversed(self.events)
            if event["EventName"] == attribute["AttributeValue"] and float(asked["StartTime"]) <= event["EventTime"] <= shown
        ]
        start = int(asked.get("NextToken", 0))
        end = start + min(int(asked.get("MaxResults", PAGE)), PAGE)
        return {"Events": found[start:end], **({"NextToken": str(end)} if end < len(found) else {})}


def _parameters(head: bytes, body: bytes) -> dict[str, Any]:
    """Return what the caller asked for, as CloudTrail writes it: names begin with a small letter."""
    target = urllib.parse.urlsplit(head.split(b" ", 2)[1].decode())
    text = body.decode(errors="replace")
    if text.startswith("{"):
        given: dict[str, Any] = json.loads(text)
    else:
        given = {key: values[0] for key, values in urllib.parse.parse_qs(text).items()}
    parts = [urllib.parse.unquote(part) for part in target.path.split("/") if part]
    if len(parts) > 1:  # a REST service names what it is about in the path
        given |= {"name": parts[-1]}
    return {_small(key): "HIDDEN_DUE_TO_SECURITY_REASONS" if key in _HIDDEN else value for key, value in given.items()}


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _http(document: dict[str, Any]) -> bytes:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
