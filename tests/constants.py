"""The constants of a package as text: figures, names and tables, to be held against what is recorded."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import get_origin

CASES = Path(__file__).parent / "cases" / "constants"


def check_constants(package: ModuleType, *, is_updated: bool) -> None:
    """Hold the constants of a package against the recorded ones, or record them. What is new or moved needs no record."""
    recorded = CASES / f"{package.__name__.rpartition('.')[2]}.txt"
    now = constants(package.__name__)
    if is_updated:
        recorded.write_text("".join(f"{name} = {text}\n" for name, text in now.items()), encoding="utf-8")
    before = dict(line.split(" = ", 1) for line in recorded.read_text(encoding="utf-8").splitlines())
    assert {name: now[name] for name in before if name in now} == {name: text for name, text in before.items() if name in now}


def constants(package: str) -> dict[str, str]:
    """Return the value of every name to which a module of the package gives one, by `MODULE NAME`."""
    root = importlib.import_module(package)
    names = sorted(found.name for found in pkgutil.walk_packages(root.__path__, f"{package}."))
    modules = {name.removeprefix(f"{package}."): importlib.import_module(name) for name in names}
    return {f"{name} {constant}": text for name, module in modules.items() for constant, text in _of_module(module)}


def _of_module(module: ModuleType) -> Iterator[tuple[str, str]]:
    for statement in ast.parse(inspect.getsource(module)).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else ()
        targets = [statement.target] if isinstance(statement, ast.AnnAssign) else [*targets]
        for target in targets:
            if isinstance(target, ast.Name):
                text = _shown(getattr(module, target.id))
                if text:
                    yield target.id, text


def _shown(value: object) -> str:
    """Return a value as text that is the same in every process; empty for types, and for tables of functions: closed lists."""
    members = value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ()
    if any(map(inspect.isfunction, members)):
        return ""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, re.Pattern):
        return f"re {value.pattern!r}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_shown(key)}: {_shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (frozenset, set)):
        return "{" + ", ".join(sorted(map(_shown, value))) + "}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(map(_shown, value)) + ")"
    if isinstance(value, type):
        return value.__name__
    if inspect.isfunction(value):
        return "a function" if value.__name__ == "<lambda>" else f"{value.__module__.removeprefix('bunsui.')}.{value.__name__}"
    if is_dataclass(value):
        told = ", ".join(f"{part.name}={_shown(getattr(value, part.name))}" for part in fields(value))
        return f"{type(value).__name__}({told})"
    is_type = get_origin(value) is not None or type(value).__module__ in ("types", "typing")
    return "" if is_type else repr(value)
