"""bunsui's own code as a function's: all that a look imports is packed, and nothing that people look at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bunsui
from bunsui.model.environment.resident import CODE_PATH, LOCK_PATH
from bunsui.packaging.lock import read_lock
from bunsui.packaging.own_code import InstalledFiles, is_needed, own_code
from tests.write_resident_lock import NEEDED, versions

_LOADED = """
import sys
import bunsui.resident.handler
import bunsui.aws.stepfunctions, bunsui.aws.map_runs, bunsui.aws.stores.objects, bunsui.aws.container_logs, bunsui.aws.logs
import bunsui.document.yaml.reader, bunsui.document.applied_text, yaml, botocore.session, regex, jsonata
print("\\n".join(sorted(name for name, module in sys.modules.items() if getattr(module, "__file__", None))))
"""
"""What a look imports at once, and what it imports when it gets there."""
_OPTIONAL = frozenset({"backports", "certifi"})
"""What urllib3 and botocore take where it is there, and do without where it is not."""


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_every_module_that_a_look_imports_is_packed(loaded: list[str]) -> None:
    packed = {entry.path for entry in InstalledFiles().folder(CODE_PATH)}
    ours = [name.replace(".", "/") for name in loaded if name.partition(".")[0] == "bunsui"]
    assert len(ours) > 300
    assert [name for name in ours if not {f"{name}.py", f"{name}/__init__.py"} & packed] == []


def test_every_library_that_a_look_imports_is_in_the_lock(loaded: list[str]) -> None:
    tops = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
    modules = {"yaml": "pyyaml", "dateutil": "python-dateutil", "jsonata": "jsonata-python"}
    theirs = {modules.get(name, name.replace("_", "-")) for name in tops if not name.startswith(("_", "bunsui"))}
    assert theirs - set(NEEDED) - _OPTIONAL == set()


def test_the_lock_holds_the_versions_that_are_tested_each_with_the_hashes_of_its_wheels() -> None:
    text = InstalledFiles().read(LOCK_PATH).decode()
    pins = {pin.name: pin for pin in read_lock(text, path=LOCK_PATH, python="3.13").pins}
    assert {name: pin.version for name, pin in pins.items()} == {name: versions()[name] for name in NEEDED}
    assert len(pins["pydantic-core"].hashes) >= 8  # two architectures by four Pythons


def test_nothing_that_people_look_at_and_no_cache_is_packed() -> None:
    packed = [entry.path for entry in InstalledFiles().folder(CODE_PATH)]
    assert not [path for path in packed if path.startswith(("bunsui/cli/", "bunsui/tui/", "bunsui/emulator/"))]
    assert not [path for path in packed if "__pycache__" in path]
    assert "bunsui/__init__.py" in packed


def test_of_the_descriptions_of_services_only_those_are_packed_that_are_called() -> None:
    assert is_needed("botocore/data/states/x") is False
    assert is_needed("botocore/data/stepfunctions/2016-11-23/service-2.json.gz")
    assert is_needed("botocore/data/endpoints.json")
    assert is_needed("pydantic/main.py")


def test_other_files_are_another_resident(tmp_path: Path) -> None:
    source = Path(bunsui.__file__).parent
    assert own_code() == own_code()
    (tmp_path / "bunsui" / "resident").mkdir(parents=True)
    (tmp_path / "bunsui" / "resident" / "handler.py").write_bytes((source / "resident" / "handler.py").read_bytes())
    [entry] = InstalledFiles(tmp_path / "bunsui").folder(CODE_PATH)
    assert entry.path == "bunsui/resident/handler.py"
