"""With what AWS refuses to use what it has not spread yet, in its own words: one table for the embedded and the simulated AWS.

Sources: the pages, issues and changes of other deployers that `bunsui/aws/transient_errors.py` names.
"""

from __future__ import annotations

from collections.abc import Mapping

Words = tuple[str, str]
"""Code and message."""

_KMS_GRANT = (
    "Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please"
    " check your KMS key settings. KMS Exception: InvalidArnException KMS Message: ARN does not refer to a valid principal: arn"
)
_NEITHER_PRINCIPAL = (
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role."
)
UNASSUMABLE: Mapping[str, tuple[Words, ...]] = {
    "lambda": (
        ("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."),
        ("InvalidParameterValueException", _KMS_GRANT),
        ("InvalidParameterValueException", "The provided execution role does not have permissions to call CreateGrant"),
    ),
    "stepfunctions": (
        ("AccessDeniedException", _NEITHER_PRINCIPAL),
        ("AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination"),
        ("AccessDeniedException", "'arn:aws:iam::111111111111:role/r' is not authorized to create managed-rule."),
    ),
    "scheduler": (
        ("ValidationException", "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."),
    ),
}
"""A role that IAM has not spread yet, by the service as boto3 calls it; first what is said where nothing more is known."""


def unseen_role(name: str) -> Words:
    """What was made a moment ago is not there for the next call that names it: a role for its policy."""
    return "NoSuchEntity", f"The role with name {name} cannot be found."


def unseen_version(arn: str) -> Words:
    """Return the refusal of an alias to a version that is not there yet."""
    return "ResourceNotFound", f"Resource not found: {arn}"


def unseen_group(name: str) -> Words:
    """Return the refusal of a schedule in a group that is not there yet."""
    return "ResourceNotFoundException", f"Schedule group {name} does not exist."


_BUSY = "The operation cannot be performed at this time."


def pending_function() -> Words:
    """Return the refusal of a change of a function that is being made."""
    return "ResourceConflictException", f"{_BUSY} The function is currently in the following state: Pending"


def updating_function(arn: str) -> Words:
    """Return the refusal of a change of a function while another one is under way."""
    return "ResourceConflictException", f"{_BUSY} An update is in progress for resource: {arn}"


def deleting_machine(arn: str) -> Words:
    """Return the refusal of a machine whose name is still taken by one that goes."""
    return "StateMachineDeleting", f"State Machine is being deleted: '{arn}'"


def deleting_group(name: str) -> Words:
    """Return the refusal of a schedule group whose name is still taken by one that goes."""
    return "ConflictException", f"Schedule group {name} is being deleted."
