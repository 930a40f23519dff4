"""`bunsui apply`: makes the account what the repository says; the plan is shown first, and asked about."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bunsui.cli.acceptance import (
    AcceptBehindOption,
    AcceptDriftOfOption,
    AcceptDriftOption,
    BreakGlassOption,
    ConfirmOption,
    EndHoldOption,
    ProtectedOption,
)
from bunsui.cli.apply_flow import (
    DEFAULT_LOCK_TIMEOUT,
    Ended,
    LockTimeout,
    NowOption,
    RefreshOption,
    Selection,
    bar,
    carried,
    need_plan,
    patience,
)
from bunsui.cli.completion import complete_pipeline
from bunsui.cli.named_files import read_named_file
from bunsui.cli.options import Globals, globals_of
from bunsui.cli.output import Output
from bunsui.cli.plan_options import BaseOption, check_base, plan_request, planned
from bunsui.command_line import command_line
from bunsui.composition import workspace as bootstrap
from bunsui.composition.settings import is_ci
from bunsui.errors import ExitCode, InvalidInput
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import is_pipeline
from bunsui.plan.model import Plan
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.request import (
    Accepted,
    Answers,
    ApplyRequest,
    check_confirmation,
    check_reads,
    read_digest,
    read_reason,
    read_targets,
)
from bunsui.services.apply.saved import check_saved
from bunsui.services.proof.smoke import Sessions


def run(
    context: typer.Context,
    pipelines: Annotated[
        list[str] | None,
        typer.Argument(
            autocompletion=complete_pipeline,
            metavar="[PIPELINE]... | PLAN.json",
            help="Only these, and the pipelines that they start; or a saved plan.",
        ),
    ] = None,
    select: Selection = None,
    base: BaseOption = None,
    refresh: RefreshOption = None,
    accept_drift: AcceptDriftOption = False,
    accept_drift_of: AcceptDriftOfOption = None,
    accept_behind: AcceptBehindOption = False,
    end_hold: EndHoldOption = None,
    allow_deletes: Annotated[
        int, typer.Option("--allow-deletes", min=0, metavar="N", help="In CI: delete up to N resources, if more than usual.")
    ] = 0,
    digest: Annotated[
        str | None,
        typer.Option(
            "--digest", metavar="HEX", help="Apply what was reviewed under this digest without asking, and nothing else."
        ),
    ] = None,
    now: NowOption = False,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", metavar="ADDRESS", help="Only this resource, such as role.orders, and what it needs; may be repeated."
        ),
    ] = None,
    confirm: ConfirmOption = None,
    allow_protected: ProtectedOption = None,
    break_glass: BreakGlassOption = None,
    lock_timeout: LockTimeout = DEFAULT_LOCK_TIMEOUT,
) -> int:
    """Make the account what the repository says: show the plan, ask, apply. --yes (or --auto-approve) does not ask."""
    options = globals_of(context)
    output = options.output
    approved = read_digest(digest) if digest is not None else None
    said = _Said(
        answers=Answers(environment=confirm, pipelines=frozenset(allow_protected or ()), agreed=options.assume_yes),
        accepted=Accepted(
            outside_changes=accept_drift,
            outside_changes_of=frozenset(accept_drift_of or ()),
            ended_holds=frozenset(end_hold or ()),
            behind=accept_behind,
            deletions=allow_deletes,
        ),
        break_glass=read_reason(break_glass),
        lock_timeout=lock_timeout,
    )
    if any(name.endswith(".json") for name in pipelines or []):
        _check_alone(digest=digest, now=now, targets=target or [])
        since = ["--base", base] if base is not None else []
        return _apply_saved(options, [*(pipelines or []), *(select or []), *since], said)
    check_reads(refresh)
    targets = read_targets(target or [])
    names = [*(pipelines or []), *(select or [])]
    check_base(base, names)
    workspace = bootstrap.Workspace(options)
    with workspace.planning() as (repository, ports, compiler):
        check_confirmation(said.answers, repository.scope.environment)
        waits = patience(output, lock_timeout, ports.clock)
        outcome = planned(options, workspace, compiler, request=plan_request(names, refresh, now=now), base=base)
    request = replace(said.request(need_plan(output, outcome), waits), digest=approved, targets=targets)
    return _show_end(output, carried(output, request, repository, ports, sessions=_sessions(options)))


_PLAN_BYTES = 1024 * 1_048_576
"""No saved plan is larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What the options say, whatever is applied."""

    answers: Answers
    accepted: Accepted
    break_glass: str
    lock_timeout: str

    def request(self, plan: Plan, waits: Patience) -> ApplyRequest:
        """Return the request to carry out this plan."""
        return ApplyRequest(
            plan=plan,
            answers=self.answers,
            accepted=self.accepted,
            in_ci=is_ci(os.environ),
            break_glass=self.break_glass,
            patience=waits,
        )


def _sessions(options: Globals) -> Sessions:
    """Return what opens the sessions that prove the apply, by a connection of their own: that of the apply writes only while it
    has the lock."""
    return lambda: bootstrap.Workspace(options).read_sessions()


def _show_end(output: Output, ended: Ended) -> ExitCode:
    if ended.plan is not None and not ended.is_disproved:
        _after(output, ended.plan, ended.code)
    return ended.code


def _after(output: Output, plan: Plan, code: ExitCode) -> None:
    """Name the next command: what was applied is run, what moved is planned, what was left is continued."""
    if code is ExitCode.DONE:
        _next(output, plan)
    elif code is ExitCode.STALE:
        output.next_step("bunsui plan", "see what is left to do")
    else:
        output.next_step(output.invocation.again, "continue; what is done is not done again")


def _check_alone(*, digest: str | None, now: bool, targets: Sequence[str]) -> None:
    """A saved plan holds what these would say."""
    if targets:
        raise InvalidInput("target-and-plan", "a saved plan is applied whole", hint="Leave --target out.")
    if digest is not None:
        raise InvalidInput("digest-and-plan", "a saved plan has its own digest", hint="Leave --digest out.")
    if now:
        hint = "Save it so:\n  bunsui plan --now --out PLAN.json"
        raise InvalidInput("now-and-plan", "a saved plan says itself whether it deletes at once", hint=hint)


def _apply_saved(options: Globals, names: list[str], said: _Said) -> int:
    """Carry out, or continue, a saved plan. It was looked at when it was made, so only names are asked for."""
    from bunsui.plan.saved.planfile import plan_document, saved_plan  # deferred: only saved plans need the models
    from bunsui.view.documents.plan import check_shown

    output = options.output
    if len(names) > 1:
        hint = f"Leave the other names out:\n  {command_line('apply', names[0])}"
        raise InvalidInput("one-plan", "a saved plan is applied alone", hint=hint, given=" ".join(names))
    document = plan_document(_read(Path(names[0])))
    saved = saved_plan(document)
    workspace = bootstrap.Workspace(options)
    with workspace.planning() as (repository, ports, compiler):
        check_confirmation(said.answers, repository.scope.environment)
        waits = patience(output, said.lock_timeout, ports.clock)
        with bar(output, "reading AWS", total=len(ports.providers)) as move:
            shown = partial(check_shown, document)
            checked = check_saved(saved, repository, ports, shown=shown, progress=move, compiler=compiler)
    request = replace(said.request(need_plan(output, checked.outcome), waits), saved=checked)
    return _show_end(output, carried(output, request, repository, ports, sessions=_sessions(options)))


def _read(path: Path) -> bytes:
    try:
        return read_named_file(path, limit_bytes=_PLAN_BYTES)
    except OSError as error:
        raise InvalidInput("cannot-read", "the plan file cannot be read", path=path, reason=error.strerror) from error


def _next(output: Output, plan: Plan) -> None:
    wanted = [change for change in plan.changes if change.desired is not None]
    machines = [
        change.address.pipeline for change in wanted if change.address.kind == MACHINE and is_pipeline(change.address.pipeline)
    ]
    changed = [change.address.pipeline for change in plan.pending if change.address.pipeline in machines]
    if machines:
        output.next_step(command_line("run", (changed or machines)[0]), "start a session")
