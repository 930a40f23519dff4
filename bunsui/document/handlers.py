"""Whether a code folder has the handler that a function names: the module is parsed, never imported."""

from __future__ import annotations

import ast
import difflib
import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bunsui.errors import InvalidInput
from bunsui.ports.source import Source


class HandlerProblem(NamedTuple):
    """What the folder disproves of a handler."""

    summary: str
    hint: str


def handler_problem(source: Source, folder: str, handler: str) -> HandlerProblem | None:
    """Return what is wrong with a Python handler such as `app.handler`; None where the folder has it, or where only running the
    module could tell."""
    module, _, name = handler.rpartition(".")
    file = module.replace(".", "/") + ".py"
    content = _content(source, folder, file) or _content(source, folder, module.replace(".", "/") + "/__init__.py")
    if content is None:
        return HandlerProblem(f"{folder} has no file {file} for the handler {handler}", _near_module(source, folder, name))
    try:
        names = list(_names(ast.parse(content).body))
    except (SyntaxError, ValueError, RecursionError):
        return None
    if name in names or "*" in names:
        return None
    functions = [found for found in names if not found.startswith("_")]
    near = difflib.get_close_matches(name, functions, n=1, cutoff=0.5) or functions[:1]
    hint = f"Write handler: {module}.{near[0]}." if near else f"Add  def {name}(event, context):  to {file}."
    return HandlerProblem(f"{file} has no function {name}", hint)


def _near_module(source: Source, folder: str, name: str) -> str:
    found = [path for path in source.find([posixpath.join(folder, "*.py")]) if not path.endswith("__init__.py")]
    for path in found:
        content = _content(source, folder, posixpath.basename(path)) or b""
        if f"def {name}(".encode() in content:
            return f"Write handler: {posixpath.basename(path).removesuffix('.py')}.{name}."
    return "Write handler: module.function, of a file in the folder."


def _content(source: Source, folder: str, file: str) -> bytes | None:
    try:
        return source.read(posixpath.normpath(posixpath.join(folder, file)))
    except InvalidInput:
        return None


def _names(body: Sequence[ast.stmt]) -> Iterator[str]:
    """Yield what a module's statements define, those inside `if`, `try` and `with` included; `*` where that cannot be told."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.Assign(targets=targets):
                yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While() | ast.Match() | ast.TryStar():
                yield from _inside(statement)
            case ast.Expr(value=ast.Call()):
                # setattr, globals().update and their like.
                if "globals" in ast.dump(statement) or "setattr" in ast.dump(statement):
                    yield "*"
            case _:
                pass


def _inside(statement: ast.stmt) -> Iterator[str]:
    for inner in ast.walk(statement):
        if isinstance(inner, ast.stmt) and inner is not statement:
            yield from _names([inner])
