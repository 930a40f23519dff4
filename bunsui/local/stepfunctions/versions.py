"""Versions of state machines: publish, list, delete.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bunsui.local.stepfunctions.arns import parsed
from bunsui.local.stepfunctions.desk import Desk
from bunsui.local.stepfunctions.paging import listed, page
from bunsui.local.stepfunctions.records import Machine, Version
from bunsui.local.stepfunctions.refusals import Refused, no_machine

Request = Mapping[str, Any]

INITIAL = "INITIAL"
"""What callers name the revision of a machine that was never updated."""


def publish(desk: Desk, machine: Machine, description: str) -> Version:
    """Publish the machine's current revision; the version that has it already when it is the newest one."""
    newest = desk.room.versions.get(f"{machine.arn}:{machine.last_version}")
    if newest is not None and newest.revision == machine.revision and newest.created_at >= machine.created_at:
        if description and description != newest.description:
            raise Refused("ConflictException", "Version with the same revision and another description already exists")
        return newest
    number = machine.last_version + 1
    version = Version(
        arn=f"{machine.arn}:{number}",
        machine_arn=machine.arn,
        number=number,
        created_at=desk.now(),
        revision=machine.revision,
        description=description,
    )
    desk.room.versions[version.arn] = version
    desk.room.machines[machine.arn] = replace(machine, last_version=number)
    return version


def publish_state_machine_version(desk: Desk, request: Request) -> dict[str, Any]:
    """Publish the current revision; ConflictException when it is not the one that the caller named."""
    arn = request["stateMachineArn"]
    machine = desk.room.machines.get(arn) if len(parsed(arn, "stateMachine").names) == 1 else None
    if machine is None:
        raise no_machine(arn)
    if machine.is_deleting:
        raise Refused("StateMachineDeleting", f"State Machine Deleting: '{machine.arn}'")
    current = machine.revision.revision_id or INITIAL
    if request.get("revisionId") not in (None, current):
        raise Refused(
            "ConflictException",
            "Failed to publish the State Machine version for revision"
            f" {request['revisionId']}. The current State Machine revision is {current}.",
        )
    version = publish(desk, machine, str(request.get("description", "")))
    return {"creationDate": version.created_at, "stateMachineVersionArn": version.arn}


def delete_state_machine_version(desk: Desk, request: Request) -> dict[str, Any]:
    """Delete a version; ConflictException while an alias leads to it, success when there is none."""
    arn = request["stateMachineVersionArn"]
    if len(parsed(arn, "stateMachine").names) != 2:
        raise Refused("ValidationException", "The version ARN must be that of a state machine version")
    leading = sorted(alias.name for alias in desk.room.aliases.values() if arn in dict(alias.routes))
    if leading:
        raise Refused(
            "ConflictException",
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version:"
            f" [{', '.join(leading)}]",
        )
    desk.room.versions.pop(arn, None)
    return {}


def list_state_machine_versions(desk: Desk, request: Request) -> dict[str, Any]:
    """Give a machine's versions, newest first."""
    arn = request["stateMachineArn"]
    parsed(arn, "stateMachine")
    if arn not in desk.room.machines:
        raise no_machine(arn)
    versions = sorted(
        (version for version in desk.room.versions.values() if version.machine_arn == arn),
        key=lambda version: -version.number,
    )
    items, token = page(versions, request, about=("versions", arn), key=lambda version: (-version.number,))
    shown = [{"stateMachineVersionArn": version.arn, "creationDate": version.created_at} for version in items]
    return listed("stateMachineVersions", (shown, token))
