"""Versions of state machines: publish, list, delete.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bunsui.asl.quotas import VERSIONS
from bunsui.emulator.stepfunctions.api.paging import list_answer, page
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import ApiError, no_machine, quota_exceeded
from bunsui.emulator.stepfunctions.store.arns import parse_arn
from bunsui.emulator.stepfunctions.store.records import Machine, Version

Request = Mapping[str, Any]

INITIAL = "INITIAL"
"""What callers name the revision of a machine that was never updated."""


def publish(context: RequestContext, machine: Machine, description: str) -> Version:
    """Publish the machine's current revision; the version that has it already when it is the newest one."""
    newest = context.region_store.versions.get(f"{machine.arn}:{machine.last_version}")
    if newest is not None and newest.revision == machine.revision and newest.created_at >= machine.created_at:
        if description and description != newest.description:
            raise ApiError("ConflictException", "Version with the same revision and another description already exists")
        return newest
    if sum(1 for one in context.region_store.versions.values() if one.machine_arn == machine.arn) >= VERSIONS:
        raise quota_exceeded()
    number = machine.last_version + 1
    version = Version(
        arn=f"{machine.arn}:{number}",
        machine_arn=machine.arn,
        number=number,
        created_at=context.now(),
        revision=machine.revision,
        description=description,
    )
    context.region_store.versions[version.arn] = version
    context.region_store.machines[machine.arn] = replace(machine, last_version=number)
    return version


def publish_state_machine_version(context: RequestContext, request: Request) -> dict[str, Any]:
    """Publish the current revision; ConflictException when it is not the one that the caller named."""
    arn = request["stateMachineArn"]
    machine = context.region_store.machines.get(arn) if len(parse_arn(arn, "stateMachine").names) == 1 else None
    if machine is None:
        raise no_machine(arn)
    if machine.is_deleting:
        raise ApiError("StateMachineDeleting", f"State Machine Deleting: '{machine.arn}'")
    current = machine.revision.revision_id or INITIAL
    if request.get("revisionId") not in (None, current):
        raise ApiError(
            "ConflictException",
            "Failed to publish the State Machine version for revision"
            f" {request['revisionId']}. The current State Machine revision is {current}.",
        )
    version = publish(context, machine, str(request.get("description", "")))
    return {"creationDate": version.created_at, "stateMachineVersionArn": version.arn}


def delete_state_machine_version(context: RequestContext, request: Request) -> dict[str, Any]:
    """Delete a version; ConflictException while an alias leads to it, success when there is none."""
    arn = request["stateMachineVersionArn"]
    if len(parse_arn(arn, "stateMachine").names) != 2:
        raise ApiError("ValidationException", "The version ARN must be that of a state machine version")
    leading = sorted(alias.name for alias in context.region_store.aliases.values() if arn in dict(alias.routes))
    if leading:
        raise ApiError(
            "ConflictException",
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version:"
            f" [{', '.join(leading)}]",
        )
    context.region_store.versions.pop(arn, None)
    return {}


def list_state_machine_versions(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return a machine's versions, newest first."""
    arn = request["stateMachineArn"]
    parse_arn(arn, "stateMachine")
    if arn not in context.region_store.machines:
        raise no_machine(arn)
    versions = sorted(
        (version for version in context.region_store.versions.values() if version.machine_arn == arn),
        key=lambda version: -version.number,
    )
    items, token = page(versions, request, about=("versions", arn), key=lambda version: (-version.number,))
    shown = [{"stateMachineVersionArn": version.arn, "creationDate": version.created_at} for version in items]
    return list_answer("stateMachineVersions", (shown, token))
