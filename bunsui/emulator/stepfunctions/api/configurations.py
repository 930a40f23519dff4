"""Settings of state machines (logging, tracing, encryption): what is refused, and what is kept when nothing is said.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bunsui.emulator.stepfunctions.errors import ApiError

LOGGING_OFF: Mapping[str, Any] = {"level": "OFF", "includeExecutionData": False}
TRACING_OFF: Mapping[str, Any] = {"enabled": False}
OWN_KEY: Mapping[str, Any] = {"type": "AWS_OWNED_KEY"}
_REUSE_SECONDS = 300


def checked_logging(given: Mapping[str, Any] | None, *, exists: Callable[[str], bool]) -> Mapping[str, Any]:
    """Return the logging to keep. `exists` tells whether there is a log group of that ARN.

    Refused as InvalidLoggingConfiguration unless there is exactly one log group, and it exists, when the level is not OFF.
    """
    if not given:
        return LOGGING_OFF
    destinations = given.get("destinations") or []
    level = given.get("level", "OFF")
    if len(destinations) > 1 or (level != "OFF" and len(destinations) != 1):
        raise _bad_logging("Must specify exactly one Log Destination.")
    for destination in destinations:
        arn = (destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", "")
        if not arn.endswith(":*") or not exists(arn):
            raise _bad_logging("Log Destination not found.")
    kept: dict[str, Any] = {"level": level, "includeExecutionData": bool(given.get("includeExecutionData", False))}
    if destinations:
        kept["destinations"] = destinations
    return kept


def checked_tracing(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the tracing to keep."""
    return {"enabled": bool(given.get("enabled", False))} if given else TRACING_OFF


def checked_encryption(given: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the encryption to keep; InvalidEncryptionConfiguration when type and key do not go together."""
    if not given:
        return OWN_KEY
    if given["type"] == "AWS_OWNED_KEY":
        if "kmsKeyId" in given or "kmsDataKeyReusePeriodSeconds" in given:
            raise _bad_encryption("KmsKeyId and KmsDataKeyReusePeriodSeconds are not allowed with AWS_OWNED_KEY")
        return OWN_KEY
    if not given.get("kmsKeyId"):
        raise _bad_encryption("KmsKeyId is required with CUSTOMER_MANAGED_KMS_KEY")
    return {"kmsDataKeyReusePeriodSeconds": _REUSE_SECONDS, **given}


def _bad_logging(reason: str) -> ApiError:
    return ApiError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {reason}")


def _bad_encryption(reason: str) -> ApiError:
    return ApiError("InvalidEncryptionConfiguration", f"Invalid Encryption Configuration: {reason}")
