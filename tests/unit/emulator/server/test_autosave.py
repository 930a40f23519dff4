"""Saving: what changed is on disk within a round, and a round that fails is repeated."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.server.autosave import Autosave, encoder

encode = encoder(default=lambda value: {"__bytes__": value.decode()}, version=lambda service: 3 if service == "new" else 2)


def saver(folder: Path, **services: Callable[[], Any]) -> Autosave:
    return Autosave(folder, lambda: services, encode)


def test_a_state_is_written_as_the_emulator_reads_it(tmp_path: Path) -> None:
    asyncio.run(saver(tmp_path, new=lambda: {"a": b"x"}, old=dict).save())

    assert json.loads((tmp_path / "new.json").read_text()) == {"__ministack_format__": 3, "payload": {"a": {"__bytes__": "x"}}}
    assert json.loads((tmp_path / "old.json").read_text())["__ministack_format__"] == 2


def test_only_what_changed_is_written_again(tmp_path: Path) -> None:
    state = {"n": 1}
    saving = saver(tmp_path, one=lambda: dict(state), two=dict)
    asyncio.run(saving.save())
    first = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    state["n"] = 2
    asyncio.run(saving.save())
    second = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}

    assert first["two.json"] == second["two.json"]
    assert first["one.json"] != second["one.json"]
    assert json.loads((tmp_path / "one.json").read_text())["payload"] == {"n": 2}


def test_a_service_that_has_nothing_to_say_keeps_its_file(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("kept")
    asyncio.run(saver(tmp_path, broken=lambda: None).save())

    assert (tmp_path / "broken.json").read_text() == "kept"


def test_a_state_that_changes_while_it_is_copied_is_copied_again(tmp_path: Path) -> None:
    tries = []

    def racing() -> dict[str, int]:
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("dictionary changed size during iteration")
        return {"n": len(tries)}

    saving = saver(tmp_path, racing=racing)
    asyncio.run(saving.save())

    assert saving.failure == ""
    assert json.loads((tmp_path / "racing.json").read_text())["payload"] == {"n": 3}


def test_a_failure_is_told_once_and_ends_with_the_next_success(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "later"
    saving = saver(folder, one=dict)
    with caplog.at_level(logging.ERROR):
        asyncio.run(saving.save())
        asyncio.run(saving.save())

    assert len(caplog.records) == 1
    assert "one" in saving.failure
    folder.mkdir()
    asyncio.run(saving.save())
    assert saving.failure == ""


def test_one_service_that_fails_does_not_keep_the_others_from_disk(tmp_path: Path) -> None:
    saving = saver(tmp_path, bad=lambda: {(1, 2): "keys must be text"}, good=dict)
    asyncio.run(saving.save())

    assert (tmp_path / "good.json").exists()
    assert "bad" in saving.failure


def test_it_saves_only_when_something_changed(tmp_path: Path) -> None:
    answers = iter([False, False, True, False])
    saving = Autosave(tmp_path, lambda: {"one": dict}, encode, period_seconds=0.01)

    async def play() -> None:
        stopped = asyncio.Event()

        def changed() -> bool:
            answer = next(answers, None)
            if answer is None:
                stopped.set()
            return bool(answer)

        await saving.run(changed, stopped)

    asyncio.run(play())

    assert saving.saves == 1
