"""What a package is built for."""

from __future__ import annotations

import platform
import sys

import pytest

from bunsui.packaging.target import host_target, is_like_lambda

OWN = f"3.{sys.version_info.minor}"


def test_another_python_of_this_machine_is_asked_for_by_its_version() -> None:
    assert host_target(OWN).pip_options() == []
    assert host_target("3.99").pip_options() == ["--implementation=cp", "--python-version=3.99"]
    assert host_target(OWN).key != host_target("3.99").key


@pytest.mark.parametrize(
    ("system", "machine", "library", "python", "is_like"),
    [
        ("linux", "x86_64", ("glibc", "2.36"), "3.12", True),
        ("linux", "x86_64", ("glibc", "2.31"), "3.12", False),  # Amazon Linux 2023 has 2.34
        ("linux", "x86_64", ("glibc", "2.31"), "3.11", True),  # Amazon Linux 2 has 2.26
        ("linux", "aarch64", ("glibc", "2.36"), "3.12", False),
        ("linux", "x86_64", ("", ""), "3.12", False),  # musl
        ("darwin", "x86_64", ("", ""), "3.12", False),
    ],
)
def test_a_machine_is_like_lambda_where_its_wheels_load(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, library: tuple[str, str], python: str, is_like: bool
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: library)
    assert is_like_lambda(f"python{python}", "x86_64", python) is is_like


def test_wheels_of_a_runtime_do_not_load_in_another_python() -> None:
    assert not is_like_lambda("python3.12", "x86_64", "3.13")
