"""Functions log as on AWS: line by line as they print, in a stream of each execution environment, under the request id that the
caller is told.

The emulator writes an invocation's lines when it has ended, all with that instant, each time into a new stream, and answers
Invoke with another request id than it logs.
Sources: Lambda developer guide, "Working with Lambda function logs" and "Python function logging"; Invoke's response, whose
`x-amzn-RequestId` is the id of the invocation (in recordings of Step Functions too, as `SdkResponseMetadata.RequestId`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from bunsui.emulator.internals import inner, replace_inner

_MARK = "\x00bunsui "
"""How the lines begin that a worker writes to say where in its output an invocation begins and ends."""
_INIT, _START, _END = "init ", "start", "end"
_ENDINGS = ("Runtime.ExitError", "Runtime.OutOfMemory")
"""Errors that are told of a process that ended."""
_LATE_SECONDS = 1.0
"""What the output of a worker may lag behind its answer."""

_LONGEST_SECONDS = 960
"""More than an invocation may take."""


class EnvironmentLog:
    """What one execution environment has written: a log stream. Filled by the thread that reads it, ended by its invocation."""

    def __init__(self, put: Callable[[str, str], None], *, runtime: str) -> None:
        """`put` takes the name of the stream and a message."""
        self._put = put
        self._runtime = runtime
        self._stream = ""
        self._request_id = self._version = ""
        self._used_mb = 0
        self._is_started = False
        self._ended = threading.Event()
        self._turn = threading.Lock()
        self._owner: int | None = None

    def begin(self, request_id: str, version: str) -> None:
        """Expect the invocation; its START stands where the worker says that it has taken it up.

        Waits until the invocation before it has its end in the log: a worker is given away as soon as it has answered.
        """
        if self._owner != threading.get_ident():  # a worker that is asked again by the same invocation has the turn
            self._turn.acquire(timeout=_LONGEST_SECONDS)
            self._owner = threading.get_ident()
        self._request_id, self._version, self._is_started = request_id, version, False
        self._ended.clear()

    def take(self, line: str) -> str | None:
        """Log a line of the worker's output, without its line end; give it back unless it is a mark and nothing else."""
        text, mark, said = line.partition(_MARK)
        if not mark or text:
            self._say(text)
        if mark and said.startswith(_INIT):
            self._stream = said.removeprefix(_INIT)
            self._say(f"INIT_START Runtime Version: {self._runtime}")
        elif mark and said == _START:
            self._start()
        elif mark and said.startswith(_END):
            used = said.removeprefix(_END).strip()
            self._used_mb = int(used) if used.isdecimal() else 0
            self._ended.set()
        return text if text or not mark else None

    def close(self) -> None:
        """There is nothing more to read: the worker has ended."""
        self._ended.set()

    def end(self, problem: str, *, milliseconds: int, memory_mb: int, failure: str = "") -> None:
        """Log the end of the invocation, before it what Lambda says of its `problem`; waits for what it wrote. `failure` is the
        error's name where it ended the process."""
        try:
            self._write_end(problem, milliseconds, memory_mb, failure)
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Let the next invocation begin."""
        if self._owner == threading.get_ident():
            self._owner = None
            self._turn.release()

    def _write_end(self, problem: str, milliseconds: int, memory_mb: int, failure: str) -> None:
        self._ended.wait(_LATE_SECONDS)
        self._start()
        if problem:
            self._say(problem)
        self._say(f"END RequestId: {self._request_id}")
        spent = f"Duration: {milliseconds}.00 ms\tBilled Duration: {milliseconds} ms"
        used = f"Memory Size: {memory_mb} MB\tMax Memory Used: {min(self._used_mb or memory_mb, memory_mb)} MB"
        status = f"\tStatus: error\tError Type: {failure}" if failure else ""
        self._say(f"REPORT RequestId: {self._request_id}\t{spent}\t{used}{status}")

    def _start(self) -> None:
        if not self._is_started and self._request_id:
            self._is_started = True
            self._say(f"START RequestId: {self._request_id} Version: {self._version}")

    def _say(self, message: str) -> None:
        # CloudWatch takes no empty messages.
        self._put(self._stream or "unknown", message or " ")


def problem_of(payload: object, request_id: str, *, now: datetime) -> str:
    """Return what Lambda logs of the error that it answers with; empty when it is none."""
    if not isinstance(payload, Mapping):
        return ""
    name, message = str(payload.get("errorType", "")), str(payload.get("errorMessage", ""))
    if name == "Sandbox.Timedout":
        at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
        return f"{at} {request_id} {message[message.find('Task timed out') :]}"
    if name in (*_ENDINGS, ""):
        return message
    frames = "".join(str(entry) for entry in payload.get("stackTrace") or [])
    return f"[ERROR] {name}: {message}\nTraceback (most recent call last):\n{frames}".rstrip("\n")


def log_as_lambda_does() -> None:
    """Write the log of functions while they run, and answer with the request id under which they log."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    _watch_workers(lambda_runtime.Worker, lambda_svc)
    _answer_with_the_id(lambda_svc)


_begun = threading.local()
"""`log` of the worker that serves the invocation of this thread; None for other runtimes than Python's."""


@contextmanager
def _turn_given_up() -> Iterator[None]:
    """Where the emulator itself fails, nobody writes the invocation's end: the next one begins all the same."""
    try:
        yield
    except BaseException:
        if _begun.log is not None:
            _begun.log.give_up()
        raise


def _watch_workers(worker_type: Any, functions: Any) -> None:
    ask: Callable[..., dict[str, Any]] = inner(worker_type, "invoke")
    execute: Callable[..., dict[str, Any]] = inner(functions, "_execute_function_warm")
    emit: Callable[..., None] = inner(functions, "_emit_lambda_logs")

    def invoke(worker: Any, event: object, request_id: str, **named: object) -> dict[str, Any]:
        if str(worker.config.get("Runtime", "python3.12")).startswith("python"):
            log: EnvironmentLog | None = getattr(worker, "bunsui_log", None)
            if log is None:
                log = worker.bunsui_log = _environment_log(worker.config)
            log.begin(request_id, str(worker.config.get("Version", "$LATEST")))
            _begun.log = log
        return ask(worker, event, request_id, **named)

    def read(worker: Any) -> None:
        log: EnvironmentLog | None = getattr(worker, "bunsui_log", None)
        held, process = inner(worker, "_stderr_queue"), inner(worker, "_proc")
        for line in process.stderr:
            text = line.rstrip("\n") if log is None else log.take(line.rstrip("\n"))
            if text is not None:
                held.put(text)
        if log is not None and inner(worker, "_proc") in (process, None):
            log.close()

    def execute_warm(func: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        _begun.log, _begun.at = None, time.monotonic()
        with _turn_given_up():
            result = execute(func, event, request_id)
        log: EnvironmentLog | None = _begun.log
        if log is not None:
            config = func.get("config") or func
            payload = result.get("body") if result.get("error") else None
            name = str(payload.get("errorType", "")) if isinstance(payload, Mapping) else ""
            problem = problem_of(payload, request_id, now=datetime.now(UTC))
            spent = int(1000 * (time.monotonic() - _begun.at))
            failure = name if name in _ENDINGS else ""
            log.end(problem, milliseconds=spent, memory_mb=int(config.get("MemorySize", 128)), failure=failure)
        return result

    def emit_unless_logged(*arguments: object, **named: object) -> None:
        if getattr(_begun, "log", None) is None:
            emit(*arguments, **named)
        _begun.log = None

    replace_inner(worker_type, "invoke", invoke)
    replace_inner(worker_type, "_read_stderr", read)
    replace_inner(functions, "_execute_function_warm", execute_warm)
    replace_inner(functions, "_emit_lambda_logs", emit_unless_logged)


def _environment_log(config: Mapping[str, Any]) -> EnvironmentLog:
    """Return the log of a new environment in the function's log group, which is made where there is none.

    Called where the account and the region of the function are those of the context; what is written later comes from a thread
    that has none.
    """
    from ministack.services import cloudwatch_logs as logs

    name = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config.get('FunctionName', 'unknown')}"
    everything = inner(logs, "_log_groups")
    append = inner(logs, "_append_log_events")
    if name not in everything:
        arn = inner(logs, "_make_group_arn")(name)
        about: dict[str, Any] = {
            "creationTime": _now(),
            "retentionInDays": None,
            "tags": {},
            "subscriptionFilters": {},
            "streams": {},
        }
        everything[name] = {"arn": arn, **about}
    group = everything[name]

    def put(stream: str, message: str) -> None:
        if stream not in group["streams"]:
            instants = dict.fromkeys(("firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime"))
            group["streams"][stream] = {"events": [], "uploadSequenceToken": "1", "creationTime": _now(), **instants}
        append(group["streams"][stream], [{"timestamp": _now(), "message": message, "ingestionTime": _now()}])

    return EnvironmentLog(put, runtime=str(config.get("Runtime", "python3.12")).replace("python", "python:"))


class _Stated(dict[str, str]):
    """Headers of an answer that keep the id which they have, whatever is added."""

    def update(self, *others: Any, **named: str) -> None:
        kept = self["x-amzn-requestid"]
        super().update(*others, **named)
        self["x-amzn-requestid"] = kept


_invocation: ContextVar[dict[str, str]] = ContextVar("invocation")


def _answer_with_the_id(functions: Any) -> None:
    invoke: Callable[..., Any] = inner(functions, "_invoke")
    dispatch: Callable[..., dict[str, Any]] = inner(functions, "_execute_function_dispatch")

    async def invoke_with_id(*arguments: object, **named: object) -> tuple[int, Mapping[str, str], bytes]:
        told: dict[str, str] = {}
        _invocation.set(told)
        status, headers, body = await invoke(*arguments, **named)
        if "id" in told:
            headers = _Stated({**headers, "x-amzn-requestid": told["id"]})
        return status, headers, body

    def dispatch_with_id(func: object, config: object, event: object, request_id: str, started: float) -> dict[str, Any]:
        told = _invocation.get({})
        told.setdefault("id", request_id)
        return dispatch(func, config, event, request_id, started)

    replace_inner(functions, "_invoke", invoke_with_id)
    replace_inner(functions, "_execute_function_dispatch", dispatch_with_id)


def _now() -> int:
    return time.time_ns() // 1_000_000
