"""Every check that there is runs: a file that no list names finds nothing, without a word."""

from __future__ import annotations

import importlib
import pkgutil

from bunsui.plan import checks

BY_SERVICES = {"under_way"}
"""Run where a plan is carried out, with what only that knows."""


def test_every_check_is_in_one_of_the_two_lists() -> None:
    modules = [module.name for module in pkgutil.walk_packages(checks.__path__, "bunsui.plan.checks.") if not module.ispkg]
    found = {importlib.import_module(name).CODE for name in modules if name.rpartition(".")[2] not in BY_SERVICES}
    assert found == checks.CHECKS.keys() | checks.LOOKED_UP.keys()
    assert not checks.CHECKS.keys() & checks.LOOKED_UP.keys()
