"""`recover`, of a job or of the pipeline: one rule, or a list of them."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.lowering.values import Lowering, mapping_at
from bunsui.document.recovery_rules import rule_entries
from bunsui.document.yaml.tree import Path
from bunsui.model.given_outputs import given_outputs
from bunsui.model.json import Json
from bunsui.model.pipeline import Job
from bunsui.model.recovery import RULE_STRATEGIES, Policy, RecoveryRule, Strategy
from bunsui.model.values import Value

_STRATEGIES = {strategy.value: strategy for strategy in RULE_STRATEGIES}


def lower_recovery(lowering: Lowering, path: Path, value: Value, *, owner: Value, job: Job | None = None) -> Policy:
    """Return the rules of a job, or of the pipeline without one. `owner` is the pipeline's: he sees to what nobody else is
    named for."""
    rules = (_rule(lowering, place, entry, owner, job) for place, entry in rule_entries(path, value))
    return tuple(rule for rule in rules if rule is not None)


def _rule(lowering: Lowering, path: Path, entry: Mapping[str, Value], owner: Value, job: Job | None) -> RecoveryRule | None:
    strategy = _STRATEGIES.get(str(entry.get("strategy")))
    if strategy is None:
        return None  # the schema tells it
    only, attempts = entry.get("only"), entry.get("attempts")
    is_manual = strategy is Strategy.MANUAL
    return RecoveryRule(
        strategy=strategy,
        only=tuple(str(word) for word in only) if isinstance(only, (list, tuple)) else (),
        attempts=lowering.whole((*path, "attempts"), attempts, 1) if attempts is not None else None,
        job=lowering.text((*path, "job"), entry.get("job"), ""),
        output=_output(lowering, path, entry, job) if strategy is Strategy.SKIP else {},
        owner=lowering.text((*path, "owner"), entry.get("owner", owner), "") if is_manual else "",
        note=lowering.text((*path, "note"), entry.get("note"), ""),
        deadline_seconds=_deadline(lowering, (*path, "deadline"), entry.get("deadline")),
        position=lowering.document.at(path),
    )


def _deadline(lowering: Lowering, path: Path, value: Value) -> int | None:
    seconds = lowering.duration(path, value)
    if seconds is not None and seconds <= 0:
        lowering.report("BS113", "deadline must be longer than nothing", path)
    return seconds


def _output(lowering: Lowering, path: Path, entry: Mapping[str, Value], job: Job | None) -> Mapping[str, Json]:
    given = {key: lowering.constant((*path, "output", key), item) for key, item in mapping_at(entry, "output").items()}
    if job is None:
        return given
    outputs, problem = given_outputs(job, given)
    if problem:
        lowering.report(
            "BS372",
            f"what stands for the outputs of {job.name} is not what it declares: {problem}",
            (*path, "output") if "output" in entry else path,
            hint=f"Write output: {{{', '.join(f'{name}: …' for name in job.outputs)}}}.",
        )
    return outputs
