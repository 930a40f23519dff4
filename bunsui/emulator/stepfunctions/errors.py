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
