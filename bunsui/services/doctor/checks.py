"""One check of what bunsui stands on: how it came out, why, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bunsui.errors import BunsuiError, ExitCode


class CheckOutcome(Enum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    """It may be meant, and may be why something does not work."""
    FAILED = "failed"
    """Something does not work as long as this stays."""
    SKIPPED = "skipped"
    """It could not be looked at, or does not count here; `says` tells why."""


class Area(Enum):
    """What a check is about, in the order in which they are shown."""

    MACHINE = "machine"
    PROJECT = "project"
    NETWORK = "network"
    CREDENTIALS = "credentials"
    STATE = "state"
    EMBEDDED = "embedded AWS"
    CI = "CI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at."""

    area: Area
    name: str
    outcome: CheckOutcome
    says: str
    """What was found, on one line."""
    next_step: str = ""
    """What to do, commands on lines of their own; empty where nothing is to be done."""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All checks of one look."""

    version: str
    """Of this bunsui."""
    environment: str
    """Of the project; empty where nobody can tell."""
    checks: tuple[Check, ...]

    def count(self, outcome: CheckOutcome) -> int:
        """Return how many checks came out so."""
        return sum(check.outcome is outcome for check in self.checks)

    @property
    def exit_code(self) -> ExitCode:
        """FAILED when a check failed; warnings and what was skipped do not count."""
        return ExitCode.FAILED if self.count(CheckOutcome.FAILED) else ExitCode.DONE


def say_ok(area: Area, name: str, says: str, **facts: object) -> Check:
    """Return a check that went well."""
    return Check(area=area, name=name, outcome=CheckOutcome.OK, says=says, facts=_texts(facts))


def warn(area: Area, name: str, says: str, *, next_step: str, **facts: object) -> Check:
    """Return a check that found something that may be meant."""
    return Check(area=area, name=name, outcome=CheckOutcome.WARNING, says=says, next_step=next_step, facts=_texts(facts))


def fail(area: Area, name: str, says: str, *, next_step: str, **facts: object) -> Check:
    """Return a check that found what does not work."""
    return Check(area=area, name=name, outcome=CheckOutcome.FAILED, says=says, next_step=next_step, facts=_texts(facts))


def skip(area: Area, name: str, why: str) -> Check:
    """Return a check that was not made, with the reason."""
    return Check(area=area, name=name, outcome=CheckOutcome.SKIPPED, says=why)


_SHOWN_FACTS = frozenset(
    {"aws_code", "file", "first", "folder", "installed", "item", "profile", "reason", "unknown", "wanted", "written_by"}
)
"""Facts of an error that help and can hold no secret: AWS's own message may repeat the request."""


def tell_error(area: Area, name: str, error: BunsuiError, *, outcome: CheckOutcome = CheckOutcome.FAILED) -> Check:
    """Return the check that met this error, with its next step; of its facts those that cannot hold a secret."""
    facts = {"code": error.code} | {key: text for key, text in error.facts.items() if key in _SHOWN_FACTS and text}
    return Check(area=area, name=name, outcome=outcome, says=error.summary, next_step=error.hint, facts=facts)


def _texts(facts: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in facts.items() if value not in (None, "")}
