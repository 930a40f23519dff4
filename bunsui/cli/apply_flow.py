"""What the commands share that change the account: progress bars, findings, and following an apply."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bunsui.apply.events import (
    ApplyEvent,
    ApplyFinished,
    ChangeDone,
    ChangeFailed,
    ChangeSkipped,
    ChangeStarted,
    PipelineLeft,
    SmokeRunEnded,
    SmokeRunStarted,
    StateNoted,
)
from bunsui.apply.lease import Waiting
from bunsui.apply.stop import Stop
from bunsui.cli.confirmation import confirmed
from bunsui.cli.named_files import write_named_file
from bunsui.cli.output import Output
from bunsui.cli.signals import signals_to
from bunsui.diagnostics import Diagnostic
from bunsui.errors import ExitCode, InvalidInput
from bunsui.model.durations import parse_duration
from bunsui.plan.model import Plan
from bunsui.ports.clock import Clock
from bunsui.project.repository import Repository
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.admission import Admission, admit, carry_out
from bunsui.services.apply.history import last_but_one
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.request import ApplyRequest, check_targets
from bunsui.services.plan import PlanOutcome
from bunsui.services.proof.smoke import Sessions, carry_out_proved
from bunsui.view.apply.events import event_lines, finished_line
from bunsui.view.apply.lock import waiting_line
from bunsui.view.apply.summary import STALE, is_shared, shared_lines
from bunsui.view.documents.apply import apply_document
from bunsui.view.documents.findings import findings_document
from bunsui.view.documents.plan import plan_file
from bunsui.view.plan.model import findings, plan_view
from bunsui.view.plan.review.marks import marks_of
from bunsui.view.plan.text import finding_lines, plan_lines

_CREDENTIALS = frozenset(
    {"clock-off", "credentials-expired", "credentials-failed", "credentials-invalid", "credentials-missing", "sso-expired"}
)
"""Codes of failures that only other credentials, or the right time, mend, whatever else failed beside them."""

_RETOLD_SECONDS = 15.0
"""How often whoever waits for the lock is told who holds it."""


@contextmanager
def bar(output: Output, title: str, *, total: int) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar with counts on stderr while the block runs, and give the function that moves it: (done, total).

    Where nobody looks, nothing is shown. Lines printed meanwhile must go to stderr; they appear above the bar.
    """
    if not output.is_terminal or output.as_json:
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # deferred: terminals only

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=output.stderr, transient=True) as progress:
        task = progress.add_task(title, total=total)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def need_plan(output: Output, outcome: PlanOutcome) -> Plan:
    """Return the plan, or show why there is none.

    Raises:
        InvalidInput: `invalid-files`, after the findings were shown.

    """
    if outcome.plan is not None:
        return outcome.plan
    show_findings(output, outcome.diagnostics)
    errors = sum(1 for found in outcome.diagnostics if found.is_error)
    raise InvalidInput(
        "invalid-files",
        "the pipeline files have errors, so there is no plan",
        hint="Correct what is shown above; to check again without an account:\n  bunsui validate",
        errors=errors,
    )


def show_findings(output: Output, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Show findings: as JSON on stdout, else as text on stderr."""
    if output.as_json:
        output.document(findings_document(diagnostics))
    else:
        output.lines(finding_lines(findings(diagnostics)), to_stderr=True)


def save(plan: Plan, path: Path, *, plan_id: str, made_by: str) -> None:
    """Write the plan to a file of its own, with the ARN of who made it, whole or not at all.

    Raises:
        InvalidInput: `cannot-write`, or `file-refused` where a link leads elsewhere.

    """
    try:
        write_named_file(path, json.dumps(plan_file(plan, plan_id, made_by=made_by), indent=1) + "\n", what="the plan")
    except OSError as error:
        raise InvalidInput("cannot-write", "the plan could not be saved", path=path, reason=error.strerror) from error


def show_plan(output: Output, plan: Plan, *, context: int = 0, states: bool = False) -> None:
    """Print the plan as text on stdout."""
    output.lines(plan_lines(plan_view(plan, context=context, states=states)))


LockTimeout = Annotated[
    str,
    typer.Option("--lock-timeout", metavar="DURATION", help="How long to wait while somebody else applies, such as 0s or 10m."),
]
DEFAULT_LOCK_TIMEOUT = "2m"
"""Longer than a lease, so that the lock of an apply that died is taken over."""


Selection = Annotated[
    list[str] | None,
    typer.Option(
        "--select",
        "--pipeline",
        metavar="WHAT",
        help="A pipeline's name, touched, tag:KEY[=VALUE], owner:NAME or path:GLOB; may be repeated.",
    ),
]
RefreshOption = Annotated[
    Refresh | None,
    typer.Option(
        help="How much of AWS is read: all, what the files touch, what CloudTrail hints at besides, or nothing. "
        "The rest is assumed."
    ),
]


NowOption = Annotated[
    bool,
    typer.Option("--now", help="Delete removed and retired pipelines at once, whatever runs or could be redriven on them."),
]


def patience(output: Output, text: str, clock: Clock) -> Patience:
    """Return how long to wait for the lock; whoever waits sees who holds it, at first and then from time to time."""
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise InvalidInput(
            "not-a-duration", "--lock-timeout takes a duration", hint="Such as 0s, 90s or 10m.", given=text
        ) from error
    told = [-_RETOLD_SECONDS]

    def waiting(state: Waiting) -> None:
        if state.waited_seconds - told[0] >= _RETOLD_SECONDS:
            told[0] = state.waited_seconds
            output.lines([waiting_line(state, clock.now())], to_stderr=True)

    return Patience(seconds=seconds, waiting=waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a request ended."""

    code: ExitCode
    plan: Plan | None
    """What was carried out of the plan, or was to be; None when somebody said no."""
    did_nothing: bool = False
    """True when there was nothing to do."""
    is_disproved: bool = False
    """True when everything was applied, and a smoke run did not succeed."""


def carried(
    output: Output,
    request: ApplyRequest,
    repository: Repository,
    ports: ReconcilePorts,
    *,
    sessions: Sessions | None = None,
) -> Ended:
    """Show the plan, ask what has to be asked, apply, and show how it went. `sessions` opens those that prove it."""
    check_targets(request)
    if not output.as_json:
        show_plan(output, request.part)
        if request.targets:
            output.lines([marks_of(request.plan, request.targets).line(request.plan)])
    admission = admit(request, repository, ports)
    if admission.refusal is not None:
        raise admission.refusal
    if admission.has_nothing_to_do:
        return Ended(code=_prove_alone(output, admission, ports, sessions), plan=admission.plan, did_nothing=True)
    sure = confirmed(output, admission)
    if sure is None:
        output.say("nothing was changed")
        return Ended(code=ExitCode.FAILED, plan=None)
    last, code = _follow_apply(output, sure, ports, sessions)
    return Ended(code=code, plan=admission.plan, is_disproved=last.is_complete and bool(last.unproved))


def _follow_apply(
    output: Output, admission: Admission, ports: ReconcilePorts, sessions: Sessions | None
) -> tuple[ApplyFinished, ExitCode]:
    """Apply what may be applied, show how it goes and what was left, and return the last event with the exit code.

    Ctrl-C stops after what runs, twice at once.
    """
    total = len(admission.plan.pending)
    stop = Stop()
    seen: list[ApplyEvent] = []
    settled = 0
    with signals_to(stop, output), bar(output, "applying", total=total) as move:
        for event in _carry_out(admission, ports, stop, sessions):
            seen.append(event)
            settled += isinstance(event, ChangeDone | ChangeFailed | ChangeSkipped)
            move(settled, total)
            if (
                not output.as_json
                and not isinstance(event, ApplyFinished | ChangeStarted | PipelineLeft)
                and not is_shared(event)
            ):
                output.lines(event_lines(event), to_stderr=True)
    last = seen[-1]
    if not isinstance(last, ApplyFinished):
        raise TypeError("an apply ends with ApplyFinished")
    if output.as_json:
        output.document(apply_document(seen))
    else:
        held_back = [event for event in seen if is_shared(event)]
        since = last_but_one(ports) if any(isinstance(event, ChangeFailed) and event.code == STALE for event in seen) else None
        output.lines(shared_lines(held_back, since=since, now=ports.clock.now()), to_stderr=True)
        output.lines((told for event in seen if isinstance(event, PipelineLeft) for told in event_lines(event)), to_stderr=True)
        output.lines([finished_line(last)])
    return last, exit_code_of(seen, last)


def _carry_out(admission: Admission, ports: ReconcilePorts, stop: Stop, sessions: Sessions | None) -> Iterator[ApplyEvent]:
    if sessions is None:
        return carry_out(admission, ports, stop=stop)
    return carry_out_proved(admission, ports, stop=stop, sessions=sessions)


def _prove_alone(output: Output, admission: Admission, ports: ReconcilePorts, sessions: Sessions | None) -> ExitCode:
    """Finish smoke runs that an earlier apply left. That there was nothing else to do is said as JSON: people have read it in
    the plan."""
    stop, seen = Stop(), list[ApplyEvent]()
    with signals_to(stop, output):
        for event in _carry_out(admission, ports, stop, sessions):
            seen.append(event)
            if not output.as_json and isinstance(event, StateNoted | SmokeRunStarted | SmokeRunEnded):
                output.lines(event_lines(event), to_stderr=True)
    if output.as_json:
        output.document(apply_document(seen))
    last = seen[-1]
    return exit_code_of(seen, last) if isinstance(last, ApplyFinished) else ExitCode.DONE


def exit_code_of(events: Sequence[ApplyEvent], last: ApplyFinished) -> ExitCode:
    """Return the exit code of an apply that ended with these events."""
    if last.interrupted:
        return ExitCode.INTERRUPTED
    if last.is_complete:
        return ExitCode.FAILED if last.unproved else ExitCode.DONE
    codes = {event.code for event in events if isinstance(event, ChangeFailed)}
    if codes & {"lease-lost", "fenced"}:
        return ExitCode.LOCKED
    if codes & _CREDENTIALS:
        return ExitCode.DENIED
    return ExitCode.STALE if codes <= {"stale-resource", "not-owned"} else ExitCode.FAILED
