"""Every call that the tests make through botocore is held against its service's model: patterns, enumerations, lengths, ranges.

botocore itself looks at types and shortest lengths only, and the emulators take what AWS refuses. Loaded by
`tests/conftest.py`, and by the server from which commands are forked: what breaks a model fails the test, or ends the command
in a traceback. What a test sends wrong on purpose goes out inside `lenient`.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

_HANDLERS = "botocore.handlers"
_LENIENT: ContextVar[bool] = ContextVar("requests may break their model", default=False)


class BrokenRequest(BaseException):
    """A request that AWS would refuse; no `Exception`, so that nothing takes it for an answer of AWS."""


@contextmanager
def lenient() -> Iterator[None]:
    """Let requests inside break their model."""
    token = _LENIENT.set(True)
    try:
        yield
    finally:
        _LENIENT.reset(token)


def check_request(params: Mapping[str, Any], model: Any, **_: object) -> None:
    """Raise BrokenRequest for parameters of a call that break the model of its operation."""
    from bunsui.aws.constraints.requests import broken_rules  # here, so that tests without AWS do without

    service, operation = model.service_model.service_name, model.name
    if not _LENIENT.get() and (found := list(broken_rules(service, operation, params))):
        raise BrokenRequest(f"{service} {operation}: {'; '.join(found)}")


class _Registering(importlib.machinery.PathFinder):
    """Adds the check to botocore's own handlers of events when they are imported: every session has them."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: ModuleType | None = None) -> Any:
        """Find the module of the handlers, and nothing else."""
        if name != _HANDLERS:
            return None
        sys.meta_path.remove(cls)
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            _register(module)

        spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec


def _register(handlers: Any) -> None:
    handlers.BUILTIN_HANDLERS.append(("before-parameter-build", check_request))


if _HANDLERS in sys.modules:
    _register(sys.modules[_HANDLERS])
else:
    sys.meta_path.insert(0, _Registering)
