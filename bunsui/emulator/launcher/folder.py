"""The data folder of an embedded AWS: where each file lies, and what the running one tells about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bunsui.folders.files import make_private_folder, read_regular, write_atomically
from bunsui.model.json import Json

EXIT_NEWER = 76
"""The exit code of an embedded AWS that does not start in a folder which a newer bunsui wrote."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths below one data folder, usually `.bunsui/local` of a project."""

    root: Path

    @property
    def state(self) -> Path:
        """One JSON file for each AWS service."""
        return self.root / "state"

    @property
    def objects(self) -> Path:
        """S3 objects, as files."""
        return self.root / "objects"

    @property
    def scratch(self) -> Path:
        """Temporary files: unpacked function code. Emptied at every start and stop."""
        return self.root / "tmp"

    @property
    def home(self) -> Path:
        """The home directory that functions see: empty, so that nobody's `~/.aws` reaches them."""
        return self.root / "home"

    @property
    def damaged(self) -> Path:
        """State files that could not be read, moved aside."""
        return self.root / "damaged"

    @property
    def log(self) -> Path:
        """What the embedded AWS wrote to its output."""
        return self.root / "log.txt"

    @property
    def ready(self) -> Path:
        """How to reach the running one; removed by a clean stop."""
        return self.root / "ready.json"

    @property
    def port(self) -> Path:
        """The last port, asked for again so that URLs kept from an earlier run go on working."""
        return self.root / "port"

    @property
    def secret(self) -> Path:
        """What all keys of this embedded AWS come from; for its owner only."""
        return self.root / "secret"

    @property
    def deaths(self) -> Path:
        """Which executions were under way when the process died (`bunsui.emulator.server.deaths`)."""
        return self.root / "deaths.json"

    @property
    def start_lock(self) -> Path:
        """Held by the command that starts or stops an embedded AWS."""
        return self.root / "start.lock"

    @property
    def running_lock(self) -> Path:
        """Held by the embedded AWS as long as it lives; the system frees it however the process ends."""
        return self.root / "running.lock"

    def prepare(self) -> None:
        """Make the folder, for its owner only, and what every start needs; OSError when it cannot be written, or when a link
        or a folder that others may write lies in its place."""
        for folder in (self.root, self.state, self.objects, self.scratch, self.home):
            make_private_folder(folder)
        ignore = self.root / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, b"*\n", mode=0o644)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a running embedded AWS writes into its ready file."""

    pid: int
    port: int
    token: str
    """Answers to it only: a reused port or pid is recognised by not knowing it."""
    version: str
    """bunsui's version, since another one patches the emulator differently."""
    capabilities: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default_factory=tuple)
    """Sentences for the user about this start, such as data that was moved aside."""


def announce(folder: DataFolder, announcement: Announcement) -> None:
    """Write the ready file."""
    document: dict[str, Json] = {
        "pid": announcement.pid,
        "port": announcement.port,
        "token": announcement.token,
        "version": announcement.version,
        "capabilities": list(announcement.capabilities),
        "notices": list(announcement.notices),
    }
    write_atomically(folder.ready, json.dumps(document, indent=1).encode())


def read_announcement(folder: DataFolder) -> Announcement | None:
    """Return what the ready file says; None when there is none, or when it is not one of ours."""
    try:
        document = json.loads(read_regular(folder.ready))
        return Announcement(
            pid=int(document["pid"]),
            port=int(document["port"]),
            token=str(document["token"]),
            version=str(document["version"]),
            capabilities=_texts(document, "capabilities"),
            notices=_texts(document, "notices"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _texts(document: Mapping[str, Sequence[object]], key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in document.get(key, ()))
