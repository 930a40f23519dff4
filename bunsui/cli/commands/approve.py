"""`bunsui approve`: let a session that waits for an approval go on."""

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
    """Approve at a gate: its session goes on. The first answer counts; who answers later is told what was decided."""
    decide_at(context, gate, job, GateDecision(decision="approved", note=note))
