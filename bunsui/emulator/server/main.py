"""The child process: `python -m bunsui.emulator.server.main FOLDER IDLE_MINUTES ECS IAM` serves the embedded AWS until stopped.

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
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from bunsui import __version__
from bunsui.aws.service_calls import ServiceCalls
from bunsui.emulator.access.canned_answers import LocalAnswers
from bunsui.emulator.access.check import AccessCheck
from bunsui.emulator.access.emulated import (
    give_functions_their_role,
    introduce,
    is_awaited,
    known_to_emulator,
    presign_urls,
    take_forms_for_content,
)
from bunsui.emulator.access.judged import Judge, policies_of
from bunsui.emulator.access.ledger import CallLedger
from bunsui.emulator.access.principals import STEP_FUNCTIONS, Issuer, Keys, role_session, service
from bunsui.emulator.access.role_rights import RoleRights
from bunsui.emulator.access.secret import ensure_secret
from bunsui.emulator.control_api import TOKEN_HEADER
from bunsui.emulator.internals import inner, replace_inner
from bunsui.emulator.lag.late import Late
from bunsui.emulator.lag.uses import Uses
from bunsui.emulator.launcher.environment import settle
from bunsui.emulator.launcher.folder import EXIT_NEWER, Announcement, DataFolder, announce
from bunsui.emulator.launcher.newer import check_known
from bunsui.emulator.patches import PATCHES, apply_patches
from bunsui.emulator.patches.functions import differences_of_functions
from bunsui.emulator.patches.rule_targets import let_roles_decide_what_is_started
from bunsui.emulator.server.access_filter import Gate
from bunsui.emulator.server.autosave import Autosave, encoder
from bunsui.emulator.server.deaths import Deaths
from bunsui.emulator.server.restore import restorer, set_aside_unreadable
from bunsui.emulator.server.watch import RequestActivity, watch
from bunsui.emulator.stepfunctions.emulator import CAPABILITIES, has_log_group, place_of, put_event, take_over
from bunsui.emulator.stepfunctions.endpoint import Endpoint
from bunsui.emulator.stepfunctions.lag import Lag
from bunsui.emulator.stepfunctions.server import StepFunctions
from bunsui.errors import Refused
from bunsui.folders.filelock import FileLock
from bunsui.folders.files import make_private_folder, write_atomically
from bunsui.model.json import Json

_log = logging.getLogger("bunsui.emulator")

EXIT_BUSY = 75
"""Another process holds the data folder (EX_TEMPFAIL)."""
_LOCK_SECONDS = 2.0
_READY_SECONDS = 60.0


def main(arguments: list[str]) -> int:
    """Serve; give the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _log.setLevel(logging.INFO)
    folder, idle_minutes = DataFolder(Path(arguments[0])), float(arguments[1])
    folder.prepare()
    lock = FileLock(folder.running_lock)
    deadline = time.monotonic() + _LOCK_SECONDS
    while not lock.acquire():
        if time.monotonic() > deadline:
            _log.error("another process holds %s", folder.root)
            return EXIT_BUSY
        time.sleep(0.02)
    try:
        check_known(folder)
    except Refused as error:
        _log.error("not started: %s", error)
        return EXIT_NEWER
    for left in (folder.scratch, folder.home):
        _empty(left)
    listener = _listen(folder)
    settle(folder, port=listener.getsockname()[1])
    notices = set_aside_unreadable(folder)
    return asyncio.run(_Server(folder, lock, listener, notices, idle_minutes, *arguments[2:4]).serve())


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
        iam_mode: str,
    ) -> None:
        self._folder = folder
        self._lock = lock
        self._listener = listener
        self._port = int(listener.getsockname()[1])
        self._notices = notices
        self._idle_minutes = idle_minutes
        self._ecs_mode = ecs_mode
        self._token = secrets.token_hex(16)
        self._issuer = Issuer(ensure_secret(folder.secret))
        uses = Uses(policies_of)
        self._late = Late(uses)
        warn = partial(_log.warning, "done all the same, as local.iam says: %s")
        self._judge = Judge(CallLedger(), mode=iam_mode, warn=warn, policies=uses.policies_of)
        self._answers = LocalAnswers(self._judge)
        self._deaths = Deaths(folder.deaths)
        self._stopping = asyncio.Event()
        self._autosave: Autosave | None = None
        self._step_functions: StepFunctions | None = None

    async def serve(self) -> int:
        from hypercorn.asyncio import serve
        from hypercorn.config import Config
        from ministack import app as ministack
        from ministack.core import persistence

        patched = self._patch_emulator()
        self._step_functions = step_functions = self._made_step_functions()
        take_over(step_functions)
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
            access=AccessCheck([self._issuer.known, known_to_emulator]),
            introduce=introduce,
            judge=self._judge,
            judged=self._tell_judged,
            iam=self._set_iam,
            awaits=is_awaited,
            folder=str(self._folder.root),
            token=self._token,
            describe=self._describe,
            stop=self._stopping.set,
            containers=self._set_containers,
            answers=self._set_answers,
            lag=self._set_lag,
            late=self._late.around,
            save=self._autosave.save,
            step_functions=Endpoint(step_functions, place_of=place_of),
        )
        activity = RequestActivity(gate, step_functions.pulse)
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

    def _patch_emulator(self) -> tuple[str, ...]:
        """Correct the emulator; the names of the corrections that took."""
        roles = partial(give_functions_their_role, self._issuer)
        urls = partial(presign_urls, self._issuer, base_url=self._url)
        return apply_patches(
            {
                **PATCHES,
                "function-roles": roles,
                "presigned-urls": urls,
                "uploaded-forms": take_forms_for_content,
                "target-roles": partial(let_roles_decide_what_is_started, self._judge),
            }
        )

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def _keys(self, account: str, role_arn: str) -> Keys:
        """Return what Step Functions signs with: as a session of the role, or for itself when there is none."""
        return self._issuer.keys(role_session(role_arn, STEP_FUNCTIONS, account=account) or service("states", account))

    def _session(self, role_arn: str, name: str) -> dict[str, str]:
        """Return the variables with the keys of a session of the role; none when there is no role."""
        session = role_session(role_arn, name)
        return self._issuer.keys(session).environment() if session is not None else {}

    def _made_step_functions(self) -> StepFunctions:
        return StepFunctions(
            ServiceCalls(self._url, keys=self._keys),
            endpoint_url=self._url,
            session=self._session,
            ecs_mode=self._ecs_mode,
            put_event=put_event,
            has_log_group=has_log_group,
            roles=RoleRights(self._judge),
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
        self._deaths.end()
        self._folder.ready.unlink(missing_ok=True)
        _empty(self._folder.scratch)
        _log.info("stopped")

    async def _announce_when_ready(self, patched: tuple[str, ...]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not await asyncio.to_thread(_answers, self._port, self._token):
            if time.monotonic() > deadline:
                raise TimeoutError("the emulator did not become ready")
            await asyncio.sleep(0.05)
        assert self._step_functions is not None
        parked = self._deaths.begin(self._step_functions.under_way())
        self._notices += [_parked_notice(arn) for arn in sorted(parked)]
        self._step_functions.start(parked=parked)
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

    def _set_iam(self, mode: str) -> None:
        self._judge.mode = mode

    def _tell_judged(self) -> Json:
        ledger = self._judge.ledger
        return {"iam": self._judge.mode, "totals": dict(ledger.totals()), "calls": ledger.calls()}

    def _set_answers(self, told: Mapping[str, Json]) -> None:
        assert self._step_functions is not None
        self._answers = self._step_functions.answers = LocalAnswers(self._judge, told)

    def _set_lag(self, lists: float, describes: float | None) -> None:
        assert self._step_functions is not None
        if describes is None:
            self._late.set(lists)
            self._step_functions.lag = Lag(lists=lists, describes=lists, starts=lists)
        else:
            self._step_functions.lag = Lag(lists=lists, describes=describes)

    def _describe(self) -> Json:
        assert self._autosave is not None
        assert self._step_functions is not None
        return {
            "pid": os.getpid(),
            "ecs": self._step_functions.ecs_mode,
            "iam": self._judge.mode,
            "lag": self._late.seconds,
            "answers": dict(self._answers.told),
            "judged": self._judge.ledger.totals(),
            "unsaved": self._autosave.failure,
            "differences": list(differences_of_functions()),
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
    """Wait until one of the tasks ended; True, with its stack in the log, when it failed."""
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


def _parked_notice(arn: str) -> str:
    *_, machine, name = arn.split(":")
    return (
        f"The execution {name} of {machine} was under way when the embedded AWS died twice, and was not taken up again."
        f" To have it go on: bunsui resume {name}"
    )


def _answers(port: int, token: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_ministack/ready", headers={TOKEN_HEADER: token})
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    make_private_folder(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
