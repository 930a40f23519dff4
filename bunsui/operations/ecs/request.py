"""The request that an `ecs_task` makes of RunTask: what its keys say, and what `arguments` adds.

Step Functions takes the names of the API, capitalised (developer guide, "Run Amazon ECS or Fargate tasks"). Of Cpu and Memory
the task's are texts, a container's are numbers (ECS API reference, TaskOverride, ContainerOverride).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bunsui.model.json import Json
from bunsui.model.values import Value
from bunsui.operations.ecs.parameters import ContainerOverride, EcsTaskParams, Network

_KEYS = {
    "Cluster": "cluster",
    "TaskDefinition": "task_definition",
    "LaunchType": "launch",
    "CapacityProviderStrategy": "capacity",
    "PlatformVersion": "platform_version",
    "NetworkConfiguration": "network",
    "Overrides.ContainerOverrides": "container",
    "Overrides.Cpu": "cpu",
    "Overrides.Memory": "memory",
    "Overrides.EphemeralStorage": "ephemeral_storage",
    "Overrides.TaskRoleArn": "task_role",
    "Overrides.ExecutionRoleArn": "execution_role",
    "Tags": "tags",
    "PropagateTags": "propagate_tags",
    "Group": "group",
}
"""Arguments of RunTask -> the keys that say them."""


def said_twice(params: EcsTaskParams) -> tuple[str, str] | None:
    """Return an argument of `arguments`, names with dots between them, that another key says already, with that key; None when
    there is none."""
    runs = next((name for name in ("LaunchType", "CapacityProviderStrategy") if name in params.arguments), None)
    if runs is not None:
        return runs, _KEYS[runs]
    common = _common(run_task_arguments(params, lambda value: value), params.arguments)
    if common is None:
        return None
    return common, next((key for name, key in _KEYS.items() if f"{common}.".startswith(f"{name}.")), "another key")


def _common(said: Mapping[str, Any], more: Mapping[str, Any], before: str = "") -> str | None:
    for name, value in more.items():
        if name not in said:
            continue
        inner = said[name]
        if not (isinstance(inner, Mapping) and isinstance(value, Mapping)):
            return f"{before}{name}"
        if (found := _common(inner, value, f"{before}{name}.")) is not None:
            return found
    return None


def run_task_arguments(
    params: EcsTaskParams, written: Callable[[Value], Any], told: Mapping[str, Json] | None = None
) -> dict[str, Any]:
    """Return the arguments that the keys say, apart from `arguments`. `written` gives a value as ASL; `told` are variables of
    bunsui's own for the first container, as ASL."""
    found: dict[str, Any] = {"Cluster": written(params.cluster), "TaskDefinition": written(params.task_definition)}
    if params.capacity:
        found["CapacityProviderStrategy"] = [
            {"CapacityProvider": one.provider, "Weight": one.weight, "Base": one.base} for one in params.capacity
        ]
    elif params.launch != "cluster":
        found["LaunchType"] = (params.launch or "fargate").upper()
    if params.platform_version is not None:
        found["PlatformVersion"] = params.platform_version
    if params.network is not None:
        found["NetworkConfiguration"] = {"AwsvpcConfiguration": _network(params.network, written)}
    if overrides := _overrides(params, written, told or {}):
        found["Overrides"] = overrides
    if params.tags:
        found["Tags"] = [{"Key": key, "Value": written(value)} for key, value in params.tags.items()]
    if params.propagate_tags:
        found["PropagateTags"] = "TASK_DEFINITION"
    if params.group is not None:
        found["Group"] = written(params.group)
    return found


def with_arguments(said: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request with what `arguments` adds, inside of mappings too."""
    merged = dict(said)
    for name, value in more.items():
        inner = merged.get(name)
        merged[name] = with_arguments(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return merged


def _overrides(
    params: EcsTaskParams, written: Callable[[Value], Any], told: Mapping[str, Json]
) -> dict[str, Any]:  # fmt: skip
    found: dict[str, Any] = {}
    if params.overrides:
        own = [told, *({} for _ in params.containers)]
        found["ContainerOverrides"] = [_container(one, written, more) for one, more in zip(params.overrides, own, strict=False)]
    if params.cpu is not None:
        found["Cpu"] = str(params.cpu)
    if params.memory is not None:
        found["Memory"] = str(params.memory)
    if params.ephemeral_storage is not None:
        found["EphemeralStorage"] = {"SizeInGiB": params.ephemeral_storage}
    if params.task_role is not None:
        found["TaskRoleArn"] = written(params.task_role)
    if params.execution_role is not None:
        found["ExecutionRoleArn"] = written(params.execution_role)
    return found


def _network(network: Network, written: Callable[[Value], Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "Subnets": written(_as_value(network.subnets)),
        "AssignPublicIp": "ENABLED" if network.public_ip else "DISABLED",
    }
    if network.security_groups:
        fields["SecurityGroups"] = written(_as_value(network.security_groups))
    return fields


def _container(
    container: ContainerOverride, written: Callable[[Value], Any], told: Mapping[str, Json]
) -> dict[str, Any]:  # fmt: skip
    fields: dict[str, Any] = {"Name": container.name}
    if container.command is not None:
        fields["Command"] = written(_as_value(container.command))
    own: dict[str, Value] = {**container.environment, **container.secrets}
    environment = {**{name: written(value) for name, value in own.items()}, **told}
    if environment:
        fields["Environment"] = [{"Name": name, "Value": value} for name, value in environment.items()]
    if container.cpu is not None:
        fields["Cpu"] = container.cpu
    if container.memory is not None:
        fields["Memory"] = container.memory
    return fields


def _as_value(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value
