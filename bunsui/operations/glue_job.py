"""`glue_job`: runs a Glue job that exists to its end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.asl.model import code
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.local_answers import answers_setting
from bunsui.model.pipeline import Operation
from bunsui.model.resource import Scope
from bunsui.model.values import Expression, Value
from bunsui.operations.contract import EmitContext, Emitted, LogLocation, OperationType, Permission, ServiceCall
from bunsui.operations.emission.task import task
from bunsui.operations.emission.text import as_text
from bunsui.operations.emission.written_result import (
    RESULT_HINTS,
    RESULT_URI,
    WRITTEN_FIELDS,
    ResultForm,
    result_uri,
    with_written_result,
    written_answer,
    written_permissions,
)
from bunsui.operations.fields import CONFIG, Known, StrictInt, TextMapping
from bunsui.operations.integrations.arns import arn

ACTIONS = ("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")
"""What starting, following and stopping a run needs (Step Functions developer guide, "Start an AWS Glue job"); all of them can
be allowed on one job (service authorization reference, "AWS Glue")."""

LOG_GROUP = "/aws-glue/jobs/output"
"""Where a job's own output goes, by streams that are named after runs."""

_NAME = re.compile(r"^[^/*?\x00-\x1f]{1,255}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """What the job runs on."""

    __pydantic_config__: ClassVar = CONFIG

    type: Annotated[str, Field(pattern=r"^[A-Z]+\.[0-9A-Z]+$")]
    """Type of the workers, such as `G.1X`."""
    count: Annotated[StrictInt, Field(ge=1)]
    """How many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlueJobParams:
    """Runs a Glue job and waits until the run ended."""

    __pydantic_config__: ClassVar = CONFIG

    job: Known
    """Name of the job."""
    arguments: TextMapping = field(default_factory=dict)
    """Arguments of this run by name, over the job's own; Glue's `--` before a name may be left out. What an
    expression gives becomes a text."""
    result: ResultForm | None = None
    """What the job writes to the address in its argument BUNSUI_RESULT_URI, before it ends: `file` is a JSON object of at most
    200 KiB, whose fields `$result` has; `s3` is anything, of which `uri`, `etag` and `bytes` travel. The environment needs a
    `bucket`, the job's own role `s3:PutObject` on it."""
    workers: Workers | None = None
    """What the run gets, when that is not what the job says."""

    def __post_init__(self) -> None:
        """Refuse names that Glue does not know, and one argument under two names."""
        if isinstance(self.job, str) and not _NAME.match(self.job):
            raise ValueError("job: write the job's name")
        names = [_flag(name) for name in self.arguments]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"arguments: {twice} is given twice")


def _flag(name: str) -> str:
    return name if name.startswith("--") else f"--{name}"


def _emit(params: GlueJobParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments: dict[str, Json] = {"JobName": context.value(params.job)}
    given = {_flag(name): _text(value, context) for name, value in params.arguments.items()}
    if params.result is not None:
        given[_flag(RESULT_URI)] = code(result_uri(context))
    if given:
        arguments["Arguments"] = given
    if params.workers is not None:
        arguments |= {"WorkerType": params.workers.type, "NumberOfWorkers": params.workers.count}
    started = task(operation, context, name="glue:startJobRun.sync", arguments=arguments, result=_RESULT)
    return started if params.result is None else with_written_result(started, params.result, context, result=_RESULT)


_RESULT = "{'id': $states.result.Id, 'state': $states.result.JobRunState, 'seconds': $states.result.ExecutionTime}"


def _text(value: Value, context: EmitContext) -> Json:
    return as_text(value, context) if isinstance(value, Expression) else context.value(value)


def _permissions(params: GlueJobParams, context: EmitContext) -> tuple[Permission, ...]:
    # A name that only the apply knows cannot be made part of an ARN here.
    name = params.job if isinstance(params.job, str) else "*"
    running = Permission(actions=ACTIONS, resources=(arn(context.scope, "glue", f"job/{name}"),))
    return (running, *(written_permissions(context) if params.result is not None else ()))


def _logs(params: GlueJobParams, address: Address, scope: Scope) -> LogLocation:
    return LogLocation(group=LOG_GROUP)


def _answer(params: GlueJobParams, result: Json, call: ServiceCall) -> Json:
    if params.result is not None and not call.resource.startswith("glue:"):
        return written_answer(result, call, own=sorted(_FIELDS))
    told = result if isinstance(result, Mapping) else {}
    return {
        "Id": told.get("id") or "jr_0000000000000000",
        "JobName": params.job if isinstance(params.job, str) else "job",
        "JobRunState": told.get("state") or "SUCCEEDED",
        "ExecutionTime": told.get("seconds") or 0,
    }


def _sample(params: GlueJobParams) -> Json:
    written: dict[str, Json] = {"uri": None, "etag": None, "bytes": 0} if params.result == "s3" else {}
    return {"id": None, "state": "SUCCEEDED", "seconds": 0, **written}


_FIELDS = frozenset({"id", "state", "seconds"})

TYPE = OperationType(
    name="glue_job",
    summary="Runs a Glue job and waits until the run ended",
    params=GlueJobParams,
    emit=_emit,
    permissions=_permissions,
    result="`id` of the run, its `state` (SUCCEEDED) and `seconds`, how long it ran. A run that fails, times out or is stopped "
    "fails the operation. With `result: file` the fields of the object that it wrote come beside these, with `result: s3` "
    "`uri`, `etag` and `bytes` of what it wrote.",
    result_fields=_FIELDS | WRITTEN_FIELDS,
    writes_result=lambda params: params.result is not None,
    open_result_with=("result", "file"),
    default_timeout_seconds=3600,
    logs=_logs,
    answer_call=_answer,
    sample=_sample,
    not_local="it runs no Glue jobs",
    local_setting=answers_setting("glue:startJobRun"),
    hints={
        "States.TaskFailed": "The run failed, timed out or was stopped: see JobRunState and ErrorMessage in the cause, and the "
        "run's stream in /aws-glue/jobs/error.",
        "Glue.ConcurrentRunsExceededException": "The job runs as often as its maximum concurrency allows: retry with a delay "
        "(the class `throttling` covers it), or raise it.",
        "Glue.EntityNotFoundException": "There is no job of that name in this account and region.",
        "Glue.ResourceNumberLimitExceededException": "The account's Glue quota is used up.",
        "States.Timeout": "The operation's `timeout` passed; Step Functions stopped the run.",
        **RESULT_HINTS,
    },
    example="""\
type: glue_job
job: sales-bronze
arguments: {date: "{% $params.date %}"}
timeout: 2h
""",
)
