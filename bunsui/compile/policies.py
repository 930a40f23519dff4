"""The recovery policies of a pipeline in its machine: what an apply put in force, wherever it is asked for.

A machine holds them in the comment of its first state, before the fingerprints of its jobs: a comment changes nothing in the
run. Whoever reads the definition that is applied has the policy that counts, without files and with those of another commit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bunsui.compile.environment.told_alerts import ALERTS_WRITTEN
from bunsui.compile.start_limits import CONCURRENCY_WRITTEN
from bunsui.model.failures import START_STATE
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.recovery import RULE_STRATEGIES, Policy, RecoveryRule

POLICY_VERSION = 1
"""Grows when an older bunsui would take a policy otherwise."""

_MARK = "Recovery policies, version "
_WRITTEN = re.compile(rf"{_MARK}([0-9]{{1,9}}): ")
_OTHERS_MARK = "Fingerprints of"
"""What stands before what follows; no text of a policy may look like it."""
_STRATEGIES = {strategy.value: strategy for strategy in RULE_STRATEGIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPolicies:
    """What a machine's definition says of recovery."""

    pipeline: Policy = ()
    jobs: Mapping[str, Policy]
    """By job; without those that say nothing of their own."""
    is_foreign: bool = False
    """True when it says it in another version: nobody can tell what holds."""

    def of(self, job: str) -> Policy:
        """Return the rules that hold where the session failed in the job; empty for no job."""
        return self.jobs.get(job) or self.pipeline


NO_POLICIES = ToldPolicies(jobs={})


def policies_of(pipeline: Pipeline) -> ToldPolicies:
    """Return what the pipeline's file says, as `read_policies` gives it."""
    jobs = {job.name: job.recovery for job in pipeline.jobs if job.recovery}
    return ToldPolicies(pipeline=pipeline.recovery, jobs=jobs)


def policy_comment(pipeline: Pipeline) -> str:
    """Return the policies as a comment, which `read_policies` reads; empty where the file says none."""
    told: dict[str, Json] = {}
    if pipeline.recovery:
        told["pipeline"] = [_document(rule) for rule in pipeline.recovery]
    jobs: dict[str, Json] = {job.name: [_document(rule) for rule in job.recovery] for job in pipeline.jobs if job.recovery}
    if jobs:
        told["jobs"] = jobs
    if not told:
        return ""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    escaped = text.replace(_OTHERS_MARK, "\\u0046" + _OTHERS_MARK[1:])
    return f"{_MARK}{POLICY_VERSION}: {escaped}"


def read_policies(definition: Mapping[str, Json]) -> ToldPolicies:
    """Return the policies that a machine's definition holds: none for a raw one, and one of an earlier bunsui."""
    comment = _comment(definition)
    found = _WRITTEN.search(comment)
    if found is None:
        return NO_POLICIES
    if int(found.group(1)) != POLICY_VERSION:
        return ToldPolicies(jobs={}, is_foreign=True)
    try:
        told, _ = json.JSONDecoder().raw_decode(comment, found.end())
        jobs = {str(name): _policy(rules) for name, rules in told.get("jobs", {}).items()}
        return ToldPolicies(pipeline=_policy(told.get("pipeline", [])), jobs=jobs)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ToldPolicies(jobs={}, is_foreign=True)


def runs_alike(before: Mapping[str, Json], now: Mapping[str, Json]) -> bool:
    """Tell whether two definitions are the same but for the policies, the limit and the alerts that they hold."""
    return before == now or _without_remarks(before) == _without_remarks(now)


def _without_remarks(definition: Mapping[str, Json]) -> Mapping[str, Json]:
    return _without(_without(_without(definition, ALERTS_WRITTEN), _WRITTEN), CONCURRENCY_WRITTEN)


def _without(definition: Mapping[str, Json], written: re.Pattern[str]) -> Mapping[str, Json]:
    comment, states = _comment(definition), definition.get("States")
    found = written.search(comment)
    if found is None or not isinstance(states, Mapping):
        return definition
    try:
        _, end = json.JSONDecoder().raw_decode(comment, found.end())
    except ValueError:
        return definition
    rest = f"{comment[: found.start()]}{comment[end:].lstrip()}".rstrip()
    return {**definition, "States": {**states, START_STATE: {**states[START_STATE], "Comment": rest}}}  # type: ignore[dict-item]


def _comment(definition: Mapping[str, Json]) -> str:
    states = definition.get("States")
    start = states.get(START_STATE) if isinstance(states, Mapping) else None
    comment = start.get("Comment") if isinstance(start, Mapping) else None
    return comment if isinstance(comment, str) else ""


def _document(rule: RecoveryRule) -> dict[str, Json]:
    """Return the rule with what it says beside the defaults."""
    told: dict[str, Json] = {"strategy": rule.strategy.value}
    if rule.only:
        told["only"] = list(rule.only)
    if rule.attempts is not None:
        told["attempts"] = rule.attempts
    if rule.output:
        told["output"] = dict(rule.output)
    if rule.deadline_seconds is not None:
        told["deadline"] = rule.deadline_seconds
    return {**told, **{key: text for key in ("job", "owner", "note") if (text := getattr(rule, key))}}


def _policy(rules: Any) -> Policy:
    return tuple(
        RecoveryRule(
            strategy=_STRATEGIES[rule["strategy"]],
            only=tuple(map(str, rule.get("only", ()))),
            attempts=_whole(rule.get("attempts")),
            job=str(rule.get("job", "")),
            output=dict(rule.get("output", {})),
            owner=str(rule.get("owner", "")),
            note=str(rule.get("note", "")),
            deadline_seconds=_whole(rule.get("deadline")),
        )
        for rule in rules
    )


def _whole(value: Any) -> int | None:
    """Return a whole number, None for none; TypeError for anything else."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise TypeError("no whole number")
    return value
