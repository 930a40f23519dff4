"""Tell which errors of AWS are worth a retry: by service, operation, code and words of the message.

Sources: the services' API references (the 409 answers), and what other deployers came to repeat: terraform-provider-aws (#2449,
 #39421, #27673, PR 14707), aws-cdk (#15709, #17546), aws-cli (#6718), cdkd (PR 2235), alchemy (PRs 193, 230).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.errors import Passing


@dataclass(frozen=True, slots=True, kw_only=True)
class TransientError:
    """An answer of AWS with an error that passes by itself."""

    service: str
    """As boto3 calls it."""
    code: str
    passes: Passing
    waits_for: str
    """Completes "waiting for"."""
    operations: tuple[str, ...] = ()
    """Of which calls; empty for all."""
    words: tuple[str, ...] = ()
    """One of which is in the message; empty where the code says enough."""

    def is_of(self, service: str, operation: str, code: str, message: str) -> bool:
        """Tell whether an answer is this error."""
        return (
            (service, code) == (self.service, self.code)
            and (not self.operations or operation in self.operations)
            and (not self.words or any(word in message for word in self.words))
        )


_BEING_DELETED = ("being deleted", "DELETING", "deletion in progress")
_ANOTHER_CHANGE = "another change of it to end"

TRANSIENT_ERRORS: tuple[TransientError, ...] = (
    TransientError(
        service="logs",
        code="OperationAbortedException",
        passes=Passing.SOON,
        waits_for=_ANOTHER_CHANGE,
    ),
    TransientError(
        service="s3",
        code="OperationAborted",
        passes=Passing.SOON,
        waits_for=_ANOTHER_CHANGE,
    ),
    TransientError(
        service="stepfunctions",
        code="StateMachineDeleting",
        operations=("CreateStateMachine",),
        passes=Passing.LATER,
        waits_for="AWS to end the deletion of what had its name",
    ),
    TransientError(
        service="stepfunctions",
        code="ConflictException",
        passes=Passing.SOON,
        waits_for=_ANOTHER_CHANGE,
    ),
    TransientError(
        service="scheduler",
        code="ConflictException",
        operations=("CreateScheduleGroup", "CreateSchedule"),
        words=_BEING_DELETED,
        passes=Passing.LATER,
        waits_for="AWS to end the deletion of what had its name",
    ),
    TransientError(
        service="lambda",
        code="ResourceConflictException",
        words=("in progress", "state: Pending", "is currently in the following state", "cannot be performed at this time"),
        passes=Passing.SOON,
        waits_for=_ANOTHER_CHANGE,
    ),
    TransientError(
        service="iam",
        code="ConcurrentModification",
        passes=Passing.SOON,
        waits_for=_ANOTHER_CHANGE,
    ),
    TransientError(
        service="iam",
        code="DeleteConflict",
        operations=("DeleteRole",),
        words=("must delete policies first", "must detach all policies first"),
        passes=Passing.SOON,
        waits_for="IAM to see that its policies are gone",
    ),
    TransientError(
        service="dynamodb",
        code="ContinuousBackupsUnavailableException",
        passes=Passing.SOON,
        waits_for="DynamoDB to enable backups of the table",
    ),
)


def transient_error(service: str, operation: str, code: str, message: str) -> TransientError | None:
    """Return the transient error that the answer is; None for one that does not pass by itself."""
    return next((error for error in TRANSIENT_ERRORS if error.is_of(service, operation, code, message)), None)


UNSEEN_ROLE: Mapping[str, tuple[str, ...]] = {
    "stepfunctions": (
        "is authorized to assume the provided role",
        "is not authorized to assume the provided role",
        "IAM Role is not authorized to access the Log Destination",
        "is not authorized to create managed-rule",
    ),
    "lambda": (
        "The role defined for the function cannot be assumed by Lambda",
        "The provided execution role does not have permissions to call",
        "the KMS key is invalid for CreateGrant",
        "ARN does not refer to a valid principal",
    ),
    "scheduler": ("The execution role you provide must allow AWS EventBridge Scheduler to assume the role",),
}
"""Parts of the messages with which each service refuses a role that IAM has not spread yet."""


def is_unseen_role(service: str, message: str) -> bool:
    """Tell whether a service refuses a role only because IAM has not spread it to there yet."""
    return any(part in message for part in UNSEEN_ROLE.get(service, ()))
