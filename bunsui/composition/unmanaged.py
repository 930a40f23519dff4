"""The account side of looking at machines that belong to no project: read only, with rows that live as long as the command."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from bunsui.composition.asked import Asked
from bunsui.composition.deployed import open_workspace
from bunsui.composition.machine_ports import machine_ports
from bunsui.composition.session_ports import session_ports
from bunsui.errors import InvalidInput, NotFound, Refused
from bunsui.model.resource import Scope
from bunsui.ports.cloud import Caller
from bunsui.ports.ledger import Actor
from bunsui.ports.machines import ListedMachine, MachineCatalogue
from bunsui.project.files import RootFolder
from bunsui.services.session_context import SessionContext
from bunsui.services.without_files.unmanaged import chosen_machines, unmanaged_context
from bunsui.testkit.acts import MemoryActLog
from bunsui.testkit.sessions import MemorySessionRepository

if TYPE_CHECKING:
    from bunsui.aws.connect import Connection


class UnmanagedAccount:
    """An account and region: those of a project's environment where there is a project, else those of the credentials."""

    def __init__(self, asked: Asked) -> None:
        """Nothing is asked yet."""
        self._asked = asked

    def context(self, machines: str) -> SessionContext:
        """Return the sessions of the machines that were asked for (`unmanaged.chosen_machines`)."""
        return self.context_of(chosen_machines(self.catalogue, machines))

    def context_of(self, chosen: Sequence[ListedMachine]) -> SessionContext:
        """Return the sessions of these machines."""
        for machine in chosen:
            if machine.is_express:
                self._asked.notice(f"{machine.name} is an express machine: AWS lists no executions of it")
        return unmanaged_context(
            chosen,
            ports=session_ports(
                self.connection,
                rows=MemorySessionRepository(),
                acts=MemoryActLog(),
                actor=Actor(who=self._caller.arn),
                warn=self._asked.notice,
            ),
            scope=self.scope,
            source=RootFolder(self._asked.directory),
        )

    @cached_property
    def catalogue(self) -> MachineCatalogue:
        """What machines there are; from then on nothing is written over the connection."""
        self.connection.gate_writes(_refuse_write)
        return machine_ports(self.connection).catalogue

    @cached_property
    def project(self) -> Scope | None:
        """The project's scope, where there is a project."""
        try:
            return open_workspace(self._asked).repository.scope
        except NotFound as error:
            if error.code != "no-project":
                raise
        return None

    @cached_property
    def scope(self) -> Scope:
        """The account and region, of no project."""
        return Scope(
            project="",
            environment="unmanaged",
            account=self._caller.account,
            region=self.connection.region,
            partition=self._caller.partition,
        )

    @cached_property
    def _caller(self) -> Caller:
        from bunsui.aws.identity import StsIdentity

        return StsIdentity(self.connection).caller()

    @cached_property
    def connection(self) -> Connection:
        """The connection to the account; nothing is written over it."""
        from bunsui.aws.botocore_session import configured_region
        from bunsui.aws.connect import connect

        try:
            return open_workspace(self._asked).connection
        except NotFound as error:
            if error.code != "no-project":
                raise
        region = self._asked.region or configured_region(self._asked.profile)
        if not region:
            raise InvalidInput("region-needed", "no region is configured", hint="Say which one:  --region eu-west-1")
        connection = connect(region=region, profile=self._asked.profile, notice=self._asked.notice)
        self._asked.connected(lambda: connection.traffic)
        return connection


def _refuse_write() -> None:
    raise Refused("read-only", "machines of others are only looked at", hint="Change them with what they were made with.")
