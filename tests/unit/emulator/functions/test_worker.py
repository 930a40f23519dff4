"""The program of a function's process, by itself: what it is told, what it answers, what it keeps a function from."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.functions import worker


def run(folder: Path, *events: object, **changed: object) -> list[dict[str, Any]]:
    """Start the program for `app.handler` of the folder, without any sandbox; give all its answers."""
    setup = {
        "handler": "app.handler",
        "task_root": str(folder),
        "opt": "",
        "runtime_dir": str(folder / "shipped"),
        "shipped": ["boto3"],
        "memory_mb": 256,
        "timeout_seconds": 3,
        "depth": ["_DEPTH", "X-Depth"],
        "guard": None,
        **changed,
    }
    lines = [setup, *({"event": event, "ctx": {"request_id": "r"}} for event in events)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", worker.__file__],
        input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_is_shipped_is_found_beside_much_else_that_is_not(tmp_path: Path) -> None:
    for module in ("boto3", "pydantic"):
        (tmp_path / "shipped").mkdir(exist_ok=True)
        (tmp_path / "shipped" / f"{module}.py").write_text("VERSION = 1\n")
    (tmp_path / "app.py").write_text("import boto3\ntry:\n    import pydantic\nexcept ImportError as e:\n    told = str(e)\n")
    with (tmp_path / "app.py").open("a") as file:
        file.write("def handler(event, context):\n    return [boto3.VERSION, told, context.aws_request_id]\n")
    assert run(tmp_path, {}) == [
        {"status": "ready"},
        {"status": "ok", "result": [1, "No module named 'pydantic'", "r"]},
    ]


def test_what_the_package_brings_goes_before_what_is_shipped(tmp_path: Path) -> None:
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "boto3.py").write_text("VERSION = 1\n")
    (tmp_path / "boto3.py").write_text("VERSION = 2\n")
    (tmp_path / "app.py").write_text("import boto3\ndef handler(event, context):\n    return boto3.VERSION\n")
    assert run(tmp_path, {})[-1]["result"] == 2


def test_layers_come_after_the_code(tmp_path: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = tmp_path / "opt" / "python" / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (packages / "of_a_layer.py").write_text("X = 'layer'\n")
    (tmp_path / "opt" / "python" / "app.py").write_text("raise ValueError\n")
    (tmp_path / "app.py").write_text("import of_a_layer\ndef handler(event, context):\n    return of_a_layer.X\n")
    assert run(tmp_path, {}, opt=str(tmp_path / "opt"))[-1] == {"status": "ok", "result": "layer"}


def test_where_nothing_can_be_mounted_writes_are_refused_as_by_a_file_system_that_is_read_only(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "app.py").write_text(
        "import os\n"
        "def attempt(call, *arguments):\n"
        "    try:\n"
        "        call(*arguments)\n"
        "    except OSError as problem:\n"
        "        return problem.errno\n"
        "def handler(event, context):\n"
        "    here, there = os.path.dirname(__file__), event\n"
        "    return [\n"
        "        attempt(open, here + '/x', 'w'), attempt(os.mkdir, here + '/d'), attempt(os.remove, __file__),\n"
        "        attempt(os.rename, __file__, there + '/app.py'), attempt(open, 'relative', 'a'), attempt(open, __file__),\n"
        "        attempt(open, there + '/x', 'w'), attempt(os.mkdir, there + '/d'), attempt(os.remove, there + '/x'),\n"
        "        attempt(lambda: os.write(os.open(there + '/big', os.O_CREAT | os.O_WRONLY), bytes(3000))),\n"
        "        attempt(open, there + '/more', 'w'), attempt(os.open, os.devnull, os.O_WRONLY),\n"
        "    ]\n"
    )
    guard = {"writable": ["/dev"], "scratch": str(scratch), "limit_bytes": 2000}
    answer = run(tmp_path, str(scratch), guard=guard)[-1]
    assert answer["result"] == [30, 30, 30, 30, 30, None, None, None, None, None, 28, None]


def test_how_deep_functions_call_each_other_is_told_with_each_call_of_the_sdk(tmp_path: Path) -> None:
    (tmp_path / "botocore").mkdir()
    (tmp_path / "botocore" / "__init__.py").write_text("")
    (tmp_path / "botocore" / "handlers.py").write_text("BUILTIN_HANDLERS = []\n")
    (tmp_path / "app.py").write_text(
        "import os, botocore.handlers\n"
        "def handler(event, context):\n"
        "    os.environ['_DEPTH'] = '3'\n"
        "    params = {'headers': {}}\n"
        "    [(name, add)] = botocore.handlers.BUILTIN_HANDLERS\n"
        "    add(params, model=None)\n"
        "    return [name, params]\n"
    )
    assert run(tmp_path, {})[-1]["result"] == ["before-call", {"headers": {"X-Depth": "3"}}]


def test_results_are_told_as_the_runtime_of_lambda_tells_them() -> None:
    assert worker.marshal({"a": Decimal("2"), "b": Decimal("0.25")}) == '{"a": 2, "b": 0.25}'
    assert worker.marshal(b"[1]") == "[1]"
    assert worker.marshal(b"no json") == '"no json"'
    with pytest.raises(worker.Fault) as raised:
        worker.marshal({"a": object()})
    assert raised.value.name == "Runtime.MarshalError"
    assert raised.value.message == "Unable to marshal response: Object of type object is not JSON serializable"


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        ("app", "Runtime.MalformedHandlerName"),
        ("sys.exit", "Runtime.BuiltInModuleConflict"),
        ("no_such_module.f", "Runtime.ImportModuleError"),
        ("json.no_such_function", "Runtime.HandlerNotFound"),
    ],
)
def test_a_handler_that_is_none_has_a_name_of_lambda(handler: str, name: str) -> None:
    with pytest.raises(worker.Fault) as raised:
        worker.load_handler(handler)
    assert raised.value.name == name
