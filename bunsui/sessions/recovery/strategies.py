"""What is done about one failed session: the strategy, the reason.

A redrive runs what ran before, definition and code, so that it suits failures that lay outside of both. A resume runs what is
applied now, after the completed jobs. Where nothing changed and the failure is one of the code, neither helps.
Source of AWS's rules: Step Functions developer guide, "Redriving state machine executions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from bunsui.errors import InvalidInput
from bunsui.model.given_outputs import given_outputs
from bunsui.model.json import Json
from bunsui.model.names import person
from bunsui.model.pipeline import Job
from bunsui.model.recovery import CANCELLED, RecoveryRule, Strategy
from bunsui.model.session import Custody, FailureNote, Session, SessionStatus
from bunsui.sessions.checkpoints import ResumeWishes
from bunsui.sessions.failures.recurrence import Recurrence
from bunsui.sessions.recovery.foresight import resume_wishes
from bunsui.sessions.recovery.policies import NO_POLICY, PolicyInForce, RuleChoice, RuleObstacles, choose_rule

REDRIVABLE_FOR = timedelta(days=14)
"""For so long after its end an execution can be redriven."""
OWN_RULE = "bunsui's own"
LONGEST_OPEN = timedelta(days=365)
"""So long an execution may be open in all, its redrives included."""
_FULL_HISTORY = "maximum number of history events"
"""What Step Functions says of an execution that it ended for its length."""
WISHES = (Strategy.REDRIVE, Strategy.RESUME, Strategy.RESTART)
"""What a person can ask for by a word alone."""
_ELSEWHERE = {
    Strategy.RESTART_FROM: "bunsui resume SESSION --from JOB",
    Strategy.SKIP: "bunsui resume SESSION --skip JOB --output JSON",
    Strategy.MANUAL: "bunsui take SESSION",
}


def read_strategy(text: str) -> Strategy:
    """Return the strategy of that name.

    Raises:
        InvalidInput: there is none, or it needs more than a word.

    """
    word = text.lower().replace("_", "-")
    found = next((one for one in WISHES if one.value == word), None)
    if found is None:
        words = ", ".join(one.value for one in WISHES)
        other = next((command for one, command in _ELSEWHERE.items() if one.value == word), "")
        hint = f"For one session:\n  {other}" if other else f"One of: {words}"
        raise InvalidInput("unknown-strategy", "there is no such strategy", hint=hint, strategy=text)
    return found


class AppliedChange(Enum):
    """How what is applied now differs from what the session ran."""

    NONE = "nothing was applied since"
    SOME = "another version is applied now"
    UNKNOWN = "nobody can tell what it ran"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCase:
    """What decides about a session."""

    session: Session
    is_raw: bool
    """True for a machine without guards before its states."""
    change: AppliedChange
    recurrence: Recurrence
    """Of the failure, as things stand: PASSING too where something that matters changed."""
    fixed: str = ""
    """What changed that matters to the failure; empty for nothing."""
    obstacle: str = ""
    """Why nothing can be started; empty when something can."""
    policy: PolicyInForce = NO_POLICY
    """What the pipeline says of such a failure, as it is applied."""
    jobs: Mapping[str, Job] = field(default_factory=dict)
    """The pipeline's jobs by name; none for a raw one."""
    owner: str = ""
    """The pipeline's, who sees to what nobody else is named for."""

    @property
    def failed_job(self) -> str:
        """The job in which it failed; empty for none."""
        note = self.session.failure
        return note.place.partition("/")[0] if note is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done, and why."""

    strategy: Strategy
    reason: str
    rule: str = ""
    """Where the rule stands that says so, or `OWN_RULE`; empty where none does."""
    job: str = ""
    """Where a restart begins, or which job is skipped."""
    output: Mapping[str, Json] = field(default_factory=dict)
    """What stands for the outputs of a job that is skipped."""
    owner: str = ""
    """Who sees to it, by hand."""
    note: str = ""
    deadline_seconds: int | None = None
    until: datetime | None = None
    """By when whoever is on it wants to be done."""

    @property
    def wishes(self) -> ResumeWishes:
        """What a resume is told to carry it out."""
        return resume_wishes(self.strategy, self.job, self.output)


def choose_strategy(case: RecoveryCase, *, now: datetime, wish: Strategy | None = None) -> Decision:
    """Decide by the person's wish, by who is on it, by the pipeline's policy, then by what kind of failure it was."""
    session = case.session
    if case.obstacle:
        return Decision(strategy=Strategy.LEAVE, reason=case.obstacle)
    if session.claim is not None:
        started = Strategy.REDRIVE if session.claim.redrive else _from_now(case)
        return Decision(strategy=started, reason="its next attempt was claimed and did not start: it is taken up")
    if wish is not None:
        return _by_wish(case, wish, now)
    if session.taken is not None:
        return _by_custody(session.taken)
    if session.failure is None and session.status is not SessionStatus.CANCELLED:
        return Decision(strategy=Strategy.LEAVE, reason="nobody has looked why it failed")
    if case.policy.is_foreign:
        told = "the recovery policy that is applied says what this bunsui does not know: upgrade it"
        return Decision(strategy=Strategy.LEAVE, reason=told)
    choice = _choose_rule(case, now)
    if choice.rule is not None:
        return _by_rule(case, choice.rule, choice)
    if choice.used_up:
        return Decision(strategy=Strategy.MANUAL, reason="; ".join(choice.passed), rule=choice.used_up, owner=case.owner)
    decision = _by_default(case, now)
    told = "; ".join(filter(None, (decision.reason, *choice.passed, case.policy.remark)))
    return replace(decision, reason=told, rule=OWN_RULE if decision.strategy.starts else "")


def _by_default(case: RecoveryCase, now: datetime) -> Decision:
    """Decide as bunsui does where no policy says anything."""
    note = case.session.failure
    if case.session.status is SessionStatus.CANCELLED or note is None:
        return Decision(strategy=Strategy.LEAVE, reason="somebody stopped it")
    if case.recurrence is Recurrence.CERTAIN:
        return Decision(strategy=Strategy.LEAVE, reason=_tell_unchanged(case))
    return _by_failure(case, note, now)


def _by_custody(custody: Custody) -> Decision:
    note = f": {custody.note}" if custody.note else ""
    who = f"{person(custody.owner)} is on it" if custody.owner else "it waits for a person, and nobody is named"
    return Decision(strategy=Strategy.LEAVE, reason=f"{who}{note}", owner=custody.owner, until=custody.until)


def _choose_rule(case: RecoveryCase, now: datetime) -> RuleChoice:
    note = case.session.failure
    obstacles = RuleObstacles(
        redrive=_why_no_redrive(case, now),
        jobs=case.jobs,
        failed_job=case.failed_job,
        completed=note.completed if note is not None else (),
    )
    return choose_rule(case.policy, case.session, obstacles)


def _by_rule(case: RecoveryCase, rule: RecoveryRule, choice: RuleChoice) -> Decision:
    """Do as the rule says, unless it is one for any failure and only repeats this one."""
    note = case.session.failure
    kind = CANCELLED if note is None else note.error if note.error in rule.only else note.error_class
    is_certain = case.recurrence is Recurrence.CERTAIN and rule.strategy in WISHES
    said = f"{choice.place} says {rule.strategy.value}"
    if is_certain and not rule.only:
        told = f"{_tell_unchanged(case)}; {said}, and does not name {kind}"
        return Decision(strategy=Strategy.LEAVE, reason="; ".join((told, *choice.passed)), rule=choice.place)
    parts = [f"{kind}: {said}" + (f" {rule.job}" if rule.job else "")]
    if rule.attempts is not None:
        parts.append(f"recovery {choice.recoveries + 1} of {rule.attempts}")
    if is_certain:
        parts.append(_tell_unchanged(case))
    decision = Decision(
        strategy=rule.strategy,
        reason="; ".join(filter(None, (", ".join(parts[:2]), *parts[2:], *choice.passed, case.policy.remark))),
        rule=choice.place,
        owner=rule.owner,
        note=rule.note,
        deadline_seconds=rule.deadline_seconds,
    )
    match rule.strategy:
        case Strategy.RESTART_FROM:
            return replace(decision, job=rule.job)
        case Strategy.SKIP:
            job = case.failed_job
            return replace(decision, job=job, output=given_outputs(case.jobs[job], rule.output)[0])
        case _:
            return decision


def _tell_unchanged(case: RecoveryCase) -> str:
    note = case.session.failure
    where = note.place if note is not None and note.place else "it"
    return f"nothing that {where} does has changed since: {case.recurrence.value}"


def _why_no_redrive(case: RecoveryCase, now: datetime) -> str:
    """Return why a redrive is not chosen: Step Functions refuses it, or something newer would not run."""
    why_not = why_not_redriven(case.session, now)
    if not why_not and case.change is not AppliedChange.NONE:
        return f"it runs what ran before, and {case.change.value}"
    return why_not


def why_not_redriven(session: Session, now: datetime) -> str:
    """Return why Step Functions does not redrive the session's last execution; empty when it may. What only Step Functions
    knows, such as the length of the history, it says when it is asked."""
    last = session.latest
    if last is None:
        return "no execution of it was started"
    if last.status is SessionStatus.SUCCEEDED or not last.status.is_final:
        return f"its execution is {last.status.value}"
    if last.stopped_at is None or now - last.stopped_at > REDRIVABLE_FOR:
        return "its execution ended more than 14 days ago"
    begun = min(attempt.started_at for attempt in session.attempts if attempt.execution_arn == last.execution_arn)
    if now - begun > LONGEST_OPEN:
        return "its execution began more than a year ago"
    if session.failure is not None and _FULL_HISTORY in session.failure.message:
        return "its history is full"
    return ""


def _by_failure(case: RecoveryCase, note: FailureNote, now: datetime) -> Decision:
    again = _from_now(case)
    if case.fixed:
        return Decision(strategy=again, reason=case.fixed)
    if case.recurrence is Recurrence.UNLESS_MENDED:
        return Decision(strategy=again, reason=f"nothing that {note.place or 'it'} does has changed: {case.recurrence.value}")
    kind = note.error_class
    why_not = _why_no_redrive(case, now)
    if not why_not:
        return Decision(
            strategy=Strategy.REDRIVE, reason=f"{kind} lies outside of code and definition, and {case.change.value}"
        )
    return Decision(strategy=again, reason=f"{kind} lies outside of code and definition; no redrive: {why_not}")


def _by_wish(case: RecoveryCase, wish: Strategy, now: datetime) -> Decision:
    if wish is Strategy.REDRIVE and (why_not := why_not_redriven(case.session, now)):
        return Decision(strategy=Strategy.LEAVE, reason=f"redrive, asked for, cannot be: {why_not}")
    if wish is Strategy.RESUME and case.is_raw:
        return Decision(strategy=Strategy.LEAVE, reason="a raw pipeline has no guards before its states: redrive or restart it")
    told = ["asked for"]
    if wish is Strategy.REDRIVE and case.change is AppliedChange.SOME:
        told.append(f"it runs what ran before, though {case.change.value}")
    if case.session.taken is not None:
        told.append(f"though {_by_custody(case.session.taken).reason}")
    choice = _choose_rule(case, now)
    if choice.rule is not None and choice.rule.strategy is not wish:
        told.append(f"{choice.place} says {choice.rule.strategy.value}")
    return Decision(strategy=wish, reason="; ".join(told))


def _from_now(case: RecoveryCase) -> Strategy:
    return Strategy.RESTART if case.is_raw else Strategy.RESUME
