"""What the values and functions of a package take for granted where their caller says nothing."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from types import ModuleType


def assumptions(package: ModuleType) -> dict[str, object]:
    """Return every default of the package that says something, by `Class.field`, `function.argument` or
    `Class.method.argument`; what is nothing (no, none, empty, or a record of such) is left out."""
    found = (one for module in _modules(package.__name__) for one in _defaults(module))
    return {name: value for name, value in found if not _is_nothing(value)}


def _modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    yield root
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        yield importlib.import_module(found.name)


def _defaults(module: ModuleType) -> Iterator[tuple[str, object]]:
    for name, member in vars(module).items():
        if getattr(member, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(member):
            yield from _of_function(name, member)
        elif isinstance(member, type):
            yield from _of_class(name, member)


def _of_class(name: str, kind: type) -> Iterator[tuple[str, object]]:
    if is_dataclass(kind):
        for part in fields(kind):
            if part.default is not MISSING:
                yield f"{name}.{part.name}", part.default
            elif part.default_factory is not MISSING:
                yield f"{name}.{part.name}", part.default_factory()
    for method, found in vars(kind).items():
        if inspect.isfunction(found) and not (is_dataclass(kind) and method == "__init__"):
            yield from _of_function(f"{name}.{method}", found)


def _of_function(name: str, function: object) -> Iterator[tuple[str, object]]:
    assert callable(function)
    for argument in inspect.signature(function).parameters.values():
        if argument.default is not argument.empty:
            yield f"{name}.{argument.name}", argument.default


def _is_nothing(value: object) -> bool:
    if inspect.isfunction(value):
        return not value(*[None] * len(inspect.signature(value).parameters))
    if is_dataclass(value):
        return all(_is_nothing(getattr(value, part.name)) for part in fields(value))
    return not value
