"""The one composition root: settings in, services' ports out. Everything below gets its ports from here.

Nothing heavy is imported before it is needed: `repository` needs no account and imports no boto3.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bunsui.checkout.ancestry import GitHistory
from bunsui.checkout.base import Base, default_revision, merge_base
from bunsui.checkout.commit import commit_of, head_of, why_unread
from bunsui.checkout.sparse import left_out_of
from bunsui.composition.account import connect_account
from bunsui.composition.asked import Asked
from bunsui.composition.former_project import former_project
from bunsui.composition.packagers import packager_for
from bunsui.composition.resident_code import resident_of
from bunsui.composition.service_models import ModelsWhenAsked
from bunsui.composition.settings import Settings, allowed_locally, ci_link, load_settings, local_ecs, require_environment
from bunsui.errors import Refused
from bunsui.model.environment.freeze import FreezeWindow, frozen_at
from bunsui.model.resource import Scope
from bunsui.notifications.registry import ChannelTypes, builtin_channels
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from bunsui.plugins.entry_points import channel_types, load_operation, operation_plugins
from bunsui.project.compile import Compiler
from bunsui.project.files import RootFolder
from bunsui.project.repository import Repository
from bunsui.project.subprocess_compiler import compiler_for

if TYPE_CHECKING:
    from bunsui.apply.lease import LeaseTerms
    from bunsui.aws.connect import Connection
    from bunsui.aws.identity import StsIdentity
    from bunsui.plan.model import Basis
    from bunsui.ports.acts import ActLog
    from bunsui.ports.alerts.kept import AlertStore
    from bunsui.ports.cloud import Caller
    from bunsui.ports.ledger import Actor
    from bunsui.project.branch_diff import ComparedBranch
    from bunsui.refresh.ports import ReconcilePorts
    from bunsui.services.morning.ports import MorningPorts
    from bunsui.services.session_context import SessionContext
    from bunsui.sessions.ports import SessionPorts

OFFLINE_ACCOUNT = "000000000000"
"""Stands in ARNs as long as nobody asked STS; also the embedded AWS's own account."""


class Workspace:
    """A project in one environment, opened: each part is made when it is first asked for."""

    def __init__(self, asked: Asked, settings: Settings | None = None) -> None:
        """Read the settings, unless they were read already; no account is touched yet."""
        self._asked = asked
        self.settings = settings or load_settings(asked.directory, environment=asked.environment, environ=os.environ)

    @cached_property
    def draft(self) -> Repository:
        """The repository side of who asks neither for an account nor for the commit: git compares no files."""
        scope = scope_of(self.settings, self._asked, account=None)
        return _repository(self.settings, scope, registry=operation_types(), channels=channel_types(), commit="")

    @cached_property
    def offline(self) -> Repository:
        """The repository side without an account: account zeros, no parameter look-ups."""
        commit = commit_of(self.settings.root)
        if not commit and (reason := why_unread(self.settings.root)):
            self._asked.notice(reason)
        history = GitHistory(folder=self.settings.root) if commit else None
        return replace(self.draft, commit=commit, history=history)

    @cached_property
    def untrusted(self) -> Repository:
        """The repository side for code that nobody vouches for: offline, and without plugins, which are code."""
        scope = scope_of(self.settings, self._asked, account=None)
        root = self.settings.root
        return _repository(self.settings, scope, registry=builtin_registry(), channels=builtin_channels(), commit=head_of(root))

    @contextmanager
    def branch(self, repository: Repository, revision: str) -> Iterator[ComparedBranch]:
        """Return where the checkout's branch began, seen from `revision`, as long as the block runs.

        Raises:
            InvalidInput: there is no git checkout, no such revision, or no merge base.

        """
        with self.at(merge_base(self.settings.root, revision), repository) as branch:
            yield branch

    @contextmanager
    def at(self, base: Base, repository: Repository) -> Iterator[ComparedBranch]:
        """Return the repository as it was at the base, as long as the block runs."""
        with former_project(self.settings.root, base, repository, region=self._asked.region) as branch:
            yield branch

    @cached_property
    def repository(self) -> Repository:
        """The repository side with the account that STS names."""
        from bunsui.aws.objects.lookups import AwsLookUps
        from bunsui.ports.machines import TERRAFORM_STATE_BYTES

        scope = scope_of(self.settings, self._asked, account=self.caller)
        read_state = partial(self.offline.source.read, limit_bytes=TERRAFORM_STATE_BYTES)
        return replace(self.offline, scope=scope, parameters=AwsLookUps(connection=self.connection, read_file=read_state))

    @cached_property
    def connection(self) -> Connection:
        """The connection to the environment's account; starts the embedded AWS for `local`."""
        terminal = sys.stdout.isatty() or sys.stderr.isatty()
        require_environment(self.settings, environ=os.environ, has_terminal=terminal)
        connect = _connect_embedded if self.settings.project.environment.is_local else connect_account
        return connect(self.settings, self._asked)

    @cached_property
    def identity(self) -> StsIdentity:
        """Asks STS, once."""
        from bunsui.aws.identity import StsIdentity

        return StsIdentity(self.connection)

    @property
    def caller(self) -> Caller:
        """Who the credentials belong to, from STS."""
        return self.identity.caller()

    @cached_property
    def actor(self) -> Actor:
        """Who works, on which machine and in which CI run, for the audit trail."""
        from bunsui.ports.ledger import Actor

        return Actor(who=self.caller.arn, host=socket.gethostname(), link=ci_link(os.environ))

    @cached_property
    def acts(self) -> ActLog:
        """The audit trail of what is done with sessions."""
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.stores.acts import DynamoDBActLog

        return DynamoDBActLog(DynamoDBClient(self.connection), self.repository.scope)

    @cached_property
    def reconcile(self) -> ReconcilePorts:
        """The account side of plan, apply, destroy and status."""
        from bunsui.aws.account import function_limits, task_definitions, usage
        from bunsui.aws.approvals.table import AwsApprovalsTable
        from bunsui.aws.beside.reader import AwsBesideReader
        from bunsui.aws.connect import reading
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.hints import hints
        from bunsui.aws.providers.registry import providers
        from bunsui.aws.stepfunctions import StepFunctionsClient
        from bunsui.aws.stores.recovery import DynamoDBRecovery
        from bunsui.aws.stores.state import DynamoDBStateStore
        from bunsui.aws.versions import AwsVersionStore
        from bunsui.composition.ledger import ledger_of
        from bunsui.composition.session_ports import new_session_id
        from bunsui.refresh.ports import ReconcilePorts
        from bunsui.system_clock import SystemClock

        local = self.settings.project.environment.is_local
        packager = packager_for(self.settings.root, is_local=local, notice=self._asked.notice)
        made = providers(self.connection, identity=self.identity, packager=packager)
        table, scope, is_local = DynamoDBClient(self.connection), self.repository.scope, self.repository.is_local
        return ReconcilePorts(
            providers=made,
            state=DynamoDBStateStore(table, scope, with_managed_key=self.settings.project.environment.state_key_is_managed),
            clock=SystemClock(),
            packager=packager,
            ledger=ledger_of(table, scope),
            new_id=new_session_id,
            actor=self.actor,
            terms=lease_terms(is_local=is_local),
            gated=self.connection.gate_writes,
            execution=StepFunctionsClient(self.connection),
            limits=function_limits.AwsFunctionLimits(self.connection),
            versions=AwsVersionStore(self.connection),
            beside=AwsBesideReader(self.connection),
            aliases=AwsVersionStore(self.connection),
            published=AwsVersionStore(self.connection),
            approvals=AwsApprovalsTable(self.connection),
            account=None if is_local else usage.AwsAccountUsage(self.connection),
            task_definitions=None if is_local else task_definitions.EcsTaskDefinitions(self.connection),
            recovery=None if is_local else DynamoDBRecovery(table),
            frozen=self._frozen,
            account_checked=self._check_account,
            reading=reading,
            hints=hints(self.connection, scope, made),
        )

    @contextmanager
    def planning(self) -> Iterator[tuple[Repository, ReconcilePorts, Compiler]]:
        """Return both sides, and what compiles for them as long as the block runs, perhaps in a process of its own."""
        with compiler_for(self.draft) as compiler:  # before there are connections, which cannot be shared
            yield self.repository, self.reconcile, compiler

    @cached_property
    def sessions(self) -> SessionPorts:
        """Return the account side of the commands that work with sessions."""
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.stores.pools import DynamoDBPoolStore
        from bunsui.aws.stores.session_expiry import SessionExpiry
        from bunsui.aws.stores.sessions import DynamoDBSessionRepository
        from bunsui.aws.stores.state import DynamoDBStateStore
        from bunsui.composition.gate_ports import gate_ports
        from bunsui.composition.session_ports import session_ports, unnamed_logs
        from bunsui.sessions.history.commits import AppliedCommits
        from bunsui.sessions.starts.settling import SPREADING, never_written

        self._check_account()
        table, scope = DynamoDBClient(self.connection), self.repository.scope
        state = DynamoDBStateStore(table, scope)
        return session_ports(
            self.connection,
            rows=DynamoDBSessionRepository(
                table,
                scope,
                expiry=SessionExpiry(seconds=self.settings.project.environment.retention_seconds),
            ),
            acts=self.acts,
            actor=self.actor,
            warn=self._asked.notice,
            unnamed_logs=unnamed_logs() if self.repository.is_local else ("", ""),
            commit_of=AppliedCommits(state.resource),
            written=never_written if self.repository.reads_what_it_wrote else state.last_written,
            spreading=timedelta(seconds=self.repository.project.local_lag_seconds) if self.repository.is_local else SPREADING,
            gates=gate_ports(self.connection, scope),
            pools=DynamoDBPoolStore(table, scope),
            is_local=self.connection.is_local,
        )

    @cached_property
    def alerts(self) -> AlertStore:
        """Return what is kept of alerts."""
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.stores.alerts import DynamoDBAlertStore

        self._check_account()
        return DynamoDBAlertStore(DynamoDBClient(self.connection), self.repository.scope)

    @cached_property
    def morning(self) -> MorningPorts:
        """Return the account side of the morning page, beside that of sessions."""
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.objects.schedule_lists import AwsScheduleReader
        from bunsui.aws.stores.state import DynamoDBStateStore
        from bunsui.services.morning.ports import MorningPorts

        state = DynamoDBStateStore(DynamoDBClient(self.connection), self.repository.scope)
        return MorningPorts(state=state, schedules=AwsScheduleReader(self.connection))

    def read_sessions(self) -> SessionContext:
        """Read the pipelines, and return what use cases over sessions work with."""
        from bunsui.services.session_context import open_context

        return open_context(self.repository, self.sessions)

    def _frozen(self, at: datetime) -> FreezeWindow | None:
        project = self.settings.project
        return frozen_at(project.environment.freeze, at, ZoneInfo(project.timezone))

    def _check_account(self) -> None:
        declared = self.settings.project.environment.account
        if declared is not None and declared != self.caller.account:
            raise Refused(
                "wrong-account",
                "the credentials belong to another account than the environment declares",
                hint="Use other credentials (--profile), or correct `account` in bunsui.yaml.",
                environment=self.settings.project.environment.name,
                declared=declared,
                credentials=self.caller.account,
                caller=self.caller.arn,
            )


def lease_terms(*, is_local: bool) -> LeaseTerms:
    """Return for how long a lock is held. The embedded AWS answers at once, and nobody wants to wait there after a kill."""
    from bunsui.apply.lease import LeaseTerms

    return LeaseTerms(lease_seconds=10.0, renew_seconds=2.5, margin_seconds=4.0) if is_local else LeaseTerms()


def repository(asked: Asked) -> Repository:
    """Read the repository side for commands that look at files only: no account, and no commit, which none of them shows."""
    return Workspace(asked).draft


def offline(asked: Asked) -> Repository:
    """Read the repository side with its commit; needs no account."""
    return Workspace(asked).offline


def reconcile(asked: Asked) -> tuple[Repository, ReconcilePorts]:
    """Return what plan, apply, destroy and status work with."""
    workspace = Workspace(asked)
    return workspace.repository, workspace.reconcile


def sessions(asked: Asked) -> tuple[Repository, SessionPorts]:
    """Return what the commands that work with sessions are made over."""
    workspace = Workspace(asked)
    return workspace.repository, workspace.sessions


@contextmanager
def untrusted(asked: Asked, revision: str | None) -> Iterator[tuple[Repository, ComparedBranch, Basis]]:
    """Return the checkout and its merge base, both offline and without plugins, as long as the block runs.

    `revision` None stands for the branch that a pull request here would be for.
    """
    from bunsui.plan.model import Basis

    workspace = Workspace(asked)
    root = workspace.settings.root
    base = merge_base(root, revision or default_revision(root, os.environ))
    with workspace.at(base, workspace.untrusted) as before:
        yield workspace.untrusted, before, Basis(revision=base.revision, commit=base.commit)


def operation_types() -> Mapping[str, OperationType]:
    """Return the built-in operation types and those of installed plugins."""
    plugins = {point.name: load_operation(point) for point in operation_plugins()}
    registry = builtin_registry()
    return registry.with_types(plugins) if plugins else registry


def scope_of(settings: Settings, asked: Asked, *, account: Caller | None) -> Scope:
    """Return where the project is in AWS; `account` None is offline."""
    environment = settings.project.environment
    return Scope(
        project=settings.project.name,
        environment=environment.name,
        account=account.account if account else environment.account or OFFLINE_ACCOUNT,
        region=asked.region or environment.region,
        project_id=settings.project.id,
        partition=account.partition if account else "aws",
        permissions_boundary=environment.permissions_boundary,
        bucket=environment.bucket,
        bucket_kms_key=environment.bucket_kms_key,
    )


def _repository(
    settings: Settings, scope: Scope, *, registry: Mapping[str, OperationType], channels: ChannelTypes, commit: str
) -> Repository:
    project = settings.project
    today = datetime.now(ZoneInfo(project.timezone)).date()
    return Repository(
        source=RootFolder(settings.root),
        project=replace(project, rules=project.rules.on(today)),
        scope=scope,
        left_out=left_out_of(settings.root),
        is_local=settings.project.environment.is_local,
        allowed_locally=allowed_locally(project, environ=os.environ),
        registry=registry,
        channel_types=channels,
        services=ModelsWhenAsked(),
        commit=commit,
        resident=resident_of(settings.project.environment),
    )


def _connect_embedded(settings: Settings, asked: Asked) -> Connection:
    from bunsui.aws.botocore_session import Credentials
    from bunsui.aws.connect import connect, drops_without
    from bunsui.aws.endpoints import configured_endpoints
    from bunsui.composition.own_folder import project_folder
    from bunsui.emulator.launcher.launcher import ensure_running
    from bunsui.emulator.launcher.unsaved import traffic_of

    ecs = local_ecs(settings.project, environ=os.environ)
    data = project_folder(settings.root, notice=asked.notice).open().local
    project = settings.project
    endpoint = ensure_running(
        data, ecs=ecs, iam=project.local_iam, lag=project.local_lag_seconds, answers=project.local_answers
    )
    for message in endpoint.notices if endpoint.is_fresh else ():
        asked.notice(message)
    unused = configured_endpoints(os.environ, apart_from=endpoint.url)
    if unused:
        asked.notice(f"{', '.join(unused)}: not used, since `local` is the embedded AWS of this project")
    connection = connect(
        region=asked.region or endpoint.region,
        endpoint_url=endpoint.url,
        credentials=Credentials(**asdict(endpoint.keys())),
        drops=drops_without(endpoint.capabilities),
    )
    asked.connected(lambda: traffic_of(connection, data))
    return connection
