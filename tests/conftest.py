"""What every test may use."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# A busy machine stops a process for as long as it likes: how long one example took says nothing of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

pytest_plugins = ["tests.plugins_embedded"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-cases`: write what the code gives into `tests/cases/`, to be read in review like code."""
    parser.addoption("--update-cases", action="store_true", help="rewrite the expected files under tests/cases")


def pytest_collection_finish() -> None:
    """Leave the tests themselves, some hundred thousand objects, out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def update_cases(request: pytest.FixtureRequest) -> bool:
    """True when expected files are to be rewritten rather than compared."""
    return bool(request.config.getoption("--update-cases"))
