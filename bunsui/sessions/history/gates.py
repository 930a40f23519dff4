"""Gates as the history of an execution tells them, which is the truth: open, or decided by whom."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from bunsui.model.gates import (
    APPROVAL_RESOURCE,
    APPROVALS_TABLE,
    REJECTED,
    STATE_TABLE,
    ApprovalGate,
    Decided,
    GateStanding,
    rejection_in,
    token_digest,
)
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent

_ACTION = APPROVAL_RESOURCE.rpartition(":")[2]
_HIDDEN = "hidden: "
"""What stands before the digest of a token where the token stood."""
_ENDED = (TypeError, KeyError, ValueError, AttributeError, OverflowError, IndexError)


def gate_in(values: Mapping[str, Any]) -> ApprovalGate:
    """Return the gate that a machine wrote: texts and whole numbers by attribute.

    Raises:
        KeyError, TypeError, ValueError, AttributeError, OverflowError: no machine of bunsui's wrote this.

    """
    return ApprovalGate(
        id=str(values["sk"]),
        pipeline=str(values["pipeline"]),
        execution_arn=str(values["execution"]),
        session=str(values["session"]),
        started_by=str(values["started_by"]),
        state=str(values["state"]),
        message=str(values["message"]),
        evidence=_json(str(values["evidence"])),
        approvers=tuple(str(pattern) for pattern in json.loads(str(values["approvers"]))),
        four_eyes=values["four_eyes"] != "no",
        opened_at=datetime.fromisoformat(str(values["opened_at"])).astimezone(UTC),
        deadline=datetime.fromtimestamp(int(values["deadline"]), UTC),
        on_deadline=str(values["on_deadline"]),
        on_reject=str(values["on_reject"]),
    )


def gate_standings(events: Sequence[HistoryEvent]) -> tuple[GateStanding, ...]:
    """Return how the gates of one execution stand, in the order in which they were opened last. `events` is all of its history,
    oldest first."""
    found: dict[str, GateStanding] = {}
    owners: dict[int, str] = {}
    for event in events:
        if event.type == "TaskScheduled":
            opened = _read_gate(event)
            if opened is not None:
                found.pop(opened.gate.id, None)
                found[opened.gate.id] = opened
                owners[event.id] = opened.gate.id
        elif event.type.startswith("Task") and event.previous_id in owners:
            gate = owners[event.id] = owners[event.previous_id]
            found[gate] = _after(found[gate], event)
        elif event.type in ("ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut", "ExecutionSucceeded"):
            found = {name: replace(one, outcome="stopped") if one.outcome == "open" else one for name, one in found.items()}
    return tuple(found.values())


def hide_token(event: HistoryEvent) -> HistoryEvent:
    """Return the event as it may be shown and kept: in place of a gate's task token stands its digest."""
    text = event.details.get("parameters")
    if event.type != "TaskScheduled" or not isinstance(text, str) or APPROVALS_TABLE not in text:
        return event
    try:
        parameters = json.loads(text)
        for entry in parameters["TransactItems"]:
            item = entry["Put"]["Item"]
            if "token" in item:
                item["token"] = {"S": _HIDDEN + token_digest(str(item["token"]["S"]))}
        shown = json.dumps(parameters, ensure_ascii=False, separators=(",", ":"))
    except _ENDED:
        shown = json.dumps(_HIDDEN + "it names the table of task tokens and cannot be read")
    return replace(event, details={**event.details, "parameters": shown})


def _read_gate(event: HistoryEvent) -> GateStanding | None:
    if event.details.get("resource") != _ACTION:
        return None
    try:
        puts = {
            put["TableName"]: put["Item"]
            for put in (one["Put"] for one in json.loads(_text(event, "parameters"))["TransactItems"])
        }
        row = {name: next(iter(typed.values())) for name, typed in puts[STATE_TABLE].items()}
        token = puts[APPROVALS_TABLE]["token"]["S"]
        digest = token.removeprefix(_HIDDEN) if token.startswith(_HIDDEN) else token_digest(token)
        return GateStanding(gate=gate_in(row), outcome="open", token_digest=digest)
    except _ENDED:
        return None  # a call that an author wrote to wait for a token, by the same integration


def _after(standing: GateStanding, event: HistoryEvent) -> GateStanding:
    match event.type:
        case "TaskSucceeded":
            told = _json(_text(event, "output"))
            answer = told if isinstance(told, Mapping) else {}
            decision: Literal["approved", "rejected"] = "rejected" if answer.get("decision") == "rejected" else "approved"
            by, note = (_word(answer.get(name)) for name in ("by", "note"))
            return replace(standing, outcome=decision, decided=Decided(decision=decision, by=by, note=note, at=event.at))
        case "TaskFailed" if event.details.get("error") == REJECTED:
            by, note = rejection_in(_text(event, "cause"))
            return replace(standing, outcome="rejected", decided=Decided(decision="rejected", by=by, note=note, at=event.at))
        case "TaskTimedOut":
            return replace(standing, outcome="expired")
        case "TaskFailed" | "TaskStartFailed" | "TaskSubmitFailed":
            return replace(standing, outcome="failed")
        case _:
            return standing


def _text(event: HistoryEvent, name: str) -> str:
    found = event.details.get(name)
    return found if isinstance(found, str) else ""


def _word(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _json(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    return value
