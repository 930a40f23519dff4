"""`bunsui permissions`: what the caller's role must be allowed."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from bunsui.cli.options import globals_of
from bunsui.composition.workspace import Workspace
from bunsui.diagnostics import has_errors
from bunsui.errors import ExitCode
from bunsui.view.diagnostic import diagnostic_lines
from bunsui.view.spans import Role

ANY_ACCOUNT = "*"
"""Stands for the account in ARNs when neither the environment nor the caller names one."""


class PermissionsCaller(StrEnum):
    """Who asks AWS."""

    plan = "plan"
    drift = "drift"
    apply = "apply"
    run = "run"
    approve = "approve"
    rollback = "rollback"
    pause = "pause"
    verify = "verify"


def run(
    context: typer.Context,
    purpose: Annotated[
        PermissionsCaller,
        typer.Argument(
            metavar="plan|drift|apply|run|approve|rollback|pause|verify",
            help="Whoever plans, looks for drift, applies (and plans), runs, decides at gates, rolls back, pauses, verifies.",
        ),
    ],
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="Instead of the environment's own account.")
    ] = None,
) -> ExitCode:
    """Print the IAM policy that a role needs for one of these in this environment, and nothing more."""
    from bunsui.aws.permissions import Purpose, lost_without, policy  # deferred: `--help` needs none of it
    from bunsui.project.compile import compile_project

    options = globals_of(context)
    workspace = Workspace(options)
    declared = workspace.settings.project.environment.account
    scope = replace(workspace.draft.scope, account=account or declared or ANY_ACCOUNT)
    project = compile_project(workspace.draft)
    if has_errors(project.diagnostics):
        options.output.lines(diagnostic_lines(project.diagnostics), to_stderr=True)
        return ExitCode.INVALID
    given = {role.arn for compiled in project.pipelines.values() for role in compiled.given_roles}
    proves = any(pipeline.verify is not None for pipeline in project.documents.pipelines)
    options.output.foreign(policy(Purpose(purpose.value), scope, given_roles=given, proves=proves))
    for statement, lost in lost_without(Purpose(purpose.value), scope, proves=proves):
        options.output.say(f"{statement} may be left out; then {lost}", role=Role.MUTED)
    return ExitCode.DONE
