"""The embedded AWS as a process: started once, ended by many things, stopped without a trace."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.launcher.launcher import IDLE_VARIABLE, ensure_running, log_tail, status, stop
from bunsui.errors import InvalidInput, LocalFailed
from bunsui.folders.filelock import FileLock, holder
from tests.e2e.own_process import account_of, eventually, kill, processes_below
from tests.e2e.test_embedded import constant, invoke, make_function, make_machine
from tests.embedded import fresh_account

pytestmark = [pytest.mark.embedded, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")]


@pytest.mark.slow
def test_many_commands_at_once_start_one(folder: Path) -> None:
    code = "import sys, pathlib; from bunsui.emulator.launcher import launcher; "
    code += "print(launcher.ensure_running(pathlib.Path(sys.argv[1])).pid)"
    command = [sys.executable, "-c", code, str(folder)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        threads = [pool.submit(ensure_running, folder) for _ in range(4)]
    pids = {child.communicate()[0].strip() for child in children} | {str(thread.result().pid) for thread in threads}

    assert len(pids) == 1
    assert len([line for line in processes_below(folder) if "bunsui.emulator.server.main" in line]) == 1


def test_stop_leaves_nothing_running_and_nothing_outside_the_folder(folder: Path, tmp_path: Path) -> None:
    before = set(Path("/tmp").glob("ministack*"))
    account = account_of(folder)
    make_function(account, "works", "def handler(event, context):\n    return 1\n")
    invoke(account, "works")
    assert len(processes_below(folder)) == 2

    assert stop(folder) is True

    eventually(lambda: not processes_below(folder))
    assert stop(folder) is False
    assert set(Path("/tmp").glob("ministack*")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["local"]
    assert not list((folder / "tmp").iterdir())
    assert status(folder).endpoint is None


def test_a_function_at_work_dies_with_a_killed_emulator(folder: Path) -> None:
    account = account_of(folder)
    make_function(account, "sleeps", "import time\n\ndef handler(event, context):\n    time.sleep(100)\n")
    account.client("lambda").invoke(FunctionName="sleeps", InvocationType="Event")
    eventually(lambda: len(processes_below(folder)) == 2)
    kill(account.endpoint, folder)

    eventually(lambda: not processes_below(folder))


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_it_listens_on_loopback_only_and_on_one_port(folder: Path) -> None:
    account = account_of(folder)
    account.client("stepfunctions").list_state_machines()
    listening = set()
    descriptors = Path(f"/proc/{account.endpoint.pid}/fd")
    sockets = {str(item.readlink()).removeprefix("socket:[").rstrip("]") for item in descriptors.iterdir()}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                listening.add(fields[1])

    port = int(account.endpoint.url.rpartition(":")[2])
    assert listening == {f"0100007F:{port:04X}"}


def test_a_ready_file_of_a_dead_one_is_not_believed(folder: Path) -> None:
    first = ensure_running(folder)
    ready = (folder / "ready.json").read_bytes()
    kill(first, folder)
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(first.url.rpartition(":")[2])))
        other.listen()
        (folder / "ready.json").write_bytes(ready.replace(str(first.pid).encode(), str(os.getpid()).encode()))

        second = ensure_running(folder)

        assert second.pid not in (first.pid, os.getpid())
        assert second.url != first.url


def test_the_port_stays_the_same_over_a_restart(folder: Path) -> None:
    first = ensure_running(folder)
    stop(folder)

    assert ensure_running(folder).url == first.url


def test_it_ends_when_its_folder_is_removed(folder: Path) -> None:
    endpoint = ensure_running(folder)
    shutil.rmtree(folder)

    eventually(lambda: not Path(f"/proc/{endpoint.pid}").exists() or not processes_below(folder))
    assert not folder.exists()


def test_it_ends_when_nobody_asks_anything(folder: Path) -> None:
    ensure_running(folder, environment={IDLE_VARIABLE: "0.01"})

    eventually(lambda: holder(DataFolder(folder).running_lock) is None)
    assert "nobody asked anything" in "\n".join(log_tail(folder))


@pytest.mark.parametrize("text", ["soon", "-1", "inf", "nan"])
def test_an_idle_time_that_is_no_number_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ensure_running(folder, environment={IDLE_VARIABLE: text})

    assert caught.value.code == "local-idle-minutes"


def test_a_folder_that_is_a_file_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "local").write_text("not a folder")

    with pytest.raises(LocalFailed) as caught:
        ensure_running(tmp_path / "local")

    assert caught.value.code == "local-folder-unusable"
    assert "move it away" in caught.value.hint
    assert caught.value.facts["folder"] == str(tmp_path / "local")


def test_a_child_that_ends_while_starting_is_told_with_its_log(folder: Path) -> None:
    DataFolder(folder).prepare()
    lock = FileLock(DataFolder(folder).running_lock)
    (folder / "port").mkdir()

    with pytest.raises(LocalFailed) as caught:
        ensure_running(folder)

    assert caught.value.code == "local-failed"
    assert "Is a directory" in caught.value.facts["log"]
    assert lock.acquire()
    lock.release()


@pytest.mark.slow
def test_one_that_hangs_is_named_and_can_be_stopped(folder: Path) -> None:
    endpoint = ensure_running(folder)
    os.kill(endpoint.pid, signal.SIGSTOP)

    assert status(folder).endpoint is None
    with pytest.raises(LocalFailed) as caught:
        ensure_running(folder)
    assert (caught.value.code, caught.value.facts["process"]) == ("local-hangs", str(endpoint.pid))
    assert stop(folder) is True
    assert holder(DataFolder(folder).running_lock) is None


def test_the_data_is_for_its_owner_only(folder: Path) -> None:
    ensure_running(folder)

    assert folder.stat().st_mode & 0o077 == 0


def test_accounts_do_not_see_each_other(folder: Path) -> None:
    endpoint = ensure_running(folder)
    mine, yours = fresh_account(endpoint), fresh_account(endpoint)
    make_machine(mine, "mine", constant(1))

    assert yours.client("stepfunctions").list_state_machines()["stateMachines"] == []
