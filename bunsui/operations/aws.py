"""`aws`: calls any AWS API, by Step Functions' optimised integration where there is one, else by its SDK integration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import Field

from bunsui.asl.model import code
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.json import Json
from bunsui.model.pipeline import Operation
from bunsui.operations.contract import EmitContext, Emitted, OperationType, Permission, ServiceCallKeys
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, Anything, Known
from bunsui.operations.integrations.iam_names import iam_actions
from bunsui.operations.integrations.object_permissions import absence_of
from bunsui.operations.integrations.optimised import OWN_ARGUMENTS, Wait, job_permissions, resource
from bunsui.operations.integrations.passed_roles import passed_roles

FORBIDDEN_SERVICES = frozenset({"iam", "sts", "organizations", "account", "sso", "ssoadmin", "identitystore"})
"""Who may do what is decided in review, never by a running pipeline."""

_FORBIDDEN_CALL = re.compile(
    r"^(?:kms:(?:putKeyPolicy|createGrant|retireGrant|revokeGrant|scheduleKeyDeletion|disableKey)"
    r"|secretsmanager:putResourcePolicy|lambda:(?:add|remove)(?:LayerVersion)?Permission"
    r"|[a-z0-9]+:(?:put|set|delete)(?:BucketPolicy|BucketAcl|ObjectAcl|ResourcePolicy|RepositoryPolicy|AccessPolicy))$"
)
_BETTER = {
    "states:startExecution": "step_function, or pipeline for one of this project",
    "sfn:startExecution": "step_function, or pipeline for one of this project",
    "sfn:startSyncExecution": "step_function",
    "ecs:runTask": "ecs_task",
    "http:invoke": "http",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsParams:
    """Calls any AWS API."""

    __pydantic_config__: ClassVar = CONFIG

    action: Annotated[
        str, Field(pattern=r"^[a-z][a-z0-9-]*:[a-z][A-Za-z0-9]*$", examples=["glue:startJobRun", "athena:startQueryExecution"])
    ]
    """Service and call as Step Functions names them, such as `glue:startJobRun` or `cloudwatch:putMetricData`."""
    arguments: dict[str, Anything] = field(default_factory=dict)
    """The call's parameters by the names of the API reference, with a capital: `JobName`, and `SnsTopicArn` for SNSTopicArn.
    They are held against the service's published model."""
    wait: Wait = "response"
    """`response` goes on once AWS has answered; `job` waits until the job ended; `token` waits until somebody sends the task
    token back."""
    token_at: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")] | None = None
    """Where in `arguments` the task token goes, for `wait: token`, such as `MessageBody.token`."""
    resources: Annotated[list[Known], Field(min_length=1)]
    """ARNs that the machine's role is allowed the call on; `["*"]` only where the service knows nothing finer."""
    allow: list[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[A-Za-z0-9]+$")]] | None = None
    """IAM actions, where the call needs others than the one of its name."""

    def __post_init__(self) -> None:
        """Refuse what pipelines must not do, and what Step Functions cannot do."""
        service = self.action.partition(":")[0]
        if service in FORBIDDEN_SERVICES or _FORBIDDEN_CALL.match(self.action):
            raise ValueError(f"action: a pipeline may not change who is allowed what ({self.action})")
        forbidden = [name for name in self.allow or () if name.partition(":")[0] in FORBIDDEN_SERVICES]
        if forbidden:
            raise ValueError(f"allow: a pipeline may not change who is allowed what ({forbidden[0]})")
        if self.action in _BETTER:
            raise ValueError(f"action: for {self.action} use type: {_BETTER[self.action]}")
        resource(self.action, self.wait)
        if (self.wait == "token") != (self.token_at is not None):
            raise ValueError("token_at: wait: token needs it, to know where the token goes; nothing else takes it")


def _emit(params: AwsParams, operation: Operation, context: EmitContext) -> Emitted:
    arguments = context.value(params.arguments)
    if params.token_at is not None:
        arguments = _with_token(arguments, params.token_at.split("."))
    return task(operation, context, name=resource(params.action, params.wait), arguments=arguments, result="$states.result")


def _with_token(arguments: Json, path: Sequence[str]) -> Json:
    if not path:
        return code("$states.context.Task.Token")
    inner = arguments if isinstance(arguments, Mapping) else {}
    return {**inner, path[0]: _with_token(inner.get(path[0]), path[1:])}


def _permissions(params: AwsParams, context: EmitContext) -> tuple[Permission, ...]:
    actions = tuple(params.allow) if params.allow is not None else iam_actions(params.action)
    given = tuple(params.resources)
    call = (Permission(actions=actions, resources=given),) if actions else ()
    following = job_permissions(params.action, given, context.scope) if params.wait == "job" else ()
    return (*call, *_absences(params), *passed_roles(params.action, params.arguments), *following)


def _absences(params: AwsParams) -> list[Permission]:
    """Return what tells a missing object from a forbidden one, for calls that read one."""
    if params.allow is not None or params.action not in ("s3:getObject", "s3:headObject"):
        return []
    return [one for resource in params.resources for one in absence_of(resource)]


def _findings(params: AwsParams, operation: Operation) -> Sequence[Diagnostic]:
    found = []
    if params.action in ("secretsmanager:getSecretValue", "secretsmanager:batchGetSecretValue"):
        found.append(
            Diagnostic(
                code="BS273",
                severity=Severity.WARNING,
                summary="the secret's value would stay in the history of every session",
                detail="Everybody who may read executions could read it, for 90 days.",
                hint="Hand the secret's ARN to the task, and let it read the value with its own role.",
                pointer="/action",
            )
        )
    if params.wait == "token" and operation.heartbeat_seconds is None:
        found.append(
            Diagnostic(
                code="BS274",
                severity=Severity.INFO,
                summary="without heartbeat, a lost task token is noticed only when the timeout passes",
                hint="Add heartbeat: and let the worker call SendTaskHeartbeat.",
                pointer="/wait",
            )
        )
    return found


TYPE = OperationType(
    name="aws",
    summary="Calls any AWS API",
    params=AwsParams,
    emit=_emit,
    permissions=_permissions,
    result="The call's answer, names as in the API reference, to which fields that are read are held; with `wait: job` the "
    "finished job's description, with `wait: token` what came back with the token.",
    findings=_findings,
    beats=lambda params: params.wait == "token",
    service_call=ServiceCallKeys(
        action="action", arguments="arguments", wait="wait", into="token_at", allow="allow", own_arguments=OWN_ARGUMENTS
    ),
    hints={
        "States.TaskFailed": "The call or the job failed; the cause is the service's own.",
        "States.Permissions": "The machine's role is not allowed the call: see `resources` and `allow`.",
        "States.Timeout": "The operation's `timeout` passed before the job ended or the token came back.",
        "States.HeartbeatTimeout": "The holder of the task token did not report within `heartbeat`.",
    },
    example="""\
type: aws
action: glue:startJobRun
wait: job
arguments: {JobName: sales, Arguments: {"--date": "{% $params.date %}"}}
resources: [arn:aws:glue:us-east-1:111122223333:job/sales]
timeout: 2h
""",
)
