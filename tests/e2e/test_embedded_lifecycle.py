"""The embedded AWS as a process: started once, killed at any moment, stopped without a trace."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput, LocalFailed
from bunsui.local.filelock import FileLock, holder
from bunsui.local.folder import DataFolder
from bunsui.local.launcher import IDLE_VARIABLE, LocalEndpoint, ensure_running, log_tail, reset, status, stop
from tests.e2e.test_embedded import constant, invoke, make_function, make_machine
from tests.embedded import EmbeddedAccount, fresh_account

pytestmark = [pytest.mark.embedded, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")]

AUTOSAVE_SECONDS = 1.6
"""The second that may be lost, and the save itself on a busy machine."""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder; whatever runs in it ends with the test."""
    place = tmp_path / "local"
    yield place
    stop(place)


def account_of(folder: Path) -> EmbeddedAccount:
    """Start the folder's embedded AWS and give its default account."""
    endpoint = ensure_running(folder)
    return EmbeddedAccount(endpoint=endpoint, account=endpoint.access_key, region=endpoint.region)


def kill(endpoint: LocalEndpoint, folder: Path) -> None:
    """Kill -9, and wait until the system noticed."""
    os.kill(endpoint.pid, signal.SIGKILL)
    eventually(lambda: holder(DataFolder(folder).running_lock) is None)


def eventually(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for the condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def processes_below(folder: Path) -> list[str]:
    """Give the command lines of all processes that name the folder or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in command or str(folder) in str((process / "cwd").readlink()):
                found.append(command)
    return found


def test_what_was_there_a_second_before_survives_a_kill(folder: Path) -> None:
    account = account_of(folder)
    make_machine(account, "kept", constant(1), tags=[{"key": "k", "value": "v"}])
    objects, tables = account.client("s3"), account.client("dynamodb")
    objects.create_bucket(Bucket="kept-bucket")
    objects.put_object(Bucket="kept-bucket", Key="a/b.txt", Body=b"kept")
    key = {"AttributeName": "id", "KeyType": "HASH"}
    attribute = {"AttributeName": "id", "AttributeType": "S"}
    tables.create_table(TableName="table", KeySchema=[key], AttributeDefinitions=[attribute], BillingMode="PAY_PER_REQUEST")
    tables.put_item(TableName="table", Item={"id": {"S": "1"}, "body": {"B": b"\x00\xff"}})
    make_function(account, "kept", "def handler(event, context):\n    return 'kept'\n")
    time.sleep(AUTOSAVE_SECONDS)
    kill(account.endpoint, folder)

    again = account_of(folder)

    assert again.endpoint.pid != account.endpoint.pid
    states = again.client("stepfunctions")
    machines = [machine["stateMachineArn"] for machine in states.list_state_machines()["stateMachines"]]
    assert len(machines) == 1
    assert states.list_tags_for_resource(resourceArn=machines[0])["tags"] == [{"key": "k", "value": "v"}]
    assert again.client("s3").get_object(Bucket="kept-bucket", Key="a/b.txt")["Body"].read() == b"kept"
    assert again.client("dynamodb").get_item(TableName="table", Key={"id": {"S": "1"}})["Item"]["body"] == {"B": b"\x00\xff"}
    assert invoke(again, "kept") == "kept"
    assert again.endpoint.notices == ()


@pytest.mark.parametrize("pause", [0.0, 0.3, 0.7, 1.1])
def test_a_kill_at_any_moment_leaves_whole_files(folder: Path, pause: float) -> None:
    account = account_of(folder)
    for number in range(20):
        make_machine(account, f"early-{number}", constant(number))
    time.sleep(AUTOSAVE_SECONDS)
    for number in range(200):
        make_machine(account, f"late-{number}", constant("x" * 2000))
    time.sleep(pause)
    kill(account.endpoint, folder)

    again = account_of(folder)

    names = {machine["name"] for machine in again.client("stepfunctions").list_state_machines()["stateMachines"]}
    assert {f"early-{number}" for number in range(20)} <= names
    assert again.endpoint.notices == ()
    assert not list((folder / "damaged").glob("*")) if (folder / "damaged").exists() else True


def test_executions_go_on_after_a_kill(folder: Path) -> None:
    account = account_of(folder)
    waiting = {"StartAt": "wait", "States": {"wait": {"Type": "Wait", "Seconds": 8, "End": True}}}
    machine = make_machine(account, "waits", waiting)["stateMachineArn"]
    started = [account.client("stepfunctions").start_execution(stateMachineArn=machine, name=f"e{n}") for n in range(30)]
    time.sleep(AUTOSAVE_SECONDS)
    kill(account.endpoint, folder)

    states = account_of(folder).client("stepfunctions")

    def statuses() -> set[str]:
        return {states.describe_execution(executionArn=each["executionArn"])["status"] for each in started}

    assert statuses() == {"RUNNING"}
    eventually(lambda: statuses() == {"SUCCEEDED"}, seconds=20)
    described = states.describe_execution(executionArn=started[0]["executionArn"])
    assert described["stopDate"] - described["startDate"] == timedelta(seconds=8)


def test_a_clean_stop_saves_at_once(folder: Path) -> None:
    make_machine(account_of(folder), "kept", constant(1))

    assert stop(folder) is True

    machines = account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"]
    assert [machine["name"] for machine in machines] == ["kept"]


def test_many_commands_at_once_start_one(folder: Path) -> None:
    code = "import sys, pathlib, bunsui.local.launcher as local; print(local.ensure_running(pathlib.Path(sys.argv[1])).pid)"
    command = [sys.executable, "-c", code, str(folder)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        threads = [pool.submit(ensure_running, folder) for _ in range(4)]
    pids = {child.communicate()[0].strip() for child in children} | {str(thread.result().pid) for thread in threads}

    assert len(pids) == 1
    assert len([line for line in processes_below(folder) if "bunsui.local.emulator" in line]) == 1


def test_stop_leaves_nothing_running_and_nothing_outside_the_folder(folder: Path, tmp_path: Path) -> None:
    before = set(Path("/tmp").glob("ministack*"))
    account = account_of(folder)
    make_function(account, "works", "def handler(event, context):\n    return 1\n")
    invoke(account, "works")
    assert len(processes_below(folder)) == 2

    assert stop(folder) is True

    eventually(lambda: not processes_below(folder), seconds=3)
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

    eventually(lambda: not processes_below(folder), seconds=5)


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


def test_a_broken_state_file_is_moved_aside_and_named(folder: Path) -> None:
    account = account_of(folder)
    make_machine(account, "lost", constant(1))
    account.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument="{}")
    stop(folder)
    (folder / "state" / "stepfunctions.json").write_text('{"half": ')

    again = account_of(folder)

    assert len(again.endpoint.notices) == 1
    assert "stepfunctions" in again.endpoint.notices[0]
    kept = list((folder / "damaged").glob("stepfunctions-*.json"))
    assert [path.read_text() for path in kept] == ['{"half": ']
    assert [role["RoleName"] for role in again.client("iam").list_roles()["Roles"]] == ["kept"]
    assert again.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_a_state_file_that_the_emulator_refuses_is_moved_aside_too(folder: Path) -> None:
    make_machine(account_of(folder), "lost", constant(1))
    stop(folder)
    (folder / "state" / "stepfunctions.json").write_text(json.dumps({"__ministack_format__": 999, "payload": {}}))

    again = account_of(folder)

    assert "newer" in again.endpoint.notices[0]
    assert list((folder / "damaged").glob("stepfunctions-*.json"))


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

    eventually(lambda: not Path(f"/proc/{endpoint.pid}").exists() or not processes_below(folder), seconds=8)
    assert not folder.exists()


def test_it_ends_when_nobody_asks_anything(folder: Path) -> None:
    ensure_running(folder, environment={IDLE_VARIABLE: "0.01"})

    eventually(lambda: holder(DataFolder(folder).running_lock) is None, seconds=5)
    assert "nobody asked anything" in "\n".join(log_tail(folder))


@pytest.mark.parametrize("text", ["soon", "-1", "inf", "nan"])
def test_an_idle_time_that_is_no_number_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        ensure_running(folder, environment={IDLE_VARIABLE: text})

    assert caught.value.code == "local-idle-minutes"


def test_a_stop_that_would_lose_what_could_not_be_saved_is_refused(folder: Path) -> None:
    account = account_of(folder)
    state = DataFolder(folder).state
    state.rename(folder / "aside")
    state.write_text("in the way")
    make_machine(account, "unsaved", constant(1))
    eventually(lambda: bool(status(folder).unsaved))

    with pytest.raises(LocalFailed) as caught:
        stop(folder)
    assert caught.value.code == "local-unsaved"
    assert "bunsui local reset" in caught.value.hint

    state.unlink()
    (folder / "aside").rename(state)
    eventually(lambda: not status(folder).unsaved)
    assert stop(folder)
    names = [machine["name"] for machine in account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"]]
    assert names == ["unsaved"]


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


def test_a_save_that_fails_is_shown_and_repeated(folder: Path) -> None:
    account = account_of(folder)
    (folder / "state").rename(folder / "elsewhere")
    (folder / "state").write_text("in the way")
    make_machine(account, "kept", constant(1))
    eventually(lambda: "stepfunctions" in status(folder).unsaved)

    (folder / "state").unlink()
    (folder / "elsewhere").rename(folder / "state")
    eventually(lambda: not status(folder).unsaved)
    kill(account.endpoint, folder)

    machines = account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"]
    assert [machine["name"] for machine in machines] == ["kept"]


def test_the_data_is_for_its_owner_only(folder: Path) -> None:
    ensure_running(folder)

    assert folder.stat().st_mode & 0o077 == 0


def test_reset_forgets_everything(folder: Path) -> None:
    make_machine(account_of(folder), "gone", constant(1))

    reset(folder)

    assert account_of(folder).client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_accounts_do_not_see_each_other(folder: Path) -> None:
    endpoint = ensure_running(folder)
    mine, yours = fresh_account(endpoint), fresh_account(endpoint)
    make_machine(mine, "mine", constant(1))

    assert yours.client("stepfunctions").list_state_machines()["stateMachines"] == []


@pytest.mark.slow
def test_a_schedule_of_the_past_does_not_fire_again_after_a_restart(folder: Path) -> None:
    account = account_of(folder)
    machine = make_machine(account, "once", constant(1))["stateMachineArn"]
    target = {"Arn": machine, "RoleArn": "arn:aws:iam::000000000000:role/any"}
    window = {"Mode": "OFF"}
    schedules = account.client("scheduler")
    schedules.create_schedule(
        Name="past", ScheduleExpression="at(2020-01-01T00:00:00)", FlexibleTimeWindow=window, Target=target
    )
    states = account.client("stepfunctions")
    eventually(lambda: len(states.list_executions(stateMachineArn=machine)["executions"]) == 1, seconds=15)
    stop(folder)

    states = account_of(folder).client("stepfunctions")
    time.sleep(12)

    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1


@pytest.mark.parametrize("end", [stop, None])
def test_a_function_that_runs_when_the_emulator_ends_is_called_again(folder: Path, end: Callable[[Path], bool] | None) -> None:
    account = account_of(folder)
    source = "import time\n\ndef handler(event, context):\n    time.sleep(2.5)\n    return 'done'\n"
    function = make_function(account, "slow", source)
    task = {"Type": "Task", "Resource": function, "End": True}
    machine = make_machine(account, "calls", {"StartAt": "call", "States": {"call": task}})["stateMachineArn"]
    started = account.client("stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
    time.sleep(1.8 * AUTOSAVE_SECONDS)
    if end is None:
        kill(account.endpoint, folder)
    else:
        end(folder)

    states = account_of(folder).client("stepfunctions")
    eventually(lambda: states.describe_execution(executionArn=started)["status"] != "RUNNING", seconds=20)
    described = states.describe_execution(executionArn=started)
    events = states.get_execution_history(executionArn=started)["events"]

    assert described["status"] == "SUCCEEDED", described.get("cause")
    assert json.loads(described["output"]) == "done"
    assert [event["type"] for event in events].count("LambdaFunctionScheduled") == 1
