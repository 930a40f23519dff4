"""What neighbouring tools write in YAML, answered with ours: keys and words."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from bunsui.document.schema.foreign_words import (
    AT_TOP,
    IN_CODE,
    IN_CONTAINER,
    IN_JOB,
    IN_OPERATION,
    IN_PARAMETER,
    IN_RECOVER,
    IN_RETRY,
    IN_SCHEDULE,
    TYPES,
)
from bunsui.document.yaml.tree import Path
from bunsui.operations.registry import builtin_registry

RULE_HINTS = {
    "none_failed_or_skipped": "Write all_succeeded where every job before it must have succeeded, which is what this name meant"
    " here; or none_failed where skipped ones are fine, which is what it means in Airflow.",
    "all_failed": "Write any_failed, and  when: over $status.JOB  where all must have failed.",
    "one_success": "Write none_failed_min_one_success, or all_done with  when: over $status.JOB.",
    "one_done": "Write all_done: a job begins when all before it have ended.",
    "all_skipped": "Write all_done, and  when: over $status.JOB.",
    "none_skipped": "Write all_done, and  when: over $status.JOB.",
    "all_done_setup_success": "Write all_done, and  when: over $status.JOB.",
    "AT_LEAST_ONE_SUCCESS": "Write none_failed_min_one_success, or all_done with  when: over $status.JOB.",
    "NONE_FAILED": "Write none_failed_min_one_success, which is what this name means in Databricks.",
    "ALL_FAILED": "Write any_failed, and  when: over $status.JOB  where all must have failed.",
}
"""Rules of other tools, and one of our own before, that have another name or none here."""
STRATEGY_HINTS = {
    "retry": "Write redrive, which goes on with the code of then, or resume, which runs what is applied now.",
    "rerun": "Write restart, which runs everything again, or resume, which keeps completed jobs.",
    "continue": "Write resume.",
    "rollback": "Write resume, and roll back by applying the earlier commit.",
    "ignore": "Write skip, with output: for what the job would give.",
    "human": "Write manual.",
    "notify": "Write manual; alerts: tells people.",
    "none": "Write manual: nothing starts by itself.",
    "fail": "Write manual: nothing starts by itself.",
    "leave": "Write manual: nothing starts by itself.",
}
"""Strategies of other tools that have another name here."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_IN_FOREACH = {
    "in": "items",
    "list": "items",
    "over": "items",
    "item": "as",
    "var": "as",
    "name": "label",
    "concurrency": "max_concurrency",
    "parallelism": "max_concurrency",
    "parallel": "max_concurrency",
    "max_parallel": "max_concurrency",
    "max_parallelism": "max_concurrency",
    "workers": "max_concurrency",
    "max_workers": "max_concurrency",
    "range": 'items: "{% [1..3] %}"',
    "times": 'items: "{% [1..3] %}"',
    "repeat": 'items: "{% [1..3] %}"',
    "count": 'items: "{% [1..3] %}"',
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


_IN_TEST = {
    "slot": "at: when the run starts, such as 2026-01-31T03:00:00Z",
    "date": "at: when the run starts, or session: {date: …}",
    "now": "at",
    "time": "at",
    "clock": "at",
    "start": "at",
    "inputs": "input",
    "params": "input",
    "parameters": "input",
    "mock": "mocks",
    "stubs": "mocks",
    "answers": "mocks",
    "returns": "mocks: {JOB: {return: …}}",
    "files": "objects",
    "assert": "expect",
    "asserts": "expect",
    "expected": "expect",
    "then": "expect",
}
_IN_EXPECT = {
    "outputs": "output",
    "result": "output",
    "runs": "path",
    "order": "path",
    "statuses": "jobs",
    "message": "cause",
    "attempts": "retries",
}


_OF_OPERATION = frozenset({"id", "timeout", "heartbeat", "retry", "idempotent", "poll"})
"""What every operation can have. In a job with a list of them it would be unclear which one is meant."""

_OF_WAIT = "for"
"""What only the operation type `wait` has."""
_GIVEN = ("payload", "params", "input", "message", "body", "arguments")
"""What operation types call what their task is given; each has one of them at most."""


def neighbour_hint(key: str, path: Path, known: Collection[str]) -> str:
    """Return what a key of another tool is called here, for the mapping at the path; empty when there is nothing to say.

    `known` are the mapping's own keys: operation types differ in theirs, and what one calls payload another calls params.
    """
    word = _word(key)
    if _is_job(path) and word == "operations":
        return "type: makes the job one operation; keep one of the two."
    if _is_job(path) and word in _OF_OPERATION:
        return f"{word} belongs to an operation: write it in the list."
    ours = _table(path).get(word)
    if ours == _GIVEN[0]:
        ours = next((name for name in _GIVEN if name in known), None)
    if not ours or ours.partition(":")[0] == word or (ours == _OF_WAIT and ours not in known):
        return ""
    if ours.endswith("."):
        return ours
    is_key = " " not in re.split(r"[,:;]", ours)[0]
    return f"Here it is called {ours}." if is_key else f"Here that is {ours}."


def _table(path: Path) -> Mapping[str, str]:
    """Return what neighbours write in the mapping at the path."""
    match path:
        case ():
            return AT_TOP
        case ("jobs", _):
            return IN_JOB
        case ("jobs", _, "foreach"):
            return _IN_FOREACH
        case ("jobs", _, *_, "operations", int()):
            return IN_OPERATION
        case ("schedules", _):
            return IN_SCHEDULE
        case ("parameters", _):
            return IN_PARAMETER
        case ("functions", _):
            return IN_CODE
        case ("tests", _):
            return _IN_TEST
        case ("tests", _, "expect"):
            return _IN_EXPECT
        case (*_, "recover", int()):
            return IN_RECOVER
        case (*_, str(last)):
            return _ANYWHERE.get(last, {})
        case _:
            return {}


def _is_job(path: Path) -> bool:
    return len(path) == 2 and path[0] == "jobs"


def _word(key: str) -> str:
    return _HUMP.sub("_", key.strip()).lower().replace("-", "_")


_ANYWHERE: Mapping[str, Mapping[str, str]] = {
    "code": IN_CODE,
    "container": IN_CONTAINER,
    "poll": _IN_POLL,
    "recover": IN_RECOVER,
    "retry": IN_RETRY,
}
"""By the key that leads to the mapping, wherever it stands."""


def operation_type_hint(name: str) -> str:
    """Return the operation type that was probably meant; empty when nothing is near."""
    word = _word(name)
    if word not in builtin_registry() and word in TYPES:
        return TYPES[word]
    near = builtin_registry().suggest(name)
    return f"Did you mean {near}?" if near else ""
