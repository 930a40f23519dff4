"""Lists go on after their first page, as on AWS: the emulator cuts those of schedules off, and gives all roles at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bunsui.emulator.internals import inner, replace_inner

Answer = tuple[int, Mapping[str, str], bytes]
Query = Callable[[Mapping[str, Any]], Answer]

_EVERYTHING = 10**9
_PAGE = 100
_LARGEST_ROLE_PAGE = 1000
_LAST = b"<IsTruncated>false</IsTruncated>"


def page_schedule_lists() -> None:
    """Return a token with every page that is not the last."""
    from ministack.services import scheduler

    for name, key in (("_list_schedules", "Schedules"), ("_list_schedule_groups", "ScheduleGroups")):
        replace_inner(scheduler, name, in_pages(inner(scheduler, name), key))


def in_pages(whole: Query, key: str) -> Query:
    """Return the list call in pages; `whole` answers everything under `key` when it is asked for enough."""

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


def page_role_lists() -> None:
    """Return as many roles as were asked for, and a marker with every page that is not the last."""
    from ministack.services import iam

    handlers: dict[str, Query] = inner(iam, "_IAM_HANDLERS")

    def only(names: Sequence[str], whole: Query, query: Mapping[str, Any]) -> Answer:
        """Let the emulator answer as if these were all roles. It answers one request after the other, each without a pause."""
        everything = inner(iam, "_roles")
        replace_inner(iam, "_roles", {name: everything[name] for name in names})
        try:
            return whole(query)
        finally:
            replace_inner(iam, "_roles", everything)

    def names(prefix: str) -> list[str]:
        return sorted(name for name, role in inner(iam, "_roles").items() if role.get("Path", "/").startswith(prefix))

    for action, filters in (("ListRoles", []), ("GetAccountAuthorizationDetails", ["Role"])):
        handlers[action] = paged_roles(handlers[action], names, only, filters=filters)


def paged_roles(
    whole: Query,
    names: Callable[[str], list[str]],
    only: Callable[[Sequence[str], Query, Mapping[str, Any]], Answer],
    *,
    filters: Sequence[str],
) -> Query:
    """Return a list of roles in pages. `names` gives all under a path, `only` what `whole` answers when there are no others.
    With other `filters` than these it holds more than roles, and stays whole."""

    def page(query: Mapping[str, Any]) -> Answer:
        given = {key: values[0] for key, values in query.items() if values}
        if [value for key, value in given.items() if key.startswith("Filter.member.")] != list(filters):
            return whole(query)
        found = names(given.get("PathPrefix", "/"))
        begin = int(given.get("Marker", 0))
        end = begin + min(int(given.get("MaxItems", _PAGE)), _LARGEST_ROLE_PAGE)
        status, headers, body = only(found[begin:end], whole, query)
        if end < len(found):
            body = body.replace(_LAST, b"<IsTruncated>true</IsTruncated><Marker>%d</Marker>" % end)
        return status, headers, body

    return page
