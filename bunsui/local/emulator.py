"""The child process: `python -m bunsui.local.emulator FOLDER IDLE_MINUTES ECS` serves the embedded AWS until told to stop.

Order matters: the lock on the data folder, a port, the settings, and only then the import of the emulator, which reads its
environment as it loads.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from bunsui import __version__
from bunsui.aws.service_calls import ServiceCalls
from bunsui.local.autosave import Autosave, encoder
from bunsui.local.environment import settle
from bunsui.local.filelock import FileLock
from bunsui.local.folder import Announcement, DataFolder, announce, write_atomically
from bunsui.local.gate import Gate
from bunsui.local.internals import inner, replace_inner
from bunsui.local.patches import apply_patches
from bunsui.local.restore import restorer, set_aside_unreadable
from bunsui.local.stepfunctions.door import Door
from bunsui.local.stepfunctions.emulator import CAPABILITIES, has_log_group, place_of, put_event, take_over
from bunsui.local.stepfunctions.server import StepFunctions
from bunsui.local.watch import Activity, watch
from bunsui.model.values import Json

_log = logging.getLogger("bunsui.local")

EXIT_BUSY = 75
"""Another process holds the data folder (EX_TEMPFAIL)."""
_LOCK_SECONDS = 2.0
_READY_SECONDS = 60.0


def main(arguments: list[str]) -> int:
    """Serve; give the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _log.setLevel(logging.INFO)
    folder, idle_minutes, ecs_mode = DataFolder(Path(arguments[0])), float(arguments[1]), arguments[2]
    folder.prepare()
    lock = FileLock(folder.running_lock)
    deadline = time.monotonic() + _LOCK_SECONDS
    while not lock.acquire():
        if time.monotonic() > deadline:
            _log.error("another process holds %s", folder.root)
            return EXIT_BUSY
        time.sleep(0.02)
    _empty(folder.scratch)
    listener = _listen(folder)
    settle(folder, port=listener.getsockname()[1])
    notices = set_aside_unreadable(folder)
    return asyncio.run(_Server(folder, lock, listener, notices, idle_minutes, ecs_mode).serve())


class _Server:
    """One run of the embedded AWS, from the import of the emulator to the last save."""

    def __init__(
        self,
        folder: DataFolder,
        lock: FileLock,
        listener: socket.socket,
        notices: list[str],
        idle_minutes: float,
        ecs_mode: str,
    ) -> None:
        self._folder = folder
        self._lock = lock
        self._listener = listener
        self._port = int(listener.getsockname()[1])
        self._notices = notices
        self._idle_minutes = idle_minutes
        self._ecs_mode = ecs_mode
        self._token = secrets.token_hex(16)
        self._stopping = asyncio.Event()
        self._autosave: Autosave | None = None
        self._step_functions: StepFunctions | None = None

    async def serve(self) -> int:
        from hypercorn.asyncio import serve
        from hypercorn.config import Config
        from ministack import app as ministack
        from ministack.core import persistence

        patched = apply_patches()
        self._step_functions = service = self._made_step_functions()
        take_over(service)
        restore = restorer(
            self._folder, inner(ministack, "_state_map"), persistence.load_state, inner(ministack, "_get_module"), self._notices
        )
        replace_inner(ministack, "_load_persisted_state", restore)
        self._autosave = Autosave(
            self._folder.state,
            inner(ministack, "_build_persistence_save_dict"),
            encoder(inner(persistence, "_json_default"), inner(persistence, "_state_format_version")),
        )
        gate: Any = Gate(
            ministack.app,
            token=self._token,
            describe=self._describe,
            stop=self._stopping.set,
            containers=self._set_containers,
            step_functions=Door(service, place_of=place_of),
        )
        activity = Activity(gate, service.pulse)
        config = Config()
        config.bind = [f"fd://{self._listener.fileno()}"]
        config.loglevel = "ERROR"
        config.graceful_timeout = 1.0
        config.keep_alive_timeout = 75
        self._listen_to_signals()
        background = [
            asyncio.create_task(self._announce_when_ready(patched)),
            asyncio.create_task(self._autosave.run(activity.changed, self._stopping)),
            asyncio.create_task(watch(activity, self._lock, self._idle_minutes, self._stopping)),
        ]
        server = asyncio.create_task(serve(gate, config, shutdown_trigger=self._wound_up))
        failed = await _first_failure([*background, server])
        self._stopping.set()
        await self._close(server, background)
        return 1 if failed else 0

    async def _wound_up(self) -> None:
        """Wait for the word to stop, and end Step Functions while the services that it calls still answer."""
        await self._stopping.wait()
        assert self._step_functions is not None
        await asyncio.to_thread(self._step_functions.stop)

    def _made_step_functions(self) -> StepFunctions:
        url = f"http://127.0.0.1:{self._port}"
        return StepFunctions(
            ServiceCalls(url),
            endpoint_url=url,
            ecs_mode=self._ecs_mode,
            put_event=put_event,
            has_log_group=has_log_group,
        )

    async def _close(self, server: asyncio.Task[None], background: list[asyncio.Task[None]]) -> None:
        """Save, or when the folder is gone leave it gone, and end the functions' processes."""
        from ministack.core import lambda_runtime

        if not self._lock.still_there():
            _log.warning("the data folder is gone; leaving without saving")
            lambda_runtime.reset()
            os._exit(0)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(server, 10)
        for task in background:
            task.cancel()
        lambda_runtime.reset()
        assert self._autosave is not None
        await self._autosave.save()
        self._folder.ready.unlink(missing_ok=True)
        _empty(self._folder.scratch)
        _log.info("stopped")

    async def _announce_when_ready(self, patched: tuple[str, ...]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not await asyncio.to_thread(_answers, self._port):
            if time.monotonic() > deadline:
                raise TimeoutError("the emulator did not become ready")
            await asyncio.sleep(0.05)
        assert self._step_functions is not None
        self._step_functions.start()
        announcement = Announcement(
            pid=os.getpid(),
            port=self._port,
            token=self._token,
            version=__version__,
            capabilities=(*patched, *CAPABILITIES),
            notices=tuple(self._notices),
        )
        write_atomically(self._folder.port, str(self._port).encode())
        announce(self._folder, announcement)
        _log.info("ready on port %d, process %d", self._port, os.getpid())
        await self._stopping.wait()

    def _set_containers(self, mode: str) -> None:
        assert self._step_functions is not None
        self._step_functions.ecs_mode = mode

    def _describe(self) -> Json:
        assert self._autosave is not None
        assert self._step_functions is not None
        return {
            "pid": os.getpid(),
            "ecs": self._step_functions.ecs_mode,
            "unsaved": self._autosave.failure,
            "save_seconds": round(self._autosave.last_seconds, 4),
            "saves": self._autosave.saves,
        }

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()

        def stop(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._stopping.set)

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)


async def _first_failure(tasks: list[asyncio.Task[Any]]) -> bool:
    """Wait until one of the tasks ended; True, with its traceback in the log, when it failed."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    problems = [problem for task in done if (problem := task.exception()) is not None]
    for problem in problems:
        _log.error("the embedded AWS fails: %s", problem, exc_info=problem)
    return bool(problems)


def _listen(folder: DataFolder) -> socket.socket:
    """Open a loopback socket, on the port of the last run when it is free."""
    wanted = 0
    with contextlib.suppress(OSError, ValueError):
        wanted = int(folder.port.read_text(encoding="utf-8"))
    for port in (wanted, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if sys.platform != "win32":
            # On Windows this option would let two processes share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            listener.close()
        else:
            return listener
    raise OSError("no free port on the loopback interface")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
