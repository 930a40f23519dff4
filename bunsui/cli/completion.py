"""What the shell offers for names: read from the project's files as text, or from what was shown last; no AWS, no code of the
project, no error ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bunsui.errors import BunsuiError

_NAME_LINE = re.compile(rb"(?m)^name:[ \t]*[\"']?(?P<name>[A-Za-z0-9_-]+)")
_JOBS_LINE = re.compile(rb"^(jobs|on_failure|finally):[ \t]*(#.*)?$")
_JOB_LINE = re.compile(rb"^(?P<indent>[ ]+)[\"']?(?P<name>[A-Za-z][A-Za-z0-9_-]*)[\"']?:([ \t]|$)")
_NO_JOBS = frozenset({"type", "operations"})
"""Keys of a job in short form, as `on_failure` may be."""
_PATTERNS = ("pipelines/**/*.yaml", "pipelines/**/*.yml")


def complete_pipeline(ctx: Any, incomplete: str) -> list[str]:
    """Return the names of the project's pipelines that begin so."""
    try:
        return [] if _named_project(ctx) else _beginning(incomplete, _pipelines(_directory(ctx)))
    except Exception:  # noqa: BLE001 - a shell that completes shows nothing rather than a traceback
        return []


def complete_project(ctx: Any, incomplete: str) -> list[str]:
    """Return the names of the user's projects that begin so."""
    try:
        return _beginning(incomplete, [project for project, _ in _known_projects(ctx)])
    except Exception:  # noqa: BLE001 - as above
        return []


def complete_environment(ctx: Any, incomplete: str) -> list[str]:
    """Return the project's environments that begin so, `local` among them; of a project without files those that are known."""
    try:
        named = _named_project(ctx)
        if named:
            return _beginning(incomplete, [environment for project, environment in _known_projects(ctx) if project == named])
        declared = _project(_directory(ctx))[1].get("environments")
        return _beginning(incomplete, ["local", *(declared if isinstance(declared, dict) else ())])
    except Exception:  # noqa: BLE001 - as above
        return []


def complete_job(ctx: Any, incomplete: str) -> list[str]:
    """Return the names of jobs that begin so: of the pipeline that is named in the command, or else of all."""
    try:
        named = {value for value in (*ctx.params.values(), *ctx.args) if isinstance(value, str)}
        found = {} if _named_project(ctx) else dict(_jobs_by_pipeline(_directory(ctx)))
        chosen = [jobs for name, jobs in found.items() if name in named] or list(found.values())
        return _beginning(incomplete, [job for jobs in chosen for job in jobs])
    except Exception:  # noqa: BLE001 - as above
        return []


def complete_session(ctx: Any, incomplete: str) -> list[str]:
    """Return the ids of sessions that `bunsui sessions` or another command showed last, and pipelines, that begin so."""
    try:
        from bunsui.folders.shown import LAST, LISTED, texts  # deferred: only a shell that completes needs it

        kept = _shown(ctx)
        ids = [one for found in kept for one in (*texts(found.get(LISTED)), str(found.get(LAST) or "")) if one]
    except Exception:  # noqa: BLE001 - as above
        ids = []
    return [*_beginning(incomplete, ids), *complete_pipeline(ctx, incomplete)]


def complete_address(ctx: Any, incomplete: str) -> list[str]:
    """Return the addresses that `bunsui state list` showed last and that begin so."""
    try:
        from bunsui.folders.shown import ADDRESSES, texts  # deferred: only a shell that completes needs it

        return _beginning(incomplete, [one for found in _shown(ctx) for one in texts(found.get(ADDRESSES))])
    except Exception:  # noqa: BLE001 - as above
        return []


def _known_projects(ctx: Any) -> list[tuple[str, str]]:
    from bunsui.composition.deployed import projects_file  # deferred: as below
    from bunsui.folders.known_projects import read_known_projects

    return [(one.project, one.environment) for one in read_known_projects(projects_file(_directory(ctx)))]


def _named_project(ctx: Any) -> str:
    return str(ctx.find_root().params.get("project") or "")


def _shown(ctx: Any) -> list[Mapping[str, object]]:
    """Return what was shown last in the environment that is asked for, in every environment where none is known."""
    named = _named_project(ctx)
    if named:
        return _shown_without_files(ctx, named)
    from bunsui.composition.own_folder import project_folder  # deferred: as below
    from bunsui.folders.shown import ShownLast

    root, data = _project(_directory(ctx))
    shown = ShownLast(folder=lambda: project_folder(root, notice=lambda text: None))
    declared = data.get("environments")
    asked = ctx.find_root().params.get("env") or data.get("default_environment")
    names = [asked] if isinstance(asked, str) else ["local", *(declared if isinstance(declared, dict) else ())]
    return [shown.of(name) for name in names]


def _shown_without_files(ctx: Any, project: str) -> list[Mapping[str, object]]:
    from bunsui.composition.deployed import shown_file  # deferred: as below
    from bunsui.folders.shown import ShownLast

    if not any(known == project for known, _ in _known_projects(ctx)):
        return []
    shown = ShownLast(folder=lambda: shown_file(_directory(ctx), project))
    asked = ctx.find_root().params.get("env")
    return [shown.of(name) for known, name in _known_projects(ctx) if known == project and asked in (None, name)]


def _jobs_by_pipeline(directory: Path) -> Iterator[tuple[str, list[str]]]:
    for content in _files(directory):
        name = _NAME_LINE.search(content)
        yield name["name"].decode("ascii") if name else "", list(_jobs(content))


def _jobs(content: bytes) -> Iterator[str]:
    """Return the keys below `jobs`, `on_failure` and `finally`, read line by line: a file with errors has jobs, too."""
    indent: bytes | None = None
    is_inside = False
    for line in content.splitlines():
        if line[:1] not in (b" ", b"#", b""):
            is_inside, indent = _JOBS_LINE.match(line) is not None, None
            continue
        found = _JOB_LINE.match(line) if is_inside else None
        if found is not None:
            indent = found["indent"] if indent is None else indent
            name = found["name"].decode("ascii")
            if found["indent"] == indent and name not in _NO_JOBS:
                yield name


def _pipelines(directory: Path) -> Iterable[str]:
    for content in _files(directory):
        found = _NAME_LINE.search(content)
        if found is not None:
            yield found["name"].decode("ascii")


def _files(directory: Path) -> Iterator[bytes]:
    from bunsui.project.files import RootFolder  # deferred: the command line starts without it

    root, data = _project(directory)
    said = data.get("pipelines")
    source = RootFolder(root)
    patterns = [one for one in said if isinstance(one, str)] if isinstance(said, list) else _PATTERNS
    for file in source.find(patterns):
        try:
            yield source.read(file)
        except (BunsuiError, OSError):
            continue  # the others have names all the same


def _project(directory: Path) -> tuple[Path, dict[str, Any]]:
    from bunsui.composition.settings import PROJECT_FILE, find_root  # deferred: as above
    from bunsui.document.yaml.reader import read_document
    from bunsui.project.files import RootFolder

    root = find_root(directory)
    document = read_document(PROJECT_FILE, RootFolder(root).read(PROJECT_FILE)).document
    return root, document.data if document is not None and isinstance(document.data, dict) else {}


def _directory(ctx: Any) -> Path:
    found = ctx.find_root().params.get("directory")
    return found if isinstance(found, Path) else Path()


def _beginning(text: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(text)})
