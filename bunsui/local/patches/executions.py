"""Executions run the version that was asked for, and end when their machine's time is up."""

from __future__ import annotations

import json
import random
import threading
import types
from collections.abc import Callable
from typing import Any, cast

from bunsui.local.internals import inner, replace_inner
from bunsui.local.patches.machines import Answer, Handler, extended

_STARTING = threading.RLock()
"""Held while an execution is started: its thread waits for it, and so finds the version that is pinned right after."""


def pin_versions() -> None:
    """Start a version or an alias on the definition of that version, routed by weight; describe tells which one it was.

    The emulator always runs the machine's current definition, and knows neither for a child that a task waits for.
    """
    from ministack.services import stepfunctions

    machines = inner(stepfunctions, "_state_machines")
    versions = inner(stepfunctions, "_state_machine_versions")
    aliases = inner(stepfunctions, "_state_machine_aliases")
    executions = inner(stepfunctions, "_executions")
    run: types.FunctionType = inner(stepfunctions, "_run_execution")
    start: Handler = inner(stepfunctions, "_start_execution")
    start_sync: types.FunctionType = inner(stepfunctions, "_start_sync_execution")
    describe: Handler = inner(stepfunctions, "_describe_execution")
    describe_machine_of: Handler = inner(stepfunctions, "_describe_state_machine_for_execution")

    def start_execution(data: dict[str, Any]) -> Answer:
        asked = str(data.get("stateMachineArn", "")).partition("#")[0]
        chosen = _chosen_version(asked, aliases)
        with _STARTING:
            answer = start(data)
            if answer[0] == 200 and chosen in versions:
                execution = executions[json.loads(answer[2])["executionArn"]]
                execution["stateMachineVersionArn"] = chosen
                if asked in aliases:
                    execution["stateMachineAliasArn"] = asked
        return answer

    def start_sync_execution(data: dict[str, Any]) -> Answer:
        asked = str(data.get("stateMachineArn", "")).partition("#")[0]
        chosen = _chosen_version(asked, aliases)
        if chosen not in versions:
            return cast("Answer", start_sync(data))

        def run_pinned(execution_arn: str) -> None:
            executions[execution_arn]["stateMachineVersionArn"] = chosen
            if asked in aliases:
                executions[execution_arn]["stateMachineAliasArn"] = asked
            inner(stepfunctions, "_run_execution")(execution_arn)

        # The same function, which knows only machines: it gets the version's machine, and pins the version before it runs.
        view = {**vars(stepfunctions), "_run_execution": run_pinned}
        start = types.FunctionType(start_sync.__code__, view, start_sync.__name__, start_sync.__defaults__)
        return cast("Answer", start({**data, "stateMachineArn": chosen.rpartition(":")[0]}))

    def run_execution(execution_arn: str) -> None:
        with _STARTING:
            execution = executions.get(execution_arn) or {}
        machine_arn = execution.get("stateMachineArn")
        machine, version = machines.get(machine_arn), versions.get(execution.get("stateMachineVersionArn"))
        if version is None or machine is None:
            run(execution_arn)
            return
        # The same function, looking into a table of machines where this one has the version's definition.
        view = {**vars(stepfunctions), "_state_machines": {machine_arn: {**machine, "definition": version["definition"]}}}
        types.FunctionType(run.__code__, view, run.__name__, run.__defaults__)(execution_arn)

    def describe_machine(data: dict[str, Any]) -> Answer:
        execution = executions.get(data.get("executionArn")) or {}
        version = versions.get(execution.get("stateMachineVersionArn"))
        return extended(describe_machine_of(data), {"definition": version["definition"]} if version else {})

    def describe_execution(data: dict[str, Any]) -> Answer:
        execution = executions.get(data.get("executionArn")) or {}
        known = ("stateMachineVersionArn", "stateMachineAliasArn")
        return extended(describe(data), {key: execution[key] for key in known if key in execution})

    replace_inner(stepfunctions, "_start_execution", start_execution)
    replace_inner(stepfunctions, "_start_sync_execution", start_sync_execution)
    replace_inner(stepfunctions, "_run_execution", run_execution)
    replace_inner(stepfunctions, "_describe_execution", describe_execution)
    replace_inner(stepfunctions, "_describe_state_machine_for_execution", describe_machine)


def time_out_executions() -> None:
    """End an execution as TIMED_OUT when its definition's `TimeoutSeconds` are over, and never change one that has ended."""
    from ministack.services import stepfunctions

    machines = inner(stepfunctions, "_state_machines")
    versions = inner(stepfunctions, "_state_machine_versions")
    executions = inner(stepfunctions, "_executions")
    run: Callable[[str], None] = inner(stepfunctions, "_run_execution")
    fail: Callable[[dict[str, Any], str, str], None] = inner(stepfunctions, "_fail_execution")
    add_event = inner(stepfunctions, "_add_event")
    tell = inner(stepfunctions, "_emit_execution_status_event")
    now = inner(stepfunctions, "now_iso")

    def end(execution: dict[str, Any]) -> None:
        if execution["status"] == "RUNNING":
            execution.update(status="TIMED_OUT", stopDate=now(), error="States.Timeout", cause="")
            add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
            tell(execution)

    def run_execution(execution_arn: str) -> None:
        with _STARTING:
            execution = executions.get(execution_arn) or {}
        version = versions.get(execution.get("stateMachineVersionArn"))
        machine = version or machines.get(execution.get("stateMachineArn")) or {}
        seconds = _timeout(machine.get("definition", "{}"))
        if seconds is None:
            run(execution_arn)
            return
        timer = threading.Timer(seconds, end, (execution,))
        timer.daemon = True
        timer.start()
        try:
            run(execution_arn)
        finally:
            timer.cancel()

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    replace_inner(stepfunctions, "_run_execution", run_execution)
    replace_inner(stepfunctions, "_fail_execution", fail_execution)


def _chosen_version(asked: str, aliases: Any) -> str:
    routes = (aliases.get(asked) or {}).get("routingConfiguration") or []
    if not routes:
        return asked
    weights = [route.get("weight", 0) for route in routes]
    return str(random.choices(routes, weights)[0]["stateMachineVersionArn"])  # noqa: S311 - a share of traffic, no secret


def _timeout(definition: str) -> float | None:
    try:
        seconds = json.loads(definition).get("TimeoutSeconds")
    except (ValueError, AttributeError):
        return None
    return float(seconds) if isinstance(seconds, (int, float)) and seconds > 0 else None
