"""Writes the lock of what the resident imports: `python -m tests.write_resident_lock`.

Versions are those of `constraints.txt`; the wheels' hashes come from the index that pip is set to, for every Python and system
on which the embedded AWS or Lambda may run it. Takes some minutes.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

from bunsui.model.environment.resident import LOCK_PATH
from bunsui.packaging.lock import normalise_name

NEEDED = (
    "annotated-types",
    "attrs",
    "botocore",
    "jmespath",
    "jsonata-python",
    "jsonschema",
    "jsonschema-specifications",
    "pydantic",
    "pydantic-core",
    "python-dateutil",
    "pyyaml",
    "referencing",
    "regex",
    "rpds-py",
    "six",
    "typing-extensions",
    "typing-inspection",
    "tzdata",
    "urllib3",
)
"""What the modules that are packed import."""
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_SYSTEMS = (
    (
        "manylinux_2_34_x86_64",
        "manylinux_2_28_x86_64",
        "manylinux_2_26_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
    ),
    (
        "manylinux_2_34_aarch64",
        "manylinux_2_28_aarch64",
        "manylinux_2_26_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
    ),
    ("macosx_14_0_arm64", "macosx_11_0_arm64"),
    ("macosx_14_0_x86_64", "macosx_11_0_x86_64", "macosx_10_13_x86_64", "macosx_10_12_x86_64", "macosx_10_9_x86_64"),
    ("win_amd64",),
)
_HEAD = """\
# What the resident imports beside bunsui itself, as it is packed: the versions of constraints.txt, the hashes of their wheels.
# Renewed by: python -m tests.write_resident_lock
"""


def versions() -> dict[str, str]:
    """Return the pinned version of everything, by normalised name."""
    text = Path("constraints.txt").read_text(encoding="utf-8")
    return {normalise_name(found[1]): found[2] for found in re.finditer(r"^([\w.-]+)==(\S+)$", text, re.MULTILINE)}


def _download(pins: list[str], folder: Path, python: str, tags: tuple[str, ...]) -> None:
    options = [*(f"--platform={tag}" for tag in tags), "--implementation=cp", f"--python-version={python}"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", f"--dest={folder}"]
    subprocess.run([*command, *options, *pins], check=True)


def main() -> None:
    """Write the lock."""
    pinned = versions()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for python, tags in product(_PYTHONS, _SYSTEMS):
            _download([f"{one}=={pinned[one]}" for one in NEEDED], folder, python, tags)
        found: dict[str, set[str]] = {}
        for wheel in folder.glob("*.whl"):
            package = normalise_name(wheel.name.split("-")[0])
            found.setdefault(package, set()).add(hashlib.sha256(wheel.read_bytes()).hexdigest())
    pins = [
        " \\\n".join([f"{one}=={pinned[one]}", *(f"    --hash=sha256:{digest}" for digest in sorted(found[one]))])
        for one in NEEDED
    ]
    Path(LOCK_PATH).write_text(_HEAD + "\n".join(pins) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
