"""Lists of schedules go on after their first page, as on AWS; the emulator cuts them off."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.local.internals import inner, replace_inner

Answer = tuple[int, Mapping[str, str], bytes]
List = Callable[[Mapping[str, Any]], Answer]

_EVERYTHING = 10**9
_PAGE = 100


def page_schedule_lists() -> None:
    """Give a token with every page that is not the last."""
    from ministack.services import scheduler

    for name, key in (("_list_schedules", "Schedules"), ("_list_schedule_groups", "ScheduleGroups")):
        replace_inner(scheduler, name, paged(inner(scheduler, name), key))


def paged(whole: List, key: str) -> List:
    """Give the list call in pages; `whole` answers everything under `key` when it is asked for enough."""

    def page(query: Mapping[str, Any]) -> Answer:
        begin, size = int(query.get("NextToken") or 0), int(query.get("MaxResults") or _PAGE)
        status, headers, body = whole({**query, "MaxResults": _EVERYTHING})
        document = json.loads(body)
        items = document.get(key, [])
        document[key] = items[begin : begin + size]
        if begin + size < len(items):
            document["NextToken"] = str(begin + size)
        return status, headers, json.dumps(document).encode()

    return page
