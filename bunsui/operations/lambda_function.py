"""`lambda`: invokes a Lambda function, either one that exists or one whose code lies in this repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.model.address import Address
from bunsui.model.durations import parse_duration
from bunsui.model.json import Json
from bunsui.model.names import ID_PATTERN, function_name
from bunsui.model.pipeline import CodeFolder, Operation
from bunsui.model.resource import Scope
from bunsui.model.values import Reference, Value
from bunsui.operations.contract import EmitContext, Emitted, FunctionCode, LogLocation, OperationType, Permission
from bunsui.operations.emission.task import task
from bunsui.operations.fields import CONFIG, Anything, Duration, Known, KnownMapping, Knowns, StrictBool, StrictInt
from bunsui.operations.functions.settings import FunctionNetwork, Runtime, check_settings, is_python
from bunsui.operations.integrations.arns import arn, is_arn
from bunsui.operations.integrations.secrets import check_secrets, secret_permissions

LONGEST_SECONDS = 900
"""Lambda's own limit for one invocation."""

DEFAULT_FUNCTION_SECONDS = 300

_NAME = re.compile(r"^[A-Za-z0-9_-]{1,64}(?::(?:\$LATEST|[A-Za-z0-9_-]{1,128}))?$")
_ARN = re.compile(
    r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:([A-Za-z0-9_-]{1,64})(?::(\$LATEST|[A-Za-z0-9_-]{1,128}))?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPermission:
    """Something that the function's own role may do."""

    __pydantic_config__: ClassVar = CONFIG

    actions: Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[A-Za-z0-9]*\*?$")]], Field(min_length=1)]
    """IAM actions, such as `s3:GetObject`."""
    resources: Annotated[list[Known], Field(min_length=1)]
    """ARNs that the actions are allowed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSource:
    """A function whose code lies in this repository: packaged by `bunsui apply`, published as a version, and pinned."""

    __pydantic_config__: ClassVar = CONFIG
    WITHOUT_EFFECT_ON_RESULT: ClassVar = frozenset(
        {
            *("path", "requirements", "exclude", "include", "memory", "timeout", "permissions", "digest", "reached", "name"),
            *("ephemeral_storage", "reserved_concurrency", "tracing", "dead_letter", "kms_key"),
        }
    )

    path: Annotated[str, Field(min_length=1)]
    """Folder with the code, relative to the project's root."""
    handler: Annotated[str, Field(pattern=r"^\S{1,128}$")]
    """Module and function, such as `app.handler`; of other runtimes what they call so."""
    runtime: Runtime = "python3.12"
    """Lambda runtime. What is not Python is packaged as the folder is, built before, and runs on AWS only."""
    requirements: str | None = None
    """Lock file with hashes, relative to the project's root, for Python. Only wheels are installed; nothing is built."""
    exclude: Sequence[Annotated[str, Field(min_length=1)]] = ()
    """Files and folders that are not part of the function: `tests`, `*.md`, `data/**`. One without `/` is a name at any depth.
    Left out by themselves: hidden files, caches, `node_modules`, virtual environments, what looks like a secret (`*.pem`)."""
    include: Sequence[Annotated[str, Field(min_length=1)]] = ()
    """What is part of the function although it is left out by itself, such as `ca.pem`; `exclude` counts first."""
    memory: Annotated[StrictInt, Field(ge=128, le=10_240)] = 256
    """Memory in MB; processor time grows with it."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """Processor that the function runs on."""
    environment: KnownMapping = field(default_factory=dict)
    """Environment variables. No secrets: they can be read in the console."""
    secrets: KnownMapping = field(default_factory=dict)
    """ARNs of secrets, or of parameters of Systems Manager, by the environment variables that hand them over: the code reads
    the value, which the function may. A key of one's own that encrypts it needs kms:Decrypt under `permissions`."""
    timeout: Duration | None = None
    """The function's own limit, at most 15m and not above the operation's; 5m when not given."""
    network: FunctionNetwork | None = None
    """Subnets and security groups of the VPC that the function reaches into."""
    layers: Annotated[Knowns, Field(max_length=5)] = ()
    """ARNs of versions of layers, in the order in which they are laid over each other."""
    ephemeral_storage: Annotated[StrictInt, Field(ge=512, le=10_240)] = 512
    """Size of `/tmp` in MB."""
    reserved_concurrency: Annotated[StrictInt, Field(ge=1)] | None = None
    """How many calls run at once at most, set aside for this function out of the account's."""
    tracing: StrictBool = False
    """True traces the function with X-Ray, beside the pipeline's own `tracing`."""
    dead_letter: Known | None = None
    """ARN of a queue or topic that gets events of which the function failed for good; only those of others, who call it
    asynchronously: a pipeline waits for its function."""
    kms_key: Known | None = None
    """ARN of a key of one's own that encrypts the environment variables."""
    permissions: Sequence[FunctionPermission] = ()
    """What the function may do besides writing its log."""
    digest: SkipJsonSchema[str] = ""
    """Content digest, filled in when the folder was read; never in a file."""
    reached: SkipJsonSchema[str] = ""
    """Digest of what the handler can reach, filled in with the other; never in a file."""
    name: SkipJsonSchema[str] = ""
    """In the pipeline's `functions`, filled in where an operation names it; never in a file."""

    def __post_init__(self) -> None:
        """Refuse what Lambda would refuse."""
        if self.timeout is not None and parse_duration(self.timeout) > LONGEST_SECONDS:
            raise ValueError("timeout: Lambda stops every function after 15m")
        check_secrets(self.secrets, self.environment)
        check_settings(
            runtime=self.runtime,
            handler=self.handler,
            requirements=self.requirements,
            layers=self.layers if isinstance(self.layers, Sequence) else (),
            dead_letter=self.dead_letter,
            kms_key=self.kms_key,
        )


def _or_name(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [*schema["anyOf"], {"type": "string", "pattern": ID_PATTERN}]


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaParams:
    """Invokes a Lambda function and waits for its answer."""

    __pydantic_config__: ClassVar = CONFIG

    function: Known | None = None
    """Name or ARN of an existing function, with a version or alias after a colon: `clean-file:live`."""
    code: Annotated[FunctionSource | None, Field(json_schema_extra=_or_name)] = None
    """A function whose code lies in this repository, instead of `function`: what it is made of, or its name in `functions`."""
    payload: Anything = None
    """The event that the function receives; `{}` when not given."""

    def __post_init__(self) -> None:
        """Demand exactly one of `function` and `code`, and a usable name."""
        if (self.function is None) == (self.code is None):
            raise ValueError("write either function: (an existing one) or code: (one from this repository)")
        if isinstance(self.function, str) and not (_NAME.match(self.function) or _ARN.match(self.function)):
            raise ValueError("function: write NAME:ALIAS, NAME:VERSION or the function's ARN")


def _qualifier(function: str) -> str:
    match = _ARN.match(function)
    if match is not None:
        return match.group(2) or ""
    return function.partition(":")[2]


def _name(function: str) -> str:
    match = _ARN.match(function)
    return match.group(1) if match is not None else function.partition(":")[0]


def _emit(params: LambdaParams, operation: Operation, context: EmitContext) -> Emitted:
    name: Json = context.value(params.function) if params.code is None else _as_json(context.function())
    arguments: dict[str, Json] = {"FunctionName": name}
    if params.payload is not None:
        arguments["Payload"] = context.value(params.payload)
    return task(
        operation,
        context,
        name="lambda:invoke",
        arguments=arguments,
        result="$states.result.Payload",
        default_timeout_seconds=LONGEST_SECONDS,
    )


def _as_json(value: Json | Reference) -> Json:
    # A definition may hold References as leaves until apply resolves them; the ASL model's type does not say so.
    return value  # type: ignore[return-value]


def _permissions(params: LambdaParams, context: EmitContext) -> tuple[Permission, ...]:
    return (Permission(actions=("lambda:InvokeFunction",), resources=(_resource(params, context),)),)


def _resource(params: LambdaParams, context: EmitContext) -> Value:
    """All versions of an own function, since running sessions go on with the version that they started with; else exactly what
    is invoked."""
    if params.code is not None:
        function = context.function()
        if isinstance(function, Reference):
            scope, address = context.scope, function.address
            return arn(
                scope, "lambda", f"function:{function_name(scope.project, scope.environment, address.pipeline, address.name)}:*"
            )
        return str(function).rsplit(":", 1)[0] + ":*"
    if not isinstance(params.function, str) or is_arn(params.function):
        return params.function
    return arn(context.scope, "lambda", f"function:{params.function}")


def _function(params: LambdaParams) -> FunctionCode | None:
    code = params.code
    if code is None:
        return None
    requirements = None if code.requirements is None else posixpath.normpath(code.requirements)
    return FunctionCode(
        code=CodeFolder(
            path=posixpath.normpath(code.path),
            digest=code.digest,
            reached=code.reached,
            requirements=requirements,
            exclude=tuple(code.exclude),
            include=tuple(code.include),
        ),
        handler=code.handler,
        runtime=code.runtime,
        memory_mb=code.memory,
        timeout_seconds=DEFAULT_FUNCTION_SECONDS if code.timeout is None else parse_duration(code.timeout),
        architecture=code.architecture,
        environment={**code.environment, **code.secrets},
        name=code.name,
        subnets=code.network.subnets if code.network is not None else (),
        security_groups=code.network.security_groups if code.network is not None else (),
        layers=code.layers,
        ephemeral_storage_mb=code.ephemeral_storage,
        reserved_concurrency=code.reserved_concurrency,
        tracing=code.tracing,
        dead_letter=code.dead_letter,
        kms_key=code.kms_key,
        permissions=(
            *(Permission(actions=tuple(given.actions), resources=tuple(given.resources)) for given in code.permissions),
            *secret_permissions(code.secrets.values()),
        ),
    )


def _never_local(params: LambdaParams) -> str:
    code = params.code
    return "" if code is None or is_python(code.runtime) else f"it runs Python only, and the function has {code.runtime}"


def _with_reached(params: LambdaParams, reached: str) -> LambdaParams:
    return params if params.code is None else replace(params, code=replace(params.code, reached=reached))


def _with_digest(params: LambdaParams, digest: str) -> LambdaParams:
    return params if params.code is None else replace(params, code=replace(params.code, digest=digest))


def _findings(params: LambdaParams, operation: Operation) -> Sequence[Diagnostic]:
    found = []
    if isinstance(params.function, str) and _qualifier(params.function) in ("", "$LATEST"):
        found.append(
            Diagnostic(
                code="BS271",
                severity=Severity.WARNING,
                summary=f"function {_name(params.function)} is not pinned to a version or alias",
                detail="A deployment of the function would change running sessions, and a resume could run other code.",
                hint=f"Write {_name(params.function)}:ALIAS or {_name(params.function)}:VERSION.",
                pointer="/function",
            )
        )
    limit = operation.timeout_seconds
    own = params.code.timeout if params.code is not None else None
    if limit is not None and own is not None and parse_duration(own) > limit:
        found.append(
            Diagnostic(
                code="BS272",
                severity=Severity.ERROR,
                summary=f"the function's timeout ({own}) is longer than the operation's ({limit}s)",
                detail="Step Functions would give up while the function still works, and a retry would run it twice at once.",
                hint="Raise the operation's timeout or lower the function's.",
                pointer="/code/timeout",
            )
        )
    return found


def _logs(params: LambdaParams, address: Address, scope: Scope) -> LogLocation | None:
    if params.code is not None:
        return LogLocation(
            group=f"/aws/lambda/{function_name(scope.project, scope.environment, address.pipeline, address.name)}"
        )
    if isinstance(params.function, str):
        return LogLocation(group=f"/aws/lambda/{_name(params.function)}")
    return None


HINTS: Mapping[str, str] = {
    "Lambda.TooManyRequestsException": "The account's or the function's concurrency is used up: retry with a delay, lower "
    "max_concurrency of the foreach, or raise the limit.",
    "Lambda.ResourceNotFoundException": "The function, version or alias does not exist in this account and region.",
    "Lambda.ServiceException": "Lambda itself failed; the retry class `infrastructure` covers it.",
    "Lambda.AccessDeniedException": "The machine's role may not invoke the function; for a function of another account its "
    "resource policy must allow it too.",
    "Runtime.ImportModuleError": "The handler's module, or something that it imports, is not in the package: see `handler` and "
    "`requirements`.",
    "Runtime.HandlerNotFound": "The module has no function of the name that `handler` says.",
    "Runtime.UserCodeSyntaxError": "The code does not compile with this `runtime`.",
    "Runtime.OutOfMemory": "The function ran out of memory: raise `memory`.",
    "Runtime.MarshalError": "What the function returned is no JSON: return numbers, texts, lists and objects of these.",
    "Lambda.Unknown": "Lambda does not say how the function ended: it ran into its timeout, or out of memory; see its last "
    "lines.",
    "Runtime.ExitError": "The process ended by itself, often because it ran out of memory: raise `memory`.",
    "Sandbox.Timedout": "The function reached its own timeout: raise `code.timeout`, at most 15m.",
    "States.Timeout": "The operation's `timeout` passed. The function may still be running.",
    "States.DataLimitExceeded": "The answer is larger than 256 KiB: write it to S3 and return its address.",
}

EXAMPLE = """\
type: lambda
function: "clean-file:live"
payload: {key: "{% $params.key %}"}
timeout: 5m
"""


def _answer(params: LambdaParams, result: Json) -> Json:
    return {"ExecutedVersion": "$LATEST", "Payload": result, "StatusCode": 200}


TYPE = OperationType(
    name="lambda",
    summary="Invokes a Lambda function and waits for its answer",
    params=LambdaParams,
    emit=_emit,
    permissions=_permissions,
    result="What the function returned.",
    default_timeout_seconds=LONGEST_SECONDS,
    function=_function,
    alternatives=(("function", "code"),),
    with_digest=_with_digest,
    with_reached=_with_reached,
    findings=_findings,
    never_local=_never_local,
    logs=_logs,
    answer=_answer,
    hints=HINTS,
    example=EXAMPLE,
)
