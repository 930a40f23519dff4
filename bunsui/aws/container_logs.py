"""Where containers of ECS log.

Source: ECS developer guide, "Send Amazon ECS logs to CloudWatch".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.ports.monitoring import ContainerLog


class EcsContainerLogs:
    """Implements `bunsui.ports.monitoring.ContainerLogs`."""

    def __init__(self, connection: Connection, *, unnamed: tuple[str, str] = ("", "")) -> None:
        """Make it on a connection. `unnamed` are the group, over the family, and the stream's prefix of a container whose
        definition names none: the embedded AWS keeps what such ones write, AWS does not."""
        self._connection = connection
        self._unnamed = unnamed

    def of_definition(self, definition_arn: str) -> Sequence[ContainerLog]:
        """Return one for each container; CloudError when there is no such task definition (any more)."""
        with self._connection.translated("ecs", "DescribeTaskDefinition", definition=definition_arn):
            answer = self._connection.reader("ecs").describe_task_definition(taskDefinition=definition_arn)
        definition: Mapping[str, Any] = answer["taskDefinition"]
        return [self._log(str(definition.get("family", "")), container) for container in definition["containerDefinitions"]]

    def _log(self, family: str, container: Mapping[str, Any]) -> ContainerLog:
        configuration: Mapping[str, Any] = container.get("logConfiguration") or {}
        options: Mapping[str, str] = configuration.get("options") or {}
        group, prefix = self._unnamed[0].format(family=family), self._unnamed[1]
        if configuration:
            is_cloudwatch = configuration.get("logDriver") == "awslogs"
            group = options.get("awslogs-group", "") if is_cloudwatch else ""
            prefix = options.get("awslogs-stream-prefix", "")
        return ContainerLog(container=str(container["name"]), group=group, stream_prefix=prefix)
