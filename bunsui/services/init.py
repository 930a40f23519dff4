"""Init: a project with a pipeline that validates, plans, applies and runs on the embedded AWS."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bunsui.errors import InvalidInput

PROJECT_NAME_LIMIT = 32
_SUFFIX = ".template"
"""Keeps tools from taking the templates for sources of this package."""
_KEPT = frozenset({"bunsui.yaml", ".gitignore"})
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
    """Give the names of all templates."""
    found = (entry.name for entry in _root().iterdir() if entry.is_dir())
    return tuple(sorted(name for name in found if name != "project" and not name.startswith("_")))


def init_project(folder: Path, *, template: str) -> InitOutcome:
    """Write the template's files; nothing is ever overwritten.

    Raises:
        InvalidInput: `files-exist`, when a file of the template is already there; then nothing was written.

    """
    wanted = scaffold(template, project=project_name(folder.resolve().name), project_id=str(uuid.uuid4()))
    there = {path for path in wanted if (folder / path).exists()}
    if clash := sorted(there - _KEPT):
        raise InvalidInput(
            "files-exist",
            "files of the template are already there, and nothing is overwritten",
            hint="Choose another folder or another template:\n  bunsui init FOLDER --template " + "|".join(templates()),
            files=", ".join(clash),
        )
    written = [path for path in wanted if path not in there]
    for path in written:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(wanted[path])
    return InitOutcome(folder=folder, template=template, written=tuple(written), kept=tuple(sorted(there)))


def scaffold(template: str, *, project: str, project_id: str) -> Mapping[str, str]:
    """Give the files of a template by path; InvalidInput, naming the others, when there is none of that name."""
    if template not in templates():
        hint = "Choose one of: " + ", ".join(templates())
        raise InvalidInput("unknown-template", "there is no template of that name", hint=hint, template=template)
    result: dict[str, str] = {}
    for name in ("project", template):
        for path, content in _files(_root() / name, ""):
            result[path] = content.replace("@project@", project).replace("@id@", project_id)
    return result


def project_name(text: str) -> str:
    """Give the text as a project's name: ASCII letters, digits and single dashes, beginning with a letter."""
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
