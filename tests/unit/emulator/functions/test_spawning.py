"""Starting a function's process: what lies where, inside a sandbox where the system has one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bunsui.emulator.functions import sandbox, spawning
from bunsui.packaging.interpreters import own_interpreter

PLACE = spawning.FunctionPlace(region="us-east-1", credentials={}, endpoint_url="http://127.0.0.1:1", depth=("_D", "X-D"))
CONFIG = {"Runtime": f"python3.{sys.version_info.minor}", "Handler": "app.handler", "MemorySize": 128, "Timeout": 3}


def zipped(files: Mapping[str, str], *, mode: int = 0o644) -> bytes:
    """Return an archive whose files have that mode."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            archive.writestr(entry, text)
    return content.getvalue()


def test_a_process_reads_its_code_and_layers_and_what_lambda_ships(tmp_path: Path) -> None:
    code = "import of_layer, six, os\ndef handler(e, c):\n    return [of_layer.X, os.environ['LAMBDA_TASK_ROOT'], __file__]\n"
    layer = zipped({"python/of_layer.py": "X = 1\n"})
    files = spawning.unpack(str(tmp_path), zipped({"app.py": code}), [layer])
    process = spawning.start(CONFIG, files, PLACE)
    told, _ = process.communicate(json.dumps({"event": {}, "ctx": {}}) + "\n", timeout=60)
    ready, answer = map(json.loads, told.splitlines())
    assert ready == {"status": "ready"}
    layer_value, root, file = answer["result"]
    assert (layer_value, file) == (1, f"{root}/app.py")
    spawning.remove(files)
    assert not files.root.exists()


def test_modes_are_kept_and_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    files = spawning.unpack(str(tmp_path), zipped({"bin/tool": "#!/bin/sh\n"}, mode=0o755), [])
    assert (files.code / "bin" / "tool").stat().st_mode & 0o111
    assert files.layers is None
    with pytest.raises(ValueError, match="Could not unzip uploaded file"):
        spawning.unpack(str(tmp_path), b"no zip", [])


def test_a_sandbox_that_cannot_be_built_says_so(tmp_path: Path) -> None:
    about = {
        "root": str(tmp_path / "missing"),
        "task_root": "/",
        "opt": "",
        "runtime": {},
        "tmp_mb": 1,
        "command": ["/bin/true"],
    }
    done = subprocess.run([sys.executable, "-I", "-S", sandbox.__file__, json.dumps(about)], capture_output=True, check=False)
    assert done.returncode == sandbox.UNUSABLE
    assert done.stderr


def test_what_differs_from_lambda_is_said() -> None:
    own = f"python3.{sys.version_info.minor}"
    spawning.can_sandbox(own_interpreter().path)
    told = spawning.differences([own, "python3.99"])
    assert told[0].startswith("there is no python3.99 on the PATH: functions of that runtime run on Python 3.")
    assert len(spawning.differences([own])) == (0 if all(spawning._boxes.values()) else 1)
