"""Lead a pipeline's alias back to an earlier version, where it is held.

A version is the definition with the function versions that it names, so definition and code move together; sessions in flight
go on with theirs. What has no versions stays as it is: the role, its schedules, the parameters of its functions' sources.

Two calls of Step Functions a pipeline: DescribeStateMachine of the version while looking, UpdateStateMachineAlias. The hold is
written before the alias moves: whoever dies in between leaves a hold whose alias leads elsewhere, which every plan says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bunsui.apply.retry import AMBIGUOUS, CALL_POLICIES
from bunsui.command_line import command_line
from bunsui.errors import BunsuiError, Conflict, InvalidInput, NotFound, Refused
from bunsui.kinds.role import ROLE
from bunsui.model.address import Address
from bunsui.model.deployments.deployment import Deployment, DeploymentAct, version_number
from bunsui.model.deployments.interventions import Hold
from bunsui.model.json import Json
from bunsui.plan.comparison import newly_allowed
from bunsui.ports.versions import Versions
from bunsui.refresh.ports import ReconcilePorts, frozen_words
from bunsui.retry import Retrying, retry
from bunsui.services.apply.locking import LockedWork, hold_lock, new_record
from bunsui.services.apply.patience import Patience
from bunsui.services.deployments.standing import DeployedMachine, deployed_machine

ROLLBACK = "rollback"
RELEASE = "rollback release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a rollback, or the release of one, would do."""

    machine: DeployedMachine
    act: DeploymentAct
    from_arn: str
    """The version that new sessions run now."""
    to_arn: str
    """The version that they would run."""
    functions: tuple[str, ...]
    """The function versions that it names."""
    made_by: Deployment | None = None
    """The record of the version's own apply; None when nobody knows."""
    is_outside: bool = False
    """True when no apply of bunsui published the version: somebody else had led the alias there."""
    missing_rights: tuple[tuple[str, str], ...] = ()
    """What the version's role was allowed and the role is not any more: pairs of action and resource."""
    is_repeated: bool = False
    """True when the alias is held there already: the move is made sure of."""

    @property
    def asks_for_name(self) -> bool:
        """True when the pipeline's name has to be typed: its file says `protect: true`."""
        return self.machine.applied.lifecycle.protect


def look_before_rollback(ports: ReconcilePorts, pipeline: str, *, to: str | None = None) -> Move:
    """Return what a rollback would do; `to` is the number of a version, None for where the alias led before the last apply.

    Raises:
        NotFound: no such pipeline is deployed, or the version was removed.
        InvalidInput: `to` is no number, or the pipeline runs that version already.
        Refused: nothing is known of an earlier version.

    """
    machine, versions = deployed_machine(ports, pipeline), versions_of(ports)
    wanted = _named_version(machine, to) if to is not None else _version_before(machine, versions)
    is_repeated = machine.hold is not None and machine.hold.version_arn == wanted
    if wanted == machine.current and not is_repeated:
        raise InvalidInput(
            "same-version",
            "new sessions run that version already",
            hint=f"See which ones there were:\n  {command_line('history', pipeline)}",
            pipeline=pipeline,
            version=version_number(wanted),
        )
    found = versions.machine_version(wanted)
    if found is None:
        raise _gone_error(machine, wanted)
    made_by = machine.record_of(wanted)
    return Move(
        machine=machine,
        act=DeploymentAct.ROLLED_BACK,
        from_arn=machine.hold.from_version_arn if is_repeated and machine.hold is not None else machine.current,
        to_arn=wanted,
        functions=tuple(sorted(found.functions)),
        made_by=made_by,
        is_outside=not found.description.startswith("bunsui "),
        missing_rights=_missing_rights(ports, machine, made_by),
        is_repeated=is_repeated,
    )


def look_before_release(ports: ReconcilePorts, pipeline: str) -> Move:
    """Return what ending the hold would do: new sessions run again what was applied last.

    Raises:
        NotFound: no such pipeline is deployed, or what was applied last was removed.
        InvalidInput: nothing is held.

    """
    machine, versions = deployed_machine(ports, pipeline), versions_of(ports)
    if machine.hold is None:
        hint = f"See what it runs:\n  {command_line('history', pipeline)}"
        raise InvalidInput("not-held", "the pipeline is not held", hint=hint, pipeline=pipeline)
    applied = machine.applied.outputs.get("version_arn", "")
    found = versions.machine_version(applied) if applied else None
    if found is None:
        raise _gone_error(machine, applied)
    return Move(
        machine=machine,
        act=DeploymentAct.RELEASED,
        from_arn=machine.hold.version_arn,
        to_arn=applied,
        functions=tuple(sorted(found.functions)),
        made_by=machine.record_of(applied),
    )


def carry_out_move(ports: ReconcilePorts, move: Move, *, reason: str, patience: Patience) -> Deployment:
    """Move the alias as was looked at, write or end the hold, and return the record of it.

    Raises:
        Locked: somebody else works on the environment.
        Conflict: the pipeline moved since it was looked at.

    """
    is_release = move.act is DeploymentAct.RELEASED
    record = new_record(ports, RELEASE if is_release else ROLLBACK, facts=_facts(ports, move, reason))
    with hold_lock(ports, record, patience) as work:
        _check_unmoved(ports, move)
        deployment = _deployment(ports, work, move, reason)
        if is_release:
            _lead(ports, move)
            hold = move.machine.hold
            ports.ledger.deployed.write([deployment], work.fence, ends=[hold] if hold is not None else [])
        else:
            _roll_back(ports, work, move, deployment)
        work.outcome = "complete"
    return deployment


def read_move_reason(text: str | None, *, flag: str = "--reason") -> str:
    """Return the reason.

    Raises:
        InvalidInput: there is none.

    """
    if text is None or not text.strip():
        raise InvalidInput("no-reason", f"{flag} says why, for whoever reads it in the morning", hint=f'{flag} "TEXT"')
    return text.strip()


def versions_of(ports: ReconcilePorts) -> Versions:
    """Return what knows the versions of machines."""
    if ports.aliases is None:
        raise Refused("no-versions", "nothing here knows versions of machines", hint="Use an environment of AWS, or `local`.")
    return ports.aliases


def _roll_back(ports: ReconcilePorts, work: LockedWork, move: Move, deployment: Deployment) -> None:
    """Write the hold, move the alias, write the record. What AWS refused for certain leaves no new hold."""
    hold = Hold(
        pipeline=move.machine.pipeline,
        id=deployment.id,
        version_arn=move.to_arn,
        from_version_arn=move.from_arn,
        since=deployment.at,
        who=deployment.who,
        reason=deployment.reason,
    )
    former, deployed = move.machine.hold, ports.ledger.deployed
    deployed.write([hold], work.fence)
    try:
        _lead(ports, move)
    except BunsuiError as error:
        if error.code not in AMBIGUOUS:
            deployed.write([former] if former is not None else [], work.fence, ends=[] if former is not None else [hold])
        raise
    deployed.write([deployment], work.fence)


def _lead(ports: ReconcilePorts, move: Move) -> None:
    versions = versions_of(ports)
    retry(lambda: versions.lead(move.machine.alias_arn, move.to_arn), CALL_POLICIES, Retrying(clock=ports.clock))


def _deployment(ports: ReconcilePorts, work: LockedWork, move: Move, reason: str) -> Deployment:
    made_by = move.made_by
    record = Deployment(
        pipeline=move.machine.pipeline,
        id=work.record.id,
        act=move.act,
        version_arn=move.to_arn,
        at=ports.clock.now(),
        commit=made_by.commit if made_by is not None else "",
        who=ports.actor.who,
        link=ports.actor.link,
        reason=reason,
        functions=move.functions,
        code=made_by.code if made_by is not None else {},
        role_policy=made_by.role_policy if made_by is not None else None,
    )
    return replace(record, before=move.from_arn if move.from_arn != move.to_arn else "")


def _facts(ports: ReconcilePorts, move: Move, reason: str) -> dict[str, Json]:
    frozen = frozen_words(ports)
    return {
        "pipeline": move.machine.pipeline,
        "from": version_number(move.from_arn),
        "to": version_number(move.to_arn),
        "reason": reason,
        **({"frozen": frozen} if frozen else {}),
    }


def _check_unmoved(ports: ReconcilePorts, move: Move) -> None:
    """Under the lock the pipeline must be as it was looked at."""
    now = deployed_machine(ports, move.machine.pipeline)
    seen = move.machine
    if (now.current, now.hold, now.applied.outputs) != (seen.current, seen.hold, seen.applied.outputs):
        raise Conflict(
            "deployment-moved",
            "somebody deployed the pipeline meanwhile, so nothing was moved",
            hint=f"Look at what it runs now:\n  {command_line('history', seen.pipeline)}",
            pipeline=seen.pipeline,
        )


def _named_version(machine: DeployedMachine, to: str) -> str:
    number = to.removeprefix("v")
    if not number.isdecimal() or not number.isascii():
        raise InvalidInput(
            "not-a-version",
            "--to takes the number of a version",
            hint=f"See which ones there were:\n  {command_line('history', machine.pipeline)}",
            given=to,
        )
    return f"{machine.arn}:{int(number)}"


def _version_before(machine: DeployedMachine, versions: Versions) -> str:
    """Return where the alias led in AWS before the current version was deployed first."""
    current = machine.current
    first = next((one for one in machine.records if one.version_arn == current and one.before and _is_apply(one)), None)
    if first is not None:
        return first.before
    if not any(one.version_arn == current for one in machine.records):  # an older bunsui applied it, and kept no record
        older = [one for one in versions.machine_versions(machine.arn) if _number(one) < _number(current)]
        if older:
            return max(older, key=_number)
    raise Refused(
        "nothing-before",
        "nothing is known of an earlier version, so there is nothing to go back to",
        hint=f"Name one:  --to VERSION\nSee which ones there were:\n  {command_line('history', machine.pipeline)}",
        pipeline=machine.pipeline,
        version=version_number(current),
    )


def _is_apply(one: Deployment) -> bool:
    return one.act is DeploymentAct.APPLIED


def _number(version_arn: str) -> int:
    number = version_number(version_arn)
    return int(number) if number.isdecimal() else 0


def _gone_error(machine: DeployedMachine, version_arn: str) -> NotFound:
    made_by = machine.record_of(version_arn)
    commit = made_by.commit.rstrip("*") if made_by is not None else ""
    again = f"git checkout {commit} -- .\n  " if commit else ""
    return NotFound(
        "version-gone",
        "that version of the machine was removed, so nothing can run it",
        hint=f"Deploy it anew from its commit:\n  {again}{command_line('apply', machine.pipeline)}\n"
        f"Or go to one that is there:\n  {command_line('history', machine.pipeline)}",
        pipeline=machine.pipeline,
        version=version_number(version_arn),
        commit=commit or None,
    )


def _missing_rights(ports: ReconcilePorts, machine: DeployedMachine, made_by: Deployment | None) -> tuple[tuple[str, str], ...]:
    """Return what the version's role was allowed then and is not now: a role has no versions, and stays as it is."""
    if made_by is None or made_by.role_policy is None:
        return ()
    role = ports.state.applied(ROLE).get(Address(ROLE, machine.pipeline))
    if role is None:
        return ()
    return newly_allowed(ROLE, role.attributes, {**role.attributes, "policy": made_by.role_policy})
