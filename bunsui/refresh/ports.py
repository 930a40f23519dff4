"""The account side of use cases that compare: plan, apply, destroy and status are handed it by `bunsui.composition`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.apply.lease import LeaseTerms
from bunsui.model.environment.freeze import FreezeWindow
from bunsui.ports.account import AccountUsage, TaskDefinitions
from bunsui.ports.beside import BesideReader
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.functions import FunctionLimits
from bunsui.ports.gates import ApprovalsTable
from bunsui.ports.hints import Hints
from bunsui.ports.ledger import Actor, Ledger
from bunsui.ports.packaging import Packager
from bunsui.ports.storage import Recovery, StateStore
from bunsui.ports.versions import PublishedVersions, Versions, VersionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePorts:
    """The account side of plan, apply, destroy and status."""

    providers: Mapping[str, Provider]
    """By kind."""
    state: StateStore
    clock: Clock
    packager: Packager
    ledger: Ledger
    """The lock, the journal and the record of applies."""
    new_id: Callable[[], str]
    """Returns an id that sorts after all earlier ones."""
    actor: Actor = field(default_factory=Actor)
    terms: LeaseTerms = field(default_factory=LeaseTerms)
    """How long a lease lasts."""
    gated: Callable[[Callable[[], None]], None] = lambda permit: None
    """Takes what is asked, right before each write to AWS, whether it may go out."""
    account_checked: Callable[[], None] = lambda: None
    """Raises Refused when the credentials belong to another account than the environment declares."""
    reading: Callable[[], AbstractContextManager[Callable[[], None]]] = lambda: nullcontext(lambda: None)
    """Returns a function that gives up what is read inside the `with`, by threads that run in a copy of its context."""
    frozen: Callable[[datetime], FreezeWindow | None] = lambda at: None
    """Returns the freeze window that an instant lies in; None when the environment may be changed."""
    hints: Hints | None = None
    """What a hinted plan works with; None where nothing hints at changes."""
    execution: ExecutionClient | None = None
    """Asked what runs on the machines that change; None where nothing runs."""
    limits: FunctionLimits | None = None
    """Asked what is reserved for the functions of the machines that change; None where nothing limits them."""
    account: AccountUsage | None = None
    """Asked what the account uses of its quotas; None where there are none, such as in the embedded AWS."""
    task_definitions: TaskDefinitions | None = None
    """Asked which roles changed machines hand over to ECS; None where containers have none."""
    recovery: Recovery | None = None
    """Whether the state can be restored; None where nobody would restore it, such as the embedded AWS's."""
    beside: BesideReader | None = None
    """Asked what others put beside what was applied, and told to take it away; None where nobody else is."""
    approvals: ApprovalsTable | None = None
    """Where the task tokens of approvals lie, made by the first apply that needs it; None where nothing waits for people."""
    published: PublishedVersions | None = None
    """Asked for the versions of functions that machines call; None where nobody deletes them."""
    versions: VersionStore | None = None
    """Where old versions of machines and functions are removed; None where none are published."""
    aliases: Versions | None = None
    """Leads an alias back to an earlier version; None where none are published."""


def frozen_words(ports: ReconcilePorts) -> str:
    """Return the freeze window of the present moment in words; empty outside of one."""
    window = ports.frozen(ports.clock.now())
    return str(window) if window is not None else ""
