"""The edges that services are handed by `bunsui.bootstrap`: one bundle for reconciling, one for sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.apply.lease import Terms
from bunsui.document.project import ProjectDocument
from bunsui.model.freeze import FreezeWindow
from bunsui.model.resource import Scope
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import ParameterStore, Provider
from bunsui.ports.execution import ExecutionClient, MapRunReader
from bunsui.ports.functions import FunctionLimits
from bunsui.ports.hints import Hints
from bunsui.ports.ledger import Actor, Ledger
from bunsui.ports.monitoring import LogReader
from bunsui.ports.packaging import Packager
from bunsui.ports.source import Source
from bunsui.ports.storage import SessionRepository, StateStore
from bunsui.ports.versions import VersionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The repository side: files and what they say for one environment. Needs no account."""

    source: Source
    project: ProjectDocument
    """Name, id, time zone, patterns, and the chosen environment's variables."""
    scope: Scope
    """The account is `000000000000` as long as nobody asked STS."""
    commit: str = ""
    """The git commit, with `*` when the tree is dirty; empty outside git."""
    left_out: tuple[str, ...] = ()
    """Files that git has and a sparse checkout leaves out."""
    is_local: bool = True
    """True when the environment is the embedded AWS."""
    parameters: ParameterStore | None = None
    """None offline: `${ssm:...}` then stands for an unknown text."""
    registry: Mapping[str, OperationType] = field(default_factory=builtin_registry)
    """Operation types by name, those of installed plugins included."""
    allowed_locally: frozenset[str] = frozenset()
    """Operation types that the embedded AWS may run although it does not by itself, such as `ecs_task` as a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileEdges:
    """The account side of plan, apply, destroy and status."""

    providers: Mapping[str, Provider]
    """By kind."""
    state: StateStore
    clock: Clock
    packager: Packager
    ledger: Ledger
    """The lock, the journal and the record of applies."""
    new_id: Callable[[], str]
    """Gives an id that sorts after all earlier ones."""
    actor: Actor = field(default_factory=Actor)
    terms: Terms = field(default_factory=Terms)
    """How long a lease lasts."""
    gated: Callable[[Callable[[], None]], None] = lambda permit: None
    """Takes what is asked, right before each write to AWS, whether it may go out."""
    account_checked: Callable[[], None] = lambda: None
    """Raises Refused when the credentials belong to another account than the environment declares."""
    reading: Callable[[], AbstractContextManager[Callable[[], None]]] = lambda: nullcontext(lambda: None)
    """Gives a function that gives up what is read inside the `with`, by threads that run in a copy of its context."""
    frozen: Callable[[datetime], FreezeWindow | None] = lambda at: None
    """Gives the freeze window that an instant lies in; None when the environment may be changed."""
    hints: Hints | None = None
    """What a hinted plan works with; None where nothing hints at changes."""
    execution: ExecutionClient | None = None
    """Asked what runs on the machines that change; None where nothing runs."""
    limits: FunctionLimits | None = None
    """Asked what is reserved for the functions of the machines that change; None where nothing limits them."""
    versions: VersionStore | None = None
    """Where old versions of machines and functions are removed; None where none are published."""


def frozen_words(edges: ReconcileEdges) -> str:
    """Give the freeze window of the present moment in words; empty outside of one."""
    window = edges.frozen(edges.clock.now())
    return str(window) if window is not None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEdges:
    """The account side of run, sessions, show, watch, logs and resume."""

    execution: ExecutionClient
    sessions: SessionRepository
    logs: LogReader
    clock: Clock
    caller_arn: str
    new_id: Callable[[], str]
    """Gives a fresh ULID."""
    map_runs: MapRunReader | None = None
    """None where no distributed foreach can run."""
