"""The account's record of calls, from CloudTrail's event history.

The history holds management events for 90 days, whether or not a trail was made. Events of IAM are kept in one region of each
partition. LookupEvents gives 50 a page and takes two requests a second, in each region.
Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.errors import Refused
from bunsui.ports.hints import TrailEvent

MOST_PAGES = 60
"""Of one name: at two a second, as long as reading a thousand machines takes."""

_GLOBAL_REGIONS = {"cn-": "cn-north-1", "us-gov-": "us-gov-west-1"}
_LONGEST_NAME = 2048
"""Longer texts are documents, no names."""


class CloudTrail:
    """Implements `bunsui.ports.hints.Trail`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def changes(self, names: Collection[str], *, since: datetime, is_global: bool = False) -> Sequence[TrailEvent]:
        """Return every successful call of these names since then.

        Raises:
            AccessDenied: `cloudtrail:LookupEvents` is not permitted.
            Refused: `hinted-many-events`.

        """
        region = global_region(self._connection.region) if is_global else self._connection.region
        found = self._connection.each(lambda name: self._of(name, since, region), sorted(names))
        return [event for events in found for event in events]

    def _of(self, name: str, since: datetime, region: str) -> list[TrailEvent]:
        pages = self._connection.each_page(
            "cloudtrail",
            "lookup_events",
            "Events",
            region=region,
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}],
            StartTime=since,
        )
        found: list[TrailEvent] = []
        for number, page in enumerate(pages, start=1):
            if number > MOST_PAGES:
                raise Refused(
                    "hinted-many-events",
                    "CloudTrail has more events than can be looked through in a minute",
                    hint="Read everything, which is quicker:\n  bunsui plan --refresh full",
                    event=name,
                    since=since.isoformat(timespec="seconds"),
                )
            found += [event for record in page if (event := event_of(record)) is not None]
        return found


def global_region(region: str) -> str:
    """Return the region in which events of global services are kept, for a region of the same partition."""
    return next((kept for prefix, kept in _GLOBAL_REGIONS.items() if region.startswith(prefix)), "us-east-1")


def event_of(record: Mapping[str, Any]) -> TrailEvent | None:
    """Return an event of LookupEvents, None for a call that failed."""
    try:
        detail: Any = json.loads(record.get("CloudTrailEvent") or "{}")
    except ValueError:
        detail = {}
    if not isinstance(detail, Mapping):
        detail = {}
    if detail.get("errorCode"):
        return None
    mentioned = {
        *_texts(detail.get("requestParameters")),
        *_texts(detail.get("responseElements")),
        *(str(resource.get("ResourceName") or "") for resource in record.get("Resources") or ()),
    }
    return TrailEvent(
        name=str(record["EventName"]),
        at=record["EventTime"],
        who=_caller(record, detail),
        id=str(record.get("EventId") or ""),
        subjects=frozenset(part for text in mentioned for part in _parts(text) if part),
    )


def _caller(record: Mapping[str, Any], detail: Mapping[str, Any]) -> str:
    """Return who called: an ARN, or what the record has instead, such as the service that acted."""
    identity = detail.get("userIdentity")
    known = identity if isinstance(identity, Mapping) else {}
    return str(known.get("arn") or record.get("Username") or known.get("invokedBy") or "")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) <= _LONGEST_NAME:
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _parts(text: str) -> tuple[str, ...]:
    """Return the text and what stands between its colons and slashes: an ARN holds the name that is looked for."""
    return text, *text.split(":"), *text.split("/"), *(piece for part in text.split(":") for piece in part.split("/"))
