"""What containers write, in the log groups that their definitions name, while they write it.

A container whose definition names no log would lose what it writes, as on AWS; here it is kept in a group of its family's name,
where `bunsui logs` looks for it.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
"""

from __future__ import annotations

import logging
import queue
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

from bunsui.aws.service_calls import ServiceFailure
from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.model.json import Json

UNNAMED_GROUP, UNNAMED_PREFIX = "/ecs/{family}", "ecs"

_log = logging.getLogger("bunsui.emulator")

_BATCH = 500
_FLUSH_SECONDS = 0.3


def write_logs(
    process: subprocess.Popen[bytes],
    services: Services,
    location: Location,
    container: Mapping[str, Any],
    *,
    task_arn: str,
    family: str,
) -> None:
    """Write what the process writes, until it ends, to the container's log."""
    assert process.stdout is not None
    with process.stdout as lines:
        stream = _stream(services, location, container, task_arn=task_arn, family=family)
        if stream is None:
            _log_here(lines, str(container["Name"]))
        else:
            _write(lines, services, location, stream)


def _log_here(lines: Iterable[bytes], container: str) -> None:
    """Write what goes to a log driver that there is none of here to the embedded AWS's own log."""
    for line in lines:
        _log.info("container %s: %s", container, _text(line))


def _write(lines: Iterable[bytes], services: Services, location: Location, stream: Mapping[str, Json]) -> None:
    """Put the lines, each with the instant at which it came, at the latest when nothing followed for a moment."""
    came: queue.Queue[Json | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(lines, came), daemon=True)
    reader.start()
    held: list[Json] = []
    goes_on = True
    while goes_on:
        try:
            event = came.get(timeout=_FLUSH_SECONDS)
        except queue.Empty:
            event = None
        else:
            goes_on = event is not None
        if event is not None:
            held.append(event)
        if held and (event is None or len(held) >= _BATCH):
            _put(services, location, stream, held)
            held = []


def _read(lines: Iterable[bytes], came: queue.Queue[Json | None]) -> None:
    for line in lines:
        # CloudWatch takes no empty messages.
        came.put({"Timestamp": time.time_ns() // 1_000_000, "Message": _text(line) or " "})
    came.put(None)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r\n")


def _stream(
    services: Services, location: Location, container: Mapping[str, Any], *, task_arn: str, family: str
) -> dict[str, Json] | None:
    """Make the container's log stream, and its group when that is asked for; None when its log goes elsewhere."""
    unnamed = {
        "LogDriver": "awslogs",
        "Options": {
            "awslogs-group": UNNAMED_GROUP.format(family=family),
            "awslogs-stream-prefix": UNNAMED_PREFIX,
            "awslogs-create-group": "true",
        },
    }
    configuration: Mapping[str, Any] = container.get("LogConfiguration") or unnamed
    options = configuration.get("Options") or {}
    if configuration.get("LogDriver") != "awslogs" or "awslogs-group" not in options:
        return None
    group = options["awslogs-group"]
    prefix = f"{options['awslogs-stream-prefix']}/{container['Name']}/" if "awslogs-stream-prefix" in options else ""
    stream: dict[str, Json] = {"LogGroupName": group, "LogStreamName": f"{prefix}{task_arn.rpartition('/')[2]}"}
    if options.get("awslogs-create-group") == "true":
        _make_sure(services, location, "createLogGroup", {"LogGroupName": group})
    _make_sure(services, location, "createLogStream", stream)
    return stream


def _make_sure(services: Services, location: Location, action: str, request: Mapping[str, Json]) -> None:
    try:
        services.call("logs", action, request, account=location.account, region=location.region)
    except ServiceFailure as failure:
        if failure.code != "ResourceAlreadyExistsException":
            _log.warning("the output of a container cannot be logged: %s", failure.message)


def _put(services: Services, location: Location, stream: Mapping[str, Json], events: list[Json]) -> None:
    try:
        request = {**stream, "LogEvents": events}
        services.call("logs", "putLogEvents", request, account=location.account, region=location.region)
    except ServiceFailure as failure:
        _log.warning("the output of a container cannot be logged: %s", failure.message)
