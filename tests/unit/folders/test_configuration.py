"""The user's configuration: where it is, and which file in it is believed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput
from bunsui.folders.configuration import configuration_folder, read_own, write_own
from bunsui.folders.user import system_home


def folder(tmp_path: Path, **environ: str) -> Path:
    (tmp_path / "checkout").mkdir(exist_ok=True)
    return configuration_folder(environ, outside=tmp_path / "checkout")


def mine(tmp_path: Path, content: bytes = b"mine") -> Path:
    path = tmp_path / "bunsui" / "projects.toml"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def test_it_is_where_the_specification_says(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    assert folder(tmp_path, HOME=str(tmp_path / "home")) == tmp_path / "home" / ".config" / "bunsui"
    assert folder(tmp_path, HOME=str(tmp_path / "home"), XDG_CONFIG_HOME=str(tmp_path / "c")) == tmp_path / "c" / "bunsui"


def test_a_relative_name_is_ignored(tmp_path: Path) -> None:
    assert folder(tmp_path, HOME=str(tmp_path), XDG_CONFIG_HOME="here") == tmp_path / ".config" / "bunsui"


@pytest.mark.parametrize("where", ["checkout", "checkout/inner", "link"])
def test_a_checkout_does_not_redirect_it(tmp_path: Path, where: str) -> None:
    (tmp_path / "link").symlink_to("checkout")
    (tmp_path / "home").mkdir()
    named = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / where)}
    assert folder(tmp_path, **named) == tmp_path / "home" / ".config" / "bunsui"


@pytest.mark.parametrize("home", [None, "checkout", "nowhere"])
def test_without_a_home_in_the_environment_it_is_that_of_the_system(tmp_path: Path, home: str | None) -> None:
    known = system_home()
    assert known is not None
    environ = {} if home is None else {"HOME": str(tmp_path / home)}
    assert folder(tmp_path, **environ) == known / ".config" / "bunsui"


def test_a_file_of_the_users_own_is_read(tmp_path: Path) -> None:
    assert read_own(mine(tmp_path)) == b"mine"


def test_no_file_and_no_folder_are_nothing(tmp_path: Path) -> None:
    assert read_own(tmp_path / "bunsui" / "projects.toml") is None
    assert read_own(Path(os.devnull, "bunsui", "projects.toml")) is None
    mine(tmp_path).unlink()
    assert read_own(tmp_path / "bunsui" / "projects.toml") is None


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    path = mine(tmp_path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInput, match="untrusted"):
        read_own(path)


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    path = mine(tmp_path / "real")
    (tmp_path / "bunsui").symlink_to(path.parent)
    with pytest.raises(InvalidInput, match="untrusted"):
        read_own(tmp_path / "bunsui" / "projects.toml")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_told_without_waiting_at_it(tmp_path: Path, kind: str) -> None:
    path = mine(tmp_path)
    path.unlink()
    path.mkdir() if kind == "folder" else os.mkfifo(path)
    with pytest.raises(InvalidInput, match="untrusted"):
        read_own(path)


def test_a_file_of_ten_megabytes_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_own(mine(tmp_path, b"#" * 10_000_000))
    assert "1 MiB" in caught.value.facts["reason"]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    path = mine(tmp_path)
    path.chmod(mode)
    with pytest.raises(InvalidInput) as caught:
        read_own(path)
    assert "chmod go-w" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("part", ["file", "folder"])
def test_what_belongs_to_somebody_else_is_not_believed(tmp_path: Path, part: str) -> None:
    path = mine(tmp_path)
    os.chown(path if part == "file" else path.parent, 12345, 12345)
    with pytest.raises(InvalidInput) as caught:
        read_own(path)
    assert "another user" in caught.value.facts["reason"]


def test_what_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "bunsui" / "projects.toml"
    write_own(path, b"first")
    write_own(path, b"second")
    assert path.read_bytes() == b"second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["projects.toml"]


def test_nothing_is_written_over_what_is_not_believed(tmp_path: Path) -> None:
    path = mine(tmp_path)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InvalidInput):
        write_own(path, b"new")
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"
