"""What `bunsui local` says of the embedded AWS, as JSON documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bunsui.model.values import Json
from bunsui.view.schema_parts import FORMAT_VERSION, Schema, closed, document, flag, or_null, text, texts, whole

if TYPE_CHECKING:
    from bunsui.local.launcher import LocalStatus


def local_json(found: LocalStatus) -> dict[str, Json]:
    """Give the document of `bunsui local`, `local start` and `local status`."""
    endpoint = found.endpoint
    running: Json = None if endpoint is None else {"url": endpoint.url, "pid": endpoint.pid, "account": endpoint.access_key}
    return {
        "format_version": FORMAT_VERSION,
        "kind": "local",
        "running": running,
        "folder": str(found.folder),
        "size_bytes": found.size_bytes,
        "unsaved": found.unsaved,
        "notices": [] if endpoint is None else list(endpoint.notices),
    }


def stopped_json(*, stopped: bool) -> dict[str, Json]:
    """Give the document of `bunsui local stop`."""
    return {"format_version": FORMAT_VERSION, "kind": "local-stop", "stopped": stopped}


def log_json(lines: Sequence[str]) -> dict[str, Json]:
    """Give the document of `bunsui local logs`."""
    return {"format_version": FORMAT_VERSION, "kind": "local-log", "lines": list(lines)}


def reset_json() -> dict[str, Json]:
    """Give the document of `bunsui local reset`."""
    return {"format_version": FORMAT_VERSION, "kind": "local-reset", "reset": True}


def local_schemas() -> dict[str, Schema]:
    """Describe the documents of this module, by kind."""
    running = closed(
        "How to reach it; null when it does not run.",
        {
            "url": text("Its endpoint."),
            "pid": whole("The number of its process."),
            "account": text("The account's twelve digits, also the access key."),
        },
    )
    return {
        "local": document(
            "local",
            "Of `local`, `local start` and `local status`: the project's embedded AWS.",
            {
                "running": or_null(running),
                "folder": text("Where its data is."),
                "size_bytes": whole("What the folder takes on disk, in bytes."),
                "unsaved": text("Why the last save failed; empty when everything is on disk."),
                "notices": texts("Sentences for the user, such as saved data that could not be read."),
            },
        ),
        "local-stop": document(
            "local-stop", "Of `local stop`.", {"stopped": flag("True when it ran; false when there was nothing to stop.")}
        ),
        "local-log": document(
            "local-log",
            "Of `local logs`: what the embedded AWS itself wrote.",
            {"lines": texts("The last ones, oldest first.")},
        ),
        "local-reset": document(
            "local-reset",
            "Of `local reset`.",
            {"reset": {"const": True, "description": "It stopped, and everything that it kept is gone."}},
        ),
    }
