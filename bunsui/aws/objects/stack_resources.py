"""What a CloudFormation stack owns, for who takes a machine over from it.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.aws.connect import Connection
from bunsui.aws.errors import aws_code, is_forbidden
from bunsui.aws.grants import Grant, Purpose
from bunsui.errors import AccessDenied, CloudError

STACK_GRANTS = (
    Grant(
        sid="Stacks",
        purpose=Purpose.PLAN,
        service="cloudformation",
        operations=("ListStackResources",),
        optional="an import cannot see that a CloudFormation stack let go of a machine",
    ),
)
_LET_GO = ("DELETE_SKIPPED", "DELETE_COMPLETE")
"""Of resources that were retained, or are gone."""


class AwsStackReader:
    """Implements `bunsui.ports.machines.StackReader`: ListStackResources pages."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def resources_of(self, stack: str) -> Mapping[str, str] | None:
        """Return the logical ids of the stack's resources by physical id; None where the caller may not ask."""
        try:
            found = self._connection.pages("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=stack)
        except AccessDenied as error:
            if not is_forbidden(error):
                raise
            return None
        except CloudError as error:
            if aws_code(error) != "ValidationError":  # Stack with id NAME does not exist
                raise
            return {}
        return {
            str(one["PhysicalResourceId"]): str(one["LogicalResourceId"])
            for one in found
            if one.get("PhysicalResourceId") and one.get("ResourceStatus") not in _LET_GO
        }
