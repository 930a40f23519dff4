"""Names that have to be typed before a plan is applied, on the command line: asked for, or given by flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from bunsui.cli.options import Globals
from bunsui.errors import InvalidInput
from bunsui.plan.model import Plan
from bunsui.services.confirmation import needed
from bunsui.services.edges import Repository

ConfirmOption = Annotated[
    str | None,
    typer.Option(
        "--confirm", metavar="ENVIRONMENT", help="The environment's name, where it has to be typed, instead of being asked."
    ),
]
ProtectedOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-protected",
        metavar="PIPELINE",
        help="The name of a pipeline with `protect: true`, instead of being asked; may be repeated.",
    ),
]
BreakGlassOption = Annotated[
    str | None, typer.Option("--break-glass", metavar="REASON", help="Go on in a freeze window; the reason is recorded.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Names that stand on the command line."""

    environment: str | None = None
    pipelines: frozenset[str] = frozenset()


def check_given(given: Given, environment: str) -> None:
    """Raise InvalidInput when --confirm names another environment than the one that is worked on."""
    if given.environment is not None and given.environment != environment:
        raise InvalidInput(
            "wrong-confirmation",
            "--confirm names another environment than the one that would be changed",
            hint=f"The environment is {environment}; choose another with --env.",
            confirm=given.environment,
        )


def glass(reason: str | None) -> str:
    """Give the reason to go on in a freeze window; empty when nobody asked to. InvalidInput for one that says nothing."""
    if reason is not None and not reason.strip():
        raise InvalidInput("no-reason", "--break-glass takes the reason, which is recorded", hint='--break-glass "REASON"')
    return reason or ""


def is_sure(
    options: Globals, repository: Repository, plan: Plan, given: Given, *, reviewed: bool = False, stakes: str = ""
) -> bool:
    """Ask everything that has to be asked about this plan; False when somebody said no.

    A name that is typed, or given by its flag, says yes, too. `--yes` stands for names only on the embedded AWS; elsewhere
    each has its flag.
    `reviewed` says that the plan was looked at before, so that a mere yes is not asked for; `stakes` is said before the
    environment's name is asked for.

    Raises:
        InvalidInput: something has to be asked and there is nobody to ask; the hint names the flag.

    """
    output = options.output
    environment = repository.project.environment
    asked = needed(plan, environment=environment.name, is_protected=environment.protected)
    if options.assume_yes and repository.is_local:
        return True
    questions = []
    if asked.environment and given.environment != asked.environment:
        takes = "This deletes at once." if plan.at_once else "This takes something away from a protected environment."
        questions.append((stakes or takes, asked.environment, f"--confirm {asked.environment}"))
    questions += [
        ("This changes a protected pipeline.", name, f"--allow-protected {name}")
        for name in asked.pipelines
        if name not in given.pipelines
    ]
    for question, name, flag in questions:
        if not output.confirm_name(question, name=name, flag=flag):
            return False
    if asked.names or given.environment is not None or reviewed or options.assume_yes:
        return True
    where = f"{environment.name}, account {repository.scope.account}"
    return output.confirm(f"Apply these changes to {where}?", flag="--yes")
