"""What `bunsui ci` works with: the forge of the job, and which plan is meant."""

from __future__ import annotations

import os
import re
from contextlib import suppress

from bunsui.composition.asked import Asked
from bunsui.composition.settings import ENVIRONMENT_VARIABLE, PROJECT_FILE, find_root, load_settings, require_environment
from bunsui.document.project_reading import read_project
from bunsui.errors import BunsuiError
from bunsui.forge.job import ForgeJob, forge_job
from bunsui.project.files import RootFolder
from bunsui.retry import Retrying
from bunsui.system_clock import SystemClock

_PROJECT_LINE = re.compile(rb"(?m)^project:[ \t]*[\"']?([A-Za-z][A-Za-z0-9_-]{0,63})[\"']?[ \t]*(?:#.*)?\r?$")


def ci_job(author: str) -> ForgeJob:
    """Return the job that this process is part of; `author` is whose comments are ours, empty for the usual."""
    return forge_job(os.environ, author=author, retrying=Retrying(clock=SystemClock()))


def planned_place(asked: Asked) -> tuple[str, str]:
    """Return the project and the environment whose plan is meant. InvalidInput where the environment would be a guess."""
    settings = load_settings(asked.directory, environment=asked.environment, environ=os.environ)
    require_environment(settings, environ=os.environ, has_terminal=False)
    return settings.project.name, settings.project.environment.name


def failed_place(asked: Asked) -> tuple[str, str]:
    """Return the same for a plan that failed, perhaps since the project file has errors; empty for what cannot be told."""
    environment = asked.environment or os.environ.get(ENVIRONMENT_VARIABLE, "")
    with suppress(BunsuiError, OSError):
        written = RootFolder(find_root(asked.directory)).read(PROJECT_FILE)
        environment = environment or read_project(PROJECT_FILE, written).default_environment
        named = _PROJECT_LINE.search(written)
        return named[1].decode() if named else "", environment
    return "", environment
