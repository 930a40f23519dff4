"""Speak to a running embedded AWS about itself; only one that knows its token is believed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping

from bunsui.emulator.control_api import (
    ANSWERS_PATH,
    CONTAINERS_PATH,
    IAM_PATH,
    IDENTITY_PATH,
    JUDGED_PATH,
    LAG_PATH,
    SAVE_PATH,
    STOP_PATH,
    TOKEN_HEADER,
)
from bunsui.emulator.launcher.folder import Announcement
from bunsui.model.json import Json

_TIMEOUT_SECONDS = 3.0
_SAVE_SECONDS = 30.0


def identity(running: Announcement) -> Mapping[str, Json] | None:
    """Return what it says about itself: pid, why the last save failed, what it does with containers.

    None when it does not answer or is another one."""
    answer = _ask(running, "GET", IDENTITY_PATH)
    if not isinstance(answer, dict) or answer.get("pid") != running.pid:
        return None
    return answer


def save(running: Announcement) -> str | None:
    """Have it save at once; return why it could not, empty when everything is on disk, None when it does not answer."""
    answer = _ask(running, "POST", SAVE_PATH, timeout_seconds=_SAVE_SECONDS)
    return str(answer.get("unsaved", "")) if isinstance(answer, dict) and answer.get("pid") == running.pid else None


def request_stop(running: Announcement) -> bool:
    """Ask it to save and stop; True when it will."""
    return _ask(running, "POST", STOP_PATH) is not None


def set_containers(running: Announcement, mode: str) -> bool:
    """Have it run commands of containers as processes (`process`) or not (`none`) from now on; True when it will."""
    return _ask(running, "POST", CONTAINERS_PATH + mode) is not None


def set_iam(running: Announcement, mode: str) -> bool:
    """Have it refuse what roles do not permit (`enforce`) or only say so (`warn`) from now on; True when it will."""
    return _ask(running, "POST", IAM_PATH + mode) is not None


def set_answers(running: Announcement, answers: Mapping[str, Json]) -> bool:
    """Have it answer calls that it does not serve as a project says, from now on; True when it will."""
    return _ask(running, "POST", ANSWERS_PATH, body=json.dumps(answers)) is not None


def ask_judged(running: Announcement) -> Mapping[str, Json]:
    """Return what it judged of the calls of roles: `totals` by outcome, and `calls`; empty when it does not answer."""
    answer = _ask(running, "GET", JUDGED_PATH)
    return answer if isinstance(answer, dict) else {}


def set_lag(running: Announcement, *, lists_seconds: float = 0.0, describes_seconds: float = 0.0) -> bool:
    """Have its Step Functions tell of executions as they were so many seconds ago, as AWS may; True when it will."""
    return _ask(running, "POST", f"{LAG_PATH}{lists_seconds:f}/{describes_seconds:f}") is not None


def set_late(running: Announcement, seconds: float) -> bool:
    """Have it be so many seconds late from now on in all that is late on AWS; True when it will."""
    return _ask(running, "POST", f"{LAG_PATH}{seconds:f}") is not None


def _ask(
    running: Announcement, method: str, path: str, *, body: str | None = None, timeout_seconds: float = _TIMEOUT_SECONDS
) -> object:
    # A plain connection: no proxy of the environment may stand between us and our own loopback.
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=timeout_seconds)
    try:
        connection.request(method, path, body=body, headers={TOKEN_HEADER: running.token})
        response = connection.getresponse()
        if response.status not in (http.HTTPStatus.OK, http.HTTPStatus.ACCEPTED):
            return None
        return json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
