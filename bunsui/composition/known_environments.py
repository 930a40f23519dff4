"""The entries that a checkout gives of itself for the user's list of projects."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.composition.asked import Asked
from bunsui.composition.settings import load_settings
from bunsui.document.project import LOCAL
from bunsui.errors import InvalidInput
from bunsui.folders.known_projects import KnownProject


def environments_to_add(asked: Asked, *, environ: Mapping[str, str]) -> tuple[KnownProject, ...]:
    """Return the environment that was asked for, else every declared one.

    Raises:
        NotFound: there is no project here, or no such environment.
        InvalidInput: its file has errors, or declares no environment.

    """
    settings = load_settings(asked.directory, environment=asked.environment, environ=environ)
    names = (settings.project.environment.name,) if settings.is_explicit else settings.project.environments
    names = tuple(name for name in names if name != LOCAL or settings.is_explicit)
    if not names:
        raise InvalidInput(
            "no-environments",
            "the project declares no environment",
            hint="For its embedded AWS:\n  bunsui -e local projects add",
            folder=settings.root,
        )
    return tuple(_entry(asked, name, environ) for name in names)


def _entry(asked: Asked, environment: str, environ: Mapping[str, str]) -> KnownProject:
    settings = load_settings(asked.directory, environment=environment, environ=environ)
    project, chosen = settings.project, settings.project.environment
    if chosen.is_local:
        return KnownProject(
            project=project.name, environment=LOCAL, id=project.id, timezone=project.timezone, folder=str(settings.root)
        )
    return KnownProject(
        project=project.name,
        environment=environment,
        id=project.id,
        account=chosen.account or "",
        region=asked.region or chosen.region,
        profile=asked.profile or chosen.profile or "",
        role_arn=chosen.role_arn or "",
        timezone=project.timezone,
    )
