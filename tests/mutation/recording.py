"""Which statements of a package run: its modules are imported with a note before every statement.

A tracer would be asked at every call of every library; a note costs something only where it stands.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

_NOTE = "__bunsui_note__"


class StatementNotes:
    """Has the modules of a package noted as they are imported, and keeps the statements that ran, as (path, line)."""

    def __init__(self, package: str) -> None:
        self.ran: set[tuple[str, int]] = set()
        self.places: list[tuple[str, int]] = []
        """The statements by the number in their note."""
        self._package = package

    def install(self) -> None:
        """Begin; modules that were imported before are not noted."""
        setattr(builtins, _NOTE, self._note)
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Return the module with a loader of ours, when it is one of the package."""
        if name != self._package and not name.startswith(f"{self._package}."):
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _NotingLoader(spec.loader.name, spec.loader.path, self.places)
        return spec

    def _note(self, number: int) -> None:
        self.ran.add(self.places[number])


class _NotingLoader(SourceFileLoader):
    """Compiles a module from its source, with the notes."""

    def __init__(self, name: str, path: str, places: list[tuple[str, int]]) -> None:
        super().__init__(name, path)
        self._places = places

    def get_code(self, fullname: str) -> CodeType:
        """Return the code, never a compiled file's."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        for node in list(ast.walk(tree)):
            for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
                if isinstance(body, list):
                    body[:] = [each for statement in body for each in self._noted(statement, path)]
        return compile(tree, path, "exec", dont_inherit=True)

    def _noted(self, statement: ast.stmt, path: str) -> list[ast.stmt]:
        """Return a statement behind its note; what must come first in a module or function, and says nothing, has none."""
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.ImportFrom(module="__future__"):
                return [statement]
        self._places.append((path, statement.lineno))
        function = ast.Name(id=_NOTE, ctx=ast.Load())
        note = ast.Expr(ast.Call(func=function, args=[ast.Constant(len(self._places) - 1)], keywords=[]))
        return [ast.fix_missing_locations(ast.copy_location(note, statement)), statement]
