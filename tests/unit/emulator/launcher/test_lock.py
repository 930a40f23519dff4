"""The emulator is the one that the lock names, everywhere."""

from __future__ import annotations

import base64
import hashlib
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from bunsui.emulator.launcher import lock
from bunsui.emulator.launcher.lock import check_emulator, digest_of, read_lock
from bunsui.errors import LocalFailed

ROOT = Path(__file__).parents[4]


def test_the_extra_the_constraints_and_the_lock_name_one_version() -> None:
    wanted = read_lock()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

    assert extras["local"] == [f"{wanted.name}=={wanted.version}"]
    assert f"{wanted.name}=={wanted.version}\n" in (ROOT / "constraints.txt").read_text(encoding="utf-8")


def test_the_lock_has_hashes_and_names_no_host() -> None:
    text = (ROOT / "bunsui" / "emulator" / "launcher" / "emulator-lock.txt").read_text(encoding="utf-8")

    assert re.search(r"--hash=sha256:[0-9a-f]{64}", text)
    assert "://" not in text


def test_the_installed_emulator_is_the_locked_one_to_the_byte() -> None:
    check_emulator()
    found = metadata.distribution(read_lock().name)
    for row in (found.read_text("RECORD") or "").splitlines():
        path, digest, _size = row.rsplit(",", 2)
        if path.endswith(".py"):
            content = Path(str(found.locate_file(path))).read_bytes()
            assert digest == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode(), path


def test_the_digest_sees_a_changed_file_and_not_how_it_was_installed() -> None:
    record = ["m/a.py,sha256=x,10", "m/b.py,sha256=y,10", "m/__pycache__/a.pyc,,", "m.dist-info/INSTALLER,sha256=z,4"]

    assert digest_of(record) == digest_of(reversed(record[:2]))
    assert digest_of(record) != digest_of(["m/a.py,sha256=other,10", *record[1:]])
    assert digest_of(record) != digest_of(record[1:])


@pytest.mark.parametrize("text", ["ministack==0.0.1\n", "not-there==1.5.33\n"])
def test_another_emulator_is_refused_with_what_to_do(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, version = text.strip().partition("==")
    monkeypatch.setattr(lock, "read_lock", lambda: lock.LockedEmulator(name=name, version=version, files="0" * 64))

    with pytest.raises(LocalFailed) as caught:
        check_emulator()
    assert caught.value.code == "local-emulator-version"
    assert f"pip install {name}=={version}" in str(caught.value.hint)
