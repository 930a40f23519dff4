"""Fixtures around the embedded AWS; `tests/conftest.py` loads them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.emulator.launcher.launcher import IDLE_VARIABLE, LocalEndpoint, ensure_running, stop
from tests.embedded import EmbeddedAccount, fresh_account

CANARIES = {"BUNSUI_CANARY": "tweet", "AWS_PROFILE": "canary", "AWS_SECRET_ACCESS_KEY": "canary", "GITHUB_TOKEN": "canary"}
"""What the host's environment holds when the embedded AWS starts, and what nobody may find inside it."""


@pytest.fixture(scope="session")
def embedded_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data folder of `embedded`; nothing of it runs any more at the end."""
    folder = tmp_path_factory.mktemp("embedded-aws")
    try:
        yield folder
    finally:
        stop(folder)


@pytest.fixture(scope="session")
def embedded(embedded_folder: Path) -> LocalEndpoint:
    """A running embedded AWS: one for each pytest-xdist worker, gone at the end. Use `embedded_account` to be alone in it."""
    return ensure_running(embedded_folder, environment={**os.environ, **CANARIES, IDLE_VARIABLE: "60"})


@pytest.fixture
def embedded_account(embedded: LocalEndpoint) -> EmbeddedAccount:
    """An account of its own for one test."""
    return fresh_account(embedded)
