"""One turn of the resident: look at machines, judge what the rows say then, send what people are to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.errors import CloudError
from bunsui.model.environment.resident import EVENT
from bunsui.services.alerts.delivering import DeliveryReport, deliver_alerts
from bunsui.services.alerts.ports import AlertPorts
from bunsui.services.alerts.watching import AlertLook, watch_alerts
from bunsui.services.resident.sweep import Look, look_at_event, sweep
from bunsui.services.session_context import SessionContext


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentTurn:
    """What a turn came to."""

    look: Look
    alerts: AlertLook
    delivered: DeliveryReport


def take_turn(context: SessionContext, alerts: AlertPorts, event: Mapping[str, Any]) -> ResidentTurn:
    """Do what an event asks for: `{"cause": "sweep"}`, or `{"cause": "event", "machine": ARN, "execution": ARN, …}`.

    What is known is judged, and what is stored is sent, also where no machine could be looked at: CloudError is raised behind
    that, so that whoever invoked it tries again.
    """
    is_event = event.get("cause") == EVENT
    look, failure = None, None
    try:
        look = look_at_event(context, str(event.get("machine"))) if is_event else sweep(context)
    except CloudError as error:
        failure = error
    judged = _judge(context, alerts, event, is_event=is_event)
    delivered = DeliveryReport()
    if alerts.channels:
        delivered = deliver_alerts(alerts.store, alerts.channels, context.ports.clock, alerts.quiet)
    if look is None:
        assert failure is not None, "there is a look, or why there is none"
        raise failure
    return ResidentTurn(look=look, alerts=judged, delivered=delivered)


def _judge(context: SessionContext, alerts: AlertPorts, event: Mapping[str, Any], *, is_event: bool) -> AlertLook:
    """Judge the pipeline of which the event tells; all in a sweep."""
    if not is_event:
        return watch_alerts(context, alerts)
    named = [one.pipeline for one in context.all_machines() if one.arn == event.get("machine")]
    execution = event.get("execution")
    executions = [execution] if isinstance(execution, str) else []
    return watch_alerts(context, alerts, only=named, executions=executions) if named else AlertLook()
