"""What services say of the jobs that they ran: each way to end has its message and its kind."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.model.failures import ErrorClass
from bunsui.sessions.failures.classes import judge
from bunsui.sessions.failures.job_reports import JobReport, report_of
from bunsui.sessions.failures.origins import Raised
from bunsui.sessions.snapshot import Raiser


def ecs(stop: str = "TaskFailedToStart", why: str = "", **container: Any) -> dict[str, Any]:
    return {"StopCode": stop, "StoppedReason": why, "Containers": [{"Name": "train", **container}]}


def batch(why: str = "", **container: Any) -> dict[str, Any]:
    return {"JobId": "1", "JobName": "load", "JobQueue": "q", "StatusReason": why, "Container": container}


def glue(state: str, message: str = "") -> dict[str, Any]:
    return {"JobRunState": state, "ErrorMessage": message}


def athena(reason: str = "", state: str = "FAILED", category: int | None = None) -> dict[str, Any]:
    error = {} if category is None else {"AthenaError": {"ErrorCategory": category}}
    return {"QueryExecution": {"Status": {"State": state, "StateChangeReason": reason, **error}}}


def build(status: str, *phases: dict[str, Any]) -> dict[str, Any]:
    return {"Build": {"BuildStatus": status, "Phases": list(phases)}}


def training(reason: str, name: str = "TrainingJobStatus") -> dict[str, Any]:
    return {name: "Failed", "FailureReason": reason}


CODE, MEMORY, HOST = ErrorClass.CODE, ErrorClass.MEMORY, ErrorClass.INFRASTRUCTURE
SETTINGS, ROLE, QUOTA = ErrorClass.CONFIGURATION, ErrorClass.PERMISSION, ErrorClass.QUOTA
STOPPED, LATE, DATA = ErrorClass.CANCELLED, ErrorClass.TIMEOUT, ErrorClass.DATA
INSTALL = {"PhaseType": "INSTALL", "PhaseStatus": "SUCCEEDED"}
BUILDING: dict[str, Any] = {"PhaseType": "BUILD", "PhaseStatus": "FAILED", "Contexts": [{"Message": "exit status 1"}, {}, "x"]}


@pytest.mark.parametrize(
    ("payload", "message", "kind"),
    [
        (ecs("EssentialContainerExited", "Essential", ExitCode=3), "train: exit code 3", CODE),
        (ecs("EssentialContainerExited", ExitCode=3, Reason="bad"), "train: exit code 3 (bad)", CODE),
        (ecs("EssentialContainerExited", Name=None, ExitCode=1), "exit code 1", CODE),
        (ecs("EssentialContainerExited", ExitCode=137), "train: exit code 137", MEMORY),
        (
            ecs("EssentialContainerExited", ExitCode=1, Reason="OutOfMemoryError"),
            "train: exit code 1 (OutOfMemoryError)",
            MEMORY,
        ),
        (ecs(why="CannotPull", ExitCode=0), "CannotPull", SETTINGS),
        (ecs(why="CannotPull", Reason="image"), "CannotPull: image", SETTINGS),
        (ecs(why="same", Reason="same"), "same", SETTINGS),
        (ecs(), "the task stopped", SETTINGS),
        (ecs("UserInitiated", "enough"), "enough", STOPPED),
        (ecs(why="out of memory"), "out of memory", MEMORY),
        (ecs(why="x: AccessDeniedException"), "x: AccessDeniedException", ROLE),
        (ecs(why="access denied"), "access denied", ROLE),
        (ecs("SpotInterruption", "gone"), "gone", HOST),
        (ecs("SpotInterruption", "gone", ExitCode=137), "gone", HOST),
        (ecs("TerminationNotice", "gone"), "gone", HOST),
        (ecs("ServiceSchedulerInitiated", "Host EC2 (i-1) terminated."), "Host EC2 (i-1) terminated.", HOST),
        ({"StoppedReason": "gone", "Containers": []}, "gone", SETTINGS),
        ({"StopCode": "TaskFailedToStart", "Containers": "x"}, "the task stopped", SETTINGS),
        ({"Failures": [{"Reason": "MISSING"}]}, "ECS could not place the task: MISSING", SETTINGS),
        (
            {"Failures": [{"Reason": "RESOURCE:CPU"}, {"Reason": "RESOURCE:CPU"}, {"Reason": "AGENT"}], "Tasks": []},
            "ECS could not place the task: RESOURCE:CPU, AGENT",
            QUOTA,
        ),
        (
            {"Failures": [{"Reason": "RESOURCE:CPU"}, {"Reason": "MISSING"}]},
            "ECS could not place the task: RESOURCE:CPU, MISSING",
            SETTINGS,
        ),
        (batch("Essential container in task exited", ExitCode=2), "load: exit code 2", CODE),
        (batch("Essential container in task exited", ExitCode=2, Reason="r"), "load: exit code 2 (r)", CODE),
        (batch("Host EC2 (i-1) terminated.", ExitCode=2), "Host EC2 (i-1) terminated.", HOST),
        (batch("Job attempt duration exceeded timeout"), "Job attempt duration exceeded timeout", LATE),
        (batch("it Timed Out"), "it Timed Out", LATE),
        (batch("Task failed to start", Reason="CannotPull"), "Task failed to start: CannotPull", SETTINGS),
        (batch("Task failed", ExitCode=0), "Task failed", SETTINGS),
        (batch(), "the job failed", SETTINGS),
        (glue("FAILED", "ValueError"), "ValueError", CODE),
        (glue("FAILED"), "the job run ended as FAILED", CODE),
        (glue("TIMEOUT", "late"), "late", LATE),
        (glue("STOPPED", "enough"), "enough", STOPPED),
        (glue("FAILED", "java heap space"), "java heap space", MEMORY),
        (glue("FAILED", "Access Denied"), "Access Denied", ROLE),
        (glue("FAILED", "Resource unavailable"), "Resource unavailable", HOST),
        (glue("FAILED", "Internal service failure"), "Internal service failure", HOST),
        (athena("SYNTAX_ERROR: line 1"), "SYNTAX_ERROR: line 1", CODE),
        (athena(), "the query ended as FAILED", CODE),
        (athena("Query cancelled by user", "CANCELLED"), "Query cancelled by user", STOPPED),
        (athena("Insufficient permissions to execute"), "Insufficient permissions to execute", ROLE),
        (athena("TABLE_NOT_FOUND: t"), "TABLE_NOT_FOUND: t", SETTINGS),
        (athena("SCHEMA_NOT_FOUND: t"), "SCHEMA_NOT_FOUND: t", SETTINGS),
        (athena("CATALOG_NOT_FOUND: t"), "CATALOG_NOT_FOUND: t", SETTINGS),
        (athena("Table t does not exist"), "Table t does not exist", SETTINGS),
        (athena("COLUMN x does not exist"), "COLUMN x does not exist", CODE),
        (athena("Query exhausted resources at this scale"), "Query exhausted resources at this scale", QUOTA),
        (athena("went wrong", category=1), "went wrong", HOST),
        (athena("went wrong", category=2), "went wrong", CODE),
        (athena("GENERIC_INTERNAL_ERROR"), "GENERIC_INTERNAL_ERROR", HOST),
        (athena("HIVE_BAD_DATA: x"), "HIVE_BAD_DATA: x", DATA),
        (athena("x HIVE_BAD_DATA"), "x HIVE_BAD_DATA", CODE),
        (athena("HIVE_CURSOR_ERROR: x"), "HIVE_CURSOR_ERROR: x", DATA),
        (athena("INVALID_CAST_ARGUMENT: x"), "INVALID_CAST_ARGUMENT: x", DATA),
        (build("FAILED", INSTALL, BUILDING), "BUILD: exit status 1", CODE),
        (build("FAILED", {"PhaseType": "QUEUED"}, BUILDING), "BUILD: exit status 1", CODE),
        (build("FAILED", INSTALL), "the build ended as FAILED", CODE),
        (build("TIMED_OUT", BUILDING), "BUILD: exit status 1", LATE),
        (build("STOPPED"), "the build ended as STOPPED", STOPPED),
        (training("AlgorithmError: exit code 1"), "AlgorithmError: exit code 1", CODE),
        (training("AlgorithmError: out of memory"), "AlgorithmError: out of memory", MEMORY),
        (training("CapacityError: none", "TransformJobStatus"), "CapacityError: none", HOST),
        (training("InternalServerError: x"), "InternalServerError: x", HOST),
        (training("ClientError: access denied"), "ClientError: access denied", ROLE),
        (training("ClientError: no such image"), "ClientError: no such image", SETTINGS),
        ({"Entries": [{}, {"ErrorCode": "Throttling"}]}, "Throttling", ErrorClass.THROTTLING),
        ({"Entries": [{"ErrorCode": "Odd", "ErrorMessage": "no"}]}, "Odd: no", DATA),
    ],
)
def test_how_a_job_ended_is_told_with_its_kind(payload: dict[str, Any], message: str, kind: ErrorClass) -> None:
    found = report_of(payload)
    assert found is not None
    assert (found.message, found.error_class) == (message, kind)
    assert (found.raiser is Raiser.CODE) is (kind is CODE)
    is_container = "Containers" in payload or "JobQueue" in payload
    assert found.is_container is (is_container and kind not in (STOPPED, LATE))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"StopCode": "x"},
        {"Containers": []},
        {"Failures": [], "Tasks": []},
        {"Failures": [{"Reason": "MISSING"}], "Tasks": [{}]},
        {"JobId": "1"},
        {"JobQueue": "q"},
        {"JobRunState": 3},
        {"QueryExecution": {}},
        {"QueryExecution": "x"},
        {"Build": {"Phases": []}},
        {"FailureReason": "x"},
        {"TrainingJobStatus": "Failed"},
        {"TrainingJobStatus": "Failed", "FailureReason": ""},
        {"Entries": [{"EventId": "1"}]},
        {"Entries": "x"},
    ],
)
def test_what_describes_no_job_has_no_report(payload: dict[str, Any]) -> None:
    assert report_of(payload) is None


def test_a_container_that_runs_out_of_memory_is_killed_by_what_runs_it() -> None:
    def raised(payload: str, event: str = "TaskFailed") -> Raised:
        return Raised(error="States.TaskFailed", cause=payload, event=event, service="ecs", action="runTask.sync")

    def verdict(payload: str) -> tuple[str, ErrorClass, JobReport | None]:
        found = judge(raised(payload))
        return found.raiser.value, found.error_class, found.report

    killed = verdict('{"StopCode": "x", "Containers": [{"ExitCode": 137}]}')
    assert killed[:2] == ("runtime", MEMORY)
    assert verdict('{"StopCode": "x", "Containers": [{"ExitCode": 1}]}')[:2] == ("code", CODE)
    assert verdict('{"StopCode": "x", "Containers": []}')[:2] == ("service", SETTINGS)
    assert verdict('{"JobRunState": "FAILED", "ErrorMessage": "heap space"}')[:2] == ("runtime", MEMORY)
    late = judge(raised('{"StopCode": "x", "Containers": [{"ExitCode": 1}]}', event="TaskTimedOut"))
    assert (late.report, late.error_class is CODE) == (None, False), "Step Functions gave up: nothing is known of how it ended"


def emr(**fields: Any) -> dict[str, Any]:
    return {"JobRunId": "1", "State": "FAILED", **fields}


def cluster(name: str, state: str = "FAILED", **status: Any) -> dict[str, Any]:
    return {name: {"Status": {"State": state, **status}}}


EKS = {"VirtualClusterId": "v"}
PROLOGUE = "Job failed, please check complete logs in /x. Last few exceptions: "
CALL = "botocore.ClientError: An error occurred ({}) when calling the GetObject operation: no"


def stopped(message: str) -> JobReport:
    return JobReport(message=message, error_class=STOPPED, raiser=Raiser.CALLER)


def of_service(message: str, kind: ErrorClass, **more: Any) -> JobReport:
    return JobReport(message=message, error_class=kind, raiser=Raiser.SERVICE, **more)


def of_runtime(message: str) -> JobReport:
    return JobReport(message=message, error_class=MEMORY, raiser=Raiser.RUNTIME)


def of_code(message: str, kind: ErrorClass = CODE) -> JobReport:
    return JobReport(message=message, error_class=kind, raiser=Raiser.CODE)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (emr(StateDetails="ValueError: no"), of_code("ValueError: no")),
        (emr(StateDetails=""), of_code("it ended as FAILED")),
        (emr(StateDetails="enough", State="CANCELLED"), stopped("enough")),
        (emr(StateDetails=f"{PROLOGUE}{CALL.format('NoSuchKey')}"), of_code(f"{PROLOGUE}{CALL.format('NoSuchKey')}", DATA)),
        (emr(StateDetails=CALL.format("AccessDenied")), of_service(CALL.format("AccessDenied"), ROLE)),
        (emr(StateDetails="a.b.QueryException: access denied"), of_code("a.b.QueryException: access denied")),
        (
            emr(StateDetails="S3Exception: access denied (Service: S3, Status Code: 403)"),
            of_service("S3Exception: access denied (Service: S3, Status Code: 403)", ROLE),
        ),
        (
            emr(StateDetails="java.lang.OutOfMemoryError: Java heap space"),
            of_runtime("java.lang.OutOfMemoryError: Java heap space"),
        ),
        ({**EKS, "State": "FAILED", "FailureReason": "USER_ERROR", "StateDetails": "bad"}, of_code("USER_ERROR: bad")),
        ({**EKS, "State": "FAILED", "StateDetails": "bad"}, of_code("bad")),
        ({**EKS, "State": "CANCELLED"}, stopped("it ended as CANCELLED")),
        (cluster("Step", FailureDetails={"Message": "bad", "Reason": "x"}), of_code("bad")),
        (cluster("Step", FailureDetails={"Reason": "x"}), of_code("x")),
        (cluster("Step"), of_code("it ended as FAILED")),
        (cluster("Step", "CANCELLED", FailureDetails={"Message": "no"}), stopped("no")),
        (cluster("Cluster", StateChangeReason={"Message": "bad"}), of_service("bad", SETTINGS)),
        (cluster("Cluster", StateChangeReason={"Message": "access denied"}), of_service("access denied", ROLE)),
        ({**cluster("Step"), **cluster("Cluster", "OTHER")}, of_service("it ended as FAILED", SETTINGS)),
        ({"ExecutionArn": "a", "Status": "ABORTED", "Cause": "why"}, stopped("why")),
        ({"ExecutionArn": "a", "Status": "ABORTED"}, stopped("the child execution was stopped")),
        ({"ExecutionArn": "a", "Status": "TIMED_OUT"}, of_service("the child execution's own timeout passed", LATE)),
        (ecs(why="the agent timed out"), of_service("the agent timed out", HOST, is_container=True)),
        (batch(IsTerminated=1), of_service("the job failed", SETTINGS, is_container=True)),
        ({**batch("Terminated by me"), "IsTerminated": True}, stopped("Terminated by me")),
        ({**batch(), "IsCancelled": True}, stopped("the job was ended")),
        (athena("COLUMN x", "CANCELLED"), of_code("COLUMN x")),
        (athena("went wrong", "CANCELLED", 1), of_service("went wrong", HOST)),
        (athena("HIVE_PARTITION_X: y"), of_service("HIVE_PARTITION_X: y", DATA)),
        (glue("FAILED", "KeyError: 'access denied'"), of_code("KeyError: 'access denied'")),
        (glue("ERROR", "Caused by: MemoryError: no"), of_runtime("Caused by: MemoryError: no")),
        (training("OtherError: it does not exist"), of_service("OtherError: it does not exist", SETTINGS)),
        (training("OtherError: why"), of_service("OtherError: why", SETTINGS)),
        (training("OtherError: throttled"), of_service("OtherError: throttled", ErrorClass.THROTTLING)),
        ({"Entries": [{"ErrorCode": "Odd"}, {"ErrorCode": "Other"}]}, of_service("Odd", DATA)),
        ({"Failures": [{}], "Tasks": []}, of_service("ECS could not place the task: ", QUOTA)),
    ],
)  # fmt: skip
def test_a_report_is_told_whole(payload: dict[str, Any], expected: JobReport) -> None:
    assert report_of(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        {"ExecutionArn": "a", "Status": "FAILED"},
        {"Status": "ABORTED"},
        {"JobRunId": "1"},
        {"StateDetails": "x"},
        {"Step": {"Status": {}}},
        {"Cluster": "x"},
    ],
)
def test_what_did_not_end_so_has_no_report(payload: dict[str, Any]) -> None:
    assert report_of(payload) is None
