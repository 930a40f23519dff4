"""What is to be carried out, as one value for every face: the plan, and everything that was said about it before."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from bunsui.errors import InvalidInput
from bunsui.model.address import Address, parse_address
from bunsui.plan.digest import whole_digest
from bunsui.plan.model import Plan
from bunsui.plan.selection import part_of
from bunsui.refresh.modes import Refresh
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.saved import Checked

ACCEPT_DRIFT = "--accept-drift"
ACCEPT_DRIFT_OF = "--accept-drift-of"
END_HOLD = "--end-hold"
ACCEPT_BEHIND = "--accept-behind"

_ADDRESSES = "It is KIND.PIPELINE or KIND.PIPELINE.NAME, as `bunsui plan --json` shows it."
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ApplyOperation(StrEnum):
    """What the record of applies calls it."""

    APPLY = "apply"
    DESTROY = "destroy"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What was accepted on the command line, or by the environment in bunsui.yaml."""

    outside_changes: bool = False
    """Drift may be overwritten, deleted or made anew, of all pipelines."""
    outside_changes_of: frozenset[str] = frozenset()
    """The same, of these pipelines."""
    ended_holds: frozenset[str] = frozenset()
    """The holds of these pipelines may end, for the plan changes their machines."""
    behind: bool = False
    """What was applied from commits that this branch lacks may be taken back."""
    deletions: int = 0
    """How many resources may be deleted."""

    def drift_of(self, pipeline: str) -> bool:
        """Tell whether the drift of this pipeline may be undone."""
        return self.outside_changes or pipeline in self.outside_changes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What somebody said before anything was asked. A name that was given says yes, too."""

    environment: str | None = None
    """The name of the environment that may be changed."""
    pipelines: frozenset[str] = frozenset()
    """Names of protected pipelines that may be changed."""
    agreed: bool = False
    """A mere yes. It stands for names only on the embedded AWS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedDigest:
    """What somebody approved."""

    whole: str
    """The digest of the whole plan."""
    pipelines: frozenset[str] = frozenset()
    """The digests of its pipelines, which the first proves; empty when only the whole is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest:
    """A plan, and what was said about it."""

    plan: Plan
    targets: frozenset[Address] = frozenset()
    """Only these changes, and what they need, are carried out; empty for everything."""
    operation: ApplyOperation = ApplyOperation.APPLY
    answers: Answers = field(default_factory=Answers)
    accepted: Accepted = field(default_factory=Accepted)
    """Counts in CI only, where nobody looks at the plan; that a hold may end counts everywhere."""
    in_ci: bool = False
    is_one_key_away: bool = False
    """True on a screen, where the whole plan is one key away: in a protected environment every change asks for its name."""
    digest: ReviewedDigest | None = None
    """What was reviewed, and nothing else is applied."""
    saved: Checked | None = None
    """The saved plan that `plan` carries out or continues."""
    break_glass: str = ""
    """The reason to go on in a freeze window; it is recorded."""
    patience: Patience = field(default_factory=Patience)

    @property
    def part(self) -> Plan:
        """What is asked to be carried out: the plan, or what the targets need of it."""
        return part_of(self.plan, self.targets).plan if self.targets else self.plan

    @property
    def is_reviewed(self) -> bool:
        """True when the plan was looked at before, so that a mere yes is not asked for."""
        return self.digest is not None or self.saved is not None


def check_reads(refresh: Refresh | None) -> None:
    """Raise InvalidInput when a plan that reads nothing is asked for in order to be applied."""
    if refresh is Refresh.NONE:
        raise InvalidInput("apply-reads", "apply reads what it touches", hint="Use --refresh touched or full.")


def check_confirmation(answers: Answers, environment: str) -> None:
    """Raise InvalidInput when another environment was confirmed than the one that is worked on."""
    if answers.environment is not None and answers.environment != environment:
        raise InvalidInput(
            "wrong-confirmation",
            "--confirm names another environment than the one that would be changed",
            hint=f"The environment is {environment}; choose another with --env.",
            confirm=answers.environment,
        )


def read_reason(text: str | None) -> str:
    """Return the reason to go on in a freeze window; empty when nobody asked to. InvalidInput for one that says nothing."""
    if text is not None and not text.strip():
        raise InvalidInput("no-reason", "--break-glass takes the reason, which is recorded", hint='--break-glass "REASON"')
    return text or ""


def read_targets(texts: Iterable[str]) -> frozenset[Address]:
    """Return the addresses that `--target` names. InvalidInput for what is none."""
    found = set[Address]()
    for text in texts:
        try:
            found.add(parse_address(text))
        except ValueError as error:
            summary = "--target takes the address of a resource"
            raise InvalidInput("not-an-address", summary, hint=_ADDRESSES, given=text) from error
    return frozenset(found)


def check_targets(request: ApplyRequest) -> None:
    """Raise InvalidInput for a target in which the plan changes nothing, or where a part was never reviewed."""
    if request.targets and request.saved is not None:
        raise InvalidInput("target-and-plan", "a saved plan is applied whole", hint="Leave --target out.")
    unknown = request.targets - {change.address for change in request.plan.pending}
    if unknown:
        given = ", ".join(sorted(map(str, unknown)))
        raise InvalidInput("unknown-target", "the plan changes nothing at this address", hint=_ADDRESSES, given=given)


def read_digest(text: str) -> ReviewedDigest:
    """Read what `--digest` takes: the digest of the whole plan and, after commas, those of its pipelines.

    Raises:
        InvalidInput: it is none, or the pipelines' digests do not belong to the first.

    """
    whole, *pipelines = text.split(",")
    hint = "They stand at the end of `bunsui plan --markdown`, and under `digest` in `bunsui plan --json`."
    if not all(map(_DIGEST.fullmatch, (whole, *pipelines))):
        raise InvalidInput("not-a-digest", "--digest takes the 64 hex digits of the reviewed plan", hint=hint, given=text)
    if pipelines and whole_digest(pipelines) != whole:
        raise InvalidInput(
            "not-a-digest", "the digests after the first are not those of the plan's pipelines", hint=hint, given=text
        )
    return ReviewedDigest(whole=whole, pipelines=frozenset(pipelines))
