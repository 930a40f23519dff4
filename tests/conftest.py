"""What every test may use."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile

import pytest
from hypothesis import settings

import tests.strict_requests  # noqa: F401 - from here on every request is checked
from tests.faults.amount import amount

# A busy machine stops a process for as long as it likes: how long one example took says nothing of the code.
settings.register_profile("patient", deadline=None, max_examples=amount(25, 100, 1_000))
settings.load_profile("patient")

_USER = tempfile.mkdtemp(prefix="bunsui-tests-user-")
"""What stands for the user's folders: no test reads or writes those of whoever runs the tests."""
os.environ.update(XDG_STATE_HOME=f"{_USER}/state", XDG_CACHE_HOME=f"{_USER}/cache")
_OF_THE_CALLER = ("AWS_", "BUNSUI_", "GITHUB_", "GITLAB_")
_AMOUNTS = ("BUNSUI_FAULTS", "BUNSUI_DRAWS")
for _name in [name for name in os.environ if name.startswith(_OF_THE_CALLER) or name == "CI"]:
    # What whoever runs the tests works with says nothing of the code: the same tests pass at a desk and in a pipeline.
    if _name not in _AMOUNTS:
        del os.environ[_name]
atexit.register(shutil.rmtree, _USER, ignore_errors=True)

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
