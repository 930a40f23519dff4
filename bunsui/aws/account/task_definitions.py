"""The roles that task definitions of ECS name.

Source: ECS API reference, "DescribeTaskDefinition": of a family without a revision it tells the newest active one; of one that
is not there it says, as a ClientException, "Unable to describe task definition".
"""

from __future__ import annotations

from bunsui.aws.connect import Connection
from bunsui.aws.grants import Grant, Purpose
from bunsui.errors import CloudError
from bunsui.ports.account import TaskRoles

GRANTS = (
    Grant(
        sid="TaskDefinitions",
        purpose=Purpose.PLAN,
        service="ecs",
        operations=("DescribeTaskDefinition",),
        optional="whether a machine may hand over the roles of a task definition is known at its first run only",
    ),
)
_ABSENT = "Unable to describe task definition"


class EcsTaskDefinitions:
    """Implements `bunsui.ports.account.TaskDefinitions`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def roles(self, definition: str) -> TaskRoles | None:
        """Return the roles of a task definition; None when there is none of that name."""
        try:
            with self._connection.translated("ecs", "DescribeTaskDefinition", definition=definition):
                answer = self._connection.reader("ecs").describe_task_definition(taskDefinition=definition)
        except CloudError as error:
            if _ABSENT in str(error.facts.get("aws_message", "")):
                return None
            raise
        found = answer["taskDefinition"]
        return TaskRoles(task=str(found.get("taskRoleArn") or ""), execution=str(found.get("executionRoleArn") or ""))
