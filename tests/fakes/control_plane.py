"""How AWS's control planes behave besides doing what they are asked: refusals that pass, each in AWS's own words.

A refusal goes through `bunsui.aws.errors` as an answer of AWS would, so that what is repeated is what the table there says. The
sentences and times are those of the pages, issues and changes of other deployers that `bunsui/aws/transient_errors.py` names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from botocore.exceptions import ClientError

from bunsui.aws.errors import client_error
from bunsui.emulator.lag import refusals
from bunsui.errors import BunsuiError

SERVICES = {
    "role": "iam",
    "log_group": "logs",
    "lambda_function": "lambda",
    "state_machine": "stepfunctions",
    "schedule_group": "scheduler",
    "schedule": "scheduler",
}
OPERATIONS: Mapping[str, Mapping[str, str]] = {
    "role": {"Create": "CreateRole", "Complete": "PutRolePolicy", "Delete": "DeleteRole", "Touch": "TagRole"},
    "log_group": {"Create": "CreateLogGroup", "Complete": "PutRetentionPolicy", "Delete": "DeleteLogGroup"},
    "lambda_function": {"Create": "CreateFunction", "Delete": "DeleteFunction", "Touch": "PublishVersion"},
    "state_machine": {
        "Create": "CreateStateMachine",
        "Complete": "CreateStateMachineAlias",
        "Delete": "DeleteStateMachine",
        "Retire": "DeleteStateMachineAlias",
    },
    "schedule_group": {"Create": "CreateScheduleGroup", "Delete": "DeleteScheduleGroup"},
    "schedule": {"Create": "CreateSchedule", "Update": "UpdateSchedule", "Delete": "DeleteSchedule"},
}
"""AWS's names of what the simulation calls by shorter ones; the others are AWS's already."""

ANOTHER_CHANGE: Mapping[str, tuple[str, str]] = {
    "iam": (
        "ConcurrentModification",
        "The request was rejected because multiple requests to change this object were submitted simultaneously.",
    ),
    "lambda": refusals.updating_function("arn"),
    "logs": (
        "OperationAbortedException",
        "A conflicting operation is currently in progress against this resource. Please try again.",
    ),
    "stepfunctions": ("ConflictException", "Updating or deleting a resource can cause an inconsistent state."),
}
"""With what each service refuses a change while another one is under way."""
_DELETING = {
    "state_machine": refusals.deleting_machine("arn"),
    "schedule_group": refusals.deleting_group("g"),
}
_QUOTAS = {
    "role": ("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000"),
    "schedule_group": ("ServiceQuotaExceededException", "Account already has the maximum number of schedule groups."),
    "state_machine": ("StateMachineLimitExceeded", "The maximum number of state machines has been reached."),
    "lambda_function": ("CodeStorageExceededException", "Code storage limit exceeded."),
}
THROTTLED_TRANSACTION = (
    "TransactionCanceledException",
    "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ThrottlingError]",
)


@dataclass(frozen=True, kw_only=True)
class ControlPlane:
    """Delays in seconds, chances of each call; an AWS that is ready at once by default."""

    deletion: float = 0.0
    """How long a machine or a schedule group that was deleted keeps its name: 23 s (cdkd PR 2235) to minutes (terraform
    #27673)."""
    visible: float = 0.0
    """How long what was made is not there for the next call that names it: a role for its policy, a schedule group for its
    schedule, a version for its alias."""
    pending: float = 0.0
    """How long a function is Pending, or an update of it in progress: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html"""
    meets: float = 0.0
    """The chance that a write meets another change of the object."""
    transactions: float = 0.0
    """The chance that a transaction is cancelled for want of capacity."""
    full: str = ""
    """The kind of which the account has as many as it may have."""


FIRST_DAY = ControlPlane(deletion=60, visible=4, pending=6, meets=0.1, transactions=0.1)
"""An account as others met it."""


@dataclass(frozen=True, kw_only=True)
class Attempted:
    """One write to an object, and when things happened to it."""

    kind: str
    verb: str
    name: str
    within: str
    """Kind and name of what it lies in, or names."""
    now: float


def answered(service: str, operation: str, code: str, message: str) -> BunsuiError:
    """The error that an answer of AWS becomes."""
    return client_error(ClientError({"Error": {"Code": code, "Message": message}}, operation), service, operation)


class Records:
    """When what happened to which object: what the refusals depend on."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, str], float] = {}
        self.deleted: dict[tuple[str, str], float] = {}
        self.changed: dict[tuple[str, str], float] = {}
        self.stripped: dict[tuple[str, str], float] = {}
        """Roles whose policies are going."""

    def note(self, attempted: Attempted) -> None:
        """Remember a write that had its effect."""
        key = attempted.kind, attempted.name
        if attempted.verb == "Delete":
            self.deleted[key] = attempted.now
            self.stripped.pop(key, None)
        else:
            if attempted.verb == "Create":
                self.made[key] = attempted.now
            self.changed[key] = attempted.now

    def refusal(self, plane: ControlPlane, attempted: Attempted, lot: Random, *, exists: bool) -> BunsuiError | None:
        """What AWS answers instead of doing it; None when it does it."""
        service = SERVICES.get(attempted.kind)
        if service is None:
            return None
        operation = OPERATIONS[attempted.kind].get(attempted.verb, attempted.verb)
        words = next(self._reasons(plane, attempted, lot, exists=exists), None)
        return answered(service, operation, *words) if words is not None else None

    def _reasons(
        self, plane: ControlPlane, attempted: Attempted, lot: Random, *, exists: bool
    ) -> Iterator[tuple[str, str]]:  # fmt: skip
        key, now = (attempted.kind, attempted.name), attempted.now
        creates = attempted.verb == "Create" and not exists
        if creates and plane.full == attempted.kind:
            yield _QUOTAS[attempted.kind]
        if creates and attempted.kind in _DELETING and _is_young(self.deleted, key, now, plane.deletion):
            yield _DELETING[attempted.kind]
        yield from self._unseen(plane, attempted)
        if attempted.kind == "lambda_function" and _is_young(self.changed, key, now, plane.pending):
            yield ANOTHER_CHANGE["lambda"]
        if attempted.kind == "role" and attempted.verb == "Delete" and exists:
            since = self.stripped.setdefault(key, now)
            if now - since < plane.visible:
                yield "DeleteConflict", "Cannot delete entity, must delete policies first."
        if plane.meets and (words := ANOTHER_CHANGE.get(SERVICES[attempted.kind])) and lot.random() < plane.meets:
            yield words

    def _unseen(self, plane: ControlPlane, attempted: Attempted) -> Iterator[tuple[str, str]]:
        key, now = (attempted.kind, attempted.name), attempted.now
        if attempted.kind == "role" and attempted.verb != "Delete" and _is_young(self.made, key, now, plane.visible):
            yield refusals.unseen_role(attempted.name)
        names_version = attempted.verb in ("Complete", "UpdateStateMachineAlias")
        if attempted.kind == "state_machine" and names_version and _is_young(self.changed, key, now, plane.visible):
            yield refusals.unseen_version("arn:aws:states:eu-west-1:111111111111:stateMachine:m:1")
        group = ("schedule_group", attempted.within)
        if attempted.kind == "schedule" and _is_young(self.made, group, now, plane.visible):
            yield refusals.unseen_group(attempted.within)


def _is_young(times: Mapping[tuple[str, str], float], key: tuple[str, str], now: float, seconds: float) -> bool:
    return key in times and now - times[key] < seconds


def unassumable_role(kind: str, verb: str, lot: Random) -> BunsuiError:
    """With what the service of a kind refuses a role that it cannot assume yet."""
    service = SERVICES[kind]
    code, message = lot.choice(refusals.UNASSUMABLE[service])
    return answered(service, OPERATIONS[kind].get(verb, verb), code, message)
