"""Init: a project with a pipeline that validates, plans, applies and runs on the embedded AWS."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bunsui.document.schema.published import PIPELINE, PROJECT, published
from bunsui.document.schema.text import schema_text
from bunsui.errors import InvalidInput
from bunsui.held_folder import HeldFolder, hold

PROJECT_NAME_LIMIT = 32
_SUFFIX = ".template"
"""Keeps tools from taking the templates for sources of this package."""
_SCHEMAS = {"schemas/pipeline-v1.json": PIPELINE, "schemas/project-v1.json": PROJECT}
"""What editors complete and check the files with; `bunsui schema --write` renews them."""
_KEPT = frozenset({"bunsui.yaml", ".gitignore", *_SCHEMAS})
"""Files of the project as a whole: those that are already there stay, and a pipeline is added to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOutcome:
    """What was made."""

    folder: Path
    template: str
    """Also the name of the new pipeline."""
    written: tuple[str, ...]
    """Paths below the folder."""
    kept: tuple[str, ...]
    """Paths that were there before and stayed as they were."""


def templates() -> tuple[str, ...]:
    """Return the names of all templates."""
    found = (entry.name for entry in _root().iterdir() if entry.is_dir())
    return tuple(sorted(name for name in found if name != "project" and not name.startswith("_")))


def init_project(folder: Path, *, template: str) -> InitOutcome:
    """Write the template's files; nothing is ever overwritten.

    Raises:
        InvalidInput: `files-exist`, when a file of the template is already there, or `cannot-write`; nothing was written then.

    """
    wanted = scaffold(template, project=project_name(folder.resolve().name), project_id=str(uuid.uuid4()))
    there = {path for path in wanted if os.path.lexists(folder / path)}
    _check_inside(folder, wanted)
    if clash := sorted(there - _KEPT):
        raise InvalidInput(
            "files-exist",
            "files of the template are already there, and nothing is overwritten",
            hint="Choose another folder, or another template (" + ", ".join(templates()) + "):\n"
            "  bunsui init FOLDER --template NAME",
            files=", ".join(clash),
        )
    written = [path for path in wanted if path not in there]
    with _undone_on_failure() as made:
        for path in written:
            _write(folder, path, wanted[path], made)
    return InitOutcome(folder=folder, template=template, written=tuple(written), kept=tuple(sorted(there)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A file or folder that was made."""

    top: Path
    above: tuple[str, ...]
    """The steps from `top` to the folder that it lies in, none of them a link."""
    name: str
    is_folder: bool

    @property
    def path(self) -> Path:
        return self.top.joinpath(*self.above, self.name)


def _write(folder: Path, path: str, text: str, made: list[_Made]) -> None:
    """Write a file that is not there, below the folder, through no link; `made` gets everything that was made for it."""
    top = Path(os.path.abspath(folder)).parent  # noqa: PTH100 - links are not to be followed
    while not top.is_dir():
        top = top.parent
    *above, name = Path(os.path.abspath(folder / path)).relative_to(top).parts  # noqa: PTH100
    for depth, step in enumerate(above):
        with _hold_folder(top, above[:depth]) as held:
            if not held.has(step):
                held.make(step)
                made.append(_Made(top=top, above=tuple(above[:depth]), name=step, is_folder=True))
    with _hold_folder(top, above) as held:
        held.create(name, text.encode())
        made.append(_Made(top=top, above=tuple(above), name=name, is_folder=False))


def _hold_folder(top: Path, steps: Iterable[str]) -> HeldFolder:
    with hold(top) as first:
        return first.steps(steps)


@contextmanager
def _undone_on_failure() -> Iterator[list[_Made]]:
    """Remove what was made when not all of it can be: a half of a project is in the way of the next try.

    Raises:
        InvalidInput: `cannot-write`, for an OSError.

    """
    made: list[_Made] = []
    try:
        yield made
    except BaseException as problem:
        for one in reversed(made):
            with (
                suppress(OSError),
                _hold_folder(one.top, one.above) as held,
            ):  # a folder that somebody put something into meanwhile
                held.remove_folder(one.name) if one.is_folder else held.remove(one.name)
        if isinstance(problem, OSError):
            raise InvalidInput(
                "cannot-write",
                "the files of the template cannot be written, and none was left behind",
                hint="Correct what the reason says, such as a full disk, then repeat the command.",
                path=problem.filename or (made[-1].path if made else None),
                reason=(problem.strerror or type(problem).__name__).lower(),
            ) from problem
        raise


def _check_inside(folder: Path, wanted: Iterable[str]) -> None:
    """Refuse to write through links, which a checkout may bring along, to where nobody asked for files."""
    for path in wanted:
        if folder.is_symlink() or not (folder / path).parent.resolve().is_relative_to(folder.resolve()):
            raise InvalidInput(
                "files-exist",
                "a folder of the project is a link that leads elsewhere, and nothing is written there",
                hint="Remove the link, or choose another folder.",
                path=path,
            )


def scaffold(template: str, *, project: str, project_id: str) -> Mapping[str, str]:
    """Return the files of a template by path; InvalidInput, naming the others, when there is none of that name."""
    if template not in templates():
        hint = "Choose one of: " + ", ".join(templates())
        raise InvalidInput("unknown-template", "there is no template of that name", hint=hint, template=template)
    result: dict[str, str] = {}
    for name in ("project", template):
        for path, content in _files(_root() / name, ""):
            result[path] = _editor_line(path) + content.replace("@project@", project).replace("@id@", project_id)
    for path, name in _SCHEMAS.items():
        schema = published(name)
        assert schema is not None, "it is installed with the code"
        result[path] = schema_text(schema)
    return result


def _editor_line(path: str) -> str:
    """Return the line by which an editor finds the schema of the file; empty for a file that has none."""
    if path == "bunsui.yaml":
        return "# yaml-language-server: $schema=schemas/project-v1.json\n"
    is_pipeline = path.startswith("pipelines/") and path.endswith(".yaml")
    return "# yaml-language-server: $schema=../schemas/pipeline-v1.json\n" if is_pipeline else ""


def project_name(text: str) -> str:
    """Return the text as a project's name: ASCII letters, digits and single dashes, beginning with a letter."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    named = cleaned if cleaned[:1].isalpha() else f"project-{cleaned}"
    return named[:PROJECT_NAME_LIMIT].rstrip("-")


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield prefix + entry.name.removesuffix(_SUFFIX), entry.read_text(encoding="utf-8")


def _root() -> Traversable:
    return files("bunsui.services") / "templates"
