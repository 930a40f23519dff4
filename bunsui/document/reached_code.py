"""What of a code folder a Python handler can reach, as a digest: a fix in one handler is none in its neighbours.

Read from the syntax alone; nothing is imported. Left out are plain functions that no reached code names, modules that none
imports, and comments. All else counts: whatever a module does while it is imported, classes, decorated functions, data files,
the lock file. Where code may find its way by names made at run time (`eval`, `globals()`, a computed `getattr`, a process of
its own), or cannot be parsed, nobody can tell, and the whole folder is what it reaches.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from bunsui.ports.source import FolderEntry

_MOST_BYTES = 300_000
"""Of Python in a folder; more is vendored, and not followed."""
_DYNAMIC = frozenset(
    {"eval", "exec", "compile", "globals", "locals", "vars", "__import__", "importlib", "import_module", "pkgutil", "runpy"}
    | {"modules", "subprocess", "system", "popen", "__dict__", "__getattr__", "builtins", "dir", "getmembers"}
    | {"attrgetter", "methodcaller", "pickle", "dill", "cloudpickle"}
)
"""Names with which code finds other code at run time."""


def reached_digest(entries: Sequence[FolderEntry], handler: str, *, seal: str) -> str:
    """Return 64 hex digits over what the handler, such as `app.handler`, can reach; `seal` stands for all that is no file, such
    as the runtime and the lock. Empty where nobody can tell."""
    sources = {entry.path: entry.content for entry in entries if entry.path.endswith(".py")}
    if sum(map(len, sources.values())) > _MOST_BYTES:
        return ""
    try:
        reached = _HandlerReach(sources).reached_from(handler)
    except (_Unknowable, SyntaxError, ValueError, RecursionError):
        return ""
    digest = hashlib.sha256(seal.encode())
    for entry in sorted(entries, key=lambda entry: entry.path):
        content = reached.get(entry.path, b"") if entry.path in sources else entry.content
        if entry.path in sources and entry.path not in reached:
            continue
        for part in (entry.path.encode(), b"x" if entry.executable else b"-", content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


class _Unknowable(Exception):
    """The code may reach more than its syntax says."""


@dataclass(kw_only=True)
class _Module:
    """One module that is reached."""

    path: str
    package: str
    functions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    """Plain functions, which do nothing while the module is imported."""
    always: list[ast.stmt] = field(default_factory=list)


class _HandlerReach:
    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._sources = sources
        self._modules: dict[str, _Module] = {}
        self._names: set[str] = set()
        self._seen: set[int] = set()
        self._plain_getattr: set[int] = set()
        """Uses of `getattr` that name what they get."""

    def reached_from(self, handler: str) -> dict[str, bytes]:
        """Return what is reached of each module, by its path."""
        module, _, name = handler.replace("/", ".").rpartition(".")
        if self._file(module) is None:
            raise _Unknowable
        self._names.add(name)
        self._enter(module)
        while self._follow():
            pass
        return {
            module.path: "\n".join(map(ast.dump, self._kept_statements(module))).encode() for module in self._modules.values()
        }

    def _file(self, module: str) -> str | None:
        stem = module.replace(".", "/")
        return next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in self._sources), None)

    def _enter(self, name: str) -> None:
        """Reach a module of the folder, and the packages around it; one that is not in the folder is a library's."""
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = ".".join(parts[:count])
            path = self._file(module)
            if path is None or module in self._modules:
                continue
            package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
            self._modules[module] = found = _Module(path=path, package=package)
            for statement in ast.parse(self._sources[path]).body:
                if _is_plain_function(statement):
                    found.functions.setdefault(statement.name, []).append(statement)
                else:
                    found.always.append(statement)

    def _kept_statements(self, module: _Module) -> list[ast.stmt]:
        named = (found for name, found in module.functions.items() if name in self._names)
        return [*module.always, *(statement for found in named for statement in found)]

    def _follow(self) -> bool:
        """Look at every kept statement once; tell whether there was a new one."""
        new = [
            (module, statement)
            for module in list(self._modules.values())
            for statement in self._kept_statements(module)
            if id(statement) not in self._seen
        ]
        for module, statement in new:
            self._seen.add(id(statement))
            for node in ast.walk(statement):
                self._look(node, module)
        return bool(new)

    def _look(self, node: ast.AST, module: _Module) -> None:
        match node:
            case ast.Call(func=ast.Name(id="getattr") as function, args=[_, ast.Constant(), *_]):
                self._plain_getattr.add(id(function))  # a call is looked at before what stands in it
            case ast.Name(id="getattr") if id(node) not in self._plain_getattr:
                raise _Unknowable
            case ast.Name(id=name) | ast.Attribute(attr=name):
                self._name(name)
            case ast.Constant(value=str(text)):
                self._names.add(text)
            case ast.Import(names=names):
                for alias in names:
                    self._name(alias.name.partition(".")[0])
                    self._enter(alias.name)
            case ast.ImportFrom(names=names):
                self._import_from(node, [alias.name for alias in names], module)
            case _:
                pass

    def _import_from(self, node: ast.ImportFrom, names: Sequence[str], module: _Module) -> None:
        base = node.module or ""
        if node.level:
            around = module.package.split(".") if module.package else []
            kept = around[: len(around) - node.level + 1]
            base = ".".join([*kept, *([node.module] if node.module else [])])
        if "*" in names and self._file(base) is not None:
            raise _Unknowable
        self._name(base.partition(".")[0])
        self._enter(base)
        for name in names:
            self._name(name)
            self._enter(f"{base}.{name}" if base else name)

    def _name(self, name: str) -> None:
        if name in _DYNAMIC:
            raise _Unknowable
        self._names.add(name)


def _is_plain_function(statement: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Tell whether the statement only defines a function: without decorators, with nothing to call for its defaults, and not
    one that Python calls by itself, such as a module's `__getattr__`."""
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) or statement.decorator_list:
        return False
    if statement.name.startswith("__"):
        return False
    return not any(isinstance(node, ast.Call) for node in _evaluated_parts(statement))


def _evaluated_parts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    arguments = function.args
    annotated = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [one.annotation for one in annotated if one is not None]
    for part in (*arguments.defaults, *arguments.kw_defaults, *annotations, function.returns):
        if part is not None:
            yield from ast.walk(part)
