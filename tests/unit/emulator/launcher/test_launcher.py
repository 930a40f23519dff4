"""What the launcher says before any process is started."""

from __future__ import annotations

import http.server
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bunsui import __version__
from bunsui.emulator.launcher.folder import Announcement, DataFolder, announce
from bunsui.emulator.launcher.launcher import ensure_running, log_tail, reset, status, stop
from bunsui.errors import ExitCode, LocalFailed, MissingExtra
from bunsui.folders.filelock import FileLock
from bunsui.folders.project import data_folder
from bunsui.model.json import Json


def test_a_missing_extra_is_named_with_the_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ministack", None)

    with pytest.raises(MissingExtra) as caught:
        ensure_running(tmp_path / "local")

    assert 'pip install "bunsui[local]"' in caught.value.hint
    assert caught.value.exit_code is ExitCode.INVALID


def test_looking_at_a_folder_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    folder = data_folder(tmp_path)

    assert status(folder).endpoint is None
    assert stop(folder) is False
    assert log_tail(folder) == []
    reset(folder)
    assert list(tmp_path.iterdir()) == []


class OldOne(http.server.BaseHTTPRequestHandler):
    """Says who it is, and knows nothing of containers."""

    def do_GET(self) -> None:
        self.answer(200, {"pid": os.getpid()})

    def do_POST(self) -> None:
        self.answer(404, {})

    def answer(self, status: int, body: Mapping[str, Json]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""


@pytest.fixture
def one_that_runs(tmp_path: Path) -> Iterator[Path]:
    """A folder whose embedded AWS, as far as anybody can tell, is this process."""
    folder = DataFolder(tmp_path / "local")
    folder.prepare()
    lock = FileLock(folder.running_lock)
    assert lock.acquire()
    server = http.server.HTTPServer(("127.0.0.1", 0), OldOne)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    announce(
        folder,
        Announcement(
            pid=os.getpid(),
            port=server.server_port,
            token="t",
            version=__version__,
            capabilities=(),
            notices=(),
        ),
    )
    try:
        yield folder.root
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        lock.release()


def test_one_that_does_not_take_the_setting_is_named_with_the_way_out(one_that_runs: Path) -> None:
    assert ensure_running(one_that_runs).pid == os.getpid()
    with pytest.raises(LocalFailed) as caught:
        ensure_running(one_that_runs, ecs="process")
    assert caught.value.code == "local-setting-refused"
    assert "bunsui local stop" in caught.value.hint
