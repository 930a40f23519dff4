"""Restoring: what cannot be read is moved aside and told, the rest is restored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.server.restore import restorer, set_aside_unreadable


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path)
    made.prepare()
    return made


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null", b'{"a": 1} rest'])
def test_a_file_that_is_not_whole_is_moved_aside(folder: DataFolder, content: bytes) -> None:
    (folder.state / "s3.json").write_bytes(content)
    (folder.state / "sqs.json").write_text("{}")

    notices = set_aside_unreadable(folder)

    (kept,) = folder.damaged.iterdir()
    assert kept.read_bytes() == content
    assert len(notices) == 1
    assert "service s3" in notices[0]
    assert str(kept) in notices[0]
    assert [path.name for path in folder.state.iterdir()] == ["sqs.json"]


def test_partial_files_of_a_killed_one_are_removed(folder: DataFolder) -> None:
    (folder.state / "s3.json.123.partial").write_text("{")

    assert set_aside_unreadable(folder) == []
    assert list(folder.state.iterdir()) == []


def test_a_service_that_refuses_its_state_does_not_stop_the_others(folder: DataFolder) -> None:
    restored: list[Any] = []

    class Good:
        def load_persisted_state(self, state: Any) -> None:
            restored.append(state)

    class Bad:
        def load_persisted_state(self, state: Any) -> None:
            raise KeyError("queues")

    for service in ("bad", "good", "empty"):
        (folder.state / f"{service}.json").write_text(json.dumps({"n": 1} if service != "empty" else {}))
    notices: list[str] = []

    def load(service: str) -> Any:
        return json.loads((folder.state / f"{service}.json").read_text())

    services = {"bad": "Bad", "good": "Good", "absent": "Good", "empty": "Bad"}
    restorer(folder, services, load, lambda name: Good() if name == "Good" else Bad(), notices)()

    assert restored == [{"n": 1}]
    assert len(notices) == 1
    assert "bad" in notices[0]
    assert sorted(path.name for path in folder.state.iterdir()) == ["empty.json", "good.json"]
