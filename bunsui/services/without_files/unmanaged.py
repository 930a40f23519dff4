"""Sessions of machines of others, each looked at as a raw pipeline: nothing is kept, nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Pipeline, RawDefinition
from bunsui.model.resource import Scope
from bunsui.ports.machines import ListedMachine, MachineCatalogue
from bunsui.ports.source import Source
from bunsui.project.repository import Repository
from bunsui.project.unknown_names import unknown_name
from bunsui.services.session_context import SessionContext
from bunsui.sessions.ports import SessionPorts

EVERYTHING = "all"
_TAG = "tag:"
_EXECUTIONS_LOOKED_AT = 200
"""Of each machine, the latest."""


def chosen_machines(catalogue: MachineCatalogue, asked: str) -> Sequence[ListedMachine]:
    """Return the machines that a person named: `all`, `tag:KEY=VALUE`, a machine's name, or the ARN of one, of a version, an
    alias or an execution of it.

    Raises:
        NotFound: no machine has that name.
        InvalidInput: the tag has no value, or the ARN is of something else.

    """
    if asked.startswith("arn:"):
        arn = machine_arn(asked)
        return [ListedMachine(arn=arn, name=arn.rpartition(":")[2])]
    if asked.startswith(_TAG):
        key, equals, value = asked.removeprefix(_TAG).partition("=")
        if not key or not equals:
            raise InvalidInput("tag-without-value", "a tag is asked for with its value", hint="tag:KEY=VALUE", asked=asked)
        tagged = frozenset(catalogue.with_tag(key, value))
        return [machine for machine in catalogue.machines() if machine.arn in tagged]
    machines = catalogue.machines()
    if asked == EVERYTHING:
        return machines
    named = [machine for machine in machines if machine.name == asked]
    if not named:
        known = [machine.name for machine in machines]
        summary, see = "there is no state machine of that name here", "bunsui sessions --unmanaged all"
        raise unknown_name("unknown-machine", summary, what="machine", name=asked, known=known, see=see)
    return named


def machine_arn(arn: str) -> str:
    """Return the ARN of the machine that an ARN of Step Functions belongs to; an item's execution to that around it."""
    parts = arn.split(":")
    if len(parts) < 7 or parts[2] != "states" or parts[5] not in ("stateMachine", "execution"):
        raise InvalidInput(
            "bad-arn",
            "this is not the ARN of a state machine or of an execution",
            hint="Such as arn:aws:states:eu-west-1:111111111111:stateMachine:nightly",
            arn=arn,
        )
    return ":".join([*parts[:5], "stateMachine", parts[6].partition("/")[0]])


def unmanaged_context(
    machines: Sequence[ListedMachine], *, ports: SessionPorts, scope: Scope, source: Source
) -> SessionContext:
    """Return what use cases over sessions work with. `ports.sessions` should forget: rows are made anew at each look.

    Raises:
        InvalidInput: a machine is in another region or account than those that the ports reach.

    """
    for machine in machines:
        _check_reached(machine, scope)
    project = ProjectDocument(name="", id="", environment=EnvironmentDocument(name="unmanaged", region=scope.region))
    pipelines = {machine.name: _as_pipeline(machine) for machine in machines if not machine.is_express}
    return SessionContext(
        repository=Repository(source=source, project=project, scope=scope, is_local=False),
        ports=ports,
        pipelines=pipelines,
        has_errors=False,
        is_managed=False,
        first_look=_EXECUTIONS_LOOKED_AT,
    )


def _check_reached(machine: ListedMachine, scope: Scope) -> None:
    region, account = machine.arn.split(":")[3:5]
    if (region, account) != (scope.region, scope.account):
        raise InvalidInput(
            "elsewhere",
            "the machine is not where is looked",
            hint=f"Look there, with credentials of that account:  --region {region} --profile NAME",
            machine=machine.arn,
            looked_at=f"account {scope.account}, region {scope.region}",
        )


def _as_pipeline(machine: ListedMachine) -> Pipeline:
    definition = RawDefinition(path=str(PurePosixPath("unmanaged", machine.name)), document={})
    return Pipeline(name=machine.name, path="", definition=definition, resource_name=machine.name)
