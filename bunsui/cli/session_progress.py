"""Following a session on a terminal (live) or anywhere else (line by line), then showing how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import typer

from bunsui.cli.session_context import SessionCommand
from bunsui.cli.streams import flush_output
from bunsui.command_line import command_line
from bunsui.errors import ExitCode, GaveUpWaiting, Interrupted
from bunsui.model.session import Session, SessionStatus
from bunsui.services.running.waiting import waiting_note
from bunsui.services.watch import follow
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.documents.running.sessions import SessionDocument
from bunsui.view.sessions.advice import failure_lines, next_steps, remark_lines
from bunsui.view.sessions.job_rows import bar_room, job_line, job_rows, tree_rows
from bunsui.view.sessions.linear import end_line, news_lines
from bunsui.view.sessions.model import detail_lines, progress_lines, session_detail
from bunsui.view.sessions.result import result_lines
from bunsui.view.sessions.wording import waiting_text
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.table import cells

if TYPE_CHECKING:
    from rich.console import RenderableType

Follower: TypeAlias = Callable[[SessionCommand, Iterator[SessionSnapshot]], SessionSnapshot]
"""Shows snapshots as they come, and gives the last."""

_REFRESHES = 6
"""Live redraws a second: running times go on between two looks at Step Functions."""


def follow_to_the_end(
    command: SessionCommand, session: Session, *, seconds: int | None = None, show: Follower | None = None
) -> SessionSnapshot:
    """Show progress until the session has ended, and give its last snapshot; `show` None: live on a terminal, else each
    finished job on a line of stderr.

    Raises:
        Interrupted: the user stopped waiting; the run goes on.
        GaveUpWaiting: `seconds` have passed; the run goes on.

    """
    snapshots = _limit_wait(command, follow(command.context, session), session, seconds)
    try:
        if command.output.as_json:
            return list(snapshots)[-1]
        show = show or (_live if command.output.is_terminal else _linear)
        return show(command, snapshots)
    except KeyboardInterrupt as error:
        again = [command_line("watch", session.id), *([command_line("stop", session.id)] if command.context.is_managed else [])]
        what = "Follow it again, or stop it" if len(again) > 1 else "Follow it again"
        raise Interrupted(
            "stopped-waiting",
            "you stopped waiting; the run goes on",
            hint="\n  ".join([f"{what}:", *again]),
            session=session.id,
        ) from error


def tell_news(command: SessionCommand, snapshots: Iterator[SessionSnapshot]) -> SessionSnapshot:
    """Print on stdout what happens, a line each, as it happens; give the last snapshot."""
    latest: SessionSnapshot | None = None
    for snapshot in snapshots:
        command.output.lines(news_lines(latest, snapshot, zone=command.zone))
        latest = snapshot
        flush_output()
    assert latest is not None, "following gives at least one snapshot"
    return latest


def show_end(command: SessionCommand, snapshot: SessionSnapshot, *, is_told: bool = False) -> None:
    """Print jobs, failure and result, then the next step; leave with the exit code of the run.

    `is_told`: `tell_news` has printed what became of the jobs, and how the session ended is one more line.
    """
    output = command.output
    if output.as_json:
        output.document(SessionDocument.of(snapshot))
    else:
        jobs = progress_lines(snapshot, bar_width=_bar_width(command, snapshot), zone=command.zone)
        output.lines([end_line(snapshot, zone=command.zone)] if is_told else jobs)
        sections = (
            ("failure", failure_lines(snapshot)),
            ("warnings", remark_lines(snapshot)),
            ("result", _result(command, snapshot)),
        )
        for title, lines in sections:
            if lines:
                output.lines([line(), line(span(title, Role.STRONG)), *(item.indented(2) for item in lines)])
    show_next_steps(command, snapshot)
    leave(snapshot)


def show_page(command: SessionCommand, snapshot: SessionSnapshot) -> None:
    """Print everything about the session, then the next step."""
    output = command.output
    if output.as_json:
        output.document(SessionDocument.of(snapshot))
        return
    detail = session_detail(snapshot, zone=command.zone, width=output.columns)
    output.lines(detail_lines(detail, bar_width=_bar_width(command, snapshot)))
    note = waiting_note(command.context, snapshot.session)
    if note is not None:
        output.lines([line(span(waiting_text(note, command.zone), Role.WARN))])
    show_next_steps(command, snapshot)


def show_next_steps(command: SessionCommand, snapshot: SessionSnapshot) -> None:
    """End with the commands that are useful now."""
    if not command.output.as_json:
        for step in next_steps(snapshot):
            command.output.next_step(step.command, step.why)


def leave(snapshot: SessionSnapshot) -> None:
    """Leave with exit code 1 when the session ended in another state than succeeded."""
    status = snapshot.session.standing
    if status.is_final and status is not SessionStatus.SUCCEEDED:
        raise typer.Exit(ExitCode.FAILED)


def _live(command: SessionCommand, snapshots: Iterator[SessionSnapshot]) -> SessionSnapshot:
    from rich.console import Group  # deferred: only a terminal needs rich
    from rich.live import Live

    latest = next(snapshots)
    clock = command.context.ports.clock

    def picture() -> RenderableType:
        shown = latest if latest.session.standing.is_final else replace(latest, taken_at=clock.now())
        width = _bar_width(command, shown)
        texts = [command.output.text(item) for item in progress_lines(shown, bar_width=width, zone=command.zone)]
        for text in texts:
            text.no_wrap, text.overflow = True, "ellipsis"
        return Group(*texts)

    with Live(console=command.output.stderr, get_renderable=picture, refresh_per_second=_REFRESHES, transient=True):
        for snapshot in snapshots:
            latest = snapshot
    return latest


def _linear(command: SessionCommand, snapshots: Iterator[SessionSnapshot]) -> SessionSnapshot:
    told: set[str] = set()
    latest: SessionSnapshot | None = None
    for latest in snapshots:
        rows = job_rows(latest, zone=command.zone)
        width = max((cells(row.name) for row in rows), default=0)
        for row in rows:
            if row.status.is_final and row.name not in told:
                told.add(row.name)
                command.output.lines([job_line(row, name_width=width)], to_stderr=True)
    assert latest is not None, "following gives at least one snapshot"
    return latest


def _limit_wait(
    command: SessionCommand, snapshots: Iterator[SessionSnapshot], session: Session, seconds: int | None
) -> Iterator[SessionSnapshot]:
    deadline: datetime | None = None
    if seconds is not None:
        deadline = command.context.ports.clock.now() + timedelta(seconds=seconds)
    for snapshot in snapshots:
        yield snapshot
        if deadline is not None and snapshot.taken_at > deadline and not snapshot.session.standing.is_final:
            raise GaveUpWaiting(
                "gave-up-waiting",
                "the time to wait has passed; the run goes on",
                hint=f"Follow it again:\n  {command_line('watch', session.id)}",
                session=session.id,
            )


def _result(command: SessionCommand, snapshot: SessionSnapshot) -> tuple[Line, ...]:
    columns = command.output.columns
    if snapshot.session.status is not SessionStatus.SUCCEEDED:
        return ()
    return result_lines(snapshot.session.output, width=None if columns is None else columns - 2)


def _bar_width(command: SessionCommand, snapshot: SessionSnapshot) -> int:
    return bar_room(tree_rows(snapshot, zone=command.zone), command.output.stdout.width - 2)
