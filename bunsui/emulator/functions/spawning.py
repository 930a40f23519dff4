"""Starts the process of a Lambda function: its files, its Python, its limits."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bunsui.document.python.runtimes import SHIPPED
from bunsui.emulator.functions import sandbox, worker
from bunsui.emulator.functions.environment import function_environment
from bunsui.packaging.interpreters import interpreter_for, missing_notice, missing_pythons, own_interpreter

_SCRATCH_MB = 512
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_ISOLATED = ("-I", "-S", "-B", "-X", "utf8")
"""No folder, variable or package of this machine, and none of its user."""
_PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionFiles:
    """Where the files of one execution environment lie."""

    root: Path
    """A folder of its own; everything else is in it."""
    code: Path
    layers: Path | None
    """`/opt`; None without layers."""

    @property
    def scratch(self) -> Path:
        """The temporary folder, where there is no `/tmp` of its own."""
        return self.root / "tmp"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPlace:
    """What an execution environment needs to know of the embedded AWS."""

    region: str
    credentials: Mapping[str, str]
    endpoint_url: str
    depth: tuple[str, str]
    """The variable and the header in which it counts how deep functions call each other."""


def unpack(folder: str, code_zip: bytes, layers: Sequence[bytes]) -> FunctionFiles:
    """Unpack a function and its layers into a new folder below `folder`. ValueError where an archive cannot be read."""
    root = Path(tempfile.mkdtemp(prefix="function-", dir=folder))
    code, opt = root / "task", root / "opt"
    for place, archives in ((code, [code_zip]), (opt, layers)):
        for number, content in enumerate(archives):
            file = root / f"{place.name}-{number}.zip"
            file.write_bytes(content)
            try:
                with zipfile.ZipFile(file) as archive:
                    _extract(archive, place)
            except zipfile.BadZipFile as problem:
                raise ValueError(f"Could not unzip uploaded file: {problem}") from problem
            file.unlink()
    for place in (root / "root", root / "tmp"):
        place.mkdir()
    return FunctionFiles(root=root, code=code, layers=opt if layers else None)


def _extract(archive: zipfile.ZipFile, place: Path) -> None:
    """Unpack with modes, as Lambda does: a program that lies beside the code can be run; the library forgets them."""
    place.mkdir(exist_ok=True)
    for entry in archive.infolist():
        written = Path(archive.extract(entry, place))
        if not entry.is_dir() and (entry.external_attr >> 16) & 0o111:
            written.chmod(0o755)


def start(config: Mapping[str, Any], files: FunctionFiles, place: FunctionPlace) -> subprocess.Popen[str]:
    """Start the process of a Python function and tell it what to import; its first line says whether it is ready."""
    python = interpreter_for(str(config.get("Runtime", "")))
    is_boxed = can_sandbox(python.path)
    task_root, runtime_dir = ("/var/task", "/var/runtime") if is_boxed else (str(files.code), _shipped_folder())
    scratch = "/tmp" if is_boxed else str(files.scratch)  # noqa: S108 - the function's own
    opt = ("/opt" if is_boxed else str(files.layers)) if files.layers else ""
    tmp_mb = int((config.get("EphemeralStorage") or {}).get("Size") or _SCRATCH_MB)
    program = [python.path, *_ISOLATED, "/var/runtime/bootstrap.py" if is_boxed else worker.__file__]
    process = subprocess.Popen(
        _box_program(program, files, tmp_mb) if is_boxed else program,
        cwd=files.code,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        bufsize=1,
        env=function_environment(
            config,
            region=place.region,
            credentials=place.credentials,
            endpoint_url=place.endpoint_url,
            task_root=task_root,
            runtime_dir=runtime_dir,
            scratch=scratch,
        ),
    )
    setup = {
        "handler": str(config.get("Handler", "")),
        "task_root": task_root,
        "opt": opt,
        "runtime_dir": runtime_dir,
        "shipped": sorted(SHIPPED),
        "memory_mb": int(config.get("MemorySize", 128)),
        "timeout_seconds": float(config.get("Timeout", 3)),
        "depth": place.depth,
        "guard": None if is_boxed else _guard(scratch, tmp_mb),
    }
    assert process.stdin is not None
    process.stdin.write(json.dumps(setup) + "\n")
    process.stdin.flush()
    return process


_boxes: dict[str, bool] = {}
"""Whether a Python starts in a sandbox, for those that were tried."""


def can_sandbox(python: str) -> bool:
    """Tell whether this system lets a process have mounts of its own in which that Python starts; tried once."""
    if python not in _boxes:
        _boxes[python] = _try_sandbox(python)
    return _boxes[python]


def differences(runtimes: Iterable[str]) -> tuple[str, ...]:
    """Return sentences of what functions of these runtimes do not have here as on Lambda, as far as it is known by now."""
    told = [missing_notice(runtime) for runtime in missing_pythons(runtimes)]
    if not all(_boxes.values()):
        told.append(
            "this system lets no process have mounts of its own: functions share its /tmp, and only what Python itself writes"
            " elsewhere is refused as on a file system that is read-only"
        )
    return tuple(told)


def _try_sandbox(python: str) -> bool:
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        for name in ("root", "task"):
            Path(folder, name).mkdir()
        files = FunctionFiles(root=Path(folder), code=Path(folder, "task"), layers=None)
        try:
            done = subprocess.run(
                _box_program([python, *_ISOLATED, "-c", "import json, ctypes"], files, 1),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROBE_SECONDS,
                check=False,
                env={},
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0


def _box_program(program: list[str], files: FunctionFiles, tmp_mb: int) -> list[str]:
    about = {
        "root": str(files.root / "root"),
        "task_root": str(files.code),
        "opt": str(files.layers) if files.layers else "",
        "runtime": {"bootstrap.py": worker.__file__, **_shipped_places()},
        "tmp_mb": tmp_mb,
        "command": program,
    }
    return [own_interpreter().path, *_ISOLATED, sandbox.__file__, json.dumps(about)]


def _guard(scratch: str, tmp_mb: int) -> dict[str, object]:
    """Return what `worker.guard_files` is told: where nobody can mount, `/tmp` is the machine's."""
    return {"writable": ["/tmp", "/dev", "/proc"], "scratch": scratch, "limit_bytes": tmp_mb * 1_048_576}  # noqa: S108


@cache
def _shipped_places() -> dict[str, str]:
    """Return where what Lambda ships lies on this machine, by the name of its file or folder."""
    found = [find_spec(name) for name in SHIPPED]
    origins = [Path(spec.origin) for spec in found if spec is not None and spec.origin]
    places = [origin.parent if origin.name == "__init__.py" else origin for origin in origins]
    return {place.name: str(place) for place in places}


def _shipped_folder() -> str:
    return str(Path(_shipped_places()["boto3"]).parent)


def remove(files: FunctionFiles) -> None:
    """Remove the files of an environment that has ended."""
    shutil.rmtree(files.root, ignore_errors=True)
