"""Calls of a JSON API: one host, one token, pages, and retries of what passes."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from bunsui.errors import ForgeDenied, ForgeFailed, InvalidInput
from bunsui.model.json import Json
from bunsui.retry import Backoff, Retrying, RetryPolicy, retry

PAGE = 100
"""Items of a page, the most that both forges give."""
_MOST_PAGES = 100
_TIMEOUT_SECONDS = 30.0
_MOST_BYTES = 32 * 1024 * 1024
_PASSING = frozenset({429, 500, 502, 503, 504})
_DENIED = frozenset({401, 403})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Makes an error of a redirect: the token is for this host."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none."""
        return


class JsonApi:
    """An API below one address."""

    def __init__(self, base: str, headers: Mapping[str, str], *, retrying: Retrying) -> None:
        """Call what lies below `base`; `headers` hold the token.

        Raises:
            InvalidInput: `forge-address`, for an address that is no http(s) URL.

        """
        if urlsplit(base).scheme not in ("https", "http") or not urlsplit(base).hostname:
            raise InvalidInput("forge-address", "the address of the forge's API is no URL", given=base)
        self._base = base.rstrip("/")
        self._headers = {"User-Agent": "bunsui", "Accept": "application/json", **headers}
        self._retrying = retrying
        self._opener = urllib.request.build_opener(_NoRedirect())

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the answer's JSON."""
        return self._call("GET", f"{path}?{urlencode(query)}" if query else path)

    def pages(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Return the items of all pages."""
        for page in range(1, _MOST_PAGES + 1):
            found = self.get(path, {**(query or {}), "per_page": str(PAGE), "page": str(page)})
            items = found if isinstance(found, list) else []
            yield from items
            if len(items) < PAGE:
                return

    def send(self, method: str, path: str, body: Mapping[str, Json]) -> None:
        """Write; a call that failed in a way that passes is made again, so that a new thing may come twice."""
        self._call(method, path, body)

    def delete(self, path: str) -> None:
        """Delete; what is not there is deleted."""
        try:
            self._call("DELETE", path)
        except ForgeFailed as error:
            if error.facts.get("status") != "404":
                raise

    def _call(self, method: str, path: str, body: Mapping[str, Json] | None = None) -> Any:
        return retry(lambda: self._once(method, path, body), (_POLICY,), self._retrying)

    def _once(self, method: str, path: str, body: Mapping[str, Json] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._base}{path}", data=data, headers=headers, method=method)  # noqa: S310 - checked
        shown = path.partition("?")[0]
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                text = answer.read(_MOST_BYTES)
        except urllib.error.HTTPError as error:
            with error:
                raise _failure(method, shown, error) from error
        except (OSError, http.client.HTTPException) as error:
            raise ForgeFailed(
                "forge-unreachable", "the forge did not answer", call=f"{method} {shown}", reason=_reason(error)
            ) from error
        try:
            return json.loads(text) if text.strip() else None
        except ValueError as error:
            raise ForgeFailed("forge-answer", "the forge answered with something else than JSON", call=shown) from error


def _failure(method: str, path: str, error: urllib.error.HTTPError) -> ForgeFailed:
    call, answer = f"{method} {path}", _message(error)
    if error.code in _DENIED:
        hint = "Give the job's token the permission to write comments; docs/how-to/pull-requests.md names it."
        said = "the forge refuses the token"
        return ForgeDenied("forge-denied", said, hint=hint, call=call, status=error.code, answer=answer)
    return ForgeFailed("forge-failed", "the forge answered with an error", call=call, status=error.code, answer=answer)


def _message(error: urllib.error.HTTPError) -> str:
    try:
        found = json.loads(error.read(10_000))
    except (OSError, ValueError, http.client.HTTPException):
        return ""
    message = found.get("message") if isinstance(found, dict) else None
    return str(message)[:300] if message else ""


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(reason)[:300] or type(error).__name__


def _passes(error: Exception) -> bool:
    if not isinstance(error, ForgeFailed):
        return False
    return error.code == "forge-unreachable" or error.facts.get("status") in {str(status) for status in _PASSING}


_BACKOFF = Backoff(first_seconds=1.0, longest_seconds=10.0)
_POLICY: RetryPolicy[Exception] = RetryPolicy(retries=_passes, backoff=_BACKOFF, attempts=4)
