"""Why a session ended badly, and what to do next, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.model.session import JobProgress, JobStatus, SessionStatus
from bunsui.sessions.checkpoints import ResumePlan
from bunsui.sessions.functions import function_name
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.sessions.tracebacks import message_of
from bunsui.view.safe import safe, safe_lines
from bunsui.view.spans import Line, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A command to copy, and why."""

    command: str
    why: str


def failure_lines(snapshot: SessionSnapshot) -> tuple[Line, ...]:
    """Give why the session ended badly: where, error, message, the function's own traceback, hint.

    For a session that did not, each failure that it handled, on one line.
    """
    failure = snapshot.failure
    if failure is None:
        return tuple(_handled(job) for job in snapshot.jobs if job.status is JobStatus.FAILED)
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
    if failure.child_arn:
        lines.append(Line.of(("in the child execution  ", Role.MUTED), (safe(failure.child_arn), Role.PLAIN)))
    if failure.traceback:
        lines.append(Line.of((f"traceback (from {safe(failure.traceback_from)})", Role.MUTED)))
        lines += [Line.of((text, Role.PLAIN)).indented(2) for text in safe_lines("\n".join(failure.traceback), limit_lines=60)]
    if failure.hint:
        lines += [Line.of(("hint: ", Role.HINT), (text, Role.PLAIN)) for text in safe_lines(failure.hint)]
    return tuple(lines)


def _handled(job: JobProgress) -> Line:
    message = message_of(job.cause, "").split("\n", 1)[0]
    return Line.of(
        (safe(job.name), Role.NAME), ("  ", Role.PLAIN), (safe(job.error), Role.BAD), f"  {safe(message, limit=200)}"
    )


def resume_lines(plan: ResumePlan) -> tuple[Line, ...]:
    """Give what a resume keeps and what it runs, with the reason where a completed job runs again."""
    lines = []
    if plan.restored:
        lines.append(Line.of(("keeps  ", Role.MUTED), (", ".join(safe(name) for name in plan.restored), Role.GOOD)))
    if plan.to_run:
        lines.append(Line.of(("runs   ", Role.MUTED), (", ".join(safe(name) for name in plan.to_run), Role.RUNNING)))
    lines += [Line.of((f"again  {safe(name)}: {safe(why)}", Role.MUTED)) for name, why in plan.outdated.items()]
    return tuple(lines)


def unapplied_line(jobs: Sequence[str], pipeline: str) -> Line:
    """Tell that the files say something else than what is applied, and that what is applied runs."""
    named = ", ".join(safe(name) for name in jobs if name)
    where = f" in {named}" if named else ""
    text = f"the files differ from what is applied{where}; what is applied runs. To run the files: stop it, then"
    return Line.of((f"{text} bunsui apply {safe(pipeline)}", Role.WARN))


def next_steps(snapshot: SessionSnapshot) -> tuple[NextStep, ...]:
    """Give the commands that are useful now, the best one first."""
    session = snapshot.session
    name = safe(session.id)
    failed_job = snapshot.failure.job if snapshot.failure else session.failed_job
    match session.status:
        case SessionStatus.RECOVERING:
            taken_up = NextStep(command=f"bunsui resume {name}", why="take it up, if the resume was cut short")
            return (NextStep(command=f"bunsui watch {name}", why="follow it"), taken_up)
        case SessionStatus.PENDING | SessionStatus.RUNNING:
            return (NextStep(command=f"bunsui watch {name}", why="follow it"), NextStep(command=f"bunsui stop {name}", why=""))
        case SessionStatus.SUCCEEDED:
            return (NextStep(command=f"bunsui logs {name}", why="what its tasks wrote"),)
        case SessionStatus.FAILED | SessionStatus.TIMED_OUT | SessionStatus.CANCELLED:
            if not snapshot.can_resume:
                return (
                    NextStep(command=f"bunsui run {safe(session.pipeline)}", why="after the fix; a raw pipeline starts over"),
                )
            kept = sum(job.status in (JobStatus.SUCCEEDED, JobStatus.RESTORED) and not job.coarse for job in snapshot.jobs)
            why = (
                f"after the fix and `bunsui apply`; keeps {kept} completed job{'s' * (kept != 1)}" if kept else "after the fix"
            )
            steps = [NextStep(command=f"bunsui resume {name}", why=why)]
            if failed_job and (snapshot.failure is None or function_name(snapshot.failure.resource)):
                steps.append(NextStep(command=f"bunsui logs {name} --job {safe(failed_job)}", why="what it wrote"))
            return tuple(steps)
