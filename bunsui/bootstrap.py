"""The one composition root: settings in, services' edges out. Everything below gets its ports from here.

Nothing heavy is imported before it is needed: `repository` needs no account and imports no boto3.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from bunsui.apply.lease import Terms
from bunsui.checkout.base import Base, default_revision, merge_base
from bunsui.checkout.commit import commit_of, head_of
from bunsui.checkout.sparse import left_out_of
from bunsui.checkout.tree import GitTree, opened_tree
from bunsui.document.files import RootFolder
from bunsui.document.project import LOCAL
from bunsui.document.project_reading import read_project
from bunsui.errors import InvalidInput, Refused
from bunsui.model.freeze import FreezeWindow, frozen_at
from bunsui.model.resource import Scope
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from bunsui.plan.model import Basis
from bunsui.plugins.entry_points import load_operation, operation_plugins
from bunsui.ports.ledger import Actor, Ledger
from bunsui.services.apart import compiler_for
from bunsui.services.compiled import Compiler
from bunsui.services.edges import ReconcileEdges, Repository, SessionEdges
from bunsui.services.since import Branch
from bunsui.settings import PROJECT_FILE, Settings, ci_link, load_settings, local_ecs, require_environment

if TYPE_CHECKING:
    from bunsui.aws.connect import Connection, Traffic
    from bunsui.aws.identity import StsIdentity
    from bunsui.ports.cloud import Caller
    from bunsui.ports.packaging import Packager

OFFLINE_ACCOUNT = "000000000000"
"""Stands in ARNs as long as nobody asked STS; also the embedded AWS's own account."""

LOCAL_TERMS = Terms(lease_seconds=10.0, renew_seconds=2.5, margin_seconds=4.0)
"""The embedded AWS answers at once, and who works with it does not want to wait for a minute after a kill."""


class Asked(Protocol):
    """What the user asked for on the command line; the faces' global options have these."""

    @property
    def directory(self) -> Path:
        """Where to look for the project file, upwards."""
        ...

    @property
    def environment(self) -> str | None:
        """The environment, None when none was named."""
        ...

    @property
    def profile(self) -> str | None:
        """An AWS profile that overrides the environment's."""
        ...

    @property
    def region(self) -> str | None:
        """A region that overrides the environment's."""
        ...

    def notice(self, message: str) -> None:
        """Tell the user something that is no error, such as saved data that could not be read."""
        ...

    def connected(self, traffic: Callable[[], Traffic]) -> None:
        """Learn that an account is being talked to; `traffic` gives the calls made so far."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Give the current instant, aware UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def steady(self) -> float:
        """Give seconds that pass while the machine sleeps: CLOCK_BOOTTIME on Linux; the monotonic clock does so elsewhere."""
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        if clock is None and sys.platform == "darwin":
            clock = time.CLOCK_MONOTONIC  # unlike Python's own, it runs while a Mac sleeps
        if clock is not None:
            return time.clock_gettime(clock)
        return time.monotonic()


class Workspace:
    """A project in one environment, opened: each part is made when it is first asked for."""

    def __init__(self, asked: Asked) -> None:
        """Read the settings; no account is touched yet."""
        self._asked = asked
        self.settings = load_settings(asked.directory, environment=asked.environment, environ=os.environ)

    @cached_property
    def draft(self) -> Repository:
        """The repository side of who asks neither for an account nor for the commit."""
        scope = _scope(self.settings, self._asked, account=None)
        return _repository(self.settings, scope, registry=operation_types(), commit="")

    @cached_property
    def offline(self) -> Repository:
        """The repository side without an account: account zeros, no parameter look-ups."""
        return replace(self.draft, commit=commit_of(self.settings.root))

    @cached_property
    def untrusted(self) -> Repository:
        """The repository side for code that nobody vouches for: offline, and without plugins, which are code."""
        scope = _scope(self.settings, self._asked, account=None)
        return _repository(self.settings, scope, registry=builtin_registry(), commit=head_of(self.settings.root))

    @contextmanager
    def at(self, base: Base, repository: Repository) -> Iterator[Repository | None]:
        """Give the repository as it was at the base, as long as the block runs; None when no project can be read there."""
        with opened_tree(self.settings.root, base) as tree:
            yield self._as_it_was(tree, repository)

    def _as_it_was(self, tree: GitTree, repository: Repository) -> Repository | None:
        name = repository.project.environment.name
        try:
            text = read_project(PROJECT_FILE, tree.read(PROJECT_FILE))
        except InvalidInput:
            return None
        if text.document is None or name not in (*text.declared, LOCAL):
            return None
        project = text.project(name)
        scope = replace(
            repository.scope,
            project=project.name,
            project_id=project.id,
            account=project.environment.account or repository.scope.account,
            region=self._asked.region or project.environment.region,
            permissions_boundary=project.environment.permissions_boundary,
        )
        return replace(repository, source=tree, project=project, scope=scope, commit="")

    @cached_property
    def repository(self) -> Repository:
        """The repository side with the account that STS names."""
        from bunsui.aws.parameters import SsmParameterStore

        scope = _scope(self.settings, self._asked, account=self.caller)
        return replace(self.offline, scope=scope, parameters=SsmParameterStore(self.connection))

    @cached_property
    def connection(self) -> Connection:
        """The connection to the environment's account; starts the embedded AWS for `local`."""
        terminal = sys.stdout.isatty() or sys.stderr.isatty()
        require_environment(self.settings, environ=os.environ, has_terminal=terminal)
        is_local = self.settings.project.environment.is_local
        connection = _embedded(self.settings, self._asked) if is_local else _cloud(self.settings, self._asked)
        self._asked.connected(lambda: connection.traffic)
        return connection

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
    def reconcile(self) -> ReconcileEdges:
        """The account side of plan, apply, destroy and status."""
        from bunsui.aws.connect import reading
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.function_limits import AwsFunctionLimits
        from bunsui.aws.hints import hints
        from bunsui.aws.providers.registry import providers
        from bunsui.aws.stepfunctions import StepFunctionsClient
        from bunsui.aws.stores.applies import DynamoDBApplyLog
        from bunsui.aws.stores.journal import DynamoDBJournal
        from bunsui.aws.stores.lock import DynamoDBLockStore
        from bunsui.aws.stores.state import DynamoDBStateStore
        from bunsui.aws.versions import AwsVersionStore

        packager = self._packager()
        made = providers(self.connection, identity=self.identity, packager=packager)
        table, scope = DynamoDBClient(self.connection), self.repository.scope
        return ReconcileEdges(
            providers=made,
            state=DynamoDBStateStore(table, scope),
            clock=SystemClock(),
            packager=packager,
            ledger=Ledger(
                locks=DynamoDBLockStore(table, scope),
                journal=DynamoDBJournal(table, scope),
                log=DynamoDBApplyLog(table, scope),
            ),
            new_id=new_session_id,
            actor=Actor(who=self.caller.arn, host=socket.gethostname(), link=ci_link(os.environ)),
            terms=LOCAL_TERMS if self.settings.project.environment.is_local else Terms(),
            gated=self.connection.gate_writes,
            execution=StepFunctionsClient(self.connection),
            limits=AwsFunctionLimits(self.connection),
            versions=AwsVersionStore(self.connection),
            frozen=self._frozen,
            account_checked=self._check_account,
            reading=reading,
            hints=hints(self.connection, scope, made),
        )

    @contextmanager
    def planning(self) -> Iterator[tuple[Repository, ReconcileEdges, Compiler]]:
        """Give both sides, and what compiles for them as long as the block runs, perhaps in a process of its own."""
        with compiler_for(self.draft) as compiler:  # before there are connections, which cannot be shared
            yield self.repository, self.reconcile, compiler

    @cached_property
    def sessions(self) -> SessionEdges:
        """The account side of run, sessions, show, watch, logs and resume."""
        from bunsui.aws.dynamodb import DynamoDBClient
        from bunsui.aws.logs import CloudWatchLogReader
        from bunsui.aws.map_runs import StepFunctionsMapRuns
        from bunsui.aws.stepfunctions import StepFunctionsClient
        from bunsui.aws.stores.sessions import DynamoDBSessionRepository

        self._check_account()
        return SessionEdges(
            execution=StepFunctionsClient(self.connection),
            sessions=DynamoDBSessionRepository(DynamoDBClient(self.connection), self.repository.scope),
            logs=CloudWatchLogReader(self.connection),
            clock=SystemClock(),
            caller_arn=self.caller.arn,
            new_id=new_session_id,
            map_runs=StepFunctionsMapRuns(self.connection),
        )

    def _packager(self) -> Packager:
        from bunsui.packaging.packager import FolderPackager

        root = self.settings.root
        is_local = self.settings.project.environment.is_local
        return FolderPackager(RootFolder(root), root / ".bunsui" / "cache" / "packages", for_this_machine=is_local)

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


def repository(asked: Asked) -> Repository:
    """Give the repository side; needs no account."""
    return Workspace(asked).offline


def reconcile(asked: Asked) -> tuple[Repository, ReconcileEdges]:
    """Give what plan, apply, destroy and status work with."""
    workspace = Workspace(asked)
    return workspace.repository, workspace.reconcile


def sessions(asked: Asked) -> tuple[Repository, SessionEdges]:
    """Give what run, sessions, show, watch, logs and resume work with."""
    workspace = Workspace(asked)
    return workspace.repository, workspace.sessions


@contextmanager
def branch(asked: Asked, repository: Repository, revision: str) -> Iterator[Branch]:
    """Give where the checkout's branch began, seen from `revision`, as long as the block runs.

    Raises:
        InvalidInput: there is no git checkout, no such revision, or no merge base.

    """
    workspace = Workspace(asked)
    with workspace.at(merge_base(workspace.settings.root, revision), repository) as base:
        yield Branch(base=base)


@contextmanager
def untrusted(asked: Asked, revision: str | None) -> Iterator[tuple[Repository, Repository | None, Basis]]:
    """Give the checkout and its merge base, both offline and without plugins, as long as the block runs.

    `revision` None stands for the branch that a pull request here would be for.
    """
    workspace = Workspace(asked)
    root = workspace.settings.root
    base = merge_base(root, revision or default_revision(root, os.environ))
    with workspace.at(base, workspace.untrusted) as before:
        yield workspace.untrusted, before, Basis(revision=base.revision, commit=base.commit)


def operation_types() -> Mapping[str, OperationType]:
    """Give the built-in operation types and those of installed plugins."""
    plugins = {point.name: load_operation(point) for point in operation_plugins()}
    registry = builtin_registry()
    return registry.with_types(plugins) if plugins else registry


def new_session_id() -> str:
    """Give a fresh ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base 32."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(alphabet[(number >> shift) & 31] for shift in range(125, -1, -5))


def _scope(settings: Settings, asked: Asked, *, account: Caller | None) -> Scope:
    environment = settings.project.environment
    return Scope(
        project=settings.project.name,
        environment=environment.name,
        account=account.account if account else environment.account or OFFLINE_ACCOUNT,
        region=asked.region or environment.region,
        project_id=settings.project.id,
        partition=account.partition if account else "aws",
        permissions_boundary=environment.permissions_boundary,
    )


def _repository(
    settings: Settings,
    scope: Scope,
    *,
    registry: Mapping[str, OperationType],
    commit: str,
) -> Repository:
    project = settings.project
    today = datetime.now(ZoneInfo(project.timezone)).date()
    return Repository(
        source=RootFolder(settings.root),
        project=replace(project, rules=project.rules.on(today)),
        scope=scope,
        left_out=left_out_of(settings.root),
        is_local=settings.project.environment.is_local,
        allowed_locally=frozenset({"ecs_task"} if local_ecs(project, environ=os.environ) == "process" else ()),
        registry=registry,
        commit=commit,
    )


def _embedded(settings: Settings, asked: Asked) -> Connection:
    from bunsui.aws.connect import Credentials, connect, drops_without
    from bunsui.local.launcher import ensure_running

    ecs = local_ecs(settings.project, environ=os.environ)
    endpoint = ensure_running(settings.root / ".bunsui" / "local", ecs=ecs)
    for message in endpoint.notices if endpoint.is_fresh else ():
        asked.notice(message)
    return connect(
        region=asked.region or endpoint.region,
        endpoint_url=endpoint.url,
        credentials=Credentials(access_key=endpoint.access_key, secret_key=endpoint.secret_key),
        drops=drops_without(endpoint.capabilities),
    )


def _cloud(settings: Settings, asked: Asked) -> Connection:
    from bunsui.aws.connect import connect

    environment = settings.project.environment
    return connect(
        region=asked.region or environment.region,
        profile=asked.profile or environment.profile,
        role_arn=environment.role_arn,
    )
