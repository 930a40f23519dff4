"""What a run would do, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import tzinfo

from bunsui.command_line import command_line
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.outcomes import ClosingPhase
from bunsui.services.running.foreseen_jobs import ForeseenJob, JobProspect
from bunsui.services.running.run_plan import COUNTED, RunPlan
from bunsui.view.commands import prose
from bunsui.view.safe import safe
from bunsui.view.sessions.cost import cost_lines
from bunsui.view.sessions.wording import duration, instant, session_look
from bunsui.view.spans import Line, Role, line

_LOOKS = {
    JobProspect.RUNS: ("runs", Role.RUNNING),
    JobProspect.SKIPPED: ("skipped", Role.MUTED),
    JobProspect.FAILS: ("fails", Role.BAD),
    JobProspect.NOT_RUN: ("not run", Role.WARN),
    JobProspect.DEPENDS: ("depends on the run", Role.WARN),
}
_UNKNOWN = TypicalDuration(seconds=None)
_CLOSING = {ClosingPhase.ON_FAILURE: "on failure", ClosingPhase.FINALLY: "finally"}


def run_plan_lines(plan: RunPlan, *, zone: tzinfo) -> Iterator[Line]:
    """Return what the run stands for, its jobs in order, and what is known of its duration; of one that starts nothing only
    why."""
    yield Line.of((safe(plan.pipeline), Role.NAME), ": what a run would do; nothing was started")
    yield from _identity_lines(plan, zone)
    for name, value in plan.params.items():
        yield Line.of((f"  {safe(name)} = ", Role.MUTED), safe(value if isinstance(value, str) else _json(value)))
    for name in plan.open_params:
        yield Line.of((f"  {safe(name)} = ", Role.MUTED), ("known in the run", Role.MUTED))
    if plan.unapplied:
        named = ", ".join(safe(name) for name in plan.unapplied if name)
        text = f"  the files differ from what is applied{f' in {named}' if named else ''}; what is applied runs. First:"
        yield line(*prose(f"{text} `{command_line('apply', plan.pipeline)}`", Role.WARN))
    if not plan.starts:
        return
    yield Line.of("")
    yield from _job_lines(plan)
    yield Line.of("")
    yield from _figure_lines(plan)


def _identity_lines(plan: RunPlan, zone: tzinfo) -> Iterator[Line]:
    told = "" if plan.is_slot_given else "; a later start has a later one"
    yield Line.of(f"  slot {instant(plan.slot, zone)}, date {plan.date} ({safe(plan.timezone)}){told}")
    if plan.existing is None:
        return
    _, word, role = session_look(plan.existing)
    so = "a run with this key starts nothing" if not plan.starts else "a run with this key starts it"
    yield Line.of("  the key is that of session ", (safe(plan.existing.id), Role.NAME), " (", (word, role), f"): {so}")


def _job_lines(plan: RunPlan) -> Iterator[Line]:
    if plan.is_raw:
        yield Line.of(("  a definition of its own: which of its states run, only the run can tell", Role.MUTED))
        return
    width = max((len(safe(job.name)) for job in plan.jobs), default=0)
    for job in plan.jobs:
        yield _job_line(job, width, plan.durations.get(job.name, _UNKNOWN))


def _job_line(job: ForeseenJob, width: int, takes: TypicalDuration) -> Line:
    word, role = _LOOKS[job.prospect]
    place = f"{job.level:>3}" if job.closing is None else "  +"
    parts = [_CLOSING[job.closing]] if job.closing is not None else []
    if job.closing is None and job.depends_on:
        parts.append(f"after {', '.join(map(safe, job.depends_on))}")
    why = f": {safe(job.why)}" if job.why else ""
    may_run = job.prospect in (JobProspect.RUNS, JobProspect.DEPENDS)
    took = f"  about {duration(takes.seconds)} ({_runs(takes.runs)})" if may_run and takes.seconds is not None else ""
    when = f" (when: {safe(job.when)})" if job.when and job.why.startswith("its when") else ""
    return Line.of(
        (f"{place}  ", Role.MUTED),
        (f"{safe(job.name):<{width}}  ", Role.NAME),
        (word, role),
        f"{why}{when}{took}",
        (f"  {'; '.join(parts)}" if parts else "", Role.MUTED),
    )


def _figure_lines(plan: RunPlan) -> Iterator[Line]:
    count = plan.history.count
    took = "not known, no run succeeded in one go yet"
    if plan.history.typical_seconds is not None:
        took = (
            f"about {duration(plan.history.typical_seconds)}, by the last {f'{count} successes' if count != 1 else 'success'}"
        )
    yield Line.of(f"  expected duration: {took}")
    yield from _unknown_lines(plan)
    if plan.cost is not None:
        yield from cost_lines(plan.cost)
    running = f"{plan.running}{' or more' if plan.running >= COUNTED else ''}"
    yield Line.of(f"  running now: {running if plan.running else 'none of it'}")


def _unknown_lines(plan: RunPlan) -> Iterator[Line]:
    """Return of which jobs that may run nobody knows how long they take, by the reason."""
    reasons: dict[str, list[str]] = {}
    for job in plan.jobs:
        takes = plan.durations.get(job.name, _UNKNOWN)
        if job.prospect in (JobProspect.RUNS, JobProspect.DEPENDS) and takes.seconds is None:
            reasons.setdefault(takes.why, []).append(job.name)
    for why, names in reasons.items():
        named = "of single jobs" if len(names) == len(plan.jobs) else f"of {', '.join(map(safe, names))}"
        yield Line.of((f"    {named}: not known, {safe(why)}" if why else f"    {named}: not known", Role.MUTED))


def _runs(count: int) -> str:
    return f"{count} run{'s' * (count != 1)}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
