"""GitHub: comments of issues, which those of pull requests are.

Sources: GitHub REST API, "Issue comments", "Get a pull request", "List pull requests associated with a commit". What a job's
own token writes is by the user `github-actions[bot]` of the type `Bot`; brackets stand in no name that a person can have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bunsui.forge.api import JsonApi
from bunsui.ports.forge import ForgeComment, MergedRequest

JOB_AUTHOR = "github-actions[bot]"
VERSION_HEADER = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


class GitHubForge:
    """One repository."""

    def __init__(self, api: JsonApi, repository: str, *, author: str = JOB_AUTHOR) -> None:
        """Work on `repository`, as `owner/name`; what `author` wrote is ours."""
        self._api = api
        self._path = f"/repos/{quote(repository)}"
        self._author = author

    def comments(self, number: int) -> Sequence[ForgeComment]:
        """Return all comments, which come by ascending id."""
        found = self._api.pages(f"{self._path}/issues/{number}/comments")
        return [
            ForgeComment(id=str(item["id"]), body=str(item.get("body") or ""), is_ours=self._is_author(item.get("user")))
            for item in found
        ]

    def create(self, number: int, body: str) -> None:
        """Write a new comment."""
        self._api.send("POST", f"{self._path}/issues/{number}/comments", {"body": body})

    def rewrite(self, number: int, comment_id: str, body: str) -> None:
        """Replace the text of a comment."""
        self._api.send("PATCH", f"{self._path}/issues/comments/{quote(comment_id)}", {"body": body})

    def remove(self, number: int, comment_id: str) -> None:
        """Delete a comment."""
        self._api.delete(f"{self._path}/issues/comments/{quote(comment_id)}")

    def head(self, number: int) -> str:
        """Return the last commit of the pull request's branch."""
        return str(self._api.get(f"{self._path}/pulls/{number}")["head"]["sha"])

    def merged_as(self, commit: str) -> Sequence[MergedRequest]:
        """Return the merged pull requests whose merge, squash or last rebased commit this is."""
        found = self._api.pages(f"{self._path}/commits/{quote(commit)}/pulls")
        return [
            MergedRequest(number=int(item["number"]), head=str(item["head"]["sha"]))
            for item in found
            if item.get("merged_at") and item.get("merge_commit_sha") == commit
        ]

    def _is_author(self, user: Any) -> bool:
        if not isinstance(user, dict) or user.get("login") != self._author:
            return False
        return not self._author.endswith("[bot]") or user.get("type") == "Bot"
