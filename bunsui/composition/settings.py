"""The project file plus the chosen environment: found upwards, read safely, frozen.

A command asks for `load_settings`, which raises where nothing useful can be done without the project; `validate` asks for
`read_settings`, which gives the findings.
"""

from __future__ import annotations

import difflib
import os
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bunsui.diagnostics import Diagnostic, sorted_diagnostics
from bunsui.document.project import LOCAL, ProjectDocument
from bunsui.document.project_reading import read_project
from bunsui.errors import InvalidInput, NotFound
from bunsui.model.local_answers import answers_setting
from bunsui.project.files import RootFolder

PROJECT_FILE = "bunsui.yaml"
ENVIRONMENT_VARIABLE = "BUNSUI_ENV"
ECS_VARIABLE = "BUNSUI_LOCAL_ECS"
_ECS_MODES = ("process", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the project file says for one environment."""

    root: Path
    """The folder that holds the project file; every path in it is relative to this one."""
    project: ProjectDocument
    is_explicit: bool
    """True when the environment was asked for, rather than the default."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """Warnings about the project file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsOutcome:
    """The settings, or why there are none."""

    root: Path
    settings: Settings | None
    """None when there is an error among the diagnostics."""
    diagnostics: tuple[Diagnostic, ...]


def find_root(directory: Path) -> Path:
    """Return the nearest folder, from `directory` upwards, that holds a project file.

    Raises:
        NotFound: there is none.
        InvalidInput: `project-of-another-user`, found above in a folder that everybody may write, such as /tmp.

    """
    start = directory.resolve()
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file():
            if folder != start:
                _check_not_planted(folder)
            return folder
    raise NotFound(
        "no-project",
        f"there is no {PROJECT_FILE} here or in a folder above",
        hint="Start a project, or point at one with -C FOLDER:\n  bunsui init my-project\n"
        "State machines of the account are told without one:\n  bunsui sessions --unmanaged all\n"
        "See all commands with `bunsui --help`.",
        folder=start,
    )


def _check_not_planted(folder: Path) -> None:
    if os.name != "posix" or not folder.stat().st_mode & stat.S_IWOTH:
        return
    if (folder / PROJECT_FILE).lstat().st_uid not in (0, os.geteuid()):
        raise InvalidInput(
            "project-of-another-user",
            f"the {PROJECT_FILE} above is of another user, in a folder that everybody may write",
            hint=f"If you mean it, name it:  -C {shlex.quote(str(folder))}",
            folder=folder,
        )


def read_settings(directory: Path, *, environment: str | None, environ: Mapping[str, str]) -> SettingsOutcome:
    """Read the project that `directory` belongs to.

    The environment is `environment`, else `BUNSUI_ENV`, else the project's default, else `local`.

    Raises:
        NotFound: when there is no project, or no such environment.

    """
    root = find_root(directory)
    text = read_project(PROJECT_FILE, RootFolder(root).read(PROJECT_FILE))
    diagnostics = sorted_diagnostics(text.diagnostics)
    if text.document is None:
        return SettingsOutcome(root=root, settings=None, diagnostics=diagnostics)
    asked = environment or environ.get(ENVIRONMENT_VARIABLE) or None
    chosen = asked or text.default_environment
    if chosen != LOCAL and chosen not in text.declared:
        raise _no_environment(chosen, text.declared)
    settings = Settings(root=root, project=text.project(chosen), is_explicit=asked is not None, diagnostics=diagnostics)
    return SettingsOutcome(root=root, settings=settings, diagnostics=diagnostics)


def load_settings(directory: Path, *, environment: str | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings, or raise InvalidInput with the first findings when the project file has errors."""
    outcome = read_settings(directory, environment=environment, environ=environ)
    if outcome.settings is None:
        first = next(finding for finding in outcome.diagnostics if finding.is_error)
        count = sum(finding.is_error for finding in outcome.diagnostics)
        raise InvalidInput(
            "project-file-invalid",
            f"{PROJECT_FILE} has {count} error{'' if count == 1 else 's'}",
            hint="See all of them:\n  bunsui validate",
            first=f"{first.position}: {first.summary}" if first.position else first.summary,
            fix=first.hint or None,
        )
    return outcome.settings


def require_environment(settings: Settings, *, environ: Mapping[str, str], has_terminal: bool) -> None:
    """Refuse to guess the environment for a command that reads or writes an account.

    In CI always, and where nobody looks and there is more than one environment, it must be asked for: a green run against the
    embedded AWS would say nothing.

    Raises:
        InvalidInput: when it was not.

    """
    if settings.is_explicit:
        return
    declared = settings.project.environments
    choices = tuple(dict.fromkeys((*declared, LOCAL)))
    if is_ci(environ):
        reason = "CI is set, and no environment was asked for"
    elif len(declared) > 1 and not has_terminal:
        reason = "there are several environments, and no terminal to see which one is used"
    else:
        return
    raise InvalidInput(
        "environment-needed",
        reason,
        hint=f"Say which one:  --env {choices[0]}  or  {ENVIRONMENT_VARIABLE}={choices[0]}",
        environments=", ".join(choices),
    )


def allowed_locally(project: ProjectDocument, *, environ: Mapping[str, str]) -> frozenset[str]:
    """Return the settings of the project that have the embedded AWS do what it does not do else
    (`OperationType.local_setting`)."""
    answered = {answers_setting(call) for call in project.local_answers}
    return frozenset(answered | ({"local: {ecs: process}"} if local_ecs(project, environ=environ) == "process" else set()))


def local_ecs(project: ProjectDocument, *, environ: Mapping[str, str]) -> str:
    """Return what the embedded AWS does with containers, `process` or `none`: BUNSUI_LOCAL_ECS, else `local.ecs` of the
    project.

    The variable is the user's own word about their machine, so it counts before the file, which may come from somebody else.

    Raises:
        InvalidInput: when the variable says neither.

    """
    said = environ.get(ECS_VARIABLE) or project.local_ecs
    if said not in _ECS_MODES:
        raise InvalidInput("local-ecs", f"{ECS_VARIABLE} must be process or none", hint=f"unset {ECS_VARIABLE}", value=said)
    return said


def is_ci(environ: Mapping[str, str]) -> bool:
    """Tell whether this runs in continuous integration: `CI` is set to anything but nothing, `0` or `false`."""
    return environ.get("CI", "").strip().lower() not in ("", "0", "false")


def ci_link(environ: Mapping[str, str]) -> str:
    """Return the address of the CI run that this is part of; empty when there is none.

    Without user, password, query and fragment: the link is printed, stored and shown to whoever waits.
    """
    if environ.get("GITHUB_RUN_ID"):
        server, repository = environ.get("GITHUB_SERVER_URL", "https://github.com"), environ.get("GITHUB_REPOSITORY", "")
        return without_secrets(f"{server}/{repository}/actions/runs/{environ['GITHUB_RUN_ID']}")
    known = ("CI_JOB_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL", "BUILD_URL")
    return without_secrets(next((environ[name] for name in known if environ.get(name)), ""))


def without_secrets(address: str) -> str:
    """Return an address without user, password, query and fragment; empty for what is none."""
    try:
        parts = urlsplit(address)
    except ValueError:  # such as a bracket that opens nothing
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _no_environment(name: str, declared: tuple[str, ...]) -> NotFound:
    choices = tuple(dict.fromkeys((*declared, LOCAL)))
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    return NotFound(
        "no-environment",
        "the project has no such environment",
        hint=f"Did you mean  --env {near[0]} ?" if near else f"Add it under environments: in {PROJECT_FILE}.",
        asked=name,
        environments=", ".join(choices),
    )
