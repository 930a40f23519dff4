"""The matrix of what a Lambda function sees and how it fails: each row is so on AWS, and so here."""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.embedded import EmbeddedAccount, fresh_account

pytestmark = pytest.mark.embedded

RUNTIME = f"python3.{sys.version_info.minor}"
SOURCE = """\
import os, sys, json, tempfile
from decimal import Decimal

def failing(call):
    try:
        call()
    except Exception as problem:
        return [type(problem).__name__, getattr(problem, "errno", None)]
    return "done"

def write(path):
    with open(path, "wb") as file:
        file.write(b"x")

def fill():
    with open(os.path.join(tempfile.gettempdir(), "big"), "wb", buffering=0) as file:
        for _ in range(600):
            file.write(bytes(1 << 20))
    with open(os.path.join(tempfile.gettempdir(), "more"), "wb") as file:
        file.write(b"x")

def boto():
    import boto3, botocore, dateutil, jmespath, s3transfer, six, urllib3

def noise():
    os.write(1, b'{"status": "ok", "result": "of somebody else"}\\n')
    return "mine"

ROWS = {
    "shipped": boto,
    "a set": lambda: {1, 2},
    "a decimal": lambda: {"n": Decimal("1.5"), "i": Decimal("12")},
    "bytes": lambda: b'{"a": 1}',
    "exit 3": lambda: sys.exit(3),
    "exit": lambda: os._exit(0),
    "memory": lambda: len(b"x" * (400 << 20)),
    "large": lambda: "x" * 7_000_000,
    "raises": lambda: {}["missing"],
    "noise": noise,
    "write code": lambda: failing(lambda: write(os.path.join(os.environ["LAMBDA_TASK_ROOT"], "x"))),
    "write beside": lambda: failing(lambda: write("x")),
    "make a folder": lambda: failing(lambda: os.mkdir("/var/tmp/of-a-function")),
    "write tmp": lambda: failing(lambda: write(os.path.join(tempfile.gettempdir(), "x"))),
    "fill tmp": lambda: failing(fill),
    "environment": lambda: dict(os.environ),
    "path": lambda: sys.path,
    "python": lambda: list(sys.version_info[:2]),
    "stdin": lambda: sys.stdin.read() if sys.stdin else "",
}

def handler(event, context):
    if event == "context":
        return [context.function_name, context.function_version, context.memory_limit_in_mb, context.log_group_name,
                context.identity.cognito_identity_id, context.get_remaining_time_in_millis() > 0, context.invoked_function_arn]
    return ROWS[event]()
"""
MODULES: Mapping[str, str] = {
    "app.py": SOURCE,
    "needs_pydantic.py": "import pydantic\n",
    "needs_yaml.py": "import yaml\n",
    "needs_textual.py": "import textual\n",
    "needs_ministack.py": "import ministack\n",
    "needs_bunsui.py": "import bunsui\n",
    "broken.py": "def handler(:\n",
    "leaves.py": "import sys\nsys.exit(1)\n",
    "raises.py": "raise ValueError('at import')\n",
    "slow.py": "import time\n\ndef handler(event, context):\n    time.sleep(30)\n",
    "grows.py": "x = b'x' * (400 << 20)\n",
}


@pytest.fixture(scope="module")
def invoke(embedded: LocalEndpoint) -> Callable[..., Any]:
    """Returns what an event gives of a handler: the payload as Lambda answers it."""
    account = fresh_account(embedded)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, source in MODULES.items():
            archive.writestr(name, source)
    client = account.client("lambda")
    made: dict[str, str] = {}

    def call(event: str, handler: str = "app.handler") -> Any:
        if handler not in made:
            made[handler] = handler.replace(".", "-")
            client.create_function(
                FunctionName=made[handler],
                Runtime=RUNTIME,
                Role=f"arn:aws:iam::{account.account}:role/etl",
                Handler=handler,
                Timeout=1 if handler == "slow.handler" else 20,
                MemorySize=128,
                Code={"ZipFile": content.getvalue()},
                Environment={"Variables": {"OWN": "yes", "TZ": "Asia/Tokyo"}},
            )
        return json.loads(client.invoke(FunctionName=made[handler], Payload=json.dumps(event))["Payload"].read())

    return call


@pytest.mark.parametrize("module", ["pydantic", "yaml", "textual", "ministack", "bunsui"])
def test_what_the_package_does_not_bring_is_not_there(invoke: Callable[..., Any], module: str) -> None:
    told = invoke("", f"needs_{module}.handler")
    assert told["errorType"] == "Runtime.ImportModuleError"
    assert told["errorMessage"] == f"Unable to import module 'needs_{module}': No module named '{module}'"
    assert told["stackTrace"] == []


@pytest.mark.parametrize(
    ("handler", "name", "words"),
    [
        ("app.nope", "Runtime.HandlerNotFound", "Handler 'nope' missing on module 'app'"),
        ("nope.handler", "Runtime.ImportModuleError", "Unable to import module 'nope': No module named 'nope'"),
        ("broken.handler", "Runtime.UserCodeSyntaxError", "Syntax error in module 'broken': .*"),
        ("leaves.handler", "Runtime.ExitError", "RequestId: .* Error: Runtime exited with error: exit status 1"),
        ("grows.handler", "Runtime.OutOfMemory", "RequestId: .* Error: Runtime exited with error: signal: killed"),
        ("raises.handler", "ValueError", "at import"),
        ("slow.handler", "Sandbox.Timedout", "RequestId: .* Error: Task timed out after 1.00 seconds"),
    ],
)
def test_how_a_function_fails_whatever_it_is_asked(invoke: Callable[..., Any], handler: str, name: str, words: str) -> None:
    told = invoke("", handler)
    assert told["errorType"] == name
    assert re.fullmatch(words, told["errorMessage"])


@pytest.mark.parametrize(
    ("row", "name", "words"),
    [
        ("a set", "Runtime.MarshalError", "Unable to marshal response: Object of type set is not JSON serializable"),
        ("exit 3", "Runtime.ExitError", "RequestId: .* Error: Runtime exited with error: exit status 3"),
        ("exit", "Runtime.ExitError", "RequestId: .* Error: Runtime exited without providing a reason"),
        ("memory", "Runtime.OutOfMemory", "RequestId: .* Error: Runtime exited with error: signal: killed"),
        ("large", "Function.ResponseSizeTooLarge", ".*exceeded maximum allowed payload size \\(6291556 bytes\\).*"),
        ("raises", "KeyError", "'missing'"),
    ],
)
def test_how_an_invocation_fails(invoke: Callable[..., Any], row: str, name: str, words: str) -> None:
    told = invoke(row)
    assert told["errorType"] == name
    assert re.fullmatch(words, told["errorMessage"])
    if name == "KeyError":
        assert [line.partition(", line")[0].strip() for line in told["stackTrace"]] == ['File "/var/task/app.py"'] * 2


@pytest.mark.parametrize(
    ("row", "given"),
    [
        ("shipped", None),
        ("a decimal", {"n": 1.5, "i": 12}),
        ("bytes", {"a": 1}),
        ("noise", "mine"),
        ("write code", ["OSError", 30]),
        ("write beside", ["OSError", 30]),
        ("make a folder", ["OSError", 30]),
        ("write tmp", "done"),
        ("fill tmp", ["OSError", 28]),
        ("python", list(sys.version_info[:2])),
        ("stdin", ""),
    ],
)
def test_what_a_function_gets(invoke: Callable[..., Any], row: str, given: object) -> None:
    assert invoke(row) == given


def test_the_context_tells_what_lambda_tells(invoke: Callable[..., Any]) -> None:
    *told, arn = invoke("context")
    assert told == ["app-handler", "$LATEST", "128", "/aws/lambda/app-handler", None, True]
    assert arn.endswith(":function:app-handler")


def test_the_environment_is_lambdas_and_nothing_of_the_machine(invoke: Callable[..., Any]) -> None:
    told = invoke("environment")
    lambdas = {
        "_HANDLER": "app.handler",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "AWS_LAMBDA_FUNCTION_NAME": "app-handler",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/app-handler",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LANG": "en_US.UTF-8",
        "PATH": ":".join(["/var/lang/bin", "/usr/local/bin", "/usr/bin/", "/bin", "/opt" + "/bin"]),
        "OWN": "yes",
        "TZ": "Asia/Tokyo",  # not reserved: the function's own counts
    }
    assert lambdas.items() <= told.items()
    others = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_LOG_STREAM_NAME"}
    others |= {"LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
    here = {"AWS_ENDPOINT_URL", "AWS_DISABLE_HOST_PREFIX_INJECTION", "_X_AMZN_TRACE_ID", "_MINISTACK_INVOKE_DEPTH"}
    here |= {"TMPDIR", "TMP", "TEMP", "LC_CTYPE"}  # where no /tmp can be mounted; what Python itself sets
    assert others <= told.keys() <= {*lambdas, *others, *here}


def test_modules_are_found_in_the_package_and_the_standard_library_alone(invoke: Callable[..., Any]) -> None:
    assert not [entry for entry in invoke("path") if "site-packages" in entry]


def test_the_log_tells_how_much_was_used_and_that_it_was_too_much(embedded_account: EmbeddedAccount) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return len(b'x' * (event << 20))\n")
    client = embedded_account.client("lambda")
    role = f"arn:aws:iam::{embedded_account.account}:role/etl"
    code = {"ZipFile": content.getvalue()}
    client.create_function(FunctionName="f", Runtime=RUNTIME, Role=role, Handler="app.handler", MemorySize=256, Code=code)
    for megabytes in (1, 300):
        client.invoke(FunctionName="f", Payload=str(megabytes))
    events = embedded_account.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    reports = [event["message"] for event in events if event["message"].startswith("REPORT")]
    used = re.search(r"Max Memory Used: (\d+) MB", reports[0])
    assert used is not None
    assert 5 < int(used[1]) < 100
    assert reports[1].endswith("Max Memory Used: 256 MB\tStatus: error\tError Type: Runtime.OutOfMemory")
