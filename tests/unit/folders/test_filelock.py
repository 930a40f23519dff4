"""The lock between processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bunsui.folders.filelock import FileLock, hold_lock, holder

HOLD = "import sys, time, pathlib; from bunsui.folders.filelock import FileLock; l = FileLock(pathlib.Path(sys.argv[1])); "
HOLD += "assert l.acquire(); print('held', flush=True); time.sleep(60)"


def test_one_holds_it_and_is_named(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")

    assert holder(tmp_path / "lock") is None
    assert first.acquire()
    assert not second.acquire()
    assert holder(tmp_path / "lock") == os.getpid()
    first.release()
    first.release()
    assert holder(tmp_path / "lock") is None
    assert second.acquire()
    second.release()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
def test_a_killed_holder_frees_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert holder(tmp_path / "lock") == child.pid
        child.send_signal(signal.SIGKILL)
        child.wait()

        assert holder(tmp_path / "lock") is None


def test_waiting_ends(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert lock.acquire()
    began = time.monotonic()

    with pytest.raises(TimeoutError), hold_lock(tmp_path / "lock", timeout_seconds=0.2):
        pass

    assert 0.2 <= time.monotonic() - began < 30
    lock.release()
    with hold_lock(tmp_path / "lock", timeout_seconds=0.2):
        assert holder(tmp_path / "lock") == os.getpid()


def test_a_removed_or_replaced_file_is_noticed(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert not lock.still_there()
    assert lock.acquire()
    assert lock.still_there()
    (tmp_path / "lock").unlink()
    assert not lock.still_there()
    (tmp_path / "lock").write_text("")
    assert not lock.still_there()
    lock.release()


def test_nobody_holds_a_pipe_or_a_link(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "lock")
    lock = FileLock(tmp_path / "lock")
    assert lock.acquire()

    assert holder(tmp_path / "pipe") is None
    assert holder(tmp_path / "link") is None
    lock.release()
