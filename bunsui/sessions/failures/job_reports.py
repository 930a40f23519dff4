"""What a service says of a job that it ran: which container ended how, why a query or a job failed.

The cause of a job that was waited for is the service's own description of it. Shapes: API references of ECS (DescribeTasks),
Batch (DescribeJobs), Glue (GetJobRun), Athena (GetQueryExecution), CodeBuild (BatchGetBuilds), SageMaker and EventBridge
(PutEvents).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.sessions.failures.names import named
from bunsui.sessions.failures.sdk_errors import class_of_refused, refused_call
from bunsui.sessions.failures.service_words import class_of_words, says_no_memory
from bunsui.sessions.snapshot import Raiser

_KILLED = 137
"""The exit code of a process that SIGKILL ended: 128 and the signal's number."""
_HOST = re.compile(r"^Host EC2|Spot|terminated\.$|EC2 instance", re.IGNORECASE)
_HOST_STOPS = ("SpotInterruption", "TerminationNotice", "InfrastructureHealth")
"""Stop codes of what lay outside of the task (ECS API reference, Task)."""
_USER = ("UserInitiated",)
_EXCEPTION = re.compile(r"^(?:Caused by: )?(?P<name>[\w.$]*(?:Error|Exception)): (?P<message>.*)", re.DOTALL)
_EMR_PROLOGUE = re.compile(r"^Job failed, please check complete logs.*?Last few exceptions: ", re.DOTALL)
_OURS = (ErrorClass.CODE, ErrorClass.DATA)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """What is to be said of a job that failed."""

    message: str
    error_class: ErrorClass
    raiser: Raiser = Raiser.SERVICE
    """The author's program, or what ran it, where it is not the service."""
    is_container: bool = False
    """True for a task of containers, which a host runs."""


def report_of(payload: Mapping[str, Json]) -> JobReport | None:
    """Return what a job's description says; None when the payload describes none that is known."""
    for read in (_ecs, _ecs_refused, _batch, _glue, _athena, _emr, _execution, _build, _training, _events):
        found = read(payload)
        if found is not None:
            return found
    return None


def _ecs(task: Mapping[str, Json]) -> JobReport | None:
    if not ({"StopCode", "StoppedReason"} & task.keys()) or "Containers" not in task:
        return None
    why = _text(task.get("StoppedReason"))
    if _text(task.get("StopCode")) in _HOST_STOPS:  # its containers were killed: their codes say nothing of the program
        message = why or "the host ended the task"
        return JobReport(message=message, error_class=ErrorClass.INFRASTRUCTURE, is_container=True)
    for container in _objects(task.get("Containers")):
        code = container.get("ExitCode")
        if isinstance(code, int) and code != 0:
            return _exited(_text(container.get("Name")), code, _text(container.get("Reason")))
    reasons = [why, *(_text(one.get("Reason")) for one in _objects(task.get("Containers")))]
    message = ": ".join(dict.fromkeys(filter(None, reasons))) or "the task stopped"
    if _text(task.get("StopCode")) in _USER:
        return _report_stop(message)
    return JobReport(message=message, error_class=_start_class(message), is_container=True)


def _start_class(message: str) -> ErrorClass:
    if _HOST.search(message):
        return ErrorClass.INFRASTRUCTURE
    told = class_of_words(message)
    if told is ErrorClass.TIMEOUT:
        return ErrorClass.INFRASTRUCTURE  # the agent of the host did not come to starting it in time
    # The image, a secret or the network that the definition names cannot be had, or its entry point cannot be run.
    return told or ErrorClass.CONFIGURATION


def _of_program(message: str) -> ErrorClass:
    """Return the class of what is quoted of a program that ended: an exception of the author's, or the service's words."""
    exception = _EXCEPTION.match(message)
    words = exception["message"] if exception is not None else message
    refused = refused_call(exception["name"] if exception is not None else "", words, {})
    if refused is not None:
        return class_of_refused(refused)
    told = class_of_words(message)
    is_own = exception is not None and "(Service: " not in message
    return told if told is not None and (not is_own or told is ErrorClass.MEMORY) else ErrorClass.CODE


def _report_end(message: str, kind: ErrorClass) -> JobReport:
    """Return the report of a program that a service ran."""
    raiser = Raiser.RUNTIME if kind is ErrorClass.MEMORY else Raiser.CODE if kind in _OURS else Raiser.SERVICE
    return JobReport(message=message, error_class=kind, raiser=raiser)


def _report_stop(message: str) -> JobReport:
    return JobReport(message=message, error_class=ErrorClass.CANCELLED, raiser=Raiser.CALLER)


def _exited(container: str, code: int, reason: str) -> JobReport:
    named_container = f"{container}: " if container else ""
    message = f"{named_container}exit code {code}" + (f" ({reason})" if reason else "")
    no_memory = code == _KILLED or says_no_memory(reason)
    kind = ErrorClass.MEMORY if no_memory else ErrorClass.CODE
    raiser = Raiser.RUNTIME if no_memory else Raiser.CODE
    return JobReport(message=message, error_class=kind, raiser=raiser, is_container=True)


def _ecs_refused(answer: Mapping[str, Json]) -> JobReport | None:
    """Read an answer of RunTask in which no task was placed."""
    failures = list(_objects(answer.get("Failures")))
    if not failures or answer.get("Tasks"):
        return None
    reasons = [_text(one.get("Reason")) for one in failures]
    missing = any(reason == "MISSING" for reason in reasons)
    told = ", ".join(dict.fromkeys(filter(None, reasons)))
    kind = ErrorClass.CONFIGURATION if missing else class_of_words(told) or ErrorClass.QUOTA
    return JobReport(message=f"ECS could not place the task: {told}", error_class=kind)


def _batch(job: Mapping[str, Json]) -> JobReport | None:
    if "JobId" not in job or "JobQueue" not in job:
        return None
    container = _object(job.get("Container"))
    why, reason = _text(job.get("StatusReason")), _text(container.get("Reason"))
    code = container.get("ExitCode")
    if job.get("IsTerminated") is True or job.get("IsCancelled") is True:
        return _report_stop(why or "the job was ended")
    if isinstance(code, int) and code != 0 and not _HOST.search(why):
        return _exited(_text(job.get("JobName")), code, reason)
    message = ": ".join(filter(None, (why, reason))) or "the job failed"
    if "timeout" in why.lower() or "timed out" in why.lower():
        return JobReport(message=message, error_class=ErrorClass.TIMEOUT)
    return JobReport(message=message, error_class=_start_class(message), is_container=True)


def _glue(run: Mapping[str, Json]) -> JobReport | None:
    state = run.get("JobRunState")
    if not isinstance(state, str):
        return None
    message = _text(run.get("ErrorMessage")) or f"the job run ended as {state}"
    if state == "TIMEOUT":
        return JobReport(message=message, error_class=ErrorClass.TIMEOUT)
    return _report_stop(message) if state == "STOPPED" else _report_end(message, _of_program(message))


def _athena(answer: Mapping[str, Json]) -> JobReport | None:
    status = _object(_object(answer.get("QueryExecution")).get("Status"))
    if not status:
        return None
    message = _text(status.get("StateChangeReason")) or f"the query ended as {_text(status.get('State'))}"
    told = _of_query(message, status)
    if told is None and status.get("State") == "CANCELLED":
        return _report_stop(message)
    kind = told or ErrorClass.CODE
    return JobReport(message=message, error_class=kind, raiser=Raiser.CODE if kind is ErrorClass.CODE else Raiser.SERVICE)


def _of_query(message: str, status: Mapping[str, Json]) -> ErrorClass | None:
    """Return the class of a query's failure; None where the query itself is wrong."""
    told = class_of_words(message)
    if "COLUMN" in message or "SYNTAX_ERROR" in message:
        return ErrorClass.CODE
    if told is not None:
        return told
    if re.search(r"(?:TABLE|SCHEMA|CATALOG)_NOT_FOUND", message):
        return ErrorClass.CONFIGURATION
    if re.match(r"(HIVE_BAD_DATA|HIVE_CURSOR_ERROR|INVALID_CAST|HIVE_PARTITION)", message):
        return ErrorClass.DATA
    broken = _object(status.get("AthenaError")).get("ErrorCategory") == 1 or "INTERNAL" in message
    return ErrorClass.INFRASTRUCTURE if broken else None


def _emr(answer: Mapping[str, Json]) -> JobReport | None:
    """Read a job run of EMR Serverless or EMR on EKS, a step or a cluster of EMR."""
    step, cluster = (_object(_object(answer.get(name)).get("Status")) for name in ("Step", "Cluster"))
    if "JobRunId" in answer and "StateDetails" in answer:
        state, message = _text(answer.get("State")), _text(answer.get("StateDetails"))
    elif "VirtualClusterId" in answer:
        state = _text(answer.get("State"))
        message = ": ".join(filter(None, (_text(answer.get("FailureReason")), _text(answer.get("StateDetails")))))
    elif step:
        state, details = _text(step.get("State")), _object(step.get("FailureDetails"))
        message = _text(details.get("Message")) or _text(details.get("Reason"))
    elif cluster:
        state, message = _text(cluster.get("State")), _text(_object(cluster.get("StateChangeReason")).get("Message"))
    else:
        return None
    message = message or f"it ended as {state}"
    if state == "CANCELLED":
        return _report_stop(message)
    kind = _of_program(_EMR_PROLOGUE.sub("", message))
    return _report_end(message, ErrorClass.CONFIGURATION if cluster and kind is ErrorClass.CODE else kind)


def _execution(answer: Mapping[str, Json]) -> JobReport | None:
    """Read a child execution that did not fail, but was ended."""
    status = answer.get("Status")
    if "ExecutionArn" not in answer or status not in ("ABORTED", "TIMED_OUT"):
        return None
    if status == "ABORTED":
        return _report_stop(_text(answer.get("Cause")) or "the child execution was stopped")
    return JobReport(message="the child execution's own timeout passed", error_class=ErrorClass.TIMEOUT)


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
    return _report_end(message, ErrorClass.CODE)


def _training(job: Mapping[str, Json]) -> JobReport | None:
    reason = _text(job.get("FailureReason"))
    if not reason or not any(name.endswith("JobStatus") for name in job):
        return None
    word = reason.partition(":")[0]
    told = class_of_words(reason)
    if word == "AlgorithmError":
        kind = ErrorClass.MEMORY if says_no_memory(reason) else ErrorClass.CODE
    elif word == "ClientError":
        kind = told or ErrorClass.CONFIGURATION
    else:
        kind = {"CapacityError": ErrorClass.INFRASTRUCTURE, "InternalServerError": ErrorClass.INFRASTRUCTURE}.get(
            word, told or ErrorClass.CONFIGURATION
        )
    return _report_end(reason, kind)


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
