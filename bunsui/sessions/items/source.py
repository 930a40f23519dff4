"""Whether the object from which items came is still the one that they were read from: asked of a listing, once a job.

What a Map is told is recognized item by item in any case (`bunsui.compile.foreach.recognized`), so that no answer here can let
a wrong result stand. It decides what is promised before anything starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.errors import CloudError
from bunsui.ports.objects import ObjectLists

_PRECISION = timedelta(seconds=1)
"""To which S3 tells when an object changed."""
_LISTED_WITHOUT = "nobody can list the bucket"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSource:
    """Where the items of a job were read."""

    address: str
    """s3://BUCKET/KEY, or s3://BUCKET/PREFIX where the items are objects."""
    since: datetime
    """When the reading began, after which the object must not have changed."""
    most_listed: int = 0
    """Where the items are the objects whose keys begin so: how many are read at most; 0 where one object holds the items."""

    @property
    def bucket(self) -> str:
        """Its bucket."""
        return self.address.removeprefix("s3://").partition("/")[0]

    @property
    def key(self) -> str:
        """The key, or the beginning of the keys."""
        return self.address.removeprefix("s3://").partition("/")[2]


def why_source_changed(source: ItemSource, total: int, lists: ObjectLists | None) -> str:
    """Return why the items may be others now; empty when they are those that were read, `total` of them at least."""
    if lists is None:
        return f"{source.address} cannot be looked at: {_LISTED_WITHOUT}"
    try:
        found = lists.list_objects(source.bucket, source.key, limit=source.most_listed or 1)
    except CloudError as error:
        return f"{source.address} cannot be looked at, which takes s3:ListBucket: {error.summary}"
    if not source.most_listed:
        found = [one for one in found if one.key == source.key]
        if not found:
            return f"{source.address} is gone"
    elif len(found) < total:
        return f"under {source.address} were {total:,} objects, and now there are {len(found):,}"
    changed = next((one for one in found if one.changed_at + _PRECISION > source.since), None)
    if changed is None:
        return ""
    at = changed.changed_at.strftime("%Y-%m-%d %H:%M:%S")
    return f"s3://{source.bucket}/{changed.key} changed at {at} UTC, and its items were read before"
