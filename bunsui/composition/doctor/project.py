"""Collect facts of the project file, of CI, of the account that is meant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bunsui.aws.endpoints import configured_endpoints
from bunsui.aws.probes.regions import known_region, region_of
from bunsui.composition.asked import Asked
from bunsui.composition.deployed import DeployedWorkspace
from bunsui.composition.doctor.machine import unreadable
from bunsui.composition.settings import Settings, ci_link, is_ci, load_settings, require_environment, without_secrets
from bunsui.errors import BunsuiError
from bunsui.services.doctor.account import MeantAccount
from bunsui.services.doctor.project import CiFacts, ProjectFacts

_SYSTEMS = {
    "GITHUB_ACTIONS": "GitHub Actions",
    "GITLAB_CI": "GitLab CI",
    "BUILDKITE": "Buildkite",
    "CIRCLECI": "CircleCI",
    "JENKINS_URL": "Jenkins",
    "CODEBUILD_BUILD_ID": "AWS CodeBuild",
}
_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")
_FILES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_KEYS = "AWS_ACCESS_KEY_ID"
_IDENTITIES = (_KEYS, "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadProject:
    """The settings of the project, or why there are none."""

    settings: Settings | None
    problem: BunsuiError | None


def read_project_settings(asked: Asked, environ: Mapping[str, str]) -> ReadProject:
    """Read the settings; whatever is wrong with them is an answer."""
    try:
        if asked.project:
            return ReadProject(settings=DeployedWorkspace(asked).settings, problem=None)
        return ReadProject(
            settings=load_settings(asked.directory, environment=asked.environment, environ=environ), problem=None
        )
    except BunsuiError as problem:
        return ReadProject(settings=None, problem=problem)
    except OSError as error:
        return ReadProject(settings=None, problem=unreadable(asked.directory, error))


def project_facts(read: ReadProject, asked: Asked, environ: Mapping[str, str], *, has_terminal: bool) -> ProjectFacts:
    """Return what the project file says."""
    settings = read.settings
    if settings is None:
        return ProjectFacts(root="", problem=read.problem)
    guess: BunsuiError | None = None
    try:
        require_environment(settings, environ=environ, has_terminal=has_terminal)
    except BunsuiError as problem:
        guess = problem
    return ProjectFacts(
        root="" if asked.project else str(settings.root),
        name=settings.project.name,
        environment=settings.project.environment.name,
        is_local=settings.project.environment.is_local,
        warnings=len(settings.diagnostics),
        environment_problem=guess,
    )


def ci_facts(environ: Mapping[str, str]) -> CiFacts:
    """Return what a CI system says of itself."""
    found = {name: title for name, title in _SYSTEMS.items() if environ.get(name)}
    on_github = "GITHUB_ACTIONS" in found
    return CiFacts(
        is_ci=is_ci(environ),
        system=next(iter(found.values()), ""),
        link=ci_link(environ),
        lacks_identity=on_github
        and not environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
        and not any(environ.get(name) for name in _IDENTITIES),
        variables=dict.fromkeys(found, "set"),
    )


def meant_account(settings: Settings | None, asked: Asked, environ: Mapping[str, str]) -> MeantAccount:
    """Return which account is meant; without a project the one that the machine's AWS configuration leads to."""
    environment = settings.project.environment if settings is not None else None
    named = asked.profile or (environment.profile if environment is not None else None)
    profile = named or environ.get("AWS_PROFILE") or ""
    region = asked.region or (environment.region if environment is not None else "") or region_of(profile or None)
    return MeantAccount(
        environment=environment.name if environment is not None else "",
        account=(environment.account or "") if environment is not None else "",
        region=region,
        is_known_region=known_region(region),
        profile=profile,
        role_arn=(environment.role_arn or "") if environment is not None else "",
        proxies={name: _shown_address(environ[name]) for name in _PROXIES if environ.get(name)},
        missing_files=dict(_missing_files(environ)),
        unused_endpoints=configured_endpoints(environ),
        keys_hide_profile=bool(environ.get(_KEYS) and profile and not named),
        has_state=settings is not None,
    )


def _missing_files(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in _FILES:
        if environ.get(name) and not os.path.exists(environ[name]):  # noqa: PTH110 - False for what no path can be, too
            yield name, environ[name]


def _shown_address(address: str) -> str:
    """Return the address of a proxy without user and password."""
    return without_secrets(address) if "://" in address else address.rpartition("@")[2]


def folder_of(settings: Settings | None) -> Path | None:
    """Return the folder whose embedded AWS is meant; None where there is none."""
    return settings.root if settings is not None and settings.root.is_dir() else None
