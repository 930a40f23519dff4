"""What the API says when it does not do as asked.

Codes: https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html; messages: recordings of AWS.
"""

from __future__ import annotations


class ApiError(Exception):
    """An answer with an error code and a message."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def invalid_arn(reason: str) -> ApiError:
    """Tell why an ARN cannot be used here."""
    return ApiError("InvalidArn", f"Invalid Arn: '{reason}'")


def invalid_name(name: str) -> ApiError:
    """Tell that a name holds what names may not hold."""
    return ApiError("InvalidName", f"Invalid Name: '{name}'")


def invalid_token() -> ApiError:
    """Tell that a page token is none of ours, or belongs to another request."""
    return ApiError("InvalidToken", "Invalid Token: 'Invalid token'")


def invalid_value(message: str) -> ApiError:
    """Tell which constraint a member broke."""
    return ApiError("ValidationException", message)


def no_machine(arn: str) -> ApiError:
    """Tell that there is no such state machine."""
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def no_execution(arn: str) -> ApiError:
    """Tell that there is no such execution."""
    return ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def no_activity(arn: str) -> ApiError:
    """Tell that there is no such activity."""
    return ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn}'")


def no_resource(arn: str) -> ApiError:
    """Tell that there is nothing of that ARN."""
    return ApiError("ResourceNotFound", f"Resource not found: '{arn}'")


def too_many_machines() -> ApiError:
    """Tell that the account has all the state machines that it may have; the words are those of the model."""
    return ApiError(
        "StateMachineLimitExceeded",
        "The maximum number of state machines has been reached. Existing state machines must be deleted before a new state"
        " machine can be created.",
    )


def too_many_activities() -> ApiError:
    """Tell that the account has all the activities that it may have; the words are those of the model."""
    return ApiError(
        "ActivityLimitExceeded",
        "The maximum number of activities has been reached. Existing activities must be deleted before a new activity can be"
        " created.",
    )


def quota_exceeded() -> ApiError:
    """Tell that a machine has all the versions, or aliases, that it may have; the words are those of the model."""
    return ApiError("ServiceQuotaExceededException", "The request would cause a service quota to be exceeded.")
