"""The life of a data folder's embedded AWS: at most one runs for a folder, however many commands ask for it."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bunsui import __version__
from bunsui.emulator.access.principals import DEFAULT_ACCOUNT, Issuer, Keys, developer
from bunsui.emulator.access.secret import ensure_secret, read_secret
from bunsui.emulator.launcher import control
from bunsui.emulator.launcher.environment import child_environment, command
from bunsui.emulator.launcher.folder import EXIT_NEWER, Announcement, DataFolder, read_announcement
from bunsui.emulator.launcher.judged_calls import JudgedCalls, read_judged
from bunsui.emulator.launcher.lock import check_emulator
from bunsui.emulator.launcher.modes import Modes, tell_modes
from bunsui.emulator.launcher.unsaved import unsaved_of
from bunsui.errors import InvalidInput, LocalFailed, MissingExtra
from bunsui.folders.filelock import hold_lock, holder
from bunsui.model.json import Json
from bunsui.process_environment import CHILD_UMASK

DEFAULT_REGION = "us-east-1"
DEFAULT_IDLE_MINUTES = 30.0
IDLE_VARIABLE = "BUNSUI_LOCAL_IDLE_MINUTES"
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_GRACE_SECONDS = 5.0
"""What a process that no longer answers gets to heed a signal."""
_POLL_SECONDS = 0.03
_LOG_LIMIT_BYTES = 5_000_000
_WINDOWS_DETACHED = 0x0000_0208
"""CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS: it neither gets our Ctrl-C nor closes with our console."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalEndpoint:
    """How to reach a running embedded AWS."""

    url: str
    pid: int
    region: str = DEFAULT_REGION
    """Any region works; this one is taken when nobody names one."""
    secret_file: Path
    """What the keys come from; see `keys`."""
    account: str = DEFAULT_ACCOUNT
    """Where the developer works unless another account is named."""
    capabilities: tuple[str, ...] = ()
    """Where the emulator was corrected to do as AWS does; see `bunsui.emulator.patches`."""
    notices: tuple[str, ...] = ()
    """Sentences for the user, such as saved data that could not be read."""
    is_fresh: bool = False
    """True for the command that started it, so that the notices are said once."""

    def keys(self, account: str = DEFAULT_ACCOUNT) -> Keys:
        """Return the developer's keys in an account; any twelve digits are one, empty at first.

        Raises:
            LocalFailed: `local-keys-missing`, when the file that they come from is gone.

        """
        secret = read_secret(self.secret_file)
        if secret is None:
            raise LocalFailed(
                "local-keys-missing",
                "the embedded AWS runs, and the file that its keys come from is gone or is not its owner's alone",
                hint="Stop it, then repeat the command; the next start makes new keys:\n  bunsui local stop",
                file=self.secret_file,
            )
        return Issuer(secret).keys(developer(account))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStatus:
    """What `bunsui local status` shows."""

    folder: Path
    endpoint: LocalEndpoint | None
    """None when nothing runs."""
    unsaved: str = ""
    """Why the last save failed; empty when everything is on disk."""
    size_bytes: int = 0
    """What the data folder takes on disk."""
    judged: JudgedCalls | None = None
    """What its IAM made of the calls of roles; None when nothing runs."""


def ensure_running(
    root: Path,
    *,
    environment: Mapping[str, str] | None = None,
    ecs: str = "none",
    iam: str = "enforce",
    lag: float = 0.0,
    answers: Mapping[str, Json] | None = None,
) -> LocalEndpoint:
    """Return the embedded AWS of the folder, started when none runs.

    `environment` is the host's (os.environ when None); only a few names of it reach the child. The others are what the project
    says (`Modes`). Raises LocalFailed, or MissingExtra when the emulator is not installed.
    """
    modes = Modes(ecs=ecs, iam=iam, lag=lag, answers=answers or {})
    host = os.environ if environment is None else environment
    folder = DataFolder(root.resolve())
    running = _answering(folder)
    if running is not None and running.version == __version__:
        return _configured_endpoint(folder, running, modes)
    if importlib.util.find_spec("ministack") is None:
        raise MissingExtra(
            "local-extra-missing",
            "the embedded AWS is not installed",
            hint='Install it, then repeat the command:\n  pip install "bunsui[local]"',
        )
    check_emulator()
    with _starting(folder):
        running = _answering(folder) or _wait_for_holder(folder)
        if running is not None and running.version == __version__:
            return _configured_endpoint(folder, running, modes)
        if running is not None:
            _end(folder, running)
        started = _start(folder, host, _idle_minutes(host), modes)
        return replace(_configured_endpoint(folder, started, modes), is_fresh=True)


def stop(root: Path) -> bool:
    """Stop the embedded AWS of the folder and wait for its end; True when one ran. Everything is saved first.

    Raises:
        LocalFailed: `local-unsaved`, when a stop would lose what could not be saved; it goes on running.

    """
    unsaved = unsaved_of(root)
    if unsaved:
        raise LocalFailed(
            "local-unsaved",
            "the embedded AWS could not save what it holds, and would lose it",
            hint="Free some space, or correct what the reason says, then repeat the command. To give up what it holds:\n"
            "  bunsui local reset",
            folder=root.resolve(),
            reason=unsaved,
        )
    return _stop(DataFolder(root.resolve()))


def _stop(folder: DataFolder) -> bool:
    if not folder.root.is_dir():
        return False
    with _starting(folder):
        if holder(folder.running_lock) is None:
            folder.ready.unlink(missing_ok=True)
            return False
        _end(folder, read_announcement(folder))
        return True


def status(root: Path) -> LocalStatus:
    """Tell what runs for the folder, without starting anything."""
    folder = DataFolder(root.resolve())
    running = read_announcement(folder)
    identity = control.identity(running) if running is not None else None
    endpoint = _endpoint(folder, running) if running is not None and identity is not None else None
    told = (identity or {}).get("differences")
    if endpoint is not None and isinstance(told, list):
        endpoint = replace(endpoint, notices=(*endpoint.notices, *map(str, told)))
    return LocalStatus(
        folder=folder.root,
        endpoint=endpoint,
        unsaved=str((identity or {}).get("unsaved", "")),
        judged=read_judged(running) if running is not None and endpoint is not None else None,
        size_bytes=sum(path.stat().st_size for path in folder.root.rglob("*") if path.is_file()),
    )


def let_go(root: Path) -> bool:
    """Have whoever works in a folder that is not known to be ours save and leave it; nothing in the folder is touched.

    True when somebody did.

    Raises:
        LocalFailed: it does not leave.

    """
    folder = DataFolder(root)
    if holder(folder.running_lock) is None:  # only a process of this machine holds a lock: no file can pretend to be one
        return False
    running = read_announcement(folder)
    if running is None or not control.request_stop(running) or not _wait_for_end(folder, _STOP_SECONDS):
        raise LocalFailed(
            "local-hangs",
            "an embedded AWS runs in a folder that is to be moved aside, and does not stop",
            hint="End its process, then repeat the command.",
            process=holder(folder.running_lock),
            folder=root,
        )
    return True


def reset(root: Path) -> None:
    """Stop the embedded AWS of the folder and remove everything it kept."""
    folder = DataFolder(root.resolve())
    _stop(folder)
    if not folder.root.is_dir():
        return
    with _starting(folder):
        for kept in (folder.state, folder.objects, folder.scratch, folder.home, folder.damaged):
            shutil.rmtree(kept, ignore_errors=True)
        for file in (folder.log, folder.port, folder.ready, folder.secret, folder.deaths):
            file.unlink(missing_ok=True)


def log_file(root: Path) -> Path:
    """Return the log's path; there may be no file yet."""
    return DataFolder(root.resolve()).log


def log_tail(root: Path, *, lines: int = 30) -> list[str]:
    """Return the last lines of the log; empty when there is none."""
    try:
        text = log_file(root).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()[-lines:]


def _start(folder: DataFolder, host: Mapping[str, str], idle_minutes: float, modes: Modes) -> Announcement:
    folder.ready.unlink(missing_ok=True)
    ensure_secret(folder.secret)
    child = _spawn(folder, host, idle_minutes, modes)
    deadline = time.monotonic() + _START_SECONDS
    while child.poll() is None:
        announcement = read_announcement(folder)
        if announcement is not None and announcement.pid == child.pid:
            child.returncode = 0  # it is meant to outlive us: Python would complain, and the system collects it
            return announcement
        if time.monotonic() > deadline:
            child.kill()
            child.wait()
            raise _failed_error(folder, "the embedded AWS did not become ready in time", waited_seconds=_START_SECONDS)
        time.sleep(_POLL_SECONDS)
    if child.returncode == EXIT_NEWER:
        from bunsui.emulator.launcher.newer import check_known  # deferred: it knows the engine, and is hardly ever needed

        check_known(folder)
    raise _failed_error(folder, "the embedded AWS ended while starting", exit_code=child.returncode)


def _spawn(folder: DataFolder, host: Mapping[str, str], idle_minutes: float, modes: Modes) -> subprocess.Popen[bytes]:
    folder.prepare()
    if folder.log.exists() and folder.log.stat().st_size > _LOG_LIMIT_BYTES:
        folder.log.replace(folder.log.with_suffix(".old.txt"))
    flags = _WINDOWS_DETACHED if sys.platform == "win32" else 0
    with folder.log.open("ab") as log:
        return subprocess.Popen(
            command(folder, idle_minutes=idle_minutes, ecs=modes.ecs, iam=modes.iam),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder.root,
            env=child_environment(host, folder),
            start_new_session=True,
            umask=CHILD_UMASK,
            creationflags=flags,
        )


def _answering(folder: DataFolder) -> Announcement | None:
    if holder(folder.running_lock) is None:
        return None
    announcement = read_announcement(folder)
    if announcement is None or control.identity(announcement) is None:
        return None
    return announcement


def _wait_for_holder(folder: DataFolder) -> Announcement | None:
    """Wait for a process that holds the folder but does not answer: it may be starting, stopping or busy.

    None when it went away."""
    deadline = time.monotonic() + _STOP_SECONDS
    while (pid := holder(folder.running_lock)) is not None:
        running = _answering(folder)
        if running is not None:
            return running
        if time.monotonic() > deadline:
            raise LocalFailed(
                "local-hangs",
                "the embedded AWS runs but does not answer",
                hint="Stop it, then repeat the command:\n  bunsui local stop",
                process=pid,
                log=folder.log,
            )
        time.sleep(0.1)
    return None


def _end(folder: DataFolder, running: Announcement | None) -> None:
    """Ask the holder of the folder to stop; then tell it; then kill it."""
    listens = running is not None and control.request_stop(running)
    if _wait_for_end(folder, _STOP_SECONDS if listens else 0.0):
        return
    for number in (signal.SIGTERM, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM):
        # The lock is held, so its holder lives, and the process id in it is no other process's.
        pid = holder(folder.running_lock)
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if _wait_for_end(folder, _GRACE_SECONDS):
            folder.ready.unlink(missing_ok=True)
            return
    raise _failed_error(folder, "the embedded AWS could not be stopped", process=holder(folder.running_lock))


def _wait_for_end(folder: DataFolder, timeout_seconds: float) -> bool:
    deadline = time.monotonic() + timeout_seconds
    while holder(folder.running_lock) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


@contextlib.contextmanager
def _starting(folder: DataFolder) -> Iterator[None]:
    """Hold the start lock; what goes wrong with the folder becomes a LocalFailed."""
    try:
        folder.prepare()
        with hold_lock(folder.start_lock, timeout_seconds=_START_SECONDS + _STOP_SECONDS):
            yield
    except TimeoutError as problem:
        raise LocalFailed(
            "local-start-locked",
            "another bunsui command is starting or stopping the embedded AWS and does not finish",
            hint="End that command, then repeat this one.",
            process=holder(folder.start_lock),
        ) from problem
    except OSError as problem:
        full = problem.errno == errno.ENOSPC
        raise LocalFailed(
            "local-folder-unusable",
            "the disk is full" if full else "the data folder of the embedded AWS cannot be used",
            hint=_folder_hint(problem),
            folder=folder.root,
            reason=problem.strerror or problem,
        ) from problem


def _folder_hint(problem: OSError) -> str:
    match problem.errno:
        case errno.ENOSPC:
            return "Free some space."
        case errno.EEXIST | errno.ENOTDIR:
            return "Something that is no folder lies there: move it away."
        case _:
            return "Make the folder writable, or name another project folder with -C."


def _failed_error(folder: DataFolder, summary: str, **facts: object) -> LocalFailed:
    tail = "\n".join(log_tail(folder.root, lines=12))
    return LocalFailed(
        "local-failed",
        summary,
        hint="Read the log, or start over with an empty one:\n  bunsui local logs\n  bunsui local reset",
        **facts,
        folder=folder.root,
        log=tail or None,
    )


def _idle_minutes(host: Mapping[str, str]) -> float:
    text = host.get(IDLE_VARIABLE, "") or str(DEFAULT_IDLE_MINUTES)
    with contextlib.suppress(ValueError):
        if 0 <= (minutes := float(text)) < float("inf"):
            return minutes
    raise InvalidInput("local-idle-minutes", f"{IDLE_VARIABLE} must be a number of minutes, or 0 for never", value=text)


def _configured_endpoint(folder: DataFolder, running: Announcement, modes: Modes) -> LocalEndpoint:
    """Return the endpoint of one that runs, after telling it what the project says."""
    tell_modes(running, modes)
    return _endpoint(folder, running)


def _endpoint(folder: DataFolder, running: Announcement) -> LocalEndpoint:
    return LocalEndpoint(
        url=f"http://127.0.0.1:{running.port}",
        pid=running.pid,
        secret_file=folder.secret,
        capabilities=running.capabilities,
        notices=running.notices,
    )
