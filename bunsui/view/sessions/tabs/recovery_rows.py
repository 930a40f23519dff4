"""The ways to go on with a session as rows: what each keeps, runs, takes and costs, or why it cannot be, and its command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.command_line import command_line
from bunsui.model.gates import GateStanding
from bunsui.model.recovery import Strategy
from bunsui.model.session import Session
from bunsui.view.safe import safe
from bunsui.view.sessions.advice import item_lines
from bunsui.view.sessions.cost import uncounted_words, usd_words
from bunsui.view.sessions.gates import open_gate_lines
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.services.recovery.options import RecoveryOption, RecoveryOutlook

TITLES = ("way", "keeps", "runs", "takes", "cost", "")
_NAMED = 3
"""Jobs that are named in a cell; of more, how many there are."""
_TOLD = {
    Strategy.RESUME: "a new execution keeps what is done while it does the same, and runs the rest as applied now",
    Strategy.REDRIVE: "the same execution goes on where it failed, with the definition and the code of then",
    Strategy.RESTART: "a new execution runs everything from the start, as applied now; parameters and slot stay",
    Strategy.RESTART_FROM: "this job runs again with all that depends on it, completed or not",
    Strategy.SKIP: "this job does not run; what you give stands for its outputs",
    Strategy.MANUAL: "others see that you are on it, and recover leaves it to you; the next attempt ends that",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """One way, as a row."""

    key: str
    """As the action is called: `resume`, `approve GATE`."""
    cells: tuple[Line, ...]
    """One for each of TITLES."""
    page: tuple[Line, ...]
    """What is to be known of it."""
    command: str
    is_possible: bool
    option: RecoveryOption | None = None
    gate: str = ""


def way_rows(
    outlook: RecoveryOutlook | None, session: Session, gates: Sequence[GateStanding], *, now: datetime, zone: tzinfo
) -> tuple[WayRow, ...]:
    """Return the ways of a session: answers to its open gates, a stop while it runs, after a bad end all strategies."""
    rows = [row for one in gates if one.outcome == "open" for row in _gate_rows(one, now, zone)]
    if session.running:
        rows.append(_stop_row(session))
    return (*rows, *(_option_row(option, session) for option in (outlook.options if outlook is not None else ())))


def _gate_rows(standing: GateStanding, now: datetime, zone: tzinfo) -> Iterator[WayRow]:
    gate = standing.gate
    told = tuple(open_gate_lines(gate, now=now, zone=zone))
    commands = (
        ("approve", Role.GOOD, command_line("approve", gate.id)),
        ("reject", Role.BAD, command_line("reject", gate.id, "--note", "WHY")),
    )
    for word, role, command in commands:
        first = line(span(f"{word} ", role), span(gate.job, Role.NAME))
        wait = line(span(f"waits {duration((now - gate.opened_at).total_seconds())}", Role.WARN))
        cells = (first, line(), line(), wait, line(), line(span(f"gate {gate.id}", Role.MUTED)))
        page = (*told, line(), _command(command))
        yield WayRow(key=f"{word} {gate.id}", cells=cells, page=page, command=command, is_possible=True, gate=gate.id)


def _stop_row(session: Session) -> WayRow:
    command = command_line("stop", session.id)
    told = line(span("what runs at this moment is aborted; jobs that completed are kept for a resume"))
    cells = (line(span("stop", Role.WARN)), line(), line(), line(), line(), line())
    return WayRow(key="stop", cells=cells, page=(told, line(), _command(command)), command=command, is_possible=True)


def _option_row(option: RecoveryOption, session: Session) -> WayRow:
    command = _command_of(option, session)
    can = not option.why_not
    kept = [job for job in option.kept if option.strategy is not Strategy.SKIP or job != option.job]
    name = "take" if option.strategy is Strategy.MANUAL else option.strategy.value
    last = span(f"not possible: {option.why_not}", Role.MUTED) if not can else span("fits" if option.advice else "", Role.GOOD)
    cells = (
        line(span(name, Role.STRONG if can else Role.MUTED), span(f" {option.job}" if option.job else "", Role.NAME)),
        line(span(_names(kept), Role.GOOD)),
        line(span(_names(option.runs), Role.RUNNING)),
        line(span(_takes(option))),
        line(span(_cost(option), Role.MUTED)),
        line(last),
    )
    page = tuple(_page(option, kept, command))
    return WayRow(key=name, cells=cells, page=page, command=command, is_possible=can, option=option)


def _page(option: RecoveryOption, kept: Sequence[str], command: str) -> Iterator[Line]:
    yield line(span(_TOLD[option.strategy]))
    if option.why_not:
        yield line(span("cannot be   ", Role.MUTED), span(option.why_not, Role.WARN))
    if option.advice:
        yield line(span("fits        ", Role.MUTED), span(option.advice, Role.GOOD), span(f"  ({option.rule})", Role.MUTED))
    if kept:
        yield line(span("keeps       ", Role.MUTED), span(", ".join(kept), Role.GOOD))
    if option.runs:
        yield line(span("runs        ", Role.MUTED), span(", ".join(option.runs), Role.RUNNING))
    yield from (line(span("again       ", Role.MUTED), span(f"{job}: {why}")) for job, why in option.outdated.items())
    yield from item_lines(option.items)
    if option.outputs and not option.why_not:
        yield line(span("you give    ", Role.MUTED), span(", ".join(option.outputs), Role.NAME), span("  as JSON", Role.MUTED))
    yield from _estimates(option)
    yield line()
    yield _command(command)


def _estimates(option: RecoveryOption) -> Iterator[Line]:
    whole, cost = option.whole, option.cost
    if whole is not None:
        if option.learnt_seconds is not None:
            yield line(span("takes       ", Role.MUTED), span(f"{duration(option.learnt_seconds)}, by learnt durations"))
        known = whole.typical_seconds
        many = f"{whole.count} run{'s' * (whole.count != 1)}"
        told = f"a whole run takes about {duration(known)} ({many})" if known is not None else "how long is not known"
        yield line(span("            ", Role.MUTED), span(told, Role.MUTED))
    if cost is not None and cost.usd is not None:
        told = f"an estimate of at most {usd_words(cost.usd)} USD, by list prices"
        yield line(span("costs       ", Role.MUTED), span(told))
        yield line(span("            ", Role.MUTED), span(f"not counted: {uncounted_words(cost)}", Role.MUTED))


def _command_of(option: RecoveryOption, session: Session) -> str:
    match option.strategy:
        case Strategy.RESTART_FROM:
            return command_line("resume", session.id, "--from", option.job or "JOB")
        case Strategy.SKIP:
            given = ("--output", "JSON") if option.outputs else ()
            return command_line("resume", session.id, "--skip", option.job or "JOB", *given)
        case Strategy.MANUAL:
            return command_line("take", session.id)
        case Strategy.RESUME:
            return command_line("resume", session.id)
        case _:
            return command_line("resume", session.id, "--strategy", option.strategy.value)


def _command(command: str) -> Line:
    return line(span("enter asks, and does what this does  ", Role.MUTED), span(command, Role.COMMAND))


def _names(jobs: Sequence[str]) -> str:
    more = len(jobs) - _NAMED
    return ", ".join(safe(job) for job in jobs[:_NAMED]) + (f" +{more}" if more > 0 else "")


def _takes(option: RecoveryOption) -> str:
    if option.whole is None or not option.runs:
        return ""
    if option.learnt_seconds is not None:
        return duration(option.learnt_seconds)
    whole = option.whole.typical_seconds
    return f"≤ {duration(whole)}" if whole is not None else "?"


def _cost(option: RecoveryOption) -> str:
    usd = option.cost.usd if option.cost is not None and option.runs else None
    return "" if usd is None else f"≤ {usd_words(usd)}"
