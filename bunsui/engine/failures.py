"""Errors of a running state machine: their names, and which names match which.

Source: "Handling errors in Step Functions workflows" in the Step Functions developer guide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.model.json import Json

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
QUERY_EVALUATION = "States.QueryEvaluationError"
INTRINSIC = "States.IntrinsicFailure"
RESULT_PATH = "States.ResultPathMatchFailure"
TOLERANCE = "States.ExceedToleratedFailureThreshold"
ITEM_READER = "States.ItemReaderFailed"
RESULT_WRITER = "States.ResultWriterFailed"

NOT_CAUGHT_BY_ALL = frozenset({RUNTIME})
"""States.ALL does not catch these. The guide names States.DataLimitExceeded too, but recordings show it caught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionFailure:
    """Why a state, a branch or an execution failed."""

    error: str | None
    """The error's name; None when a Fail state or a worker gave none."""
    cause: str | None
    """Empty for timeouts, None when nobody gave one: the difference shows in the data of a Catch."""
    also: str | None = None
    """Another name that Retry and Catch may know it by: a missed heartbeat is reported as a timeout."""
    fatal: bool = False
    """No Retry and no Catch takes it, whatever names they list (recorded for States.Runtime of the state itself)."""

    def details(self) -> dict[str, str]:
        """Return the fields of a history event; what is empty is left out."""
        return {key: text for key, text in (("error", self.error), ("cause", self.cause)) if text}

    def output(self) -> dict[str, Json]:
        """Return the error output, the data of a Catch."""
        return {"Error": self.error, "Cause": self.cause}


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
