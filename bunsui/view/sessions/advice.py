"""A session that ended badly, in words: why, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.pipeline import About
from bunsui.model.recovery import Strategy
from bunsui.model.session import FailureNote, JobProgress, JobStatus, Session, SessionStatus
from bunsui.sessions.checkpoints import UNTOLD, ResumePlan
from bunsui.sessions.failures.recurrence import Recurrence
from bunsui.sessions.functions import function_name
from bunsui.sessions.items.reading import ItemPlan
from bunsui.sessions.recovery.nested import ChildResume
from bunsui.sessions.snapshot import PolicyAdvice, SessionFailure, SessionSnapshot
from bunsui.sessions.tracebacks import message_of
from bunsui.view.commands import labelled_hint, prose
from bunsui.view.safe import safe, safe_lines
from bunsui.view.spans import Line, Role, line

if TYPE_CHECKING:
    from bunsui.services.resume import Resumption

_LEFT_OUT = frozenset({JobStatus.NOT_RUN, JobStatus.WAITING})
_CUT_SHORT = frozenset({JobStatus.FAILED, JobStatus.STOPPED})
_ENDS = {SessionStatus.CANCELLED: "it is stopped", SessionStatus.TIMED_OUT: "the pipeline's own timeout ends it"}
"""Ends after which Step Functions runs no state any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A command to copy, and why."""

    command: str
    """As `command_line` writes it: the face completes it."""
    why: str


_MOST_ITEMS = 10


def failure_lines(snapshot: SessionSnapshot) -> tuple[Line, ...]:
    """Return why the session ended badly: where, error, message, the function's own traceback, hint.

    For a session that did not, each failure that it handled, on one line; which items failed in either.
    """
    failure = snapshot.failure
    items = tuple(line for job in snapshot.jobs for line in _item_lines(job, told=failure))
    if failure is None:
        handled = tuple(_handled(job) for job in snapshot.jobs if job.status in _CUT_SHORT)
        return (*handled, *items, *contact_lines(snapshot.about)) if handled or items else ()
    where = failure.job or failure.state or "the execution"
    step = f" in state {safe(failure.state)}" if failure.state and failure.state != failure.job else ""
    lines = [
        Line.of(
            (safe(where), Role.NAME),
            (step, Role.MUTED),
            (f"  item {safe(failure.item)}" if failure.item else "", Role.NAME),
            ("  ", Role.PLAIN),
            (safe(failure.error), Role.BAD),
            (f"  [{failure.error_class.value}]", Role.MUTED),
        )
    ]
    lines += [Line.of((text, Role.PLAIN)) for text in safe_lines(failure.message, limit_lines=12)]
    if failure.resource:
        lines.append(Line.of(("called  ", Role.MUTED), (safe(failure.resource), Role.PLAIN)))
    if failure.child_pipeline:
        inner = f"{failure.child_pipeline}: {failure.child_job}" if failure.child_job else failure.child_pipeline
        lines.append(Line.of(("in the pipeline  ", Role.MUTED), (safe(inner), Role.NAME)))
    if failure.child_arn:
        lines.append(Line.of(("in the child execution  ", Role.MUTED), (safe(failure.child_arn), Role.PLAIN)))
    if failure.traceback:
        lines.append(Line.of((f"traceback (from {safe(failure.traceback_from)})", Role.MUTED)))
        lines += [Line.of((text, Role.PLAIN)).indented(2) for text in safe_lines("\n".join(failure.traceback), limit_lines=60)]
    elif failure.last_lines:
        lines.append(Line.of((f"its last lines (from {safe(failure.last_lines_from)})", Role.MUTED)))
        lines += [Line.of((text, Role.PLAIN)).indented(2) for text in safe_lines("\n".join(failure.last_lines), limit_lines=12)]
    return (*lines, *items, *labelled_hint(failure.hint), *contact_lines(snapshot.about))


def remark_lines(snapshot: SessionSnapshot) -> tuple[Line, ...]:
    """Return what is to be said of a session beside its failure: that it succeeded without any of its last jobs, that its end
    let no closing job run, and each warning of a check."""
    lines = []
    if snapshot.session.skipped:
        lines.append(Line.of(("none of the last jobs ran: each was skipped, or not run", Role.WARN)))
    for name, count in snapshot.session.tolerated.items():
        whole = next((job.items_total for job in snapshot.jobs if job.name == name), None)
        of = f" of {whole}" if whole is not None else ""
        lines.append(Line.of((safe(name), Role.NAME), (f"  {count}{of} items failed, which is tolerated", Role.WARN)))
    left_out = {job.name for job in snapshot.jobs if job.status in _LEFT_OUT}
    lines += closing_lines(snapshot.session, [name for name in snapshot.closing if name in left_out])
    for job in snapshot.jobs:
        for text in job.warnings:
            first, *more = safe_lines(text, limit_lines=12)
            lines.append(Line.of((safe(job.name), Role.NAME), ("  ", Role.PLAIN), (first, Role.WARN)))
            lines += [Line.of((one, Role.WARN)).indented(len(safe(job.name)) + 2) for one in more]
    return tuple(lines)


def closing_lines(session: Session, closing: Sequence[str]) -> tuple[Line, ...]:
    """Tell that these jobs of `on_failure` and `finally` did not run, where the session's end is the reason."""
    if session.status not in _ENDS or not closing:
        return ()
    named = ", ".join(safe(name) for name in closing)
    told = f"did not run: a session runs no job any more when {_ENDS[session.status]}"
    return (Line.of((named, Role.NAME), (f"  {told}", Role.WARN)),)


def contact_lines(about: About) -> tuple[Line, ...]:
    """Return who is asked when the pipeline fails, and where it says what to do; each on a line, as the file has it."""
    told = (("owner", about.owner), ("runbook", about.runbook))
    return tuple(Line.of((f"{name:<7}  ", Role.MUTED), (safe(text), Role.NAME)) for name, text in told if text)


def _item_lines(job: JobProgress, *, told: SessionFailure | None) -> Iterator[Line]:
    """Return which items failed, each on a line with its error, but for the one that is `told` as the failure; how many more
    did."""
    for item in job.failed_items[:_MOST_ITEMS]:
        if told is not None and (told.job, told.item) == (job.name, item.label):
            continue
        message = item.message.split("\n", 1)[0]
        named = ((safe(job.name), Role.NAME), (f"  item {safe(item.label)}  ", Role.NAME), (safe(item.error), Role.BAD))
        yield Line.of(*named, f"  {safe(message, limit=200)}")
    more = job.items_failed - min(len(job.failed_items), _MOST_ITEMS)
    if job.failed_items and more > 0:
        yield Line.of((f"{safe(job.name)}  … and {more} more items that failed", Role.MUTED))


def _handled(job: JobProgress) -> Line:
    message = message_of(job.cause, "").split("\n", 1)[0]
    return Line.of(
        (safe(job.name), Role.NAME), ("  ", Role.PLAIN), (safe(job.error), Role.BAD), f"  {safe(message, limit=200)}"
    )


def resume_lines(plan: ResumePlan) -> tuple[Line, ...]:
    """Return what a resume keeps and what it runs, with the reason where a completed job runs again."""
    lines = []
    if plan.restored:
        lines.append(Line.of(("keeps  ", Role.MUTED), (", ".join(safe(name) for name in plan.restored), Role.GOOD)))
    if plan.to_run:
        lines.append(Line.of(("runs   ", Role.MUTED), (", ".join(safe(name) for name in plan.to_run), Role.RUNNING)))
    lines += [Line.of((f"again  {safe(name)}: {safe(why)}", Role.MUTED)) for name, why in plan.outdated.items()]
    return (*lines, *item_lines(plan.items), *untold_lines(plan))


def item_lines(items: Mapping[str, ItemPlan], above: str = "") -> Iterator[Line]:
    """Return what becomes of the items of jobs that run, where some succeeded before; `above` is the path of their jobs."""
    for job, item in items.items():
        name = f"{above}{safe(job)}"
        if item.kept:
            text = f"items  {name}: {item.kept:,} of {item.total:,} items kept, {item.to_run:,} run"
            yield Line.of((text, Role.GOOD))
        else:
            which = f"all {item.total:,} run, also the {item.done:,} that succeeded" if item.total else "all run"
            remedy = f"; `--keep {safe(job)}` keeps them" if item.may_be_kept and not above else ""
            text = f"items  {name}: {which}: {safe(item.why_again)}{remedy}"
            yield line(*prose(text, Role.WARN))


def strategy_lines(resumption: Resumption) -> Iterator[Line]:
    """Return what a redrive or a restart keeps and runs."""
    yield from resume_lines(resumption.plan)
    if resumption.strategy is not Strategy.REDRIVE:
        yield Line.of(("a new execution runs everything from the start, on what is applied now", Role.MUTED))
    elif resumption.is_unchanged:
        yield Line.of(("the same execution goes on at the state that failed", Role.MUTED))
    else:
        told = "the same execution goes on with the definition and the code of then, and something else is applied now"
        yield Line.of((told, Role.WARN))


def child_lines(descendants: Sequence[ChildResume]) -> Iterator[Line]:
    """Return what the pipelines keep that jobs run."""
    for child in descendants:
        kept, runs = (", ".join(map(safe, names)) for names in (child.plan.restored, child.plan.to_run))
        told = f"keeps {kept}" + (f", runs {runs}" if runs else "") if kept else f"runs {runs}"
        again = "".join(f"; again {safe(name)}: {safe(why)}" for name, why in child.plan.outdated.items())
        where = f"inside {safe(child.job)} ({safe(child.pipeline)}), if its parameters stay the same"
        yield Line.of((f"{where}: {told}{again}", Role.MUTED))
        yield from item_lines(child.plan.items, f"{safe(child.job)}/")


def untold_lines(plan: ResumePlan) -> tuple[Line, ...]:
    """Return which kept jobs nobody can compare, and what runs them again."""
    if not plan.untold:
        return ()
    named = ", ".join(safe(name) for name in plan.untold)
    return (line(*prose(f"kept, though {UNTOLD}: {named}; `--from JOB` runs one again", Role.WARN)),)


def repeats_line(failure: FailureNote, recurrence: Recurrence) -> Line:
    """Tell that nothing changed since the failure that is to be overcome."""
    told = f"{safe(failure.error)} [{failure.error_class}]"
    where = safe(failure.place)
    text = f"nothing that {where} does has changed since it failed with {told}: {recurrence.value}"
    return Line.of((text, Role.WARN))


def unapplied_line(jobs: Sequence[str], pipeline: str) -> Line:
    """Tell that the files say something else than what is applied, and that what is applied runs."""
    named = ", ".join(safe(name) for name in jobs if name)
    where = f" in {named}" if named else ""
    text = f"the files differ from what is applied{where}; what is applied runs. To run the files: stop it, then"
    return line(*prose(f"{text} `{command_line('apply', pipeline)}`", Role.WARN))


def policy_line(advice: PolicyAdvice) -> Line:
    """Return what the pipeline's policy says of a session."""
    named = f"{advice.strategy.value} {safe(advice.job)}".rstrip()
    return Line.of(("policy  ", Role.MUTED), (named, Role.NAME), f"  {safe(advice.reason)}")


def _policy_steps(snapshot: SessionSnapshot) -> tuple[NextStep, ...]:
    """Return the command that does what the policy says; none where that is nothing, or where somebody is on it."""
    advice = snapshot.advice
    if advice is None or advice.strategy is Strategy.LEAVE:
        return ()
    named = f"{advice.strategy.value} {advice.job}".rstrip()
    return (NextStep(command=command_line("recover", snapshot.session.id), why=f"what its policy says: {named}"),)


def next_steps(snapshot: SessionSnapshot) -> tuple[NextStep, ...]:
    """Return the commands that are useful now, the best one first."""
    session = snapshot.session
    name = session.id
    failed_job = snapshot.failure.job if snapshot.failure else session.failed_job
    if not snapshot.is_managed:
        return (
            NextStep(command=command_line("logs", name), why="what its tasks wrote"),
            NextStep(command=command_line("events", name), why="what happened, event by event"),
        )
    match session.standing:
        case SessionStatus.RECOVERING:
            taken_up = NextStep(command=command_line("resume", name), why="take it up, if the resume was cut short")
            return (NextStep(command=command_line("watch", name), why="follow it"), taken_up)
        case SessionStatus.WAITING if session.gates:
            gate = session.gates[0].id
            return (
                NextStep(command=command_line("approve", gate), why="let it go on"),
                NextStep(command=command_line("reject", gate, "--note", "WHY"), why=""),
                NextStep(command=command_line("watch", name), why="follow it"),
            )
        case SessionStatus.PENDING | SessionStatus.QUEUED | SessionStatus.RUNNING | SessionStatus.WAITING:
            stopped = NextStep(command=command_line("stop", name), why="")
            return (NextStep(command=command_line("watch", name), why="follow it"), stopped)
        case SessionStatus.SUCCEEDED:
            return (NextStep(command=command_line("logs", name), why="what its tasks wrote"),)
        case SessionStatus.FAILED | SessionStatus.TIMED_OUT | SessionStatus.CANCELLED:
            if not snapshot.can_resume:
                redrive = command_line("resume", name, "--strategy", "redrive")
                restart = command_line("resume", name, "--strategy", "restart")
                return (
                    NextStep(command=redrive, why="go on where it failed, with the definition of then"),
                    NextStep(command=restart, why="after the fix; a raw pipeline starts over"),
                )
            kept = sum(job.status in (JobStatus.SUCCEEDED, JobStatus.RESTORED) and not job.coarse for job in snapshot.jobs)
            items = sum(job.items_done - job.items_failed for job in snapshot.jobs if job.status in _CUT_SHORT)
            why = "after the fix and `bunsui apply`" if kept or items else "after the fix"
            steps = [*_policy_steps(snapshot), NextStep(command=command_line("resume", name), why=why)]
            if kept or items:
                counts = [(kept, "completed job"), (items, "item")]
                count = " and ".join(f"{number:,} {what}{'s' * (number != 1)}" for number, what in counts if number)
                steps.append(NextStep(command=command_line("checkpoints", name), why=f"what a resume keeps of {count}"))
            if failed_job and (snapshot.failure is None or function_name(snapshot.failure.resource)):
                steps.append(NextStep(command=command_line("logs", name, "--job", failed_job), why="what it wrote"))
            if failed_job:
                inner = snapshot.failure.child_job if snapshot.failure is not None else ""
                path = f"{failed_job}/{inner}" if inner else failed_job
                steps.append(NextStep(command=command_line("show", name, "--job", path), why="its input, and each try"))
            return tuple(steps)
