"""A rollback, or the release of one: what it would do, what it did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from bunsui.command_line import command_line
from bunsui.model.deployments.deployment import DeploymentAct, version_number
from bunsui.model.names import person
from bunsui.services.deployments.rollback import Move
from bunsui.view.sessions.wording import instant
from bunsui.view.spans import Line, Role, line, span

_RIGHTS = 5
"""So many are named."""


def move_lines(move: Move, zone: tzinfo) -> Iterator[Line]:
    """Return what it would do."""
    name, to = move.machine.pipeline, version_number(move.to_arn)
    verb = "rolls back" if move.act is DeploymentAct.ROLLED_BACK else "releases"
    yield line(span(f"{verb} ", Role.UPDATE), span(name, Role.NAME), f": version {version_number(move.from_arn)} → {to}")
    made_by = move.made_by
    if made_by is not None:
        who = f" by {person(made_by.who)}" if made_by.who else ""
        commit = f"commit {made_by.commit}" if made_by.commit else "a folder outside git"
        yield line(f"version {to} is of {commit}, applied {instant(made_by.at, zone)}{who}", indent=2)
    elif move.is_outside:
        yield line(span(f"version {to} was published outside bunsui", Role.WARN), indent=2)
    else:
        yield line(f"version {to}: nobody kept from which commit it was made", indent=2)
    for function in move.functions:
        yield line(span(f"code   {':'.join(function.split(':')[6:])}", Role.MUTED), indent=2)
    yield line(span("sessions in flight keep their version; roles, schedules and logs stay as they are", Role.MUTED), indent=2)
    if move.missing_rights:
        yield line(span(f"its role is not allowed any more what version {to} was allowed:", Role.WARN), indent=2)
        for action, target in move.missing_rights[:_RIGHTS]:
            yield line(span(f"{action} on {target}", Role.WARN), indent=4)
        if len(move.missing_rights) > _RIGHTS:
            yield line(span(f"and {len(move.missing_rights) - _RIGHTS} more", Role.WARN), indent=4)


def moved_lines(move: Move) -> Iterator[Line]:
    """Return what it did, and how it ends."""
    name, to = move.machine.pipeline, version_number(move.to_arn)
    yield line(span("✓ ", Role.GOOD), f"new sessions of {name} run version {to}")
    if move.act is DeploymentAct.ROLLED_BACK:
        yield line(
            span("It is held there: no merge moves it but one that changes the pipeline. To end it:", Role.HINT), indent=2
        )
        yield line(span(command_line("rollback", name, "--release", "--reason", "TEXT"), Role.COMMAND), indent=4)
