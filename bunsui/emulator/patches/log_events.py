"""FilterLogEvents finds what AWS finds, in pages.

The emulator cuts off what does not fit into the first one, reads every term of a pattern as one that must be there, and asks
for no exact phrase.

Sources: API reference of CloudWatch Logs, FilterLogEvents; its user guide, "Filter pattern syntax", unstructured log events.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from bunsui.emulator.internals import inner, replace_inner

_PAGE_EVENTS = 10_000
_PAGE_BYTES = 1_048_576
_EVENT_BYTES = 26
"""What CloudWatch counts for an event beside its message."""
_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))')


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return whether a message fits a pattern of terms: all plain ones are in it, none with `-`; where all have `?`, one is."""
    terms = [(sign, re.sub(r"\\(.)", r"\1", phrase) if phrase else word) for sign, phrase, word in _TERM.findall(pattern)]
    wanted = [text for sign, text in terms if sign == ""]
    others = [text for sign, text in terms if sign == "?"]
    barred = [text for sign, text in terms if sign == "-"]

    def fits(message: str) -> bool:
        if any(text in message for text in barred) or not all(text in message for text in wanted):
            return False
        return bool(wanted) or not others or any(text in message for text in others)

    return fits


def page_of(
    events: Sequence[Mapping[str, Any]], fits: Callable[[str], bool], *, begin: int, limit: int
) -> tuple[list[Any], int]:
    """Return one page of the events that fit, looked for from the place `begin` on, and the place after it; 0 at the end."""
    page: list[Mapping[str, Any]] = []
    size = 0
    for place, event in islice(enumerate(events), begin, None):
        message = str(event.get("message", ""))
        if not fits(message):
            continue
        size += len(message.encode()) + _EVENT_BYTES
        if page and (len(page) == limit or size > _PAGE_BYTES):
            return page, place
        page.append(event)
    return page, 0


def find_log_events_in_pages() -> None:
    """Answer FilterLogEvents as AWS does."""
    from ministack.services import cloudwatch_logs as logs

    original: Callable[[Mapping[str, Any]], Any] = inner(logs, "_filter_log_events")
    resolve, answer = inner(logs, "_resolve_log_group_name"), inner(logs, "json_response")
    lock = inner(logs, "_log_events_lock")

    def filtered(data: Mapping[str, Any]) -> Any:
        group = inner(logs, "_log_groups").get(resolve(data))
        pattern = str(data.get("filterPattern") or "").strip()
        if group is None or pattern.startswith(("{", "[", "%")):
            return original(data)
        with lock:
            events = sorted(_events(group["streams"], data), key=lambda event: (event["timestamp"], event["ingestionTime"]))
        limit = min(int(data.get("limit") or _PAGE_EVENTS), _PAGE_EVENTS)
        page, after = page_of(events, matcher(pattern), begin=int(data.get("nextToken") or 0), limit=limit)
        return answer({"events": page, "searchedLogStreams": [], **({"nextToken": str(after)} if after else {})})

    replace_inner(logs, "_filter_log_events", filtered)


def _events(streams: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the events of the chosen streams in the window, both ends included, with their ids."""
    chosen, prefix = data.get("logStreamNames"), str(data.get("logStreamNamePrefix") or "")
    start, end = data.get("startTime"), data.get("endTime")
    for name, stream in streams.items():
        if (chosen and name not in chosen) or not name.startswith(prefix):
            continue
        for number, event in enumerate(stream["events"]):
            if (start is None or event["timestamp"] >= start) and (end is None or event["timestamp"] <= end):
                yield {**event, "logStreamName": name, "eventId": event.get("eventId") or f"{event['timestamp']}{number:012d}"}
