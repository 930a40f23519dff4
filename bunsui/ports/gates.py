"""Gates: what everybody may know of them, the tokens with which they are answered, and the answer itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bunsui.model.gates import ApprovalGate


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """A gate as it stands in the state's table."""

    gate: ApprovalGate
    closed_at: datetime | None = None
    """When somebody noted that it was decided; None for an open one, and for one of which nobody noted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldToken:
    """What the table of tokens holds of a gate."""

    execution_arn: str
    token: str = field(repr=False)
    """The task token; it is handed to Step Functions, and to nobody else."""


class GateRows(Protocol):
    """What everybody may know of gates. Gates that have expired are in no answer."""

    def rows(self, pipelines: Collection[str]) -> Sequence[GateRow]:
        """Return the gates of these pipelines, the oldest first. Consistent read."""
        ...

    def close(self, gate: ApprovalGate, at: datetime) -> None:
        """Note that the gate was decided; nothing happens when it was opened again meanwhile."""
        ...


class GateTokens(Protocol):
    """The tokens, for who may approve."""

    def token(self, gate: ApprovalGate) -> HeldToken | None:
        """Return what is held of the gate, by pipeline and id; None when nothing is. AccessDenied for who may not."""
        ...


class GateAnswers(Protocol):
    """Answers tasks that wait for a token. Each raises Refused, `task-over`, when the task of the token waits no more."""

    def approve(self, token: str, *, by: str, note: str, at: datetime) -> None:
        """Let the task succeed with who approved."""
        ...

    def reject(self, token: str, *, by: str, note: str, at: datetime, carries_on: bool) -> None:
        """Let the task fail as rejected; where it `carries_on`, let it succeed with that decision."""
        ...


class ApprovalsTable(Protocol):
    """Where the tokens lie."""

    def ensure(self) -> bool:
        """Make key and table when they are not there; True when the table was made. In either case it is ready."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePorts:
    """The three together."""

    rows: GateRows
    tokens: GateTokens
    answers: GateAnswers
