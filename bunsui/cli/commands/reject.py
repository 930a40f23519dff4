"""`bunsui reject`: answer a session that waits for an approval with no."""

from __future__ import annotations

from typing import Annotated

import typer

from bunsui.cli.looking.deciding import GateJob, GateName, decide_at
from bunsui.services.running.approvals import GateDecision


def run(
    context: typer.Context,
    gate: GateName,
    job: GateJob = "",
    note: Annotated[str, typer.Option(help="Why; kept with the execution, and in the audit trail.")] = "",
) -> None:
    """Reject at a gate: its job fails, is skipped, or goes on, as `on_reject` says. The first answer counts."""
    decide_at(context, gate, job, GateDecision(decision="rejected", note=note))
