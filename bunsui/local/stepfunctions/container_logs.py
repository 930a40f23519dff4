"""What containers write, in the log groups that their definitions name.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Iterable, Mapping
from typing import Any

from bunsui.aws.service_calls import ServiceFailure
from bunsui.local.stepfunctions.arns import Place
from bunsui.local.stepfunctions.refusal import Services
from bunsui.model.values import Json

_log = logging.getLogger("bunsui.local")

_BATCH = 500
_FLUSH_SECONDS = 1.0


def write_logs(
    process: subprocess.Popen[bytes], services: Services, place: Place, container: Mapping[str, Any], task_arn: str
) -> None:
    """Write what the process writes, until it ends: to the container's log group, or without one to the embedded AWS's log."""
    assert process.stdout is not None
    with process.stdout as lines:
        _write(lines, services, place, container, task_arn)


def _write(lines: Iterable[bytes], services: Services, place: Place, container: Mapping[str, Any], task_arn: str) -> None:
    stream = _stream(services, place, container, task_arn)
    held: list[Json] = []
    flushed = time.monotonic()
    for line in lines:
        text = line.decode(errors="replace").rstrip("\r\n")
        if stream is None:
            _log.info("container %s: %s", container["Name"], text)
            continue
        # CloudWatch takes no empty messages.
        held.append({"Timestamp": time.time_ns() // 1_000_000, "Message": text or " "})
        if len(held) >= _BATCH or time.monotonic() - flushed > _FLUSH_SECONDS:
            _put(services, place, stream, held)
            held, flushed = [], time.monotonic()
    if stream is not None and held:
        _put(services, place, stream, held)


def _stream(services: Services, place: Place, container: Mapping[str, Any], task_arn: str) -> dict[str, Json] | None:
    """Make the container's log stream, and its group when that is asked for; None when it names none."""
    configuration = container.get("LogConfiguration") or {}
    options = configuration.get("Options") or {}
    if configuration.get("LogDriver") != "awslogs" or "awslogs-group" not in options:
        return None
    group = options["awslogs-group"]
    prefix = f"{options['awslogs-stream-prefix']}/{container['Name']}/" if "awslogs-stream-prefix" in options else ""
    stream: dict[str, Json] = {"LogGroupName": group, "LogStreamName": f"{prefix}{task_arn.rpartition('/')[2]}"}
    if options.get("awslogs-create-group") == "true":
        _made(services, place, "createLogGroup", {"LogGroupName": group})
    _made(services, place, "createLogStream", stream)
    return stream


def _made(services: Services, place: Place, action: str, request: Mapping[str, Json]) -> None:
    try:
        services.call("logs", action, request, account=place.account, region=place.region)
    except ServiceFailure as failure:
        if failure.code != "ResourceAlreadyExistsException":
            _log.warning("the output of a container cannot be logged: %s", failure.message)


def _put(services: Services, place: Place, stream: Mapping[str, Json], events: list[Json]) -> None:
    try:
        request = {**stream, "LogEvents": events}
        services.call("logs", "putLogEvents", request, account=place.account, region=place.region)
    except ServiceFailure as failure:
        _log.warning("the output of a container cannot be logged: %s", failure.message)
