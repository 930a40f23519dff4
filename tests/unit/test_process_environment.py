"""What a process that bunsui starts inherits."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.process_environment import ESSENTIAL, HOME, inherited_environment

NAMES = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=20)


@given(st.dictionaries(NAMES | st.sampled_from(ESSENTIAL), st.just("canary")))
def test_only_names_on_the_list_are_inherited(host: dict[str, str]) -> None:
    assert inherited_environment(host).keys() <= set(ESSENTIAL)


@pytest.mark.parametrize("path", [".", "", "bin:.:sub/bin", "bin"])
def test_a_path_of_relative_folders_is_the_systems_own(path: str) -> None:
    assert inherited_environment({"PATH": path})["PATH"] == os.defpath


def test_absolute_folders_keep_their_order() -> None:
    assert inherited_environment({"PATH": "/b:.:/a::/c"})["PATH"] == "/b:/a:/c"


def test_more_names_are_asked_for_by_who_needs_them() -> None:
    assert inherited_environment({"HOME": "/home/me", "GIT_DIR": "/x"}, HOME).keys() == {"HOME", "PATH"}
