"""Imports of a function's code that Lambda could not follow: modules in no file of the folder, of no locked package, in neither
the standard library of the runtime nor what Lambda ships.

Followed is what the handler's module imports of the folder, as far as its text tells. What code guards (`try … except
ImportError`, `if TYPE_CHECKING`, any other `if`) is its own affair; where it changes `sys.path`, nobody can tell what it finds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bunsui.document.python.runtimes import SHIPPED, UNPROMISED, minor_of, removed_in, standard_modules
from bunsui.ports.source import FolderEntry

_MOST_BYTES = 300_000
"""Of Python that is followed; more is vendored."""
_PINNED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*==", re.MULTILINE)
_PACKAGES: Mapping[str, str] = {
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "jwt": "PyJWT",
    "psycopg2": "psycopg2-binary",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""Packages that are not called as the module that they bring."""
_GUARDS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_NATIVE = (".so", ".pyd")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingImport:
    """An import that fails in Lambda."""

    module: str
    """The first part of its name."""
    path: str
    """The file, relative to the folder."""
    line: int
    column: int
    excerpt: str
    """The line's text."""
    is_certain: bool
    """True when the function cannot even start: the module is imported with the handler's, and there is no lock whose packages
    might bring it under another name."""
    removed: int | None
    """The minor version of Python that was the first without it; None for what never was in the standard library."""

    @property
    def package(self) -> str:
        """The name under which an index most probably has it."""
        return _PACKAGES.get(self.module, self.module.replace("_", "-"))


@dataclass(frozen=True, slots=True)
class _Import:
    names: tuple[str, ...]
    """Whole names of modules that it may mean, the first of them the one that must be there."""
    line: int
    column: int
    is_at_start: bool
    """True when it is done as the module is imported, False for one in a function."""
    is_guarded: bool


def missing_imports(
    entries: Sequence[FolderEntry], handler: str, *, runtime: str, lock: bytes | None
) -> tuple[MissingImport, ...]:
    """Return what the handler, such as `app.handler`, imports in vain, by file and line; nothing where that cannot be told."""
    minor = minor_of(runtime)
    sources = {entry.path: entry.content for entry in entries if entry.path.endswith(".py")}
    if minor is None or sum(map(len, sources.values())) > _MOST_BYTES:
        return ()
    reached = _reached_files(sources, handler.replace("/", ".").rpartition(".")[0])
    if reached is None:
        return ()
    known = {*standard_modules(minor), *SHIPPED, *UNPROMISED, *_own_modules([entry.path for entry in entries])}
    pins = {_plain(name) for name in _PINNED.findall((lock or b"").decode("utf-8", "replace"))}
    found = []
    for path in sorted(reached):
        lines = sources[path].decode("utf-8", "replace").splitlines()
        for one in reached[path]:
            module = one.names[0].partition(".")[0]
            if (
                not one.is_guarded
                and module
                and not module.startswith("_")
                and module not in known
                and not _brings(pins, module)
            ):
                found.append(
                    MissingImport(
                        module=module,
                        path=path,
                        line=one.line,
                        column=one.column,
                        excerpt=lines[one.line - 1] if one.line <= len(lines) else "",
                        is_certain=one.is_at_start and not pins,
                        removed=removed_in(module),
                    )
                )
    return tuple(found)


def _reached_files(sources: Mapping[str, bytes], module: str) -> dict[str, tuple[_Import, ...]] | None:
    """Return the imports of each file of the folder that the module reaches; None where code decides itself what it finds."""
    waiting, reached = [module], dict[str, tuple[_Import, ...]]()
    while waiting:
        for path, package in _files_of(waiting.pop(), sources):
            if path in reached:
                continue
            imports = _imports_of(sources[path], package)
            if imports is None:
                return None
            reached[path] = imports
            waiting += [name for one in imports for name in one.names]
    return reached


def _files_of(module: str, sources: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the files of a module and of the packages around it, each with the name of the package that it belongs to."""
    parts = module.split(".")
    for count in range(1, len(parts) + 1):
        name, stem = ".".join(parts[:count]), "/".join(parts[:count])
        if f"{stem}.py" in sources:
            yield f"{stem}.py", name.rpartition(".")[0]
        if f"{stem}/__init__.py" in sources:
            yield f"{stem}/__init__.py", name


@lru_cache(maxsize=512)
def _imports_of(content: bytes, package: str) -> tuple[_Import, ...] | None:
    """Return the imports of a file; None where it changes where modules are found. One that cannot be parsed has none."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    if any(_changes_the_way(node) for node in ast.walk(tree)):
        return None
    return tuple(_imports_in(tree.body, package, is_at_start=True, is_guarded=False))


def _changes_the_way(node: ast.AST) -> bool:
    """Tell whether the node is `sys.path`, `sys.modules`, `sys.meta_path` or a function that adds to them."""
    match node:
        case ast.Attribute(value=ast.Name(id="sys"), attr=name):
            return name in ("path", "modules", "meta_path", "path_hooks")
        case ast.ImportFrom(module="sys", names=names):
            return any(alias.name in ("path", "modules", "meta_path") for alias in names)
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in ("addsitedir", "extend_path", "spec_from_file_location")
        case _:
            return False


def _imports_in(body: Sequence[ast.stmt], package: str, *, is_at_start: bool, is_guarded: bool) -> Iterator[_Import]:
    for statement in body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                yield from _read_import(statement, package, is_at_start=is_at_start, is_guarded=is_guarded)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _imports_in(statement.body, package, is_at_start=False, is_guarded=is_guarded)
            case ast.If() | ast.While() | ast.For() | ast.AsyncFor() | ast.Match():
                yield from _imports_in(_statements_below(statement), package, is_at_start=is_at_start, is_guarded=True)
            case ast.Try() | ast.TryStar():
                guarded = is_guarded or any(_catches(handler) for handler in statement.handlers)
                inner = [*statement.body, *statement.orelse]
                yield from _imports_in(inner, package, is_at_start=is_at_start, is_guarded=guarded)
                rest = [*(one for handler in statement.handlers for one in handler.body), *statement.finalbody]
                yield from _imports_in(rest, package, is_at_start=is_at_start, is_guarded=True)
            case ast.With() | ast.AsyncWith():
                guarded = is_guarded or "suppress" in ast.dump(statement.items[0].context_expr)
                yield from _imports_in(statement.body, package, is_at_start=is_at_start, is_guarded=guarded)
            case ast.ClassDef():
                yield from _imports_in(statement.body, package, is_at_start=is_at_start, is_guarded=is_guarded)
            case _:
                pass


def _statements_below(statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements of all its branches."""
    below = [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]
    return below + [one for case in getattr(statement, "cases", []) for one in case.body]


def _catches(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _GUARDS) for kind in kinds)


def _read_import(node: ast.Import | ast.ImportFrom, package: str, *, is_at_start: bool, is_guarded: bool) -> Iterator[_Import]:
    line, column = node.lineno, node.col_offset + 1
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield _Import((alias.name,), line, column, is_at_start, is_guarded)
        return
    base = node.module or ""
    if node.level:
        around = package.split(".") if package else []
        base = ".".join([*around[: len(around) - node.level + 1], *([node.module] if node.module else [])])
    names = tuple(f"{base}.{alias.name}" if base else alias.name for alias in node.names)
    # A relative import is of the folder itself: what it names is looked at, and never missing.
    yield _Import((base, *names), line, column, is_at_start, is_guarded or bool(node.level))


def _own_modules(paths: Sequence[str]) -> set[str]:
    """Return the first names of what lies in the folder: modules, native ones, packages with and without `__init__.py`."""
    folders = {path.partition("/")[0] for path in paths if "/" in path}
    return folders | {path.partition(".")[0] for path in paths if "/" not in path and path.endswith((".py", *_NATIVE))}


def _brings(pins: Collection[str], module: str) -> bool:
    """Tell whether a locked package may bring the module: it is called alike, in full or in part."""
    known, plain = _plain(_PACKAGES.get(module, module)), _plain(module)
    return any(name in pin or pin in name for pin in pins for name in (known, plain))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
