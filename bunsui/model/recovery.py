"""Recovery policies: what is done about a failed session, by class of error, by error and by attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from bunsui.diagnostics import Position
from bunsui.model.json import Json


class Strategy(Enum):
    """What is done about a failed session."""

    REDRIVE = "redrive"
    """Its execution goes on at the state that failed, with the definition and the code of then."""
    RESUME = "resume"
    """A new execution runs what is applied now, after the jobs that are completed."""
    RESTART = "restart"
    """A new execution runs what is applied now, from the start."""
    RESTART_FROM = "restart-from"
    """As a resume, and a named job runs again with all that depends on it."""
    SKIP = "skip"
    """As a resume, and the job that failed does not run: outputs that are given stand for its own."""
    MANUAL = "manual"
    """Nothing starts: the session waits for a person, who is named."""
    LEAVE = "leave"
    """Nothing: something else comes first."""

    @property
    def starts(self) -> bool:
        """True when something runs by it."""
        return self not in (Strategy.MANUAL, Strategy.LEAVE)

    @property
    def resumes(self) -> bool:
        """True when a new execution keeps completed jobs."""
        return self in (Strategy.RESUME, Strategy.RESTART_FROM, Strategy.SKIP)


RULE_STRATEGIES = tuple(strategy for strategy in Strategy if strategy is not Strategy.LEAVE)
"""What a rule of a policy can say."""

CANCELLED = "cancelled"
"""The class of sessions that somebody stopped. A rule is about them only where it names the class: a stop is no failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRule:
    """One rule of a policy."""

    strategy: Strategy
    """One of `RULE_STRATEGIES`."""
    only: tuple[str, ...] = ()
    """Classes of errors, or errors by name; one of them must be the failure's. Empty: any that nobody caused by a stop."""
    attempts: int | None = None
    """The rule is used for so many first recoveries of a session, whoever began them; None: for all."""
    job: str = ""
    """Where a `restart-from` begins."""
    output: Mapping[str, Json] = field(default_factory=dict)
    """What stands for the outputs of a job that a `skip` leaves out."""
    owner: str = ""
    """Who is to see to a `manual` session."""
    note: str = ""
    """What that person should know."""
    deadline_seconds: int | None = None
    """By when, from the moment when the session is handed over; None: it does not say."""
    position: Position | None = field(default=None, compare=False)

    def fits(self, error_class: str, error: str) -> bool:
        """Tell whether the rule is about such a failure."""
        return bool({error_class, error} & {*self.only}) if self.only else error_class != CANCELLED

    @property
    def without_position(self) -> RecoveryRule:
        """The rule as it is where there is no file."""
        return replace(self, position=None)


Policy = tuple[RecoveryRule, ...]
"""Rules in their order: the first that fits counts. Empty: none."""


def never_used(policy: Policy) -> dict[int, int]:
    """Return the places of the rules that no failure ever reaches, each with that of an earlier rule that takes its own.

    A redrive hides no other strategy: behind it stands what is done where Step Functions redrives no more.
    """
    found: dict[int, int] = {}
    for place, rule in enumerate(policy):
        takers = [
            next((one for one, earlier in enumerate(policy[:place]) if _takes(earlier, word, rule)), None)
            for word in rule.only or ("",)
        ]
        if None not in takers:
            found[place] = next(one for one in takers if one is not None)
    return found


def _takes(earlier: RecoveryRule, word: str, rule: RecoveryRule) -> bool:
    """Tell whether an earlier rule is used whenever this one would be, for failures of the word; empty for any."""
    if earlier.strategy is Strategy.REDRIVE and rule.strategy is not Strategy.REDRIVE:
        return False
    if earlier.attempts is not None and (rule.attempts is None or rule.attempts > earlier.attempts):
        return False
    return word in earlier.only if earlier.only else word != CANCELLED
