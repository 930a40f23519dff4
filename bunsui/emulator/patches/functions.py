"""Lambda functions behave as on AWS: they fail alike, do not outlive the emulator, and do not see its settings."""

from __future__ import annotations

import json
import signal
import threading
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bunsui.emulator.internals import inner, replace_inner
from bunsui.emulator.launcher.environment import EMULATOR_SETTINGS

_INIT_FAILED = "Worker init failed: "
_DIED = "Worker process died"

_ERROR_PROLOGUE = """
import traceback as _bunsui_traceback

def _bunsui_stack(error, code_dir):
    own = error.__traceback__.tb_next if error.__traceback__ else None
    return [line.replace(code_dir, "/var/task") for line in _bunsui_traceback.format_tb(own)]

def _bunsui_init_error(error, module, handler, code_dir):
    name, text = type(error).__name__, str(error)
    if isinstance(error, ImportError):
        name, text = "Runtime.ImportModuleError", f"Unable to import module '{module}': {text}"
    elif isinstance(error, SyntaxError):
        name, text = "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {text}"
    elif isinstance(error, AttributeError) and handler in text:
        name, text = "Runtime.HandlerNotFound", f"Handler '{handler}' missing on module '{module}'"
    return json.dumps({"errorMessage": text, "errorType": name, "stackTrace": _bunsui_stack(error, code_dir)})
"""

_LIFETIME_PROLOGUE = """
import os as _bunsui_os, sys as _bunsui_sys, threading as _bunsui_threading, time as _bunsui_time

for _bunsui_name in __SETTINGS__:
    _bunsui_os.environ.pop(_bunsui_name, None)

def _bunsui_leave_with(parent):
    while _bunsui_os.getppid() == parent:
        _bunsui_time.sleep(1)
    _bunsui_os._exit(1)

if _bunsui_sys.platform != "win32":
    _bunsui_threading.Thread(target=_bunsui_leave_with, args=(_bunsui_os.getppid(),), daemon=True).start()
"""


def name_function_errors() -> None:
    """Report a handler's own exception type and stack, as AWS does, so that Retry and Catch by exception name match.

    The emulator reports every exception as `Runtime.HandlerError` and leaves the traceback in the log only.
    """
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    script = _replace_all(
        inner(lambda_runtime, "_PYTHON_WORKER_SCRIPT"),
        {
            '"trace": traceback.format_exc()}': (
                '"trace": traceback.format_exc(), "type": type(e).__name__, "stack": _bunsui_stack(e, code_dir)}'
            ),
            '{"status": "error", "error": str(e)}': (
                '{"status": "error", "error": _bunsui_init_error(e, module_name, handler_name, code_dir)}'
            ),
        },
    )
    ask: Callable[..., dict[str, Any]] = inner(lambda_runtime.Worker, "invoke")
    execute: Callable[..., dict[str, Any]] = inner(lambda_svc, "_execute_function_warm")
    collect: Callable[..., None] = inner(lambda_runtime, "_collect")
    answer = threading.local()

    def collect_and_remember(process: Any, deadline: float) -> None:
        collect(process, deadline)
        answer.code = process.poll()

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

    replace_inner(lambda_runtime, "_PYTHON_WORKER_SCRIPT", _ERROR_PROLOGUE.lstrip() + script)
    replace_inner(lambda_runtime.Worker, "invoke", invoke)
    replace_inner(lambda_runtime, "_collect", collect_and_remember)
    replace_inner(lambda_svc, "_execute_function_warm", execute_function_warm)


def error_payload(body: Mapping[str, Any], answer: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """Return the payload that Lambda returns for a failure, from the emulator's own and what the worker process answered.

    Shape: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    message = str(body.get("errorMessage", ""))
    if "type" in answer:
        error = {"errorType": answer["type"], "stackTrace": answer.get("stack", [])}
    elif message.startswith(_INIT_FAILED):
        try:
            return {**json.loads(message.removeprefix(_INIT_FAILED)), "requestId": request_id}
        except ValueError:
            error = {}
    elif message == _DIED:
        message = f"RequestId: {request_id} Error: {_exit_message(answer.get('code'))}"
        error = {"errorType": "Runtime.ExitError"}
    else:
        error = {}
    return {**body, "errorMessage": message, **error, "requestId": request_id}


def _exit_message(code: object) -> str:
    """Return what Lambda says of a process that ended by itself, by its exit code; below zero stands the signal."""
    if not isinstance(code, int) or code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    return f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"


def tie_workers_to_the_emulator() -> None:
    """End a function's process when the emulator is gone, however it went, and hide the emulator's settings from it."""
    from ministack.core import lambda_runtime

    script = inner(lambda_runtime, "_PYTHON_WORKER_SCRIPT")
    prologue = _LIFETIME_PROLOGUE.replace("__SETTINGS__", repr(sorted(EMULATOR_SETTINGS)))
    replace_inner(lambda_runtime, "_PYTHON_WORKER_SCRIPT", prologue.lstrip() + script)


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


def _replace_all(text: str, changes: Mapping[str, str]) -> str:
    for old, new in changes.items():
        if text.count(old) != 1:
            raise ValueError(f"the worker's program no longer holds {old!r} once")
        text = text.replace(old, new)
    return text
