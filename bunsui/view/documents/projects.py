"""The user's list of projects as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import Shape, member
from bunsui.folders.known_projects import KnownProject


class KnownProjectPart(ShapeOf[KnownProject]):
    """One environment of a project."""

    project: str = member("The project's name.")
    environment: str = member("The environment's name.")
    id: str = member("The project's id.")
    account: str = member("The account, checked against STS; empty for the embedded AWS.")
    region: str = member("The region; empty for the embedded AWS.")
    profile: str = member("The profile of the AWS configuration; empty for the usual credentials.")
    role_arn: str = member("The role that is assumed; empty for none.")
    timezone: str = member("The project's time zone.")
    folder: str = member("Of the embedded AWS: the project's folder; empty otherwise.")


class ProjectsDocument(Shape, kind="projects"):
    """Of `projects`: what is reached by --project."""

    file: str = member("Where it stands.")
    projects: tuple[KnownProjectPart, ...] = member("Of `projects add` those that were added, else all.")


def projects_document(file: Path, entries: Sequence[KnownProject]) -> ProjectsDocument:
    """Return the document of `bunsui projects --json`."""
    return ProjectsDocument(file=str(file), projects=tuple(map(KnownProjectPart.of, entries)))
