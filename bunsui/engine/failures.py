"""Errors of a running state machine, and which names match which.

Source: "Handling errors in Step Functions workflows" in the Step Functions developer guide.
"""

from __future__ import annotations

from collections.abc import Sequence

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
QUERY_EVALUATION = "States.QueryEvaluationError"
INTRINSIC = "States.IntrinsicFailure"
PARAMETER_PATH = "States.ParameterPathFailure"
RESULT_PATH = "States.ResultPathMatchFailure"
NO_CHOICE = "States.NoChoiceMatched"
BRANCH_FAILED = "States.BranchFailed"
PERMISSIONS = "States.Permissions"
TOLERANCE = "States.ExceedToleratedFailureThreshold"
ITEM_READER = "States.ItemReaderFailed"
RESULT_WRITER = "States.ResultWriterFailed"
HTTP_SOCKET = "States.Http.Socket"

NOT_CAUGHT_BY_ALL = frozenset({RUNTIME, DATA_LIMIT})
"""States.ALL does not catch these."""


class StateFailure(Exception):
    """A state failed with an error name and a cause, as the history tells them."""

    def __init__(self, error: str, cause: str) -> None:
        """Keep both."""
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


def matches(names: Sequence[str], error: str, *, from_task: bool = True) -> bool:
    """Tell whether a retrier or catcher with these `ErrorEquals` names takes the error.

    `States.TaskFailed` takes every error of a task but a timeout; `States.Timeout` takes a missed heartbeat too.
    """
    if error in names:
        return True
    if TIMEOUT in names and error == HEARTBEAT_TIMEOUT:
        return True
    if TASK_FAILED in names and from_task and error not in {TIMEOUT, HEARTBEAT_TIMEOUT, *NOT_CAUGHT_BY_ALL}:
        return True
    return ALL in names and error not in NOT_CAUGHT_BY_ALL
