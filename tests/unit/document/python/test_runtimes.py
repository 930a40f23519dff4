"""What a runtime has without anybody bringing it."""

from __future__ import annotations

import sys

import pytest

from bunsui.document.python.runtimes import NEWEST, OLDEST, minor_of, removed_in, standard_modules


@pytest.mark.skipif(not OLDEST <= sys.version_info.minor <= NEWEST, reason="the tables do not know this Python")
def test_the_table_is_what_python_says_of_itself() -> None:
    own = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    assert standard_modules(sys.version_info.minor) == own


def test_modules_come_and_go() -> None:
    has = {name: [minor for minor in range(10, 15) if name in standard_modules(minor)] for name in ("tomllib", "cgi", "imp")}
    assert has == {"tomllib": [11, 12, 13, 14], "cgi": [10, 11, 12], "imp": [10, 11]}
    assert (removed_in("distutils"), removed_in("json")) == (12, None)


@pytest.mark.parametrize(
    ("runtime", "minor"),
    [("python3.12", 12), ("python3.9", None), ("python3.99", None), ("nodejs24.x", None)],
)
def test_a_runtime_has_a_minor_version(runtime: str, minor: int | None) -> None:
    assert minor_of(runtime) == minor
