"""The file of a pipeline, valid or not."""

from __future__ import annotations

from pathlib import PurePosixPath

from bunsui.document.form.outline import read_outline
from bunsui.errors import BunsuiError, NotFound
from bunsui.project.repository import Repository


def file_of_pipeline(repository: Repository, name: str) -> str:
    """Return the project's file that gives its pipeline this name; one that is called so is looked at first.

    Raises:
        NotFound: `no-pipeline-file`.

    """
    files = repository.source.find(repository.project.patterns)
    for file in sorted(files, key=lambda one: PurePosixPath(one).name.split(".")[0] != name):
        try:
            outline = read_outline(file, repository.source.read(file))
        except BunsuiError:
            continue
        if outline is not None and outline.name == name:
            return file
    hint = "It may have been renamed or removed since it ran."
    raise NotFound("no-pipeline-file", "no file of the project has that pipeline", hint=hint, pipeline=name)
