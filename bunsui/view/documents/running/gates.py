"""Gates as JSON documents: those that are open, and what was decided. No task token is in them."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.model.gates import Decided, Decision, GateOutcome, GateStanding
from bunsui.model.json import Json
from bunsui.services.history.open_gates import OpenGates
from bunsui.services.running.approvals import DecidedGate


class DecidedPart(ShapeOf[Decided]):
    """What somebody decided."""

    decision: Decision = member("What it is.")
    by: str = member("The ARN of who decided; empty where the one who answered did not say.")
    note: str = member("What was said about it; empty for nothing.")
    at: datetime = member("When.")


class GatePart(ShapeOf[GateStanding]):
    """A place where a session waits until somebody decides."""

    id: str = member("What it is named by in `approve` and `reject`; of no worth to who may not approve.", of="gate.id")
    outcome: GateOutcome = member(
        "How it stands: `expired` when its deadline passed, `stopped` when its session ended, `failed` when never opened."
    )
    pipeline: str = member("The pipeline.", of="gate.pipeline")
    session: str = member("`$session.id` of its session.", of="gate.session")
    execution_arn: str = member("The execution that waits.", of="gate.execution_arn")
    job: str = member("The job.", of="gate.job")
    state: str = member("The state.", of="gate.state")
    message: str = member("What is asked.", of="gate.message")
    evidence: Json = member("What it is decided by; null for nothing.", of="gate.evidence")
    approvers: tuple[str, ...] = member("Patterns of who may approve; empty where only IAM says.", of="gate.approvers")
    four_eyes: bool = member("Whoever began the session may not approve.", of="gate.four_eyes")
    opened_at: datetime = member("Since when it waits.", of="gate.opened_at")
    deadline: datetime = member("Until when.", of="gate.deadline")
    on_deadline: str = member("What happens then: `fail`, `approve` or `reject`.", of="gate.on_deadline")
    on_reject: str = member("What a rejection does: `fail`, `skip` or `continue`.", of="gate.on_reject")
    decided: DecidedPart | None = member("What somebody decided; null when nobody did.")


class ApprovalsDocument(ShapeOf[OpenGates], kind="approvals"):
    """Of `approvals`: the gates at which sessions wait."""

    gates: tuple[GatePart, ...] = member("The oldest first.", of="standings")


class DecisionDocument(ShapeOf[DecidedGate], kind="decision"):
    """Of `approve` and `reject`: what was decided."""

    gate: str = member("The gate's id.", of="gate.id")
    pipeline: str = member("The pipeline.", of="gate.pipeline")
    session: str = member("The id of its session.", of="session.id")
    job: str = member("The job.", of="gate.job")
    message: str = member("What was asked.", of="gate.message")
    decided: DecidedPart = member()
