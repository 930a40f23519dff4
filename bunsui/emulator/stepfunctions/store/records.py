"""What the API keeps: state machines, versions, aliases, activities, executions and map runs, location by location.

Instants are seconds since 1970, as the API gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.engine.status import Status

STANDARD = "STANDARD"
EXPRESS = "EXPRESS"
TYPES = (STANDARD, EXPRESS)
RUNNING = "RUNNING"
STATUSES = tuple(status.value for status in Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an execution runs on: what UpdateStateMachine may change."""

    definition: str
    role_arn: str
    logging: Mapping[str, Any]
    tracing: Mapping[str, Any]
    encryption: Mapping[str, Any]
    revision_id: str = ""
    """Empty for a machine that was never updated, as AWS has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A state machine as it is now."""

    arn: str
    name: str
    type: str
    created_at: float
    revision: Revision
    is_deleting: bool = False
    last_version: int = 0
    """The number of the newest version ever published: numbers are not used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version; it never changes."""

    arn: str
    machine_arn: str
    number: int
    created_at: float
    revision: Revision
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A name that leads to one version or two."""

    arn: str
    machine_arn: str
    name: str
    created_at: float
    updated_at: float
    routes: tuple[tuple[str, int], ...]
    """Version ARNs with their weights, which sum up to 100."""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A name that workers ask for work."""

    arn: str
    name: str
    created_at: float
    encryption: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class ExecutionRecord:
    """An execution as it is described. Running ones change."""

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    type: str
    input: str
    """The text as it came."""
    revision: Revision
    """What it runs on, whatever happens to the machine."""
    started_at: float
    version_arn: str = ""
    alias_arn: str = ""
    map_run_arn: str = ""
    trace_header: str = ""
    status: str = RUNNING
    stopped_at: float | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    redrive_count: int = 0
    redriven_at: float | None = None
    seed: int = 0
    """Makes the engine repeat itself."""
    is_sync: bool = False
    """True when StartSyncExecution waits for it."""
    journal: list[list[Any]] = field(default_factory=list)
    """What came from outside since the start; see `bunsui.emulator.stepfunctions.store.journal`."""
    events: list[dict[str, Any]] = field(default_factory=list)
    """The history; that of a running one is the engine's until it ends."""


@dataclass(slots=True, kw_only=True)
class MapRunRecord:
    """One run of a distributed Map, as it is described."""

    arn: str
    execution_arn: str
    machine_arn: str
    started_at: float
    details: dict[str, Any]
    """Members of DescribeMapRun as they are given."""


@dataclass(slots=True, kw_only=True)
class RegionStore:
    """Everything of one location."""

    location: Location
    machines: dict[str, Machine] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    executions: dict[str, ExecutionRecord] = field(default_factory=dict)
    map_runs: dict[str, MapRunRecord] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """By ARN of the machine or activity."""


@dataclass(slots=True, kw_only=True)
class Store:
    """All places."""

    region_stores: dict[Location, RegionStore] = field(default_factory=dict)

    def region_store(self, location: Location) -> RegionStore:
        """Return the store of a location; an empty one when nobody was there yet."""
        return self.region_stores.setdefault(location, RegionStore(location=location))
