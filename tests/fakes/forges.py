"""GitHub and GitLab as far as `bunsui ci` knows them, over HTTP on the loopback, in the shapes of their documentation.

Both are strict where a mistake would be dear: the token must be in its header, pages are short, authors are told apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0ken-that-nobody-prints"
PULL = 7


@dataclass
class Written:
    """A comment."""

    id: int
    author: str
    body: str


@dataclass
class ForgeServer:
    """One pull request with its comments."""

    url: str = ""
    head: str = "1" * 40
    merged_as: str = ""
    comments: list[Written] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    """Statuses with which the next calls are answered."""
    before_write: list[Callable[[], None]] = field(default_factory=list)
    """What happens right before the next writes reach the server."""
    next_id: int = 1
    lock: Any = field(default_factory=Lock)

    ours: ClassVar[str] = ""
    token_header: ClassVar[tuple[str, str]] = ("", "")

    def say(self, author: str, body: str) -> None:
        with self.lock:
            self.comments.append(Written(id=self.next_id, author=author, body=body))
            self.next_id += 1

    def bodies(self) -> list[str]:
        return [comment.body for comment in self.comments if comment.author == self.ours]

    def environ(self) -> dict[str, str]:
        raise NotImplementedError

    def answer(self, method: str, path: str, body: Any) -> Any:
        raise NotImplementedError

    def shape(self, comment: Written) -> dict[str, Any]:
        raise NotImplementedError

    def change(self, method: str, comment_id: int, body: Any) -> Any:
        with self.lock:
            found = next((comment for comment in self.comments if comment.id == comment_id), None)
            if found is None:
                return None
            if method == "DELETE":
                self.comments.remove(found)
            else:
                found.body = body["body"]
            return self.shape(found)


class FakeGitHub(ForgeServer):
    ours = "github-actions[bot]"
    token_header = ("Authorization", f"Bearer {TOKEN}")

    def environ(self) -> dict[str, str]:
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.url,
            "GITHUB_REPOSITORY": "example/pipelines",
            "GITHUB_TOKEN": TOKEN,
        }

    def shape(self, comment: Written) -> dict[str, Any]:
        kind = "Bot" if comment.author.endswith("[bot]") else "User"
        return {
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "user": {"login": comment.author, "id": 41898282, "type": kind, "site_admin": False},
            "body": comment.body,
            "author_association": "CONTRIBUTOR",
        }

    def answer(self, method: str, path: str, body: Any) -> Any:
        base = "/repos/example/pipelines"
        if path == f"{base}/issues/{PULL}/comments":
            if method == "POST":
                self.say(self.ours, body["body"])
                return self.shape(self.comments[-1])
            return [self.shape(comment) for comment in self.comments]
        if found := re.fullmatch(rf"{base}/issues/comments/(\d+)", path):
            return self.change(method, int(found[1]), body)
        pull = {"number": PULL, "head": {"sha": self.head}, "state": "open", "merged_at": None, "merge_commit_sha": "9" * 40}
        if path == f"{base}/pulls/{PULL}":
            return pull
        if path == f"{base}/commits/{self.merged_as}/pulls":
            other = {**pull, "number": 99, "merge_commit_sha": self.merged_as}  # it holds the commit, and is open
            merged = {"state": "closed", "merged_at": "2026-11-29T10:00:00Z", "merge_commit_sha": self.merged_as}
            return [other, {**pull, **merged}]
        return [] if path.endswith("/pulls") else None


class FakeGitLab(ForgeServer):
    ours = "project_42_bot_a1b2"
    token_header = ("PRIVATE-TOKEN", TOKEN)

    def environ(self) -> dict[str, str]:
        return {"GITLAB_CI": "true", "CI_API_V4_URL": f"{self.url}/api/v4", "CI_PROJECT_ID": "42", "BUNSUI_GITLAB_TOKEN": TOKEN}

    def shape(self, comment: Written) -> dict[str, Any]:
        is_event = comment.author == "system"
        author = {"id": 1, "username": self.ours if is_event else comment.author, "name": "Bot", "state": "active"}
        return {"id": comment.id, "body": comment.body, "author": author, "system": is_event, "noteable_type": "MergeRequest"}

    def answer(self, method: str, path: str, body: Any) -> Any:
        base = "/api/v4/projects/42"
        if path == "/api/v4/user":
            return {"id": 1, "username": self.ours, "bot": True}
        if path == f"{base}/merge_requests/{PULL}/notes":
            if method == "POST":
                self.say(self.ours, body["body"])
                return self.shape(self.comments[-1])
            return [self.shape(comment) for comment in self.comments]
        if found := re.fullmatch(rf"{base}/merge_requests/{PULL}/notes/(\d+)", path):
            return self.change(method, int(found[1]), body)
        request = {
            "iid": PULL,
            "id": 1007,
            "sha": self.head,
            "state": "opened",
            "merge_commit_sha": None,
            "squash_commit_sha": None,
        }
        if path == f"{base}/merge_requests/{PULL}":
            return request
        if path == f"{base}/repository/commits/{self.merged_as}/merge_requests":
            return [{**request, "iid": 99}, {**request, "state": "merged", "merge_commit_sha": self.merged_as}]
        return [] if path.endswith("/merge_requests") else None


@contextmanager
def serving(forge: ForgeServer) -> Iterator[ForgeServer]:
    """Serve it as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            forge.calls.append((self.command, parts.path))
            name, value = forge.token_header
            if self.headers.get(name) != value:
                return self._answer(401, {"message": "Bad credentials"})
            if forge.failures:
                return self._answer(forge.failures.pop(0), {"message": "unwell"})
            if self.command != "GET" and forge.before_write:
                forge.before_write.pop(0)()
            found = forge.answer(self.command, parts.path, body)
            if found is None:
                return self._answer(404, {"message": "Not Found"})
            query = parse_qs(parts.query)
            if isinstance(found, list):
                size, page = min(int(query["per_page"][0]), 100), int(query["page"][0])
                found = found[(page - 1) * size : page * size]
            return self._answer(204 if self.command == "DELETE" else 200, found)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the names of http.server

        def _answer(self, status: int, document: Any) -> None:
            text = b"" if status == 204 else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
