"""What a CI job knows of itself: its forge, pull request, commit and run, from the environment or the event's file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bunsui.errors import InvalidInput
from bunsui.forge.api import JsonApi
from bunsui.forge.github import JOB_AUTHOR, VERSION_HEADER, GitHubForge
from bunsui.forge.gitlab import GitLabForge
from bunsui.plan.marker import PlanHead
from bunsui.ports.forge import Forge
from bunsui.retry import Retrying

_SHA = re.compile("[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_BYTES = 32 * 1024 * 1024
GITHUB_TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
GITLAB_TOKENS = ("BUNSUI_GITLAB_TOKEN", "GITLAB_TOKEN")
DEFAULT_GITHUB_API = "https://api.github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeJob:
    """A job of a forge's CI."""

    forge: Forge
    commit: str
    """The commit that the job is about: on the main branch, the merge."""
    number: int | None
    """The pull request; None when the job is not about one."""
    head: PlanHead | None
    """The last commit of that pull request's branch when the job was made, and the run."""


def forge_job(environ: Mapping[str, str], *, author: str, retrying: Retrying) -> ForgeJob:
    """Return the job that the environment describes; `author` is whose comments are ours, empty for the usual.

    Raises:
        InvalidInput: `no-forge`, outside the CI of GitHub and GitLab; `no-forge-token`; `forge-event`, for an event that cannot
            be read.

    """
    if environ.get("GITLAB_CI"):
        return _gitlab(environ, author, retrying)
    if environ.get("GITHUB_ACTIONS"):
        return _github(environ, author, retrying)
    raise InvalidInput(
        "no-forge",
        "this is no job of GitHub Actions or of GitLab CI",
        hint="Elsewhere, post what `bunsui plan --markdown` prints yourself.",
    )


def _github(environ: Mapping[str, str], author: str, retrying: Retrying) -> ForgeJob:
    token = _token(environ, GITHUB_TOKENS)
    headers = {**VERSION_HEADER, "Authorization": f"Bearer {token}"}
    api = JsonApi(environ.get("GITHUB_API_URL") or DEFAULT_GITHUB_API, headers, retrying=retrying)
    number, head = _event_request(_event(environ.get("GITHUB_EVENT_PATH", "")))
    order = (_number(environ.get("GITHUB_RUN_ID")), _number(environ.get("GITHUB_RUN_ATTEMPT")))
    return ForgeJob(
        forge=GitHubForge(api, environ.get("GITHUB_REPOSITORY", ""), author=author or JOB_AUTHOR),
        commit=environ.get("GITHUB_SHA", ""),
        number=number,
        head=PlanHead(commit=head, order=order) if _SHA.fullmatch(head) else None,
    )


def _gitlab(environ: Mapping[str, str], author: str, retrying: Retrying) -> ForgeJob:
    headers = {"PRIVATE-TOKEN": _token(environ, GITLAB_TOKENS)}
    api = JsonApi(environ.get("CI_API_V4_URL", ""), headers, retrying=retrying)
    number = _number(environ.get("CI_MERGE_REQUEST_IID")) or None
    commit = environ.get("CI_COMMIT_SHA", "")
    head = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or commit  # the first is set where the result of a merge is built
    order = (_number(environ.get("CI_PIPELINE_ID")), _number(environ.get("CI_JOB_ID")))
    return ForgeJob(
        forge=GitLabForge(api, environ.get("CI_PROJECT_ID", ""), author=author),
        commit=commit,
        number=number,
        head=PlanHead(commit=head, order=order) if number and _SHA.fullmatch(head) else None,
    )


def _token(environ: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        if token := environ.get(name, "").strip():
            return token
    raise InvalidInput("no-forge-token", "there is no token for the forge", hint=f"Set {names[0]} in the job's environment.")


def _event(path: str) -> Any:
    if not path:
        return {}
    try:
        with Path(path).open("rb") as stream:
            return json.loads(stream.read(_MOST_BYTES))
    except (OSError, ValueError) as error:
        raise InvalidInput("forge-event", "the file of the event cannot be read", path=path) from error


def _event_request(event: Any) -> tuple[int | None, str]:
    """Return the number and the head of the pull request that an event is about."""
    request = event.get("pull_request") if isinstance(event, dict) else None
    head = request.get("head") if isinstance(request, dict) else None
    if not isinstance(request, dict) or not isinstance(head, dict) or not isinstance(request.get("number"), int):
        return None, ""
    return request["number"], str(head.get("sha", ""))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
