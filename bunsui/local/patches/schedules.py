"""Schedules tell their target when and as what they fired."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bunsui.local.internals import inner, replace_inner


def fill_in_schedule_context() -> None:
    """Fill in the `<aws.scheduler...>` placeholders of a schedule's input, which the emulator hands on as they stand."""
    from ministack.services import eventbridge

    invoke: Callable[..., None] = inner(eventbridge, "_invoke_target")

    def invoke_target(target: Mapping[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        if event.get("Source") == "aws.scheduler" and "Input" in target:
            target = {**target, "Input": with_context(str(target["Input"]), event)}
        invoke(target, event, rule, view)

    replace_inner(eventbridge, "_invoke_target", invoke_target)


def with_context(text: str, event: Mapping[str, Any]) -> str:
    """Replace the context attributes in the input of a schedule that fired now.

    Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
    The emulator knows only when it fired, within seconds of the time it should have; AWS gives the latter, to the minute.
    """
    fired = datetime.fromtimestamp(float(event["Time"]), UTC).replace(microsecond=0)
    values = {
        "<aws.scheduler.schedule-arn>": str((event.get("Resources") or [""])[0]),
        "<aws.scheduler.scheduled-time>": fired.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "<aws.scheduler.execution-id>": str(uuid.uuid4()),
        "<aws.scheduler.attempt-number>": "1",
    }
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text
