"""A checked pipeline file, placeholders filled in, to a `Pipeline`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from bunsui.diagnostics import Severity
from bunsui.document.closing_jobs import RULES
from bunsui.document.lowering.alerts import check_watched, lower_alerts
from bunsui.document.lowering.foreach import lower_foreach
from bunsui.document.lowering.operations import lower_operations
from bunsui.document.lowering.outputs import lower_outputs
from bunsui.document.lowering.permissions import lower_permissions
from bunsui.document.lowering.raw_definition import AS_IT_STANDS, lower_definition
from bunsui.document.lowering.recovery import lower_recovery
from bunsui.document.lowering.retries import merged_retry
from bunsui.document.lowering.start_limits import lower_concurrency
from bunsui.document.lowering.values import Lowering, given_roles, mapping_at
from bunsui.document.lowering.verify import lower_verify
from bunsui.document.rules import is_day
from bunsui.document.yaml.tree import Path
from bunsui.kinds.schedule import MAX_AGE_SECONDS, MIN_AGE_SECONDS
from bunsui.model.durations import parse_offset
from bunsui.model.lifecycle import KEPT_VERSIONS, IgnoreRule, PipelineLifecycle
from bunsui.model.outcomes import RUN_IF_SPELLINGS, RunIf
from bunsui.model.pipeline import NO_LOG_GROUP, AcceptedFinding, Job, Parameter, Pipeline, Schedule, SlotOffset
from bunsui.model.values import Expression, Value
from bunsui.operations.integrations.gates import opens_gate

_FARTHEST_DAYS = 3660
_QUEUE = re.compile(r"^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$")

_PARAMETER_KEYWORDS = {
    "type": "type",
    "enum": "enum",
    "format": "format",
    "pattern": "pattern",
    "minimum": "minimum",
    "maximum": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "items": "items",
}
"""Our spelling -> JSON Schema's."""


def lower(lowering: Lowering, value: Value) -> Pipeline | None:
    """Return the pipeline; None when the file has no name. The data may be of any shape: what cannot be lowered is a finding in
    `lowering` and left out of the pipeline."""
    entry = value if isinstance(value, Mapping) else {}
    name = entry.get("name")
    if not isinstance(name, str):
        return None
    file = lowering.document.file
    timezone = lowering.text(("timezone",), entry.get("timezone"), lowering.timezone)
    defaults = mapping_at(entry, "defaults")
    logging = mapping_at(entry, "logging")
    retry = merged_retry(lowering.project_defaults.get("retry"), defaults.get("retry"))
    lowering.default_retry = retry
    lowering.default_timeout = lowering.duration(
        ("defaults", "timeout"), defaults.get("timeout", lowering.project_defaults.get("timeout"))
    )
    lowering.functions = mapping_at(entry, "functions")
    jobs = mapping_at(entry, "jobs")
    definition = entry.get("definition")
    if "substitutions" in entry and "definition" not in entry:
        lowering.report(
            "BS214",
            "substitutions replaces nothing: it is for the placeholders of a definition",
            ("substitutions",),
            hint="Write ${var.NAME} in jobs, and NAME under variables: in bunsui.yaml.",
        )
    pipeline = Pipeline(
        name=name,
        path=file,
        title=lowering.text(("title",), entry.get("title"), ""),
        description=lowering.text(("description",), entry.get("description"), ""),
        owner=lowering.text(("owner",), entry.get("owner"), ""),
        runbook=lowering.text(("runbook",), entry.get("runbook"), ""),
        timezone=timezone,
        slot=_slot(lowering, ("slot",), entry.get("slot")) or SlotOffset(),
        enabled=lowering.flag(("enabled",), entry.get("enabled"), default=True),
        tags={key: lowering.text(("tags", key), tag, "") for key, tag in mapping_at(entry, "tags").items()},
        parameters=tuple(
            _parameter(lowering, key, mapping_at(entry, "parameters", key)) for key in mapping_at(entry, "parameters")
        ),
        schedules=_schedules(lowering, entry.get("schedules"), timezone),
        concurrency=lower_concurrency(lowering, entry),
        timeout_seconds=lowering.duration(("timeout",), entry.get("timeout")),
        jobs=tuple(_job(lowering, key, mapping_at(jobs, key), owner=entry.get("owner")) for key in jobs),
        definition=(
            lower_definition(lowering, posixpath.dirname(file), definition, _substitutions(entry.get("substitutions")))
            if isinstance(definition, str)
            else None
        ),
        resource_name=entry.get("resource_name") if isinstance(entry.get("resource_name"), str) else None,  # type: ignore[arg-type]
        log_retention_days=lowering.whole(("logging", "retention_days"), logging.get("retention_days"), 30),
        log_level=lowering.text(("logging", "level"), logging.get("level"), "ERROR"),
        log_destination=lowering.text(("logging", "destination"), logging.get("destination"), "") or None,
        log_execution_data=_said_flag(lowering, ("logging", "include_execution_data"), logging.get("include_execution_data")),
        tracing=lowering.flag(("tracing",), entry.get("tracing"), default=False),
        roles=given_roles(entry.get("roles")).over(lowering.roles),
        permissions=lower_permissions(lowering, ("permissions",), entry.get("permissions")),
        accepted=_accepted(entry.get("accept")),
        lifecycle=_lifecycle(lowering, entry),
        alerts=lower_alerts(lowering, entry),
        recovery=lower_recovery(lowering, ("recover",), entry.get("recover"), owner=entry.get("owner")),
        verify=lower_verify(lowering, entry.get("verify")),
    )
    _tell_left_out_of_log(lowering, pipeline)
    _tell_nowhere_to_log(lowering, pipeline)
    check_watched(lowering, pipeline, is_own="alerts" in entry)
    return pipeline


def _substitutions(value: Value) -> Mapping[str, Value] | None:
    """Return what stands for the placeholders of the definition; None where `${` is text in it."""
    return None if value == AS_IT_STANDS else value if isinstance(value, Mapping) else {}


def _said_flag(lowering: Lowering, path: Path, value: Value) -> bool | None:
    """Return a yes or no; None where nothing is said."""
    return lowering.flag(path, value, default=False) if value is not None else None


def _tell_left_out_of_log(lowering: Lowering, pipeline: Pipeline) -> None:
    """Say that a log of everything has not the data, where a task token would be in it."""
    operations = (operation for job in pipeline.jobs for operation in job.operations)
    if pipeline.log_level == "ALL" and any(opens_gate(operation, lowering.registry) for operation in operations):
        lowering.report(
            "BS277",
            "the log tells events without their data: the task token of an approval would be in it",
            ("logging", "level"),
            severity=Severity.INFO,
            hint="`bunsui show SESSION --job JOB` has what each job was given and answered, the token left out.",
        )


def _tell_nowhere_to_log(lowering: Lowering, pipeline: Pipeline) -> None:
    """Say that Step Functions takes no level but OFF without a log group."""
    if pipeline.log_destination == NO_LOG_GROUP and pipeline.log_level != "OFF":
        summary = f"level {pipeline.log_level} needs a log group, and destination says that there is none"
        lowering.report("BS105", summary, ("logging", "destination"), hint="Write level: OFF, or the ARN of the log group.")


def _accepted(value: Value) -> tuple[AcceptedFinding, ...]:
    """Return the acceptances that can be read; the schema and `rule_checks` say what is wrong with the others."""
    return tuple(
        AcceptedFinding(
            code=str(entry["code"]),
            reason=str(entry["reason"]),
            until=date.fromisoformat(str(entry["until"])) if "until" in entry else None,
        )
        for entry in (value if isinstance(value, (list, tuple)) else ())
        if isinstance(entry, Mapping) and {"code", "reason"} <= set(entry) and ("until" not in entry or is_day(entry["until"]))
    )


def _lifecycle(lowering: Lowering, entry: Mapping[str, Value]) -> PipelineLifecycle:
    said = mapping_at(entry, "lifecycle")
    ignore = said.get("ignore")
    rules = [
        IgnoreRule(text=text, position=lowering.document.at(("lifecycle", "ignore", index)))
        for index, text in enumerate(ignore if isinstance(ignore, (list, tuple)) else ())
        if isinstance(text, str)
    ]
    before = mapping_at(entry, "moved").get("from")
    names = before if isinstance(before, (list, tuple)) else (before,)
    return PipelineLifecycle(
        prevent_destroy=lowering.flag(("lifecycle", "prevent_destroy"), said.get("prevent_destroy"), default=False),
        protect=lowering.flag(("protect",), entry.get("protect"), default=False),
        ignore=tuple(rules),
        keep_versions=lowering.whole(("lifecycle", "keep_versions"), said.get("keep_versions"), KEPT_VERSIONS),
        exclusive=lowering.flag(("lifecycle", "exclusive"), said.get("exclusive"), default=False),
        moved_from=tuple(name for name in names if isinstance(name, str)),
        observed=lowering.text(("observed",), entry.get("observed"), ""),
    )


def _parameter(lowering: Lowering, name: str, entry: Mapping[str, Value]) -> Parameter:
    path = ("parameters", name)
    schema = {
        spelled: lowering.constant((*path, key), entry[key]) for key, spelled in _PARAMETER_KEYWORDS.items() if key in entry
    }
    return Parameter(
        name=name,
        type=lowering.text((*path, "type"), entry.get("type"), "string"),
        schema=schema,
        default=entry.get("default"),
        required="default" not in entry,
        description=lowering.text((*path, "description"), entry.get("description"), ""),
        sensitive=lowering.flag((*path, "sensitive"), entry.get("sensitive"), default=False),
    )


def _schedules(lowering: Lowering, value: Value, timezone: str) -> tuple[Schedule, ...]:
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return tuple(
        _schedule(lowering, index, entry, timezone) for index, entry in enumerate(entries) if isinstance(entry, Mapping)
    )  # fmt: skip


def _schedule(lowering: Lowering, index: int, entry: Mapping[str, Value], timezone: str) -> Schedule:
    path = ("schedules", index)
    kind = next((kind for kind in ("cron", "rate", "at") if kind in entry), "cron")
    said = " ".join(lowering.text((*path, kind), entry.get(kind), "").split())
    if kind == "rate":
        # EventBridge Scheduler: a unit in the plural for every number but 1.
        number, _, unit = said.partition(" ")
        said = f"{number} {unit.rstrip('s')}{'' if number == '1' else 's'}"
    inputs = mapping_at(entry, "input")
    return Schedule(
        id=lowering.text((*path, "id"), entry.get("id"), ""),
        expression=f"{kind}({said})",
        timezone=lowering.text((*path, "timezone"), entry.get("timezone"), timezone),
        input={key: lowering.constant((*path, "input", key), item) for key, item in inputs.items()},
        slot=_slot(lowering, (*path, "slot"), entry.get("slot")),
        enabled=lowering.flag((*path, "enabled"), entry.get("enabled"), default=True),
        max_age_seconds=_max_age(lowering, (*path, "max_age"), entry.get("max_age")),
        dead_letter=_dead_letter(lowering, (*path, "dead_letter"), entry.get("dead_letter")),
        position=lowering.document.at(path),
    )


def _max_age(lowering: Lowering, path: Path, value: Value) -> int | None:
    seconds = lowering.duration(path, value)
    if seconds is not None and not MIN_AGE_SECONDS <= seconds <= MAX_AGE_SECONDS:
        lowering.report("BS113", "EventBridge Scheduler tries a start for 1m to 24h", path, hint="Such as 2h.")
        return None
    return seconds


def _dead_letter(lowering: Lowering, path: Path, value: Value) -> str:
    queue = lowering.text(path, value, "")
    if queue and not _QUEUE.match(queue):
        lowering.report(
            "BS105", "dead_letter takes a standard queue", path, hint="Write arn:aws:sqs:REGION:ACCOUNT:NAME, without .fifo."
        )
        return ""
    return queue


def _slot(lowering: Lowering, path: Path, value: Value) -> SlotOffset | None:
    """Return the offset; None where nothing is said."""
    if not isinstance(value, Mapping):
        return None
    offset = value.get("offset")
    if lowering.duration((*path, "offset"), offset) is None or not isinstance(offset, str):
        return SlotOffset()
    days, seconds = parse_offset(offset)
    if abs(days) > _FARTHEST_DAYS:
        lowering.report("BS113", "offset is longer than ten years", (*path, "offset"), hint="Such as -1d.")
        return SlotOffset()
    return SlotOffset(days=days, seconds=seconds)


def _job(lowering: Lowering, name: str, entry: Mapping[str, Value], *, owner: Value) -> Job:
    path = ("jobs", name)
    depends_on = entry.get("depends_on") or ()
    names = depends_on if isinstance(depends_on, Sequence) and not isinstance(depends_on, str) else ()
    when = entry.get("when")
    phase = lowering.document.closing.get(name)
    outputs = lower_outputs(lowering, (*path, "outputs"), mapping_at(entry, "outputs"))
    job = Job(
        name=name,
        operations=lower_operations(lowering, (*path, "operations"), entry.get("operations")),
        depends_on=tuple(str(other) for other in names),
        description=lowering.text((*path, "description"), entry.get("description"), ""),
        when=when if isinstance(when, Expression) else None,
        run_if=RUN_IF_SPELLINGS.get(str(entry.get("run_if")), RunIf.ALL_SUCCEEDED) if phase is None else RULES[phase],
        isolate=lowering.flag((*path, "isolate"), entry.get("isolate"), default=False),
        handles=lowering.flag((*path, "handles"), entry.get("handles"), default=False),
        closing=phase,
        foreach=lower_foreach(lowering, (*path, "foreach"), mapping_at(entry, "foreach")) if "foreach" in entry else None,
        outputs=outputs.values,
        output_rules=outputs.rules,
        position=lowering.document.at_key(path),
    )
    rules = lower_recovery(lowering, (*path, "recover"), entry.get("recover"), owner=owner, job=job)
    return replace(job, recovery=rules) if rules else job
