"""The program of a Lambda function's process: it imports the handler, then answers one invocation after another.

Names, words and order are those of AWS's own runtime client (github.com/aws/aws-lambda-python-runtime-interface-client,
`awslambdaric/bootstrap.py`, `lambda_runtime_marshaller.py`, `lambda_context.py`). What it is told comes line by line over
standard input; what it answers goes out over what was standard output, which belongs to the log from then on.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.machinery
import importlib.util
import json
import os
import signal
import sys
import threading
import time
import traceback
import types
import uuid
from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_MARK = "\x00bunsui "
"""How the lines of the log begin that say where an invocation begins and ends; see `function_logs`."""
_MOST_RESULT_BYTES = 6_291_556
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_WATCH_SECONDS = 0.01
_PARENT_SECONDS = 1.0


class Fault(Exception):
    """What Lambda's runtime itself says is wrong, by its own name of the error."""

    def __init__(self, name: str, message: str, stack: list[str] | None = None) -> None:
        """`stack` are the lines below the message."""
        super().__init__(message)
        self.name = name
        self.message = message
        self.stack = stack or []


class ShippedFinder:
    """Finds the modules that Lambda ships in a folder that holds others too; what the package brings itself comes first."""

    def __init__(self, folder: str, names: list[str]) -> None:
        """Find modules of those names, and what lies in them, in the folder."""
        self._folder = folder
        self._names = frozenset(names)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return where the module is; None where this finder has none of that name."""
        if path is not None or name not in self._names:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [self._folder], target)


class DepthTeller:
    """Has the SDK say with each call how deep functions call each other, once the function imports it."""

    def __init__(self, variable: str, header: str) -> None:
        """The depth stands in the environment variable, and goes out in the header."""
        self._variable = variable
        self._header = header
        self._looking = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the SDK's module of handlers, as others find it, to which one is added; None for every other module."""
        if name != "botocore.handlers" or self._looking:
            return None
        self._looking = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._looking = False
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module
            spec.loader.exec_module = lambda module: self._load(module, load)  # type: ignore[method-assign]
        return spec

    def _load(self, module: Any, load: Any) -> None:
        load(module)
        module.BUILTIN_HANDLERS.append(("before-call", self._tell))

    def _tell(self, params: Any, **_named: Any) -> None:
        depth = os.environ.get(self._variable)
        if depth:
            params["headers"].setdefault(self._header, depth)


class MemoryWatch:
    """Ends the process when it has used more than the function has, as Lambda does."""

    def __init__(self, limit_bytes: int, *, tell: Any) -> None:
        """`tell` is called before the end."""
        self._limit = limit_bytes
        self._tell = tell
        self._working = threading.Event()
        threading.Thread(target=self._look, daemon=True).start()

    def begin(self) -> None:
        """Look from now on: what an environment does while it has nothing to do is frozen in Lambda."""
        self._working.set()

    def end(self) -> int:
        """Look once more, then rest; return the most that was used, in MB."""
        self._check()
        self._working.clear()
        return -(-peak_bytes() // 1_048_576)

    def _look(self) -> NoReturn:
        while True:
            self._working.wait()
            self._check()
            time.sleep(_WATCH_SECONDS)

    def _check(self) -> None:
        if peak_bytes() > self._limit:
            self._tell()
            if hasattr(signal, "SIGKILL"):
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(137)


def peak_bytes() -> int:
    """Return the most memory that this process ever used; 0 where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes where there is no /proc


class Context:
    """What a handler gets beside its event."""

    def __init__(self, told: dict[str, Any], deadline: float) -> None:
        """`told` is what came with the event; `deadline` is when the function is ended, in seconds since 1970."""
        self.aws_request_id = told.get("request_id", "")
        self.invoked_function_arn = told.get("invoked_function_arn", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.client_context = None
        self.identity = types.SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        """Write to the log, without a line end."""
        sys.stdout.write(str(message))


class _Encoder(json.JSONEncoder):
    def default(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            if value.is_finite() and value == value.to_integral_value():
                return int(value)
            return float(value)
        return super().default(value)


def marshal(result: Any) -> str:
    """Return a handler's result as JSON. Raises Fault."""
    if isinstance(result, bytes):  # goes out as it is, and is read as JSON by whoever asked
        try:
            result = json.loads(result)
        except ValueError:
            result = result.decode("utf-8", "replace")
    try:
        text = json.dumps(result, cls=_Encoder)
    except Exception as problem:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {problem}") from problem
    if len(text) > _MOST_RESULT_BYTES:
        told = f"Response payload size ({len(text)} bytes) exceeded maximum allowed payload size ({_MOST_RESULT_BYTES} bytes)."
        raise Fault("Function.ResponseSizeTooLarge", told)
    return text


def load_handler(handler: str) -> Any:
    """Import the module of a handler such as `app.handler` and return the function. Raises Fault."""
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as problem:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {problem}") from problem
    except SyntaxError as problem:
        where = [f'  File "{problem.filename}" Line {problem.lineno}\n    {problem.text}']
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {problem}", where) from problem
    try:
        return getattr(module, name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'") from None


def guard_files(*, writable: list[str], scratch: str, limit_bytes: int) -> None:
    """Refuse what writes outside of the `writable` folders, in the words of a file system that is read-only, as well as
    to begin a file in `scratch` when that holds so much already. For systems where nobody can mount anything."""
    roots = tuple(os.path.realpath(root) for root in (*writable, scratch))
    changing = frozenset({"os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink", "os.truncate"})
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def check(path: Any) -> None:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return
        text = os.fsdecode(path)
        where = os.path.join(os.path.realpath(os.path.dirname(os.path.abspath(text))), os.path.basename(text))
        if not any(where == root or where.startswith(root + os.sep) for root in roots):
            raise OSError(30, "Read-only file system", text)
        if where.startswith(roots[-1] + os.sep) and _size_of(roots[-1]) >= limit_bytes:
            raise OSError(28, "No space left on device", text)

    def audit(event: str, arguments: Any) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & writes:
            check(arguments[0])
        elif event in changing:
            check(arguments[-2] if event == "os.truncate" else arguments[0])
            if event in ("os.rename", "os.link"):
                check(arguments[1])

    sys.addaudithook(audit)


def _size_of(folder: str) -> int:
    total = 0
    for path, _folders, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(path, name)).st_size
            except OSError:
                continue
    return total


class Worker:
    """One execution environment."""

    def __init__(self) -> None:
        """Take the standard streams for what they are: orders, answers, and the log."""
        self._orders = os.fdopen(os.dup(0), encoding="utf-8")
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._answering = threading.Lock()
        self._setup = json.loads(self._orders.readline())
        self._watch = MemoryWatch(int(self._setup["memory_mb"]) * 1_048_576, tell=self._say_out_of_memory)
        threading.Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()

    def run(self) -> None:
        """Import the handler and answer invocations until nobody asks any more."""
        self._name_stream()
        self._watch.begin()
        self._prepare()
        try:
            handler = load_handler(self._setup["handler"])
        except Fault as fault:
            return self._refuse(fault.name, fault.message, fault.stack)
        except Exception as problem:  # noqa: BLE001 - whatever the module raises is told
            return self._refuse(type(problem).__name__, str(problem), self._stack(problem))
        self._watch.end()
        self._answer('{"status": "ready"}')
        for line in self._orders:
            order = json.loads(line)
            self._invoke(handler, order["event"], order.get("ctx") or {})
        return None

    def _invoke(self, handler: Any, event: object, told: dict[str, Any]) -> None:
        self._mark("start")
        _set_environment(told, self._setup["depth"][0])
        self._watch.begin()
        context = Context(told, time.time() + float(self._setup["timeout_seconds"]))
        try:
            answer = '{"status": "ok", "result": ' + marshal(handler(event, context)) + "}"
        except Fault as fault:
            answer = _error(fault.message, fault.name, fault.stack)
        except Exception as problem:  # noqa: BLE001 - whatever the handler raises is told
            answer = _error(str(problem), type(problem).__name__, self._stack(problem), trace=traceback.format_exc())
        self._mark(f"end {self._watch.end()}")
        self._answer(answer)

    def _prepare(self) -> None:
        setup = self._setup
        opt = os.path.join(setup["opt"], "python") if setup["opt"] else ""
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        layers = [os.path.join(opt, "lib", version, "site-packages"), opt] if opt else []
        sys.path[:0] = [setup["task_root"], *layers]
        sys.meta_path.insert(0, DepthTeller(*setup["depth"]))
        sys.meta_path.append(ShippedFinder(setup["runtime_dir"], setup["shipped"]))
        if setup["guard"]:
            guard_files(**setup["guard"])

    def _refuse(self, name: str, message: str, stack: list[str]) -> None:
        self._watch.end()  # where the module took too much memory, that is how it failed, whatever else it lacks
        self._answer(json.dumps({"status": "error", "error": _error_text(message, name, stack)}))

    def _stack(self, problem: BaseException) -> list[str]:
        frames = traceback.extract_tb(problem.__traceback__)
        own = [frame for frame in frames if frame.filename not in (__file__, *_IMPORTING)]
        return [line.replace(self._setup["task_root"], "/var/task") for line in traceback.format_list(own)]

    def _say_out_of_memory(self) -> None:
        self._mark("end")
        self._answer(json.dumps({"status": "error", "error": "", "type": "Runtime.OutOfMemory"}))

    def _answer(self, line: str) -> None:
        with self._answering:
            self._answers.write(line + "\n")
            self._answers.flush()

    def _name_stream(self) -> None:
        version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{version}]{uuid.uuid4().hex}"
        os.environ["AWS_LAMBDA_LOG_STREAM_NAME"] = stream
        self._mark(f"init {stream}")

    def _mark(self, text: str) -> None:
        builtins.print(_MARK + text, file=sys.stderr, flush=True)  # noqa: T201 - the log is read for it


_IMPORTING = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>", importlib.__file__)


def _error_text(message: str, name: str, stack: list[str]) -> str:
    return json.dumps({"errorMessage": message, "errorType": name, "stackTrace": stack})


def _error(message: str, name: str, stack: list[str], *, trace: str = "") -> str:
    return json.dumps({"status": "error", "error": message, "type": name, "stack": stack, "trace": trace})


def _set_environment(told: dict[str, Any], depth: str) -> None:
    """Set the variables that change with each invocation: those of tracing, of nested and of durable calls."""
    changing = {
        "_X_AMZN_TRACE_ID": told.get("trace_id"),
        depth: told.get("depth"),
        **dict.fromkeys(
            ("AWS_LAMBDA_DURABLE_EXECUTION_ARN", "AWS_LAMBDA_DURABLE_CHECKPOINT_TOKEN", "AWS_LAMBDA_DURABLE_EXECUTION_NAME")
        ),
        **(told.get("durable") or {}),
    }
    for name, value in changing.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = str(value)


def _leave_with(parent: int) -> None:
    """End when the emulator is gone, however it went."""
    while sys.platform != "win32" and os.getppid() == parent:
        time.sleep(_PARENT_SECONDS)
    if sys.platform != "win32":
        os._exit(1)


if __name__ == "__main__":
    Worker().run()
