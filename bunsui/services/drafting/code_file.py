"""The code file of a job in a draft: where it is, and one to begin with where there is none."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as Folder

from bunsui.document.closing_jobs import with_closing_jobs
from bunsui.document.edit.draft import Draft, draft_of
from bunsui.document.edit.edits import DocumentEdit, SetValue
from bunsui.document.form.form import read_form
from bunsui.document.schema.check import job_form
from bunsui.document.short_forms import long_form
from bunsui.document.type_defaults import with_type_defaults
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document, Path
from bunsui.errors import Refused
from bunsui.model.json import Json, child_at, value_at
from bunsui.project.repository import Repository
from bunsui.services.drafting.kept import content_of

_HANDLER = re.compile(r"[A-Za-z_][A-Za-z0-9_./]*\.[A-Za-z_][A-Za-z0-9_]*")
_FOLDER = "functions"
_TEXT = '''\
"""The job {job}."""


def {function}(event, context):
    """Answer with the result of the job, which expressions read as $result."""
    print("{job} was given", event)
    return {{"given": event}}
'''
"""A Python handler without anything else: Lambda and the embedded AWS run it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCode:
    """The code of an operation, as far as the draft says it."""

    place: Path
    """Of the operation, in the file."""
    folder: str
    handler: str
    file: str
    """The file that has the handler, or would have it; from the project's root, with `/`."""
    is_there: bool
    is_said: bool
    """False where the draft says no code yet: folder and handler are a proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCode:
    """A code file that is not there yet. Show both before either is done."""

    draft: Draft
    """The file; `write_draft` writes it, never over another one."""
    edit: DocumentEdit | None
    """What the pipeline has to say of it; None where it does."""


def job_code(repository: Repository, root: Folder, draft: Draft, place: Path) -> JobCode | None:
    """Return the code of the operation whose form is open at the place, else of the job's first operation that can have some;
    None where there is none, as for a job that invokes an existing function."""
    document = read_document(draft.file, draft.content).document
    if document is None or len(place) < 2:
        return None
    for path in _operations(document, place):
        own = value_at(document.data, path)
        form = read_form(draft.file, draft.content, path, repository.registry)
        has_code = form is not None and any(field.key == "code" for field in form.fields)
        if has_code and isinstance(own, Mapping) and "function" not in own:
            said = _code_of(repository, document, path)
            if said is not None:
                return _job_code_of(root, path, str(place[1]), said)
    return None


def new_code(code: JobCode, *, folder: str = "") -> NewCode:
    """Return the file to begin with, in another folder where the draft says none yet.

    Raises:
        Refused: `code-exists`, the file is there; it is never written over. `handler-unreadable`, no file follows from it.

    """
    if code.is_there:
        raise Refused("code-exists", "the file is there already, and stays as it is", hint="e opens it.", file=code.file)
    if not _HANDLER.fullmatch(code.handler):
        hint = "Write module.function, such as app.handler."
        raise Refused("handler-unreadable", "the handler names no function of a module", hint=hint, handler=code.handler)
    if folder and not code.is_said:
        code = _in_folder(code, folder)
    function = code.handler.rpartition(".")[2]
    text = _TEXT.format(job=code.place[1], function=function)
    edit = None
    if not code.is_said:
        said: dict[str, Json] = {"path": code.folder, "handler": code.handler}
        edit = SetValue(path=(*code.place, "code"), value=said, order=("type", "code"))
    return NewCode(draft=draft_of(code.file, None, begin=text.encode()), edit=edit)


def _in_folder(code: JobCode, folder: str) -> JobCode:
    file = posixpath.normpath(posixpath.join(folder, posixpath.basename(code.file)))
    return JobCode(place=code.place, folder=folder, handler=code.handler, file=file, is_there=False, is_said=False)


def _operations(document: Document, place: Path) -> list[Path]:
    """Return the paths of the operations that may be meant, the nearest first."""
    job = place[:2]
    listed = child_at(value_at(document.data, job), "operations")
    if not isinstance(listed, list):
        return [job]
    every: list[Path] = [(*job, "operations", index) for index in range(len(listed))]
    here = [path for path in every if place[: len(path)] == path]
    return here or every


def _code_of(repository: Repository, document: Document, path: Path) -> Mapping[str, Json] | None:
    """Return what is said of the code, with defaults; `{}` where nothing is, None for a function that cannot be found."""
    project = repository.project.document
    whole = long_form(with_closing_jobs(document), job_form(repository.registry))
    filled = with_type_defaults(whole, repository.registry, project=project)
    inner = path if len(path) > 2 else (*path, "operations", 0)
    code = value_at(filled.data, (*inner, "code"))
    if isinstance(code, str):
        own = value_at(document.data, ("functions", code))
        shared = value_at(project.data, ("functions", code)) if project is not None else None
        named = own if isinstance(own, Mapping) else shared
        return named if isinstance(named, Mapping) else None
    return code if isinstance(code, Mapping) else {}


def _job_code_of(root: Folder, path: Path, job: str, said: Mapping[str, Json]) -> JobCode:
    folder, handler = said.get("path"), said.get("handler")
    is_said = isinstance(folder, str) and isinstance(handler, str)
    name = re.sub(r"[^A-Za-z0-9_]", "_", job)
    where = folder if isinstance(folder, str) else f"{_FOLDER}/{job}"
    called = handler if isinstance(handler, str) else f"{name}.handler"
    module = called.rpartition(".")[0].replace(".", "/")
    files = [posixpath.normpath(f"{where}/{module}{ending}") for ending in (".py", "/__init__.py")]
    there = next((one for one in files if content_of(root, one) is not None), "")
    return JobCode(place=path, folder=where, handler=called, file=there or files[0], is_there=bool(there), is_said=is_said)
