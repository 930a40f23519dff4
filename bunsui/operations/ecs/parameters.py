"""The parameters of `ecs_task`: what can be said of a run, as far as it goes together.

Sources: ECS API reference, RunTask, CapacityProviderStrategyItem, TaskOverride, ContainerOverride; ECS developer guide, "Task
sizes on Fargate".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bunsui.operations.ecs.exit_codes import check_exit_codes
from bunsui.operations.ecs.fargate_sizes import check_fargate_size
from bunsui.operations.emission.written_result import ResultForm
from bunsui.operations.fields import (
    CONFIG,
    Anything,
    Known,
    KnownMapping,
    Knowns,
    StrictBool,
    StrictInt,
    Text,
    TextMapping,
    Texts,
)
from bunsui.operations.integrations.secrets import check_secrets

CLUSTER = re.compile(r"^(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?([A-Za-z0-9_-]{1,255})$")
DEFINITION = re.compile(
    r"^(?:arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/)?([A-Za-z0-9_-]{1,255})(?::([1-9][0-9]*))?$"
)
FARGATE_PROVIDERS = frozenset({"FARGATE", "FARGATE_SPOT"})
"""Capacity providers that every cluster may have (API reference, CapacityProviderStrategyItem)."""
_ROLE = re.compile(r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOverride:
    """What is different for this run, in one container of the task definition."""

    __pydantic_config__: ClassVar = CONFIG

    name: Annotated[str, Field(min_length=1)]
    """Name of the container in the task definition."""
    command: Texts | None = None
    """Command and arguments, instead of the task definition's."""
    environment: TextMapping = field(default_factory=dict)
    """Environment variables, beside those of the task definition."""
    secrets: KnownMapping = field(default_factory=dict)
    """ARNs of secrets, or of parameters of Systems Manager, by the environment variables that hand them over: the program reads
    the value, which the task's own role must allow. ECS puts values in only by `secrets` of the task definition."""
    cpu: Annotated[int, Field(ge=1, strict=True)] | None = None
    """CPU units of the container, 1024 being one processor."""
    memory: Annotated[int, Field(ge=4, strict=True)] | None = None
    """Memory of the container in MiB, its hard limit."""

    def __post_init__(self) -> None:
        """Refuse what is no reference."""
        check_secrets(self.secrets, self.environment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where the task runs. Networks are referred to, never made."""

    __pydantic_config__: ClassVar = CONFIG

    subnets: Knowns
    """Ids of subnets."""
    security_groups: Knowns = ()
    """Ids of security groups; the VPC's default one when not given."""
    public_ip: StrictBool = False
    """True gives the task a public address, which it needs in a subnet without NAT to pull its image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderShare:
    """A capacity provider of the cluster, with its share."""

    __pydantic_config__: ClassVar = CONFIG

    provider: Annotated[str, Field(min_length=1, max_length=255)]
    """Name of the capacity provider: `FARGATE`, `FARGATE_SPOT`, or one of the cluster's own."""
    weight: Annotated[StrictInt, Field(ge=0, le=1000)] = 1
    """How often it is chosen, against the others' weights; 0 takes no task that `base` of it does not cover."""
    base: Annotated[StrictInt, Field(ge=0, le=100_000)] = 0
    """How many tasks run on it before weights count; one provider at most has a base."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsTaskParams:
    """Runs a task on ECS and waits until it stopped."""

    __pydantic_config__: ClassVar = CONFIG

    cluster: Known
    """Name or ARN of the cluster."""
    task_definition: Known
    """Family and revision, `load:7`, or the ARN."""
    container: ContainerOverride | None = None
    """What is different for this run in the container whose exit code the result tells."""
    containers: Annotated[Sequence[ContainerOverride], Field(max_length=9)] = ()
    """What is different in further containers of the task, such as sidecars."""
    network: Network | None = None
    """Subnets and security groups; needed on Fargate."""
    launch: Literal["fargate", "ec2", "external", "cluster"] | None = None
    """What runs the task; `fargate` when neither this nor `capacity` is given. `cluster` leaves it to the default capacity
    provider strategy of the cluster."""
    capacity: Annotated[Sequence[ProviderShare], Field(max_length=20)] = ()
    """Capacity providers of the cluster, instead of `launch`: Spot, or groups of instances that grow from none."""
    platform_version: Annotated[str, Field(pattern=r"^(LATEST|[0-9]+\.[0-9]+\.[0-9]+)$")] | None = None
    """Version of Fargate's platform, such as `1.4.0`; the latest when not given."""
    cpu: Annotated[StrictInt, Field(ge=128, le=196_608)] | None = None
    """CPU units of the whole task, instead of the task definition's; 1024 are one processor."""
    memory: Annotated[StrictInt, Field(ge=4)] | None = None
    """Memory of the whole task in MiB, instead of the task definition's."""
    ephemeral_storage: Annotated[StrictInt, Field(ge=21, le=200)] | None = None
    """Disk of the task on Fargate in GiB, instead of the task definition's."""
    task_role: Known | None = None
    """ARN of the role that the containers' programs have, instead of the task definition's."""
    execution_role: Known | None = None
    """ARN of the role that pulls images and writes logs, instead of the task definition's."""
    tags: TextMapping = field(default_factory=dict)
    """Tags of the task, such as those by which costs are told."""
    propagate_tags: StrictBool = False
    """True gives the task the tags of its task definition, too."""
    group: Text | None = None
    """Name of the task group, by which placement constraints tell tasks; the family when not given."""
    result: ResultForm | None = None
    """What the container writes to the address in its environment variable BUNSUI_RESULT_URI, before it ends: `file` is a JSON
    object of at most 200 KiB, whose fields `$result` has; `s3` is anything, of which `uri`, `etag` and `bytes` travel. The
    environment needs a `bucket`, the task's own role `s3:PutObject` on it."""
    exit_codes: Mapping[str, Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$")]] = field(default_factory=dict)
    """What exit codes of the container mean: the name of an error, to be named in `errors` and `except` of `retry`, or
    `success`: `{"75": TryLater, "3": success}`. With this key, or where `retry` names one, a task that ECS itself stopped fails
    as `TaskFailedToStart`, `SpotInterruption`, `TerminationNotice` or `InfrastructureHealth`; all but the first are repeated
    with the class `infrastructure`."""
    roles: Knowns | None = None
    """ARNs of the roles that the task definition names, the task's own and that of its execution, which the machine must be
    allowed to hand over; `[]` where it names none."""
    arguments: dict[str, Anything] = field(default_factory=dict)
    """Anything else that RunTask takes, by its own names, beside what the other keys say: `{EnableExecuteCommand: true}`."""

    def __post_init__(self) -> None:
        """Refuse what ECS would refuse."""
        if isinstance(self.cluster, str) and not CLUSTER.match(self.cluster):
            raise ValueError("cluster: write the cluster's name or ARN")
        if isinstance(self.task_definition, str) and not DEFINITION.match(self.task_definition):
            raise ValueError("task_definition: write FAMILY:REVISION or the task definition's ARN")
        for key, role in (("task_role", self.task_role), ("execution_role", self.execution_role)):
            if isinstance(role, str) and not _ROLE.match(role):
                raise ValueError(f"{key}: write the role's ARN")
        _check_capacity(self)
        _check_containers(self)
        check_exit_codes(self.exit_codes, is_named=self.container is not None)

    @property
    def is_fargate(self) -> bool:
        """True when it is known to run on Fargate."""
        if self.capacity:
            return self.capacity[0].provider in FARGATE_PROVIDERS
        return self.launch in (None, "fargate")

    @property
    def overrides(self) -> tuple[ContainerOverride, ...]:
        """What is different in each container, the one of the result first."""
        return (*(() if self.container is None else (self.container,)), *self.containers)


def _check_capacity(params: EcsTaskParams) -> None:
    """Raise ValueError for what RunTask does not take together."""
    if params.capacity and params.launch is not None:
        raise ValueError("launch: what runs the task says capacity already")
    names = [share.provider for share in params.capacity]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"capacity: {twice} is named twice")
    if params.capacity and not any(share.weight for share in params.capacity):
        raise ValueError("capacity: one provider at least needs a weight above 0")
    if sum(share.base > 0 for share in params.capacity) > 1:
        raise ValueError("capacity: one provider at most has a base")
    if 0 < sum(name in FARGATE_PROVIDERS for name in names) < len(names):
        raise ValueError("capacity: providers of Fargate and of instances cannot be mixed")
    if params.is_fargate and params.network is None:
        raise ValueError("network: a Fargate task needs subnets")
    if params.is_fargate:
        check_fargate_size(params.cpu, params.memory)
    if params.launch in ("ec2", "external") or (params.capacity and not params.is_fargate):
        for key, value in (("platform_version", params.platform_version), ("ephemeral_storage", params.ephemeral_storage)):
            if value is not None:
                raise ValueError(f"{key}: only Fargate has it")


def _check_containers(params: EcsTaskParams) -> None:
    """Raise ValueError for containers that are named twice, and a result that nobody writes."""
    names = [container.name for container in params.overrides]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"containers: {twice} is named twice")
    if params.result is not None and params.container is None:
        raise ValueError("result: name the container that writes it, under `container: {name: …}`")
