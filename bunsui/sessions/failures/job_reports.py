"""What a service says of a job that it ran: which container ended how, why a query or a job failed.

The cause of a job that was waited for is the service's own description of it. Shapes: API references of ECS (DescribeTasks),
Batch (DescribeJobs), Glue (GetJobRun), Athena (GetQueryExecution), CodeBuild (BatchGetBuilds), SageMaker and EventBridge
(PutEvents).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.model.json import Json
from bunsui.sessions.failures.names import named, says_forbidden, says_gone, says_no_memory
from bunsui.sessions.snapshot import ErrorClass

_KILLED = 137
"""The exit code of a process that SIGKILL ended: 128 and the signal's number."""
_HOST = re.compile(r"^Host EC2|Spot|terminated\.$|Timeout waiting for network interface|EC2 instance|capacity", re.IGNORECASE)
_USER = ("UserInitiated",)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """What is to be said of a job that failed."""

    message: str
    error_class: ErrorClass
    is_code: bool = False
    """True when it is the author's program that ended badly."""
    is_container: bool = False
    """True for a task of containers, which a host runs."""


def report_of(payload: Mapping[str, Json]) -> JobReport | None:
    """Return what a job's description says; None when the payload describes none that is known."""
    for read in (_ecs, _ecs_refused, _batch, _glue, _athena, _build, _training, _events):
        found = read(payload)
        if found is not None:
            return found
    return None


def _ecs(task: Mapping[str, Json]) -> JobReport | None:
    if not ({"StopCode", "StoppedReason"} & task.keys()) or "Containers" not in task:
        return None
    why = _text(task.get("StoppedReason"))
    for container in _objects(task.get("Containers")):
        code = container.get("ExitCode")
        if isinstance(code, int) and code != 0:
            return _exited(_text(container.get("Name")), code, _text(container.get("Reason")))
    reasons = [why, *(_text(one.get("Reason")) for one in _objects(task.get("Containers")))]
    message = ": ".join(dict.fromkeys(filter(None, reasons))) or "the task stopped"
    if _text(task.get("StopCode")) in _USER:
        return JobReport(message=message, error_class=ErrorClass.CANCELLED)
    return JobReport(message=message, error_class=_start_class(message, _text(task.get("StopCode"))), is_container=True)


def _start_class(message: str, stop_code: str) -> ErrorClass:
    if says_no_memory(message):
        return ErrorClass.MEMORY
    if says_forbidden(message) or "AccessDenied" in message:
        return ErrorClass.PERMISSION
    if stop_code in ("SpotInterruption", "TerminationNotice") or _HOST.search(message):
        return ErrorClass.INFRASTRUCTURE
    # The image, a secret or the network that the definition names cannot be had, or its entry point cannot be run.
    return ErrorClass.CONFIGURATION


def _exited(container: str, code: int, reason: str) -> JobReport:
    named_container = f"{container}: " if container else ""
    message = f"{named_container}exit code {code}" + (f" ({reason})" if reason else "")
    no_memory = code == _KILLED or says_no_memory(reason)
    kind = ErrorClass.MEMORY if no_memory else ErrorClass.CODE
    return JobReport(message=message, error_class=kind, is_code=not no_memory, is_container=True)


def _ecs_refused(answer: Mapping[str, Json]) -> JobReport | None:
    """Read an answer of RunTask in which no task was placed."""
    failures = list(_objects(answer.get("Failures")))
    if not failures or answer.get("Tasks"):
        return None
    reasons = [_text(one.get("Reason")) for one in failures]
    missing = any(reason == "MISSING" for reason in reasons)
    told = ", ".join(dict.fromkeys(filter(None, reasons)))
    return JobReport(
        message=f"ECS could not place the task: {told}", error_class=ErrorClass.CONFIGURATION if missing else ErrorClass.QUOTA
    )


def _batch(job: Mapping[str, Json]) -> JobReport | None:
    if "JobId" not in job or "JobQueue" not in job:
        return None
    container = _object(job.get("Container"))
    why, reason = _text(job.get("StatusReason")), _text(container.get("Reason"))
    code = container.get("ExitCode")
    if isinstance(code, int) and code != 0 and not _HOST.search(why):
        return _exited(_text(job.get("JobName")), code, reason)
    message = ": ".join(filter(None, (why, reason))) or "the job failed"
    if "timeout" in why.lower() or "timed out" in why.lower():
        return JobReport(message=message, error_class=ErrorClass.TIMEOUT)
    return JobReport(message=message, error_class=_start_class(message, ""), is_container=True)


def _glue(run: Mapping[str, Json]) -> JobReport | None:
    state = run.get("JobRunState")
    if not isinstance(state, str):
        return None
    message = _text(run.get("ErrorMessage")) or f"the job run ended as {state}"
    if state == "TIMEOUT":
        return JobReport(message=message, error_class=ErrorClass.TIMEOUT)
    if state == "STOPPED":
        return JobReport(message=message, error_class=ErrorClass.CANCELLED)
    if says_no_memory(message):
        return JobReport(message=message, error_class=ErrorClass.MEMORY)
    if says_forbidden(message):
        return JobReport(message=message, error_class=ErrorClass.PERMISSION)
    if "Resource unavailable" in message or "Internal service" in message:
        return JobReport(message=message, error_class=ErrorClass.INFRASTRUCTURE)
    return JobReport(message=message, error_class=ErrorClass.CODE, is_code=True)


def _athena(answer: Mapping[str, Json]) -> JobReport | None:
    status = _object(_object(answer.get("QueryExecution")).get("Status"))
    if not status:
        return None
    message = _text(status.get("StateChangeReason")) or f"the query ended as {_text(status.get('State'))}"
    if status.get("State") == "CANCELLED":
        return JobReport(message=message, error_class=ErrorClass.CANCELLED)
    if says_forbidden(message):
        return JobReport(message=message, error_class=ErrorClass.PERMISSION)
    if re.search(r"TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|CATALOG_NOT_FOUND", message) or (
        "COLUMN" not in message and says_gone(message)
    ):
        return JobReport(message=message, error_class=ErrorClass.CONFIGURATION)
    if "exhausted resources" in message:
        return JobReport(message=message, error_class=ErrorClass.QUOTA)
    if _object(status.get("AthenaError")).get("ErrorCategory") == 1 or "INTERNAL" in message:
        return JobReport(message=message, error_class=ErrorClass.INFRASTRUCTURE)
    if re.match(r"(HIVE_BAD_DATA|HIVE_CURSOR_ERROR|INVALID_CAST|HIVE_PARTITION)", message):
        return JobReport(message=message, error_class=ErrorClass.DATA)
    return JobReport(message=message, error_class=ErrorClass.CODE, is_code=True)


def _build(answer: Mapping[str, Json]) -> JobReport | None:
    build = _object(answer.get("Build"))
    if "BuildStatus" not in build:
        return None
    failed = next((phase for phase in _objects(build.get("Phases")) if phase.get("PhaseStatus") not in (None, "SUCCEEDED")), {})
    told = [_text(one.get("Message")) for one in _objects(failed.get("Contexts"))]
    message = ": ".join(filter(None, (_text(failed.get("PhaseType")), *told))) or f"the build ended as {build['BuildStatus']}"
    if build["BuildStatus"] in ("TIMED_OUT", "STOPPED"):
        timed_out = build["BuildStatus"] == "TIMED_OUT"
        return JobReport(message=message, error_class=ErrorClass.TIMEOUT if timed_out else ErrorClass.CANCELLED)
    return JobReport(message=message, error_class=ErrorClass.CODE, is_code=True)


def _training(job: Mapping[str, Json]) -> JobReport | None:
    reason = _text(job.get("FailureReason"))
    if not reason or not any(name.endswith("JobStatus") for name in job):
        return None
    word = reason.partition(":")[0]
    kinds = {
        "AlgorithmError": ErrorClass.CODE,
        "CapacityError": ErrorClass.QUOTA,
        "InternalServerError": ErrorClass.INFRASTRUCTURE,
    }
    kind = ErrorClass.MEMORY if says_no_memory(reason) else kinds.get(word)
    if kind is None:
        kind = ErrorClass.PERMISSION if says_forbidden(reason) else ErrorClass.CONFIGURATION
    return JobReport(message=reason, error_class=kind, is_code=kind is ErrorClass.CODE)


def _events(answer: Mapping[str, Json]) -> JobReport | None:
    """Read an answer of PutEvents in which entries were refused."""
    refused = [one for one in _objects(answer.get("Entries")) if one.get("ErrorCode")]
    if not refused:
        return None
    code, message = _text(refused[0].get("ErrorCode")), _text(refused[0].get("ErrorMessage"))
    return JobReport(message=f"{code}: {message}" if message else code, error_class=named(code) or ErrorClass.DATA)


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    yield from (one for one in value if isinstance(one, Mapping)) if isinstance(value, list) else ()


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
