"""What the launcher says before any process is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bunsui.errors import ExitCode, MissingExtra
from bunsui.local.launcher import data_folder, ensure_running, log_tail, reset, status, stop


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
