"""State machines keep all that they were given."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from bunsui.local.internals import inner, replace_inner

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[dict[str, Any]], Answer]


def keep_tracing() -> None:
    """Store and describe `tracingConfiguration`, which the emulator accepts and drops: every plan would show a change."""
    from ministack.services import stepfunctions

    machines = inner(stepfunctions, "_state_machines")
    versions = inner(stepfunctions, "_state_machine_versions")
    describe: Handler = inner(stepfunctions, "_describe_state_machine")

    def keeping(handler: Handler) -> Handler:
        def keep(data: dict[str, Any]) -> Answer:
            answer = handler(data)
            if answer[0] == 200:
                reply = json.loads(answer[2])
                arn = reply.get("stateMachineArn") or data.get("stateMachineArn")
                if "tracingConfiguration" in data:
                    machines[arn]["tracingConfiguration"] = data["tracingConfiguration"]
                version = versions.get(reply.get("stateMachineVersionArn", ""))
                if version is not None:
                    version.setdefault("tracingConfiguration", _tracing(machines.get(arn)))
            return answer

        return keep

    def describe_with_tracing(data: dict[str, Any]) -> Answer:
        arn = data.get("stateMachineArn")
        return extended(describe(data), {"tracingConfiguration": _tracing(machines.get(arn) or versions.get(arn))})

    for name in ("_create_state_machine", "_update_state_machine"):
        replace_inner(stepfunctions, name, keeping(inner(stepfunctions, name)))
    replace_inner(stepfunctions, "_describe_state_machine", describe_with_tracing)


def extended(answer: Answer, more: Mapping[str, Any]) -> Answer:
    """Give a successful answer with more members; another one as it is."""
    status, headers, body = answer
    if status != 200:
        return answer
    return status, headers, json.dumps({**json.loads(body), **more}).encode()


def _tracing(record: Mapping[str, Any] | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (record or {}).get("tracingConfiguration") or {"enabled": False}
    return found
