"""Which rule of a recovery policy counts for a failed session: the first that fits it and that can be carried out.

The policy is that of what is applied now (`bunsui.compile.policies`). What decides is in the session's row: the class and the
name of its failure, and how often it was recovered so far.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from bunsui.compile.policies import ToldPolicies
from bunsui.model.given_outputs import given_outputs
from bunsui.model.pipeline import Job
from bunsui.model.recovery import CANCELLED, Policy, RecoveryRule, Strategy
from bunsui.model.session import Session, SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """The rules that hold for one failure."""

    rules: Policy = ()
    places: tuple[str, ...] = ()
    """Where each stands, for people: `pipelines/orders.yaml:12`, or that it is as applied."""
    is_foreign: bool = False
    """True when another version of bunsui wrote them: nobody can tell what they say."""
    remark: str = ""
    """What else is to be said of them; empty for nothing."""


NO_POLICY = PolicyInForce()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChoice:
    """What a policy says of a session."""

    rule: RecoveryRule | None = None
    """None when no rule fits that can be carried out."""
    place: str = ""
    passed: tuple[str, ...] = ()
    """Of the rules that fit and cannot be carried out, each why."""
    used_up: str = ""
    """Where the last rule stands that fits and whose attempts are used up; empty for none."""
    recoveries: int = 0
    """How often the session was recovered so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleObstacles:
    """What stands against strategies of rules."""

    redrive: str = ""
    """Why the session's execution is not redriven; empty when it can be."""
    jobs: Mapping[str, Job] = field(default_factory=dict)
    """The pipeline's jobs as they are now."""
    failed_job: str = ""
    completed: Collection[str] = ()

    def against(self, rule: RecoveryRule) -> str:
        """Return why the rule cannot be carried out; empty when it can."""
        match rule.strategy:
            case Strategy.REDRIVE:
                return self.redrive
            case Strategy.RESTART_FROM if rule.job not in self.jobs:
                return f"there is no job {rule.job} any more"
            case Strategy.SKIP:
                job = self.jobs.get(self.failed_job)
                if job is None or self.failed_job in self.completed:
                    return "no job failed that could be skipped"
                return given_outputs(job, rule.output)[1]
            case _:
                return ""


def policy_in_force(applied: ToldPolicies, written: ToldPolicies | None, job: str) -> PolicyInForce:
    """Return the rules that are applied for a failure in the job; empty for one in no job.

    `written` is what the files say, None without files: where they say the same, a rule is named by its place in them.
    """
    if applied.is_foreign:
        return PolicyInForce(is_foreign=True)
    rules = applied.of(job)
    ours = written.of(job) if written is not None else ()
    owner = f"of {job}" if job in applied.jobs else "of the pipeline"
    if rules == ours:
        placed = (_line(rule) or f"rule {number} {owner}" for number, rule in enumerate(ours, start=1))
        return PolicyInForce(rules=rules, places=tuple(placed))
    places = tuple(f"rule {number} {owner}, as applied" for number in range(1, len(rules) + 1))
    told = "what the file says of recovery is not applied" if written is not None else ""
    return PolicyInForce(rules=rules, places=places, remark=told)


def choose_rule(policy: PolicyInForce, session: Session, obstacles: RuleObstacles) -> RuleChoice:
    """Return the first rule that fits and can be carried out, and what was passed over before it."""
    is_stopped = session.status is SessionStatus.CANCELLED
    note = session.failure
    error_class = CANCELLED if is_stopped else note.error_class if note is not None else ""
    error = note.error if note is not None and not is_stopped else ""
    recoveries = count_recoveries(session)
    passed: list[str] = []
    used_up = ""
    for rule, place in zip(policy.rules, policy.places, strict=True):
        if not rule.fits(error_class, error):
            continue
        if rule.attempts is not None and recoveries >= rule.attempts:
            used_up = place
            passed.append(f"{place}: {told_attempts(rule.attempts)} used up")
        elif why := obstacles.against(rule):
            passed.append(f"{place}: no {rule.strategy.value}: {why}")
        else:
            return RuleChoice(rule=rule, place=place, passed=tuple(passed), recoveries=recoveries)
    return RuleChoice(passed=tuple(passed), used_up=used_up, recoveries=recoveries)


def count_recoveries(session: Session) -> int:
    """Return how often the session was recovered, by whomever: its attempts after the first."""
    return max(0, len(session.attempts) - 1)


def told_attempts(attempts: int) -> str:
    """Return in words how many attempts a rule has."""
    return f"its {attempts} attempts are" if attempts != 1 else "its 1 attempt is"


def _line(rule: RecoveryRule) -> str:
    """Return where a rule stands in the files, empty for one that stands in none."""
    at = rule.position
    return f"{at.file}:{at.line}" if at is not None else ""
