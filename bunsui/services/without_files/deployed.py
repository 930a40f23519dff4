"""Sessions of a project without its files: the pipelines are those that were applied, as their files said then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from bunsui.compile.environment.told_alerts import read_told_alerts
from bunsui.document.applied_text import read_applied_text
from bunsui.errors import NotFound, Refused
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import is_pipeline
from bunsui.model.applied_text import AppliedText
from bunsui.model.pipeline import Pipeline, RawDefinition
from bunsui.model.resource import AppliedResource
from bunsui.ports.storage import OwnedState, StateStore
from bunsui.project.repository import Repository
from bunsui.services.session_context import SessionContext
from bunsui.sessions.ports import SessionPorts
from bunsui.sessions.shape import machine_shape

_NO_TEXT = "what its file said was not kept when it was applied"
_UNREAD = "what its file said cannot be read here: it may need a plugin, or another version of bunsui"
_OLD_TEXT = "an older bunsui applied it last, and did not keep what its file said"
_RETIRED = "it was taken out of service"


def deployed_context(repository: Repository, ports: SessionPorts, state: StateStore, owned: OwnedState) -> SessionContext:
    """Return what use cases over sessions work with.

    A pipeline whose text was not kept can be looked at; whatever needs to know what it declares is refused.

    Raises:
        NotFound: nothing of the project was applied there.
        Refused: the name there belongs to another project.

    """
    scope = repository.scope
    owner = owned.owner_id()
    if owner is not None and owner != scope.project_id:
        raise Refused(
            "another-project",
            "a project of that name is there, and it is another one",
            hint="Add the entry again in a checkout of the project that is meant:\n  bunsui projects add",
            project=scope.project,
            id=scope.project_id,
            id_there=owner,
        )
    machines = {address.pipeline: one for address, one in state.applied(MACHINE).items() if is_pipeline(address.pipeline)}
    if not machines:
        raise NotFound(
            "nothing-applied",
            "nothing of the project was applied there",
            hint="Look whether project, environment, account and region are those that are meant:\n  bunsui projects list",
            project=scope.project,
            environment=scope.environment,
            account=scope.account,
            region=scope.region,
        )
    texts = state.texts(tuple(machines))
    read = {name: _pipeline(repository, name, one, texts.get(name)) for name, one in sorted(machines.items())}
    return SessionContext(
        repository=repository,
        ports=ports,
        pipelines={name: replace(pipeline, resource_name=machines[name].physical_name) for name, (pipeline, _) in read.items()},
        has_errors=False,
        has_files=False,
        unread={name: why for name, (_, why) in read.items() if why},
    )


def _pipeline(repository: Repository, name: str, machine: AppliedResource, text: AppliedText | None) -> tuple[Pipeline, str]:
    """Return the pipeline, and why no more than its machine is known of it; empty when all is."""
    known, why = _by_machine(name, machine), _why_unknown(machine, text)
    definition = machine.attributes.get("definition")
    alerts = read_told_alerts(definition) if isinstance(definition, Mapping) else ()
    if text is None or not text.text:
        return replace(known, alerts=alerts), why
    pipeline = read_applied_text(
        name,
        text.text,
        timezone=repository.project.timezone,
        scope=repository.scope,
        registry=repository.registry,
    )
    return replace(known if pipeline is None else pipeline, alerts=alerts), why or (_UNREAD if pipeline is None else "")


def _why_unknown(machine: AppliedResource, text: AppliedText | None) -> str:
    if machine.retired_at is not None:
        return _RETIRED
    if text is None or not text.text:
        return _NO_TEXT
    return _OLD_TEXT if machine.written_at is not None and text.kept_at < machine.written_at else ""


def _by_machine(name: str, machine: AppliedResource) -> Pipeline:
    definition = machine.attributes.get("definition")
    is_raw = isinstance(definition, Mapping) and machine_shape(definition).is_raw
    raw = RawDefinition(path=str(PurePosixPath("applied", name)), document={}) if is_raw else None
    return Pipeline(name=name, path="", definition=raw)
