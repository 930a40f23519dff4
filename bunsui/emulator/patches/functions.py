"""Lambda functions behave as on AWS: they see what they see there, and fail alike."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bunsui.emulator.functions import spawning
from bunsui.emulator.internals import inner, replace_inner

OUT_OF_MEMORY = "Runtime.OutOfMemory"
TOO_LARGE = "Function.ResponseSizeTooLarge"
TIMED_OUT = "Sandbox.Timedout"
_INIT_FAILED = "Worker init failed: "
_DIED = "Worker process died"
_KILLED = 9
_INIT_SECONDS = 10
"""What the import of a handler may take before its invocation's own time runs:
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html, "Init phase"."""


def name_function_errors() -> None:
    """Report a handler's own exception type and stack, as AWS does, so that Retry and Catch by exception name match.

    The emulator reports every exception as `Runtime.HandlerError` and leaves the traceback in the log only.
    """
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    ask: Callable[..., dict[str, Any]] = inner(lambda_runtime.Worker, "invoke")
    execute: Callable[..., dict[str, Any]] = inner(lambda_svc, "_execute_function_warm")
    collect: Callable[..., None] = inner(lambda_runtime, "_collect")
    answer = threading.local()

    def collect_and_remember(process: Any, deadline: float) -> None:
        collect(process, deadline)
        answer.code = None if process is None else process.poll()

    def invoke(worker: object, *arguments: object, **named: object) -> dict[str, Any]:
        answer.last, answer.code = {}, None
        told = ask(worker, *arguments, **named)
        answer.last = {**told, "code": answer.code}
        return dict(told)

    def execute_function_warm(func: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        answer.last = {}
        result = execute(func, event, request_id)
        if result.get("error") and isinstance(result.get("body"), dict):
            result["body"] = error_payload(result["body"], answer.last, request_id)
        return result

    replace_inner(lambda_runtime.Worker, "invoke", invoke)
    replace_inner(lambda_runtime, "_collect", collect_and_remember)
    replace_inner(lambda_svc, "_execute_function_warm", execute_function_warm)


def error_payload(body: Mapping[str, Any], answer: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Return the payload that Lambda returns for a failure, from the emulator's own and what the worker process answered.

    Shape: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html; where the process ended, as recorded in
    awslabs/aws-deployment-framework issue 758 (`Runtime.OutOfMemory`) and awslabs/amazon-s3-find-and-forget pull request 283.
    """
    message = str(body.get("errorMessage", ""))
    if "type" in answer:
        if answer["type"] == OUT_OF_MEMORY:
            return _payload_of_end(OUT_OF_MEMORY, _exit_message(-_KILLED), request_id)
        if answer["type"] == TOO_LARGE:
            return {"errorMessage": message, "errorType": TOO_LARGE}
        return {
            "errorMessage": message,
            "errorType": answer["type"],
            "requestId": request_id,
            "stackTrace": answer.get("stack", []),
        }
    if message.startswith(_INIT_FAILED):
        try:
            told = json.loads(message.removeprefix(_INIT_FAILED))
        except ValueError:
            told = body
        if "ended" in told:
            return _payload_of_end(told["errorType"], told["ended"], request_id)
        return {**told, "requestId": request_id}
    if message == _DIED:
        return _payload_of_end("Runtime.ExitError", _exit_message(answer.get("code")), request_id)
    if body.get("errorType") == TIMED_OUT:
        return _payload_of_end(TIMED_OUT, message, request_id)
    return {**body, "requestId": request_id}


def _payload_of_end(name: str, reason: str, request_id: str) -> dict[str, Any]:
    return {"errorType": name, "errorMessage": f"RequestId: {request_id} Error: {reason}"}


def _exit_message(code: object) -> str:
    """Return what Lambda says of a process that ended by itself, by its exit code; below zero stands the signal."""
    if not isinstance(code, int) or code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    return f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"


def run_python_as_lambda_does() -> None:
    """Start Python functions in processes that see what Lambda shows them (`bunsui.emulator.functions`), and no others."""
    from ministack.core import lambda_runtime

    spawn_other: Callable[[Any], None] = inner(lambda_runtime.Worker, "_spawn")
    for name in ("_tmpdir", "_proc", "_stderr_queue", "_stderr_thread"):
        inner(lambda_runtime.Worker("", {}, b""), name)

    def spawn(worker: Any) -> None:
        if str(worker.config.get("Runtime", "")).startswith("python"):
            _spawn_python(worker, lambda_runtime)
        else:
            spawn_other(worker)

    replace_inner(lambda_runtime.Worker, "_spawn", spawn)


def _spawn_python(worker: Any, runtime: Any) -> None:
    """Start the worker's process and wait until its handler is there. RuntimeError, as Lambda says it, where it is not."""
    from ministack.services import lambda_svc

    inner(worker, "_discard_tmpdir")()
    layer_of: Callable[[object], bytes | None] = inner(lambda_svc, "_resolve_layer_zip")
    layers = [found for one in worker.config.get("Layers") or [] if (found := layer_of(one))]
    files = spawning.unpack(tempfile.gettempdir(), worker.code_zip, layers)
    replace_inner(worker, "_tmpdir", str(files.root))
    process = spawning.start(worker.config, files, _place_of(worker.config, runtime))
    replace_inner(worker, "_proc", process)
    replace_inner(worker, "_stderr_queue", queue.Queue())
    reader = threading.Thread(target=inner(worker, "_read_stderr"), daemon=True, name=f"stderr-{worker.func_name}")
    replace_inner(worker, "_stderr_thread", reader)
    reader.start()
    told = _first_answer(process, float(worker.config.get("Timeout", 3)))
    if told.get("status") == "ready":
        replace_inner(worker, "_start_time", time.time())
        return
    raise RuntimeError(_INIT_FAILED + str(told["error"]))


def differences_of_functions() -> tuple[str, ...]:
    """Return sentences of what the functions that are there do not have as on Lambda."""
    from ministack.services import lambda_svc

    found = inner(lambda_svc, "_functions").all_values()
    return spawning.differences(str((one.get("config") or one).get("Runtime", "")) for one in found)


def _place_of(config: Mapping[str, Any], runtime: Any) -> spawning.FunctionPlace:
    _, region = inner(runtime, "_account_region_from_function_config")(config)
    return spawning.FunctionPlace(
        region=region,
        credentials=runtime.execution_credentials(config),
        endpoint_url=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        depth=(runtime.INVOKE_DEPTH_ENV, runtime.INVOKE_DEPTH_HEADER),
    )


def _first_answer(process: subprocess.Popen[str], timeout: float) -> dict[str, Any]:
    """Return what the process says when it has imported the handler, or how it ended while it did."""
    assert process.stdout is not None
    late = threading.Timer(_INIT_SECONDS + timeout, process.kill)
    late.start()
    line = process.stdout.readline()
    is_late = not late.is_alive()
    late.cancel()
    told: dict[str, Any] = json.loads(line) if line else {}
    if told and "type" not in told:
        return told
    name, reason = ("Runtime.ExitError", "") if not told else (str(told["type"]), _exit_message(-_KILLED))
    if is_late:
        name, reason = TIMED_OUT, f"Task timed out after {timeout:.2f} seconds"
    return {"error": json.dumps({"errorType": name, "ended": reason or _exit_message(process.wait())})}


class _KeepingModes(zipfile.ZipFile):
    """A zip whose files can be run when the zip says so; the library's own forgets modes."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        for entry in self.infolist() if members is None else members:
            written = Path(self.extract(entry, path, pwd))
            if not isinstance(entry, str) and not entry.is_dir() and (entry.external_attr >> 16) & 0o111:
                written.chmod(0o755)


def keep_modes() -> None:
    """Unpack a function's files with their modes, as Lambda does: a program that lies beside the code can be run."""
    from ministack.core import lambda_runtime

    library = inner(lambda_runtime, "zipfile")
    replace_inner(lambda_runtime, "zipfile", SimpleNamespace(**{**vars(library), "ZipFile": _KeepingModes}))
