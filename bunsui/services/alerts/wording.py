"""Words a message: what happened to which run of which pipeline, and the command that goes on from there.

Nothing of an input, an output or an environment variable is in it; of an error what `bunsui.services.alerts.redaction` leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bunsui.command_line import Invocation, command_line
from bunsui.model.alerts import DID_NOT_RUN, FAILED, LATE, SLOWER
from bunsui.model.durations import format_duration
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import Scope
from bunsui.model.session import SCHEDULE, Session, SessionStatus
from bunsui.ports.alerts.kept import RECOVERED, AlertDelivery, AlertMatter
from bunsui.ports.notifications import Notification, NotificationLink, Urgency
from bunsui.services.alerts.background import NO_BACKGROUND, AlertBackground, advice_lines
from bunsui.services.alerts.judging import AlertNotice
from bunsui.services.alerts.redaction import cause_line
from bunsui.services.morning.causes import note_of

_SUBJECT = 99
"""Characters of a subject: SNS takes no more for e-mail."""
_SEVERITY = {RECOVERED: Urgency.INFO, SLOWER: Urgency.WARNING}
_HOSTS = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
_ENDED = {
    SessionStatus.FAILED: "failed",
    SessionStatus.TIMED_OUT: "ran out of time",
    SessionStatus.CANCELLED: "was stopped",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPlace:
    """Where what is told happened, and what reaches it."""

    scope: Scope
    is_local: bool = False
    """True for the embedded AWS, which has no console."""


def word_notice(
    notice: AlertNotice,
    pipeline: Pipeline,
    place: AlertPlace,
    session: Session | None = None,
    background: AlertBackground = NO_BACKGROUND,
    *,
    held: Sequence[AlertDelivery] = (),
) -> Notification:
    """Return the message of a notice; `session` is the newest that it is about, None where there is none. `held` are messages
    that nobody was sent, in whose place it comes."""
    words = _Words(notice=notice, pipeline=pipeline, place=place, session=session, background=background, held=held)
    return Notification(
        key=notice.key,
        subject=words.subject()[:_SUBJECT],
        lines=tuple(words.lines()),
        facts=tuple((name, value) for name, value in words.facts() if value),
        severity=_SEVERITY.get(notice.kind, Urgency.CRITICAL),
        links=tuple(words.links()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    notice: AlertNotice
    pipeline: Pipeline
    place: AlertPlace
    session: Session | None
    background: AlertBackground
    held: Sequence[AlertDelivery] = ()

    def subject(self) -> str:
        """Return the one line."""
        where = f"in {self.place.scope.environment} of {self.place.scope.project}"
        what = {
            FAILED: self._ending(),
            LATE: "is late",
            DID_NOT_RUN: "did not run",
            SLOWER: "takes longer than usual",
            RECOVERED: "succeeds again",
        }[self.notice.kind]
        return f"{self.pipeline.name} {what} {where}"

    def lines(self) -> Iterator[str]:
        """Yield what is to be said, the command last."""
        match self.notice.kind:
            case "failed":
                yield from self._say_failure()
            case "late":
                yield from self._say_lateness()
            case "did_not_run":
                yield from self._say_absence()
            case "slower":
                yield from self._say_slowness()
            case _:
                yield from self._say_recovery()
        yield from self._repeats()
        if self.notice.kind == FAILED and self.notice.success is None:
            yield from advice_lines(self.background)
        yield self._offer()
        yield self.command()

    def command(self) -> str:
        """Return the command that goes on from here."""
        shown = self.notice.success if self.notice.kind == RECOVERED else self.session
        bare = command_line("show", shown.id) if shown is not None else command_line("morning")
        return Invocation(environment=self.place.scope.environment).complete(bare)

    def facts(self) -> Iterator[tuple[str, str]]:
        """Yield names and values; those without a value are left out."""
        session = self.notice.success if self.notice.kind == RECOVERED else self.session
        title = f" ({self.pipeline.title})" if self.pipeline.title else ""
        yield "Pipeline", f"{self.pipeline.name}{title}"
        yield "Slot", self._slot(session)
        if session is not None:
            note = note_of(session) if self.notice.kind == FAILED else None
            yield "Job", note.place if note is not None else ""
            yield "Session", session.id
            yield "Failed session", self._failed_before()
            yield "Started by", _starter(session)
            yield "Ended", self._time(_ended_at(session))
            yield "Version", _version(session)
        yield "Owner", self.pipeline.owner
        yield "Runbook", self.pipeline.runbook

    def _failed_before(self) -> str:
        """Return the session of the newest failure that nobody was told of here; empty for none."""
        failed = [dict(one.notification.facts) for one in self.held if one.kind == FAILED and self.notice.kind == RECOVERED]
        return failed[-1].get("Session", "") if failed else ""

    def links(self) -> Iterator[NotificationLink]:
        """Yield the execution in AWS's console; nothing on the laptop."""
        session = self.notice.success if self.notice.kind == RECOVERED else self.session
        if self.place.is_local or session is None or session.latest is None:
            return
        scope = self.place.scope
        host = _HOSTS.get(scope.partition, "console.aws.amazon.com")
        path = f"states/home?region={scope.region}#/v2/executions/details/{session.latest.execution_arn}"
        yield NotificationLink(label="Execution in the console", url=f"https://{scope.region}.{host}/{path}")

    def _ending(self) -> str:
        return _ENDED.get(self.session.status, "failed") if self.session is not None else "failed"

    def _say_failure(self) -> Iterator[str]:
        note = note_of(self.session)
        if self.session is None or note is None:
            yield f"A session {self._ending()}; nothing is known of the cause yet."
        else:
            job = f"The job {note.place} failed" if note.place else f"The session {self._ending()}"
            yield f"{job}: {cause_line(note, self.session)}"
        yield from self._since()

    def _since(self) -> Iterator[str]:
        streak = self.background.streak
        if streak is None:
            return
        if streak.count > 1:
            at_least = "at least " if streak.is_open else ""
            first = self._time(streak.first.created_at)
            yield f"It is {at_least}the {_ordinal(streak.count)} in a row that failed so, since {first}{_with(streak.first)}."
        if streak.last_success is not None:
            yield f"It succeeded last at {self._time(_ended_at(streak.last_success))}{_with(streak.last_success)}."

    def _say_lateness(self) -> Iterator[str]:
        schedule, due, deadline = self._run()
        yield f"The run that {schedule} was to start at {due} had not succeeded by {deadline}."
        yield self._standing()

    def _standing(self) -> str:
        session = self.session
        if session is None:
            return "No session of it has begun."
        if session.status is SessionStatus.SUCCEEDED:
            return f"It succeeded at {self._time(_ended_at(session))}."
        if session.status in _ENDED:
            return f"It {_ENDED[session.status]} at {self._time(_ended_at(session))}."
        return f"It is still at work, since {self._time(session.created_at)}."

    def _say_absence(self) -> Iterator[str]:
        schedule, due, deadline = self._run()
        yield f"The run that {schedule} was to start at {due} had not begun by {deadline}."

    def _say_slowness(self) -> Iterator[str]:
        one = self.notice.newest
        if one is None or one.usual is None or self.session is None:
            yield "A session took longer than sessions of the pipeline take as a rule."
            return
        usual, limit = (format_duration(round(seconds)) for seconds in (one.usual.seconds, one.usual.limit))
        attempt = self.session.attempts[0]
        took = (
            f"took {format_duration(round((attempt.stopped_at - attempt.started_at).total_seconds()))}"
            if (attempt.stopped_at is not None)
            else f"runs since {self._time(attempt.started_at)}"
        )
        yield f"The session {took}. By the last {one.usual.runs} that succeeded, {usual} is usual, more than {limit} is not."

    def _say_recovery(self) -> Iterator[str]:
        for matter in self.notice.ended:
            yield self._was(matter)
        for one in self.held:
            yield from one.notification.lines[:1]
        if self.held:
            yield "Nobody was told here before: the channel has quiet hours."
        if self.notice.success is not None:
            yield f"A session succeeded at {self._time(_ended_at(self.notice.success))}{_with(self.notice.success)}."

    def _was(self, matter: AlertMatter) -> str:
        times = "once" if matter.count == 1 else f"{matter.count} times"
        since = f"{times} since {self._time(matter.first_at)}"
        match matter.kind:
            case "failed":
                return f"It had failed {since}."
            case "late":
                return f"It had been late {since}."
            case _:
                return f"It had not run {since}."

    def _repeats(self) -> Iterator[str]:
        notice = self.notice
        if notice.kind == RECOVERED:
            return
        if notice.told_before is not None:
            times = "once" if notice.repeats == 1 else f"{notice.repeats} times"
            yield f"That happened {times} since the message of {self._time(notice.told_before)}, {notice.matter.count} in all."
        elif notice.repeats > 1:
            yield f"That happened {notice.repeats} times since {self._time(notice.matter.first_at)}."
        if notice.success is not None and (self.session is None or notice.success.id != self.session.id):
            yield f"A session has succeeded since, at {self._time(_ended_at(notice.success))}."

    def _offer(self) -> str:
        if self.notice.kind in (LATE, DID_NOT_RUN) and self.session is None:
            return "What was due and what became of it, in the project's folder:"
        if self.notice.kind == FAILED:
            return "The cause in full and what to do next, in the project's folder:"
        return "The session, in the project's folder:"

    def _run(self) -> tuple[str, str, str]:
        schedule, due, deadline = self.notice.matter.text.split(" ")
        return f"the schedule {schedule}", self._time(datetime.fromisoformat(due)), self._time(datetime.fromisoformat(deadline))

    def _slot(self, session: Session | None) -> str:
        if session is not None:
            return self._time(session.slot)
        run = self.notice.newest.run if self.notice.newest is not None else None
        return self._time(run.slot) if run is not None else ""

    def _time(self, at: datetime | None) -> str:
        """Return an instant in the pipeline's zone."""
        zone = self.pipeline.timezone
        return f"{at.astimezone(ZoneInfo(zone)).strftime('%Y-%m-%d %H:%M:%S')} {zone}" if at is not None else ""


def _ended_at(session: Session) -> datetime | None:
    return session.latest.stopped_at if session.latest is not None else None


def _starter(session: Session) -> str:
    by = session.started_by
    return f"the schedule {by.removeprefix(SCHEDULE)}" if by.startswith(SCHEDULE) else ""


def _version(session: Session) -> str:
    number = session.version_arn.rpartition(":")[2] if session.version_arn.count(":") > 6 else ""
    commit = f"commit {_short(session.commit)}" if session.commit else ""
    return f"{number} ({commit})" if number and commit else number or commit


def _with(session: Session) -> str:
    return f", with commit {_short(session.commit)}" if session.commit else ""


def _short(commit: str) -> str:
    return commit[:12] + ("*" if commit.endswith("*") and len(commit) > 12 else "")


def _ordinal(count: int) -> str:
    ending = "th" if 10 <= count % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"
