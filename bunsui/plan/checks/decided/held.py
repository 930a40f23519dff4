"""BS545: a pipeline is held at an earlier version by a rollback.

It is told with every plan of the pipeline, changed or not: nobody should wonder why what was merged does not run.
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import Hold
from bunsui.model.names import person
from bunsui.plan.interventions import ended_holds
from bunsui.plan.model import Plan, ResourceChange

CODE = "BS545"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Tell every hold of a pipeline that was planned."""
    ended = ended_holds(plan)
    machines = {change.address.pipeline: change for change in plan.changes if change.address.kind == MACHINE}
    for name, hold in sorted(plan.interventions.holds.items()):
        if name in machines and machines[name].retirement is None:
            yield _finding(hold, machines[name], ends=name in ended)


def _finding(hold: Hold, machine: ResourceChange, *, ends: bool) -> Diagnostic:
    release = command_line("rollback", hold.pipeline, "--release", "--reason", "TEXT")
    who = f" by {person(hold.who)}" if hold.who else ""
    held = f"{hold.pipeline} is held at version {hold.version}{who} since {hold.since:%Y-%m-%d %H:%M} UTC: {hold.reason}"
    leads = "" if machine.actual is None or machine.actual.is_assumed else machine.actual.outputs.get("version_arn", "")
    if ends:
        summary, hint = f"{held}; apply ends the hold", "Apply it only if this change is the fix."
    elif leads and leads != hold.version_arn:
        elsewhere = f"its alias leads to version {leads.rpartition(':')[2]}"
        summary = f"{held}; but {elsewhere}: the rollback died before it moved it, or somebody moved it since"
        again = command_line("rollback", hold.pipeline, "--to", hold.version, "--reason", "TEXT")
        hint = f"Finish the rollback:\n  {again}\nOr end the hold:\n  {release}"
    else:
        summary, hint = held, f"No apply moves it, but one that changes the pipeline itself. To end it:\n  {release}"
    return Diagnostic(
        code=CODE, severity=Severity.WARNING, summary=summary, hint=hint, subject=str(Address(MACHINE, hold.pipeline))
    )
