"""The projects that a user reaches without their files: `projects.toml` in the configuration folder.

```toml
version = 1

[projects.sales-data.prod]
id = "7f3a0c52-…"
account = "222222222222"
region = "ap-northeast-1"
profile = "acme-prod"
```
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bunsui.command_line import command_line
from bunsui.document.checks.times import timezone_problem
from bunsui.document.project import ACCOUNT_PATTERN, LOCAL, PROJECT_ID_PATTERN, REGION_PATTERN, ROLE_ARN_PATTERN
from bunsui.errors import InvalidInput, NotFound
from bunsui.folders.configuration import read_own
from bunsui.folders.toml_text import file_error, parse_toml
from bunsui.model.names import is_id

FILE = "projects.toml"
VERSION = 1
_PROJECTS = "projects"
_INVALID = "projects-file-invalid"
_KEYS: Mapping[str, tuple[str, str]] = {
    "id": (PROJECT_ID_PATTERN, "the id in its bunsui.yaml"),
    "account": (ACCOUNT_PATTERN, "twelve digits in quotes"),
    "region": (REGION_PATTERN, "such as ap-northeast-1"),
    "profile": (r"^\S.*$", "a profile of the AWS configuration"),
    "role_arn": (ROLE_ARN_PATTERN, "the ARN of a role"),
    "timezone": (r"^\S+$", "an IANA name, such as Asia/Tokyo"),
    "folder": (r"^/.*$", "the whole path of the project's folder"),
}
"""Each key of an entry: what its text looks like, and in words."""
_NEEDED = ("id", "account", "region")
_NEEDED_LOCALLY = ("id", "folder")
_ELSEWHERE = {LOCAL: ("account", "region", "profile", "role_arn")}
"""Keys that mean nothing in an environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProject:
    """One environment of a project, with what is needed to reach it."""

    project: str
    environment: str
    id: str
    account: str = ""
    """Twelve digits; checked against STS before anything is read. Empty for the embedded AWS."""
    region: str = ""
    profile: str = ""
    role_arn: str = ""
    timezone: str = "UTC"
    folder: str = ""
    """Of the embedded AWS alone: the project's folder, in which it keeps its data."""

    @property
    def values(self) -> Mapping[str, str]:
        """What the file says of it: the keys that are set."""
        every = {key: str(getattr(self, key)) for key in _KEYS}
        return {key: value for key, value in every.items() if value and (key, value) != ("timezone", "UTC")}


def read_known_projects(path: Path) -> tuple[KnownProject, ...]:
    """Return every entry of the file, by project and environment; none when it is not there.

    Raises:
        InvalidInput: the file is not the user's alone, or has mistakes; the error says where.

    """
    content = read_own(path)
    return parse_known_projects(content, str(path)) if content is not None else ()


def parse_known_projects(content: bytes, file: str) -> tuple[KnownProject, ...]:
    """Return the entries of a file's content; `file` is how messages call it. InvalidInput as above."""
    read = parse_toml(content, file, code=_INVALID)
    mistakes = [read.place(path, what) for path, what in _mistakes(read.data)]
    if mistakes:
        raise file_error(_INVALID, file, mistakes)
    return tuple(
        KnownProject(project=project, environment=environment, **entry)
        for project, environments in sorted(read.data.get(_PROJECTS, {}).items())
        for environment, entry in sorted(environments.items())
    )


def find_known_project(known: tuple[KnownProject, ...], project: str, environment: str | None, *, file: Path) -> KnownProject:
    """Return the entry that was asked for; the project's only one where no environment was.

    Raises:
        NotFound: there is no such project or environment.
        InvalidInput: the project has several environments, and none was asked for.

    """
    environments = {one.environment: one for one in known if one.project == project}
    if not environments:
        near = difflib.get_close_matches(project, {one.project for one in known}, n=1, cutoff=0.5)
        added = f"In a checkout of it:\n  {command_line('projects', 'add')}"
        hint = f"Did you mean  --project {near[0]} ?" if near else added
        names = ", ".join(sorted({one.project for one in known})) or "none"
        raise NotFound("unknown-project", "you have no such project", hint=hint, asked=project, projects=names, file=file)
    if environment is None and len(environments) == 1:
        return next(iter(environments.values()))
    names = ", ".join(environments)
    if environment is None:
        hint = f"Say which one:  --env {next(iter(environments))}"
        raise InvalidInput("environment-needed", "the project has several environments", hint=hint, environments=names)
    if environment not in environments:
        near = difflib.get_close_matches(environment, environments, n=1, cutoff=0.5)
        added = f"In a checkout of it:\n  {command_line('-e', environment, 'projects', 'add')}"
        hint = f"Did you mean  --env {near[0]} ?" if near else added
        raise NotFound("no-environment", "you have no such environment of it", hint=hint, asked=environment, environments=names)
    return environments[environment]


def _mistakes(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each mistake: the path of keys to it, and what is wrong."""
    if data.get("version", VERSION) != VERSION:
        yield ("version",), f"version is {VERSION}; a newer bunsui wrote this"
        return
    for key in sorted(set(data) - {"version", _PROJECTS}):
        yield (key,), f"{key} is no key; entries stand under [{_PROJECTS}.PROJECT.ENVIRONMENT]"
    projects = data.get(_PROJECTS, {})
    if not isinstance(projects, Mapping):
        yield (_PROJECTS,), f"entries stand under [{_PROJECTS}.PROJECT.ENVIRONMENT]"
        return
    for project, environments in projects.items():
        path = (_PROJECTS, project)
        if not is_id(project) or not isinstance(environments, Mapping):
            yield path, f"entries stand under [{_PROJECTS}.PROJECT.ENVIRONMENT], both of them ids"
            continue
        for environment, entry in environments.items():
            if not is_id(environment) or not isinstance(entry, Mapping):
                yield (*path, environment), f"entries stand under [{_PROJECTS}.PROJECT.ENVIRONMENT], both of them ids"
                continue
            yield from _entry_mistakes((*path, environment), entry)


def _entry_mistakes(path: tuple[str, ...], entry: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    environment = path[-1]
    for key, value in entry.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.6)
            yield (*path, key), f"there is no key {key}" + (f"; did you mean {near[0]}?" if near else "")
        elif key in _ELSEWHERE.get(environment, ("folder",)):
            yield (*path, key), f"{key} has no meaning in {environment}"
        elif not isinstance(value, str) or not re.search(_KEYS[key][0], value) or not value.isprintable():
            yield (*path, key), f"{key} is {_KEYS[key][1]}"
        elif key == "timezone" and (problem := timezone_problem(value)) is not None:
            yield (*path, key), problem.summary
    for key in _NEEDED_LOCALLY if environment == LOCAL else _NEEDED:
        if key not in entry:
            yield path, f"the key {key} is missing: {_KEYS[key][1]}"
