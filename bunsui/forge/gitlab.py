"""GitLab: notes of merge requests.

Sources: GitLab API, "Notes", "Merge requests", "Commits" (list merge requests associated with a commit), "Users" (the current
user). A job's own token may not write notes, so that a project access token is needed: its user is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

from bunsui.forge.api import JsonApi
from bunsui.ports.forge import ForgeComment, MergedRequest


class GitLabForge:
    """One project."""

    def __init__(self, api: JsonApi, project: str, *, author: str = "") -> None:
        """Work on the project with this id; what `author` wrote is ours, by default the token's own user."""
        self._api = api
        self._path = f"/projects/{quote(project, safe='')}"
        self._given = author

    @cached_property
    def _author(self) -> str:
        return self._given or str(self._api.get("/user")["username"])

    def comments(self, number: int) -> Sequence[ForgeComment]:
        """Return all notes that people or bots wrote; those of the system tell of events."""
        found = self._api.pages(self._notes(number), {"sort": "asc", "order_by": "created_at"})
        return [
            ForgeComment(id=str(item["id"]), body=str(item.get("body") or ""), is_ours=self._is_author(item.get("author")))
            for item in found
            if not item.get("system")
        ]

    def create(self, number: int, body: str) -> None:
        """Write a new note."""
        self._api.send("POST", self._notes(number), {"body": body})

    def rewrite(self, number: int, comment_id: str, body: str) -> None:
        """Replace the text of a note."""
        self._api.send("PUT", f"{self._notes(number)}/{quote(comment_id)}", {"body": body})

    def remove(self, number: int, comment_id: str) -> None:
        """Delete a note."""
        self._api.delete(f"{self._notes(number)}/{quote(comment_id)}")

    def head(self, number: int) -> str:
        """Return the last commit of the merge request's branch."""
        return str(self._api.get(f"{self._path}/merge_requests/{number}")["sha"])

    def merged_as(self, commit: str) -> Sequence[MergedRequest]:
        """Return the merged requests whose merge or squash commit this is, or whose head where nothing else was made."""
        found = self._api.pages(f"{self._path}/repository/commits/{quote(commit)}/merge_requests")
        return [
            MergedRequest(number=int(item["iid"]), head=str(item["sha"]))
            for item in found
            if item.get("state") == "merged"
            and commit in (item.get("merge_commit_sha"), item.get("squash_commit_sha"), item.get("sha"))
        ]

    def _notes(self, number: int) -> str:
        return f"{self._path}/merge_requests/{number}/notes"

    def _is_author(self, user: Any) -> bool:
        return isinstance(user, dict) and user.get("username") == self._author
