"""State machines: create, describe, update, delete, list.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html and its neighbours.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bunsui.asl.quotas import MACHINES
from bunsui.emulator.stepfunctions.api.configurations import checked_encryption, checked_logging, checked_tracing
from bunsui.emulator.stepfunctions.api.definitions import check_definition
from bunsui.emulator.stepfunctions.api.paging import list_answer, page
from bunsui.emulator.stepfunctions.api.references import variable_references
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.api.tags import checked_tags
from bunsui.emulator.stepfunctions.api.versions import publish
from bunsui.emulator.stepfunctions.errors import ApiError, no_machine, too_many_machines
from bunsui.emulator.stepfunctions.roles import check_machines_role
from bunsui.emulator.stepfunctions.store.arns import check_name, check_role, parse_arn
from bunsui.emulator.stepfunctions.store.records import RUNNING, STANDARD, Machine, Revision, Version

Request = Mapping[str, Any]

_CHANGEABLE = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")


def create_state_machine(context: RequestContext, request: Request) -> dict[str, Any]:
    """Make a machine; the same request again gives the same machine, whatever its role and its tags."""
    name, kind = request["name"], request.get("type", STANDARD)
    check_name(name)
    check_role(request["roleArn"])
    _check_description(request)
    arn = context.region_store.location.machine(name)
    revision = _revision(context, request, kind)
    _check_role_permits(context, arn, revision)
    tags = checked_tags(request.get("tags", ()))
    known = context.region_store.machines.get(arn)
    if known is not None:
        _check_same(known, kind, revision)
        version = _version_of(context, known, request) if request.get("publish") else None
        return _created_answer(known, version)
    if len(context.region_store.machines) >= MACHINES:
        raise too_many_machines()
    machine = Machine(arn=arn, name=name, type=kind, created_at=context.now(), revision=revision)
    context.region_store.machines[arn] = machine
    context.region_store.tags[arn] = tags
    version = publish(context, machine, str(request.get("versionDescription", ""))) if request.get("publish") else None
    return _created_answer(machine, version)


def describe_state_machine(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return a machine, or a version of one."""
    arn = request["stateMachineArn"]
    parse_arn(arn, "stateMachine")
    version = context.region_store.versions.get(arn)
    machine = context.region_store.machines.get(version.machine_arn if version else arn)
    if machine is None:
        raise no_machine(arn)
    answer: dict[str, Any] = {
        "stateMachineArn": arn,
        "name": machine.name,
        "status": "DELETING" if machine.is_deleting else "ACTIVE",
        "type": machine.type,
        "creationDate": version.created_at if version else machine.created_at,
    }
    if version and version.description:
        answer["description"] = version.description
    return answer | described_revision(version.revision if version else machine.revision, request)


def described_revision(revision: Revision, request: Request) -> dict[str, Any]:
    """Return the members of a description that tell what runs; without the definition for METADATA_ONLY."""
    answer: dict[str, Any] = {
        "roleArn": revision.role_arn,
        "loggingConfiguration": dict(revision.logging),
        "tracingConfiguration": dict(revision.tracing),
        "encryptionConfiguration": dict(revision.encryption),
    }
    if revision.revision_id:
        answer["revisionId"] = revision.revision_id
    if request.get("includedData") != "METADATA_ONLY":
        answer["definition"] = revision.definition
        references = variable_references(revision.definition)
        if references:
            answer["variableReferences"] = references
    return answer


def update_state_machine(context: RequestContext, request: Request) -> dict[str, Any]:
    """Change a machine; running executions go on with what they began with."""
    arn = request["stateMachineArn"]
    if parse_arn(arn, "stateMachine").names[1:]:
        raise no_machine(arn)
    machine = context.region_store.machines.get(arn)
    if machine is None:
        raise no_machine(arn)
    _check_alive(machine)
    if not any(request.get(member) is not None for member in _CHANGEABLE):
        raise ApiError(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, the TracingConfiguration or the"
            " EncryptionConfiguration must be specified",
        )
    _check_description(request)
    if "roleArn" in request:
        check_role(request["roleArn"])
    revision = _change_revision(context, machine, request)
    _check_role_permits(context, arn, revision)
    context.revisions.note(arn, machine.revision, now=context.now(), lag=context.lag.starts)
    machine = replace(machine, revision=revision)
    context.region_store.machines[arn] = machine
    answer: dict[str, Any] = {"updateDate": context.now(), "revisionId": revision.revision_id}
    if request.get("publish"):
        answer["stateMachineVersionArn"] = publish(context, machine, str(request.get("versionDescription", ""))).arn
    return answer


def delete_state_machine(context: RequestContext, request: Request) -> dict[str, Any]:
    """Delete a machine with its versions and aliases; success when there is none.

    While executions of it run it is DELETING, and they end at their next transition. What has ended stays readable.
    """
    arn = request["stateMachineArn"]
    if parse_arn(arn, "stateMachine").names[1:]:
        raise no_machine(arn)
    machine = context.region_store.machines.get(arn)
    if machine is not None:
        context.region_store.machines[arn] = replace(machine, is_deleting=True)
        remove_when_idle(context, arn)
    return {}


def remove_when_idle(context: RequestContext, arn: str) -> None:
    """Take a machine that is being deleted away, unless executions of it run."""
    region_store, machine = context.region_store, context.region_store.machines.get(arn)
    if machine is None or not machine.is_deleting:
        return
    if any(record.status == RUNNING and record.machine_arn == arn for record in region_store.executions.values()):
        return
    del region_store.machines[arn]
    region_store.tags.pop(arn, None)
    for table in (region_store.versions, region_store.aliases):
        for key in [key for key, kept in table.items() if kept.machine_arn == arn]:
            del table[key]


def list_state_machines(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return the machines, oldest first."""
    machines = sorted(context.region_store.machines.values(), key=lambda machine: (machine.created_at, machine.arn))
    items, token = page(machines, request, about=("machines",), key=lambda machine: (machine.created_at, machine.arn))
    shown = [{"stateMachineArn": m.arn, "name": m.name, "type": m.type, "creationDate": m.created_at} for m in items]
    return list_answer("stateMachines", (shown, token))


def _revision(context: RequestContext, request: Request, kind: str) -> Revision:
    check_definition(request["definition"], kind)
    return Revision(
        definition=request["definition"],
        role_arn=request["roleArn"],
        logging=checked_logging(request.get("loggingConfiguration"), exists=context.has_log_group),
        tracing=checked_tracing(request.get("tracingConfiguration")),
        encryption=checked_encryption(request.get("encryptionConfiguration")),
    )


def _change_revision(context: RequestContext, machine: Machine, request: Request) -> Revision:
    was = machine.revision
    definition = request.get("definition") or was.definition
    check_definition(definition, machine.type)
    given = request.get("loggingConfiguration")
    encryption = request.get("encryptionConfiguration")
    return Revision(
        definition=definition,
        role_arn=request.get("roleArn") or was.role_arn,
        logging=was.logging if given is None else checked_logging(given, exists=context.has_log_group),
        tracing=checked_tracing(request["tracingConfiguration"]) if "tracingConfiguration" in request else was.tracing,
        encryption=was.encryption if encryption is None else checked_encryption(encryption),
        revision_id=str(uuid.uuid4()),
    )


def _check_role_permits(context: RequestContext, arn: str, revision: Revision) -> None:
    check_machines_role(
        context.roles,
        context.region_store.location,
        arn,
        role_arn=revision.role_arn,
        definition=revision.definition,
        logs=revision.logging.get("level", "OFF") != "OFF",
    )


def _check_same(known: Machine, kind: str, asked: Revision) -> None:
    _check_alive(known)
    was = known.revision
    same = (
        known.type == kind
        and was.definition == asked.definition
        and was.logging == asked.logging
        and was.tracing == asked.tracing
        and was.encryption == asked.encryption
    )
    if not same:
        raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{known.arn}'")


def _version_of(context: RequestContext, machine: Machine, request: Request) -> Version:
    return publish(context, machine, str(request.get("versionDescription", "")))


def _check_alive(machine: Machine) -> None:
    if machine.is_deleting:
        raise ApiError("StateMachineDeleting", f"State Machine Deleting: '{machine.arn}'")


def _check_description(request: Request) -> None:
    if request.get("versionDescription") and not request.get("publish"):
        raise ApiError("ValidationException", "Version description can only be set when publish is true")


def _created_answer(machine: Machine, version: Version | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"stateMachineArn": machine.arn, "creationDate": machine.created_at}
    if version is not None:
        answer["stateMachineVersionArn"] = version.arn
    return answer
