"""Keys and words of neighbouring tools, answered with ours."""

from __future__ import annotations

from collections.abc import Collection

from bunsui.document.tree import Path
from bunsui.operations.registry import builtin_registry

_IN_JOB = {
    "needs": "depends_on",
    "depends": "depends_on",
    "dependencies": "depends_on",
    "upstream": "depends_on",
    "after": "depends_on",
    "if": "when",
    "condition": "when",
    "matrix": "foreach",
    "strategy": "foreach",
    "with_items": "foreach",
    "loop": "foreach",
    "map": "foreach",
    "steps": "operations",
    "tasks": "operations",
    "run": "operations",
    "trigger_rule": "run_if",
    "continue_on_error": "isolate",
    "continue-on-error": "isolate",
    "allow_failure": "isolate",
    "poll": "poll, at the operation",
    "until": "poll: {until: …}, at the operation",
    "fail_if": "poll: {fail_if: …}, at the operation",
}
_IN_OPERATION = {
    "retries": "retry: {attempts: …}",
    "max_attempts": "retry: {attempts: …}",
    "retry_policy": "retry",
    "uses": "type",
    "operator": "type",
    "with": "the type's own keys beside `type`",
    "params": "the type's own keys beside `type`",
    "name": "id",
    "timeout_seconds": "timeout: with a unit, such as 5m",
    "timeout-minutes": "timeout: with a unit, such as 5m",
    "if": "when, at the job",
    "needs": "depends_on, at the job",
    "depends_on": "depends_on, at the job",
    "env": "environment, in code: or container:",
    "input": "payload",
    "args": "payload",
    "until": "poll: {until: …}",
    "fail_if": "poll: {fail_if: …}",
    "every": "poll: {every: …}",
    "wait_for": "poll: {until: …}",
    "wait_until": "poll: {until: …}",
    "sensor": "poll: {until: …}",
    "poke_interval": "poll: {every: …}",
}
_AT_TOP = {
    "on": "schedules",
    "cron": "schedules: [{id: …, cron: …}]",
    "schedule": "schedules: [{id: …, cron: …}]",
    "schedule_interval": "schedules: [{id: …, cron: …}]",
    "triggers": "schedules; other triggers do not exist yet",
    "inputs": "parameters",
    "params": "parameters",
    "variables": "variables in bunsui.yaml, or parameters here",
    "env": "variables in bunsui.yaml, or parameters here",
    "steps": "jobs",
    "tasks": "jobs",
    "stages": "jobs",
    "states": "definition, for a raw state machine",
    "retries": "defaults: {retry: {attempts: …}}",
    "retry": "defaults: {retry: {attempts: …}}",
    "id": "name",
}
_IN_SCHEDULE = {
    "schedule": "cron",
    "expression": "cron, rate or at",
    "every": "rate",
    "tz": "timezone",
    "name": "id",
    "parameters": "input",
}
_IN_RETRY = {
    "max_attempts": "attempts, which counts the first try",
    "limit": "attempts, which counts the first try",
    "interval": "delay",
    "interval_seconds": "delay: with a unit, such as 5s",
    "backoff_rate": "backoff",
    "when": "errors",
}


_IN_FOREACH = {
    "in": "items",
    "list": "items",
    "over": "items",
    "item": "as",
    "var": "as",
    "name": "label",
    "concurrency": "max_concurrency",
    "parallelism": "max_concurrency",
    "max_parallel": "max_concurrency",
    "batch_size": "batch",
    "items_per_batch": "batch",
    "distributed": "mode: distributed",
    "type": "mode",
    "tolerated_failures": "tolerate",
    "tolerated_failure_percentage": "tolerate: with a percent sign, such as 2%",
    "tolerated_failure_count": "tolerate",
    "max_failures": "tolerate",
    "fail_fast": "tolerate: how many items may fail",
    "s3": "items: {s3: …, format: …}",
    "reader": "items: {s3: …, format: …}",
    "item_reader": "items: {s3: …, format: …}",
}
_IN_POLL = {
    "interval": "every",
    "interval_seconds": "every: with a unit, such as 30s",
    "poke_interval": "every: with a unit, such as 30s",
    "delay": "every",
    "backoff_rate": "backoff",
    "exponential_backoff": "backoff: 2",
    "max_interval": "max_delay",
    "max_wait": "max_delay",
    "timeout_seconds": "timeout: with a unit, such as 2h",
    "attempts": "timeout: a poll ends by time, not by number",
    "max_attempts": "timeout: a poll ends by time, not by number",
    "condition": "until",
    "while": "until, with the opposite condition",
    "when": "until",
    "success_if": "until",
    "done": "until",
    "fail": "fail_if",
    "failed": "fail_if",
    "fail_when": "fail_if",
    "abort_if": "fail_if",
}


_GIVEN = ("payload", "params", "input", "message", "body", "arguments")
"""What operation types call what their task is given; each has one of them at most."""


def neighbour_hint(key: str, path: Path, known: Collection[str]) -> str:
    """Give what a key of another tool is called here, for the mapping at the path; empty when there is nothing to say.

    `known` are the mapping's own keys: operation types differ in theirs, and what one calls payload another calls params.
    """
    word = key.strip().lower()
    match path:
        case ():
            table = _AT_TOP
        case ("jobs", _):
            table = _IN_JOB
        case ("schedules", _):
            table = _IN_SCHEDULE
        case (*_, "retry"):
            table = _IN_RETRY
        case ("jobs", _, "foreach"):
            table = _IN_FOREACH
        case (*_, "poll"):
            table = _IN_POLL
        case ("jobs", _, *_, "operations", int()):
            table = _IN_OPERATION
        case _:
            return ""
    ours = table.get(word)
    if ours == _GIVEN[0]:
        ours = next((name for name in _GIVEN if name in known), None)
    return f"Here it is called {ours}." if ours else ""


def operation_type_hint(name: str) -> str:
    """Give the operation type that was probably meant; empty when nothing is near."""
    near = builtin_registry().suggest(name)
    return f"Did you mean {near}?" if near else ""
