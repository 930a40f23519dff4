"""Executions in memory, in virtual time: the engine runs their definitions, or they play a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bunsui.engine.distributed.map_run import MapRun
from bunsui.engine.execution import ExecutionNames
from bunsui.engine.program import prepare
from bunsui.errors import Conflict, InvalidInput, Missing
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.ports.clock import Clock
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.sessions.history.gates import hide_token
from bunsui.testkit.engine_play import EnginePlay, Work, no_work
from bunsui.testkit.map_runs import described_child, with_inner_runs
from bunsui.testkit.scripts import Script, ScriptedPlay, ScriptedStep, Writer
from bunsui.testkit.standing import Play

__all__ = ["MemoryExecutionClient", "Script", "ScriptedStep"]

_INPUT_LIMIT_BYTES = 262_144
_TOKEN_TIME = timedelta(minutes=15)
"""For so long the token of a redrive is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """What an execution runs: a definition, or instead of it a script."""

    definition: Mapping[str, Json]
    writer: Writer | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ScriptedRun:
    summary: ExecutionSummary
    """As it was at the start."""
    machine_arn: str
    version_arn: str
    machine: _Machine
    payload: Json
    play: Play


class MemoryExecutionClient:
    """Implements `bunsui.ports.execution.ExecutionClient` for machines that were given with `machine`."""

    def __init__(self, clock: Clock, *, work: Work = no_work) -> None:
        """Play on the clock's time; `work` does the tasks of machines that the engine runs."""
        self._clock = clock
        self._work = work
        self._machines: dict[str, _Machine] = {}
        self._versions: dict[str, _Machine] = {}
        self._aliases: dict[str, str] = {}
        self._runs: dict[str, _ScriptedRun] = {}
        self._tokens: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def machine(self, arn: str, *, definition: Mapping[str, Json], writer: Writer | None = None) -> None:
        """Make a machine, or change what its next executions do; without a `writer` the engine runs the definition.

        Raises InvalidInput when the engine cannot run it."""
        if writer is None:
            prepare(definition)
        self._machines[arn] = _Machine(definition=definition, writer=writer)

    def publish(self, machine_arn: str) -> str:
        """Keep what the machine does now as its next version; give the version's ARN."""
        number = 1 + sum(version.startswith(f"{machine_arn}:") for version in self._versions)
        self._versions[f"{machine_arn}:{number}"] = self._machines[machine_arn]
        return f"{machine_arn}:{number}"

    def alias(self, arn: str, version_arn: str) -> None:
        """Make an alias lead to a version."""
        self._aliases[arn] = version_arn

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        """Start the machine, version or alias; the same name and input give the same execution."""
        text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        if len(text.encode()) > _INPUT_LIMIT_BYTES:
            raise InvalidInput("input-too-large", "the input of a run may have 256 KiB", limit=_INPUT_LIMIT_BYTES)
        machine = self._target(target_arn)
        machine_arn = _machine_arn(target_arn)
        arn = f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        kept: Json = json.loads(text)
        with self._lock:
            there = self._runs.get(arn)
            if there is not None and there.payload != kept:
                raise Conflict("execution-exists", "an execution of that name has another input", name=name)
            if there is None:
                now = self._clock.now()
                version_arn = self._aliases.get(target_arn, target_arn)
                summary = ExecutionSummary(arn=arn, name=name, status=SessionStatus.RUNNING, started_at=now, stopped_at=None)
                self._runs[arn] = _ScriptedRun(
                    summary=summary,
                    machine_arn=machine_arn,
                    version_arn=version_arn if version_arn.rpartition(":")[2].isdigit() else "",
                    machine=machine,
                    payload=kept,
                    play=self._play(machine, machine_arn, payload, kept, summary),
                )
        return arn

    def describe(self, execution_arn: str) -> Execution:
        """Return the execution as it stands at the clock's time."""
        child = described_child(self.map_runs(), execution_arn)
        if child is not None:
            return child
        run = self._run(execution_arn)
        with self._lock:
            standing = run.play.standing(self._clock.now())
        return Execution(
            arn=run.summary.arn,
            name=run.summary.name,
            machine_arn=run.machine_arn,
            status=standing.status,
            started_at=run.summary.started_at,
            stopped_at=standing.stopped_at,
            input=run.payload,
            output=standing.output,
            error=standing.error,
            cause=standing.cause,
            version_arn=run.version_arn,
            redrive_count=standing.redrive_count,
            redriven_at=standing.redriven_at,
        )

    def map_runs(self) -> list[MapRun]:
        """Return the runs of distributed Maps of all executions that the engine runs, as they stand at the clock's time."""
        with self._lock:
            plays = [run.play for run in self._runs.values() if isinstance(run.play, EnginePlay)]
            return [found for play in plays for found in with_inner_runs(play.map_runs(self._clock.now()))]

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        """Return the events up to the clock's time with an id above `after`, oldest first."""
        run = self._run(execution_arn)
        with self._lock:
            return [hide_token(event) for event in run.play.events(self._clock.now()) if event.id > after]

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        """Return the latest executions, by their start or redrive as long as they run and by their end then; newest start
        first."""
        return sorted(self._list_executions(machine_arn, status)[:limit], key=lambda one: one.started_at, reverse=True)

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
    ) -> Iterator[Sequence[ExecutionSummary]]:
        """Return the executions page by page, the newest change first."""
        if machine_arn not in self._machines:
            raise Missing("no-machine", "there is no such state machine", machine=machine_arn)
        listed = self._list_executions(machine_arn, status)
        for start in range(0, max(len(listed), 1), size):
            yield listed[start : start + size]

    def stop(self, execution_arn: str, *, reason: str) -> None:
        """Abort the execution; nothing happens when it already ended."""
        run = self._run(execution_arn)
        with self._lock:
            run.play.stop(self._clock.now(), reason)

    def redrive(self, execution_arn: str, *, token: str = "") -> None:
        """Revive an execution that ended badly, once for a token; without one as a person does in the console. Refused when it
        did not end so."""
        run = self._run(execution_arn)
        with self._lock:
            now = self._clock.now()
            used = self._tokens.get((execution_arn, token))
            if token and used is not None and now - used <= _TOKEN_TIME:
                return
            run.play.redrive(now)
            self._tokens[execution_arn, token] = now

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Return the definition that the execution runs, or that an execution of the machine, version or alias would run
        now."""
        return self._target(arn).definition if ":stateMachine:" in arn else self._run(arn).machine.definition

    def _list_executions(self, machine_arn: str, status: SessionStatus | None) -> list[ExecutionSummary]:
        with self._lock:
            known = [run for run in reversed(self._runs.values()) if run.machine_arn == machine_arn]
        found = (_summary(self.describe(run.summary.arn)) for run in known)
        return sorted((one for one in found if status in (None, one.status)), key=lambda one: one.changed_at, reverse=True)

    def _target(self, arn: str) -> _Machine:
        """Return what an execution of the machine, version or alias would run; what was not published is the machine itself."""
        version = self._versions.get(self._aliases.get(arn, arn))
        machine = version or self._machines.get(_machine_arn(arn))
        if machine is None:
            raise Missing("no-machine", "there is no such state machine", machine=arn)
        return machine

    def _play(
        self, machine: _Machine, machine_arn: str, given: Mapping[str, Json], payload: Json, summary: ExecutionSummary
    ) -> Play:
        if machine.writer is not None:
            writer = machine.writer
            return ScriptedPlay(lambda: writer(given), payload, summary.started_at)
        names = ExecutionNames(
            arn=summary.arn,
            name=summary.name,
            machine_arn=machine_arn,
            machine_name=machine_arn.rpartition(":")[2],
            role_arn=f"arn:aws:iam::{machine_arn.split(':')[4]}:role/memory",
        )
        return EnginePlay(machine.definition, payload, names=names, work=self._work, started_at=summary.started_at)

    def _run(self, execution_arn: str) -> _ScriptedRun:
        run = self._runs.get(execution_arn)
        if run is None:
            raise Missing("no-execution", "there is no such execution", execution=execution_arn)
        return run


def _machine_arn(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _summary(execution: Execution) -> ExecutionSummary:
    return ExecutionSummary(
        arn=execution.arn,
        name=execution.name,
        status=execution.status,
        started_at=execution.started_at,
        stopped_at=execution.stopped_at,
        version_arn=execution.version_arn,
        redrive_count=execution.redrive_count,
        redriven_at=execution.redriven_at,
    )
