"""What the fields of the room's values are where nobody says it: `tests/cases/constants/sessions-unsaid.txt`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType

from bunsui import sessions as room
from tests.constants import CASES

EXPECTED = CASES / "sessions-unsaid.txt"


def unsaid(module: ModuleType) -> Iterator[str]:
    for name, kind in vars(module).items():
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
            for one in fields(kind):
                if one.default is None or isinstance(one.default, (bool, int, str, tuple)):
                    yield f"{module.__name__.removeprefix('bunsui.sessions.')} {name}.{one.name} = {one.default!r}"


def test_what_nobody_says_is_nothing_special(update_cases: bool) -> None:
    modules = [importlib.import_module(one.name) for one in pkgutil.walk_packages(room.__path__, "bunsui.sessions.")]
    found = [line for module in modules for line in unsaid(module)]
    if update_cases:
        EXPECTED.write_text("".join(f"{line}\n" for line in found), encoding="utf-8")
    kept = {line.partition(" = ")[0]: line for line in EXPECTED.read_text(encoding="utf-8").splitlines()}
    now = {line.partition(" = ")[0]: line for line in found}
    assert {name: now[name] for name in now.keys() & kept.keys()} == {name: kept[name] for name in now.keys() & kept.keys()}
    assert len(now.keys() & kept.keys()) > 100, "fields that are new, or gone, are no matter"
