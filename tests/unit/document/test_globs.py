from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.document.globs import glob_pattern


@pytest.mark.parametrize(
    ("pattern", "paths", "others"),
    [
        ("*.yaml", ["a.yaml", ".yaml"], ["a.yml", "b/a.yaml", "a.yaml/b"]),
        ("**/*.yaml", ["a.yaml", "b/a.yaml", "c/b/a.yaml"], ["a.yml"]),
        ("pipelines/**/*.yaml", ["pipelines/a.yaml", "pipelines/x/y/a.yaml"], ["a.yaml", "x/pipelines/a.yaml"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b"]),
        ("**", ["a", "a/b"], []),
        ("a/**/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a", "b"]),
        ("./a//b?.yaml", ["a/b1.yaml"], ["a/b.yaml", "a/b12.yaml"]),
        ("[ab].yaml", ["[ab].yaml"], ["a.yaml"]),
        ("", [], ["a"]),
    ],
)
def test_a_glob_is_about_whole_paths(pattern: str, paths: list[str], others: list[str]) -> None:
    glob = glob_pattern(pattern)
    assert [path for path in (*paths, *others) if glob.fullmatch(path)] == paths


@given(st.lists(st.sampled_from(["a", "b", "*", "?", "**", "/"]), max_size=8), st.text("ab/", min_size=1, max_size=8))
def test_a_glob_means_what_its_regular_expression_would_mean(pieces: list[str], path: str) -> None:
    pattern, path = "".join(pieces), "/".join(part for part in path.split("/") if part) or "a"
    parts = [part for part in pattern.split("/") if part]
    expression = ""
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if part == "**":
            expression += ".+" if is_last else "(?:[^/]+/)*"
        else:
            expression += part.replace("*", "[^/]*").replace("?", "[^/]") + ("" if is_last else "/")
    assert glob_pattern(pattern).fullmatch(path) == bool(re.fullmatch(expression, path))


@pytest.mark.parametrize("pattern", ["**/" * 60 + "x.yaml", "*a" * 60 + "x.yaml", "*/" * 30 + "x.yaml"])
def test_no_glob_takes_long(pattern: str) -> None:
    started = time.process_time()
    assert not glob_pattern(pattern).fullmatch("a/" * 60 + "a" * 100 + ".yaml")
    assert time.process_time() - started < 0.5
