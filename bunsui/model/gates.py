"""Gates: places where a session waits until somebody decides, and where what is known of them lies.

A machine writes two items in one transaction when it comes to a gate: one into the table of the state, for everybody who may
look at sessions, and one with the task token into a table of its own, for those who may approve.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from bunsui.model.json import Json
from bunsui.model.wildcards import fits

STATE_TABLE = "bunsui-state"
"""One for each account and region; projects and environments are told apart by the partition key."""
APPROVALS_TABLE = "bunsui-approvals"
"""Beside it, encrypted with a key of its own: the task tokens of open gates, and nothing else."""
APPROVALS_KEY = "alias/bunsui-approvals"
"""The alias of that key."""
APPROVAL_RESOURCE = "aws-sdk:dynamodb:transactWriteItems.waitForTaskToken"
"""What the Task of a gate calls: no optimised integration of DynamoDB waits for a token, and those by the SDK all may."""
REJECTED = "ApprovalRejected"
"""The error with which a gate's Task fails when somebody rejects it."""
GATE_FORMAT = 1
"""Of both items, whose attributes machines write."""
GATE_DIGITS = 12
"""Hex digits of a gate's id."""

_REJECTED_BY = " — rejected by "
OnReject = Literal["fail", "skip", "continue"]
OnDeadline = Literal["fail", "approve", "reject"]
ON_REJECT: tuple[str, ...] = get_args(OnReject)
ON_DEADLINE: tuple[str, ...] = get_args(OnDeadline)

Decision = Literal["approved", "rejected"]
GateOutcome = Literal["open", "approved", "rejected", "expired", "stopped", "failed"]
"""`expired`: its deadline passed. `stopped`: the execution ended around it. `failed`: the machine could not write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGate:
    """One gate of one execution, as its machine wrote it. Texts are the pipeline's own, or came from its data."""

    id: str
    """Digits that follow from execution, state and item: what people name it by, and worth nothing without the right to
    approve. A redrive opens the same gate again."""
    pipeline: str
    execution_arn: str
    session: str
    """`$session.id` in the machine."""
    started_by: str
    """`$session.started_by` in the machine: what whoever started the execution said of himself."""
    state: str
    message: str
    evidence: Json
    approvers: tuple[str, ...]
    """Patterns of principals; empty: whoever may read the token."""
    four_eyes: bool
    opened_at: datetime
    deadline: datetime
    on_deadline: str
    on_reject: str

    @property
    def job(self) -> str:
        """The job whose operation it is; its states are named after it."""
        return self.state.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What somebody decided at a gate, as the history of its execution tells it."""

    decision: Decision
    by: str
    """An ARN with the name of the role's session; empty where the one who answered did not say."""
    note: str
    at: datetime
    """When Step Functions took the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateStanding:
    """How a gate stands."""

    gate: ApprovalGate
    outcome: GateOutcome
    token_digest: str = ""
    """Of the task token with which it is answered; empty where the history does not tell it."""
    decided: Decided | None = None
    """Who decided; None for a gate that nobody decided."""


def rejection_cause(*, by: str, note: str) -> str:
    """Return the cause with which a gate's Task fails when somebody rejects it: why, then who."""
    return f"{note}{_REJECTED_BY}{by}" if note else f"rejected by {by}"


def rejection_in(cause: str) -> tuple[str, str]:
    """Return who rejected and why, from the cause; empty for what it does not say."""
    note, is_said, by = cause.rpartition(_REJECTED_BY)
    if is_said:
        return by, note
    return (cause.removeprefix("rejected by "), "") if cause.startswith("rejected by ") else ("", cause)


def gates_partition(project: str, environment: str, pipeline: str) -> str:
    """Return the partition of the state's table in which a pipeline's machine puts what everybody may know of its gates."""
    return f"{project}#{environment}#gates#{pipeline}"


def tokens_partition(project: str, environment: str, pipeline: str) -> str:
    """Return the partition of the table of tokens in which the machine of a pipeline puts those of its gates."""
    return f"{project}#{environment}#{pipeline}"


def token_digest(token: str) -> str:
    """Return what may be shown of a task token: enough to tell it from others, and of no use to whoever would answer it."""
    return hashlib.sha256(token.encode()).hexdigest()[:GATE_DIGITS]


def may_approve(approvers: Sequence[str], principal: str) -> bool:
    """Tell whether the ARN of a caller fits one of the patterns, where there are any. A pattern that begins with `arn:` is one
    of whole ARNs, any other one of the name of a user or of a role's session. A star stands for any text."""
    name = person_of(principal)
    return not approvers or any(
        fits(pattern.split("*"), principal if pattern.startswith("arn:") else name) for pattern in approvers
    )


def person_of(principal: str) -> str:
    """Return the name in an ARN that stands for a person: of a role's session, or of a user; other texts as they are."""
    return principal.rpartition("/")[2] if principal.startswith("arn:") else principal


def is_same_person(first: str, second: str) -> bool:
    """Tell whether two ARNs may be one person: the same ARN, or the same name by another role."""
    return first == second or person_of(first).casefold() == person_of(second).casefold()
