"""Pages of lists, with tokens that fit the list they came from only."""

from __future__ import annotations

import base64
import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from bunsui.emulator.stepfunctions.errors import invalid_token

Item = TypeVar("Item")
Key = tuple[float | str, ...]

DEFAULT_PAGE = 100


def page(
    items: Sequence[Item],
    request: Mapping[str, Any],
    *,
    about: Sequence[object],
    key: Callable[[Item], Key],
) -> tuple[Sequence[Item], str | None]:
    """Return the page that the request asks for, and the token of the next one; None after the last.

    `items` must be sorted by `key`. A token holds the key of the last item that was given, so that items that come and go
    between two pages are neither repeated nor make others be left out. `about` is what the list depends on: a token of
    another list is refused as InvalidToken.
    """
    size = int(request.get("maxResults") or DEFAULT_PAGE)
    seal = hashlib.sha256(json.dumps([str(part) for part in about]).encode()).hexdigest()[:24]
    start = bisect_right(items, _open_token(request["nextToken"], seal), key=key) if request.get("nextToken") else 0
    chosen = items[start : start + size]
    if start + size >= len(items):
        return chosen, None
    return chosen, base64.urlsafe_b64encode(json.dumps([seal, *key(chosen[-1])]).encode()).decode()


def list_answer(name: str, found: tuple[Sequence[Any], str | None]) -> dict[str, Any]:
    """Return the answer of a list operation."""
    items, token = found
    answer: dict[str, Any] = {name: list(items)}
    if token:
        answer["nextToken"] = token
    return answer


def _open_token(token: str, seal: str) -> Key:
    try:
        found, *key = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, UnicodeError) as problem:
        raise invalid_token() from problem
    if found != seal:
        raise invalid_token()
    return tuple(key)
