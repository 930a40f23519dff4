"""The room of two jobs with schedules: applied, as they are in AWS, and fired as EventBridge Scheduler does."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.resource import AppliedResource
from bunsui.ports.schedules import ScheduleTimes
from bunsui.services.morning.page import Morning, morning_page
from bunsui.services.morning.ports import MorningPorts
from bunsui.sessions.slots import rfc3339
from bunsui.testkit.schedules import MemoryScheduleReader
from bunsui.testkit.state import MemoryStateStore
from tests.fakes.lagging import LaggingExecution
from tests.fakes.session_room import DEFINITION, PIPELINE, START, Room

LONG_AGO = START - timedelta(days=30)
PLACEHOLDER = "<aws.scheduler.scheduled-time>"


class ScheduledRoom(Room):
    """Step Functions counts its calls; nothing is scheduled until somebody says so."""

    def __init__(self, *pipelines: Pipeline) -> None:
        super().__init__(*pipelines)
        self.seen = LaggingExecution(self.execution, self.clock.now)
        self.context = replace(self.context, ports=replace(self.context.ports, execution=self.seen))
        for name in self.context.pipelines:
            self.execution.machine(self.context.machine(name).arn, definition=DEFINITION, writer=self.script)
        self.state = MemoryStateStore(self.context.repository.scope)
        self.state.ensure()
        self.reader = MemoryScheduleReader()
        self._names = itertools.count(1)

    def schedule(
        self,
        expression: str,
        *,
        name: str = "nightly",
        pipeline: str = PIPELINE.name,
        timezone: str = "Asia/Tokyo",
        is_enabled: bool = True,
        told: Mapping[str, Json] | None = None,
        params: Mapping[str, Json] | None = None,
        since: datetime = LONG_AGO,
    ) -> ScheduleTimes:
        """Apply a schedule, a second after AWS wrote it."""
        session: Mapping[str, Json] = {"schedule": name, "scheduled_at": PLACEHOLDER, "slot_offset_seconds": 0, **(told or {})}
        payload: Json = {"params": dict(params or {}), "session": session}
        times = ScheduleTimes(expression=expression, timezone=timezone, is_enabled=is_enabled, input=payload)
        attributes: Mapping[str, Json] = {
            "group": f"sales--dev--{pipeline}",
            "expression": expression,
            "timezone": timezone,
            "enabled": is_enabled,
            "input": payload,
        }
        address = Address("schedule", pipeline, name)
        self.state.put(AppliedResource(address=address, physical_name=name, attributes=attributes, written_at=since))
        self.reader.put(f"sales--dev--{pipeline}", name, times, modified_at=since - timedelta(seconds=1))
        return times

    def outside(self, times: ScheduleTimes, at: datetime, *, name: str = "nightly", pipeline: str = PIPELINE.name) -> None:
        """Somebody writes the schedule in AWS."""
        self.reader.put(f"sales--dev--{pipeline}", name, times, modified_at=at)

    def fire(self, times: ScheduleTimes, at: datetime, *, pipeline: str = PIPELINE.name, failing: str = "") -> str:
        """Start the machine as Scheduler does, now, for that time; give the execution's ARN."""
        self.failing = {failing}
        payload = json.loads(json.dumps(times.input).replace(PLACEHOLDER, rfc3339(at)))
        alias = self.context.machine(pipeline).alias_arn
        return self.execution.start(alias, name=f"scheduled-{next(self._names)}", payload=payload)

    def move_to(self, at: datetime) -> None:
        """Let the time pass until then."""
        self.clock.sleep((at - self.clock.now()).total_seconds())

    def morning(self, since: datetime = START - timedelta(hours=1)) -> Morning:
        """Look at what was due since then."""
        return morning_page(self.context, MorningPorts(state=self.state, schedules=self.reader), since=since)
