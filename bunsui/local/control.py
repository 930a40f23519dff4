"""Speaks to a running embedded AWS about itself, and believes only one that knows its token."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping

from bunsui.local.folder import Announcement
from bunsui.local.gate import CONTAINERS_PATH, IDENTITY_PATH, STOP_PATH, TOKEN_HEADER
from bunsui.model.values import Json

_TIMEOUT_SECONDS = 3.0


def identity(running: Announcement) -> Mapping[str, Json] | None:
    """Give what it says about itself: pid, why the last save failed, what it does with containers.

    None when it does not answer or is another one."""
    answer = _ask(running, "GET", IDENTITY_PATH)
    if not isinstance(answer, dict) or answer.get("pid") != running.pid:
        return None
    return answer


def request_stop(running: Announcement) -> bool:
    """Ask it to save and stop; True when it will."""
    return _ask(running, "POST", STOP_PATH) is not None


def set_containers(running: Announcement, mode: str) -> bool:
    """Have it run commands of containers as processes (`process`) or not (`none`) from now on; True when it will."""
    return _ask(running, "POST", CONTAINERS_PATH + mode) is not None


def _ask(running: Announcement, method: str, path: str) -> object:
    # A plain connection: no proxy of the environment may stand between us and our own loopback.
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(method, path, headers={TOKEN_HEADER: running.token})
        response = connection.getresponse()
        if response.status not in (http.HTTPStatus.OK, http.HTTPStatus.ACCEPTED):
            return None
        return json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
