"""A project that is reached without its files: by an entry of the user's own `projects.toml`."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bunsui.composition.asked import Asked
from bunsui.composition.own_files import around, own_file, project_root
from bunsui.composition.settings import PROJECT_FILE, Settings, allowed_locally
from bunsui.composition.workspace import Workspace, operation_types, scope_of
from bunsui.document.applied_text import NoFiles
from bunsui.document.project import LOCAL, EnvironmentDocument, ProjectDocument
from bunsui.errors import NotFound
from bunsui.folders.known_projects import FILE, KnownProject, find_known_project, read_known_projects
from bunsui.folders.shown import DeployedShown
from bunsui.folders.user import user_folders
from bunsui.project.repository import Repository

if TYPE_CHECKING:
    from bunsui.services.session_context import SessionContext


class DeployedWorkspace(Workspace):
    """A project in one environment without its files: what can be run and looked at is what was applied."""

    def __init__(self, asked: Asked) -> None:
        """Read the user's entry; no account is touched yet, and nothing of the current folder counts."""
        file = projects_file(asked.directory)
        known = read_known_projects(file)
        entry = find_known_project(known, asked.project or "", asked.environment, file=file)
        _tell_what_is_not_used(asked, file)
        super().__init__(asked, _settings(entry, known, is_explicit=asked.environment is not None))

    @cached_property
    def draft(self) -> Repository:
        """The repository side without an account: there are no files in it."""
        return _repository(self.settings, self._asked)

    @cached_property
    def offline(self) -> Repository:
        """The same: there is no commit either."""
        return self.draft

    def read_sessions(self) -> SessionContext:
        """Read what was applied; STS is asked first whether the credentials belong to the entry's account."""
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.stores.state import DynamoDBStateStore
        from bunsui.services.without_files.deployed import deployed_context

        ports = self.sessions
        state = DynamoDBStateStore(DynamoDBClient(self.connection), self.repository.scope)
        return deployed_context(self.repository, ports, state, state)


def open_workspace(asked: Asked) -> Workspace:
    """Return the project that was asked for by name, else the one of the current folder."""
    return DeployedWorkspace(asked) if asked.project else Workspace(asked)


def projects_file(directory: Path) -> Path:
    """Return where the user's projects stand; never inside the checkout, or the project, that `directory` belongs to."""
    return own_file(directory, FILE)


def shown_file(directory: Path, project: str) -> DeployedShown:
    """Return where it is remembered what was shown of a project that was asked for by name, in whatever folder."""
    return DeployedShown(user_folders(os.environ, outside=around(directory)).state / "shown" / f"{project}.json")


def _tell_what_is_not_used(asked: Asked, file: Path) -> None:
    root = project_root(asked.directory)
    if root is not None:
        asked.notice(f"--project {asked.project}: {file} says where it is, and {root / PROJECT_FILE} is not used")


def _settings(entry: KnownProject, known: tuple[KnownProject, ...], *, is_explicit: bool) -> Settings:
    if entry.folder and not (Path(entry.folder) / PROJECT_FILE).is_file():
        raise NotFound(
            "no-project-there",
            "the folder whose embedded AWS is meant is no project any more",
            hint="Correct the entry in an editor, or take it out. Where it stands says:\n  bunsui projects list",
            entry=f"[projects.{entry.project}.{entry.environment}]",
            folder=entry.folder,
        )
    environment = EnvironmentDocument(
        name=entry.environment,
        account=entry.account or None,
        region=entry.region or EnvironmentDocument(name=LOCAL).region,
        profile=entry.profile or None,
        role_arn=entry.role_arn or None,
    )
    project = ProjectDocument(
        name=entry.project,
        id=entry.id,
        environment=environment,
        timezone=entry.timezone,
        environments=tuple(one.environment for one in known if one.project == entry.project),
    )
    return Settings(root=Path(entry.folder or os.sep), project=project, is_explicit=is_explicit)


def _repository(settings: Settings, asked: Asked) -> Repository:
    """Return the repository side of a project whose files are not here."""
    project = settings.project
    return Repository(
        source=NoFiles(),
        project=project,
        scope=scope_of(settings, asked, account=None),
        is_local=project.environment.is_local,
        registry=operation_types(),
        allowed_locally=allowed_locally(project, environ=os.environ) if project.environment.is_local else frozenset(),
    )
