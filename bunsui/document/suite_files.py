"""Which files hold tests, by their names alone."""

from __future__ import annotations

SUFFIXES = (".test.yaml", ".test.yml")
"""How a file of tests is called, after the stem of the pipeline's file."""


def is_suite(file: str) -> bool:
    """Tell whether the file holds tests rather than a pipeline."""
    return file.endswith(SUFFIXES)
