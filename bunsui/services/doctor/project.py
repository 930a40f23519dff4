"""Judge the project file, which environment is meant, whether CI says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bunsui.command_line import command_line
from bunsui.errors import BunsuiError, NotFound
from bunsui.services.doctor.checks import Area, Check, fail, say_ok, skip, tell_error, warn


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What the project file says, or why nobody knows."""

    root: str
    """Its folder; empty where there is none."""
    name: str = ""
    environment: str = ""
    is_local: bool = False
    problem: BunsuiError | None = None
    """Why the file says nothing."""
    warnings: int = 0
    """Findings of the file that are no errors."""
    environment_problem: BunsuiError | None = None
    """Why the environment would be a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CiFacts:
    """What a CI system says of itself."""

    is_ci: bool
    system: str = ""
    """Which one; empty for one that is not known."""
    link: str = ""
    """Where its run is seen, without secrets; empty where it is not told."""
    lacks_identity: bool = False
    """GitHub Actions without a token for OIDC, and no keys either."""
    variables: Mapping[str, str] = field(default_factory=dict)


def project_checks(facts: ProjectFacts) -> Iterator[Check]:
    """Yield whether there is a project file that can be read, and which environment it means."""
    if facts.problem is not None:
        if isinstance(facts.problem, NotFound) and facts.problem.code == "no-project":
            yield skip(Area.PROJECT, "bunsui.yaml", "there is none here or above")
            return
        yield tell_error(Area.PROJECT, "bunsui.yaml", facts.problem)
        return
    where = f"project {facts.name} in {facts.root}" if facts.root else f"project {facts.name}, without its files"
    if facts.warnings:
        step = f"See them:\n  {command_line('validate')}"
        yield warn(Area.PROJECT, "bunsui.yaml", f"{where}, with {facts.warnings} warnings", next_step=step)
    else:
        yield say_ok(Area.PROJECT, "bunsui.yaml", where)
    if facts.environment_problem is not None:
        yield tell_error(Area.PROJECT, "environment", facts.environment_problem)
    else:
        kind = "the embedded AWS" if facts.is_local else "in AWS"
        yield say_ok(Area.PROJECT, "environment", f"{facts.environment}, {kind}")


def ci_checks(facts: CiFacts) -> Iterator[Check]:
    """Yield what of CI matters to bunsui."""
    if not facts.is_ci:
        yield skip(Area.CI, "CI", "CI is not set: this is nobody's job")
        return
    named = f"{facts.system or 'a CI system'} ({', '.join(facts.variables) or 'CI'})"
    if facts.lacks_identity:
        step = "Give the job `permissions: {id-token: write, contents: read}`, and have it assume the role."
        yield fail(Area.CI, "CI", f"{named}: the job has neither AWS keys nor a token for OIDC", next_step=step)
    elif not facts.link:
        step = "Set BUILD_URL to the address of the run, so that locks and the audit trail name it."
        yield warn(Area.CI, "CI", f"{named}: the address of the run is not told", next_step=step)
    else:
        yield say_ok(Area.CI, "CI", f"{named}, {facts.link}")
