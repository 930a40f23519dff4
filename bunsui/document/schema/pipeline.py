"""The shape of a pipeline file, from which `schemas/pipeline-v1.json` is made.

These models only describe: a file is checked with the published schema through `jsonschema`, and lowered from plain data.
A key stands here when the feature behind it works.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from bunsui.document.schema.alerts import AlertEntry
from bunsui.document.schema.lifecycle import LifecycleEntry
from bunsui.document.schema.logging import LoggingEntry
from bunsui.document.schema.recovery import Recovery
from bunsui.document.schema.retries import Retries
from bunsui.document.schema.start_limits import ConcurrencyEntry
from bunsui.document.schema.tests import PipelineTestEntry
from bunsui.document.schema.values import (
    EXPRESSION_PATTERN,
    Anything,
    Duration,
    ExpressionText,
    Id,
    OutputValue,
    RunIfName,
    TimeZone,
    condition,
)
from bunsui.document.schema.verify import VerifyEntry
from bunsui.model.durations import DURATION_PATTERN
from bunsui.model.names import ID_PATTERN


class Described(BaseModel):
    """A mapping without other keys, whose docstrings are the schema's descriptions."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class DefaultsEntry(Described):
    """What holds for every operation that does not say otherwise."""

    retry: Retries | None = None
    """Retries of operations without `retry`; an operation's own keys are laid over these."""
    timeout: Duration | None = None
    """Timeout of operations without `timeout`."""


class ParameterEntry(Described):
    """An input of the pipeline: a JSON Schema for its value, and a default."""

    type: Literal["string", "integer", "number", "boolean", "array", "object"]
    """The type of the value."""
    format: Literal["date", "date-time", "time", "email", "uri", "uuid"] | None = None
    """A format that a text must have."""
    enum: Annotated[list[Any], Field(min_length=1)] | None = None
    """The only values allowed."""
    pattern: str | None = None
    """A regular expression that a text must match."""
    minimum: float | None = None
    """The smallest number allowed."""
    maximum: float | None = None
    """The largest number allowed."""
    min_length: Annotated[int, Field(ge=0)] | None = None
    """The shortest text allowed."""
    max_length: Annotated[int, Field(ge=0)] | None = None
    """The longest text allowed."""
    items: dict[str, Any] | None = None
    """A JSON Schema for the entries of a list."""
    default: Anything = None
    """The value when none is given; an expression over $session is evaluated once, at the first attempt."""
    description: str = ""
    """What it is for."""
    sensitive: bool = False
    """True where a secret is meant: its values may only be references, the ARN of a secret or of a parameter of
    Systems Manager."""


class SlotEntry(Described):
    """Which business time a scheduled start stands for."""

    offset: Annotated[str, Field(pattern=DURATION_PATTERN, examples=["-1d", "-1w", "-6h"])] = "0s"
    """Added to the time of the start; `-1d` means the same time of the day before, where clocks change too."""


class ScheduleEntry(Described):
    """A time at which the pipeline starts: exactly one of `cron`, `rate`, `at`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["cron"]}, {"required": ["rate"]}, {"required": ["at"]}]},
    )

    id: Id
    """Names the schedule in plans and in AWS."""
    cron: Annotated[str, Field(examples=["0 3 * * ? *"])] | None = None
    """AWS cron: minute, hour, day of month, month, day of week, year; one of the two days is `?`."""
    rate: Annotated[str, Field(examples=["1 hour"])] | None = None
    """A number and minutes, hours or days."""
    at: Annotated[str, Field(examples=["2026-01-31T03:00:00"])] | None = None
    """One instant, in the schedule's time zone."""
    timezone: TimeZone | None = None
    """An IANA name, for the times of the schedule and the dates of its sessions; the pipeline's when it is left out."""
    slot: SlotEntry | None = None
    """Shifts the session's business time; the pipeline's when it is left out."""
    input: dict[str, Any] = {}
    """Values for the pipeline's parameters."""
    enabled: bool = True
    """False keeps the schedule in AWS, switched off."""
    max_age: Duration | None = None
    """How late a start may come that Step Functions refused at first, 1m to 24h; 24h when not given. Its slot stays the one
    that was meant."""
    dead_letter: str | None = None
    """ARN of a standard queue that gets starts which were given up."""


class S3ItemsEntry(Described):
    """Items that stand in an object of S3, or the objects under a prefix."""

    s3: Annotated[str, Field(examples=["s3://lake/orders/2026-01-31.csv", "s3://lake/orders/"])]
    """Address of the object, s3://BUCKET/KEY, or the beginning of many. The key may hold expressions, the bucket must
    be known."""
    format: Literal["csv", "json", "jsonl", "manifest", "objects"]
    """How it is read: csv (the first row has the names), json (a list), jsonl (a value a line), manifest (an inventory's).
    objects reads none: each object whose key begins so is an item, with Key, Size, Etag and LastModified."""
    headers: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1, max_length=1000)] | None = None
    """The names of the columns of a CSV whose first row has none."""


class ForeachEntry(Described):
    """Runs the job's operations once for each item of a list."""

    items: Annotated[
        Any,
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "pattern": EXPRESSION_PATTERN},
                    {"type": "array"},
                    S3ItemsEntry.model_json_schema(),
                ]
            }
        ),
    ]
    """The list, an expression that gives it or, distributed, an object in S3 that holds it."""
    as_: Annotated[str, Field(alias="as", pattern=r"^[a-z][A-Za-z0-9_]{0,31}$")] = "item"
    """The name by which expressions read the item, without `$`; with `batch`, the list of the items in a batch."""
    label: ExpressionText | None = None
    """How an item is called in progress and results."""
    mode: Literal["inline", "distributed"] = "inline"
    """Where items run: inside the session's execution (up to 40 at once, 25,000 events in all), or each in one of its own (up
    to 10,000 at once)."""
    max_items: Annotated[int, Field(ge=1, le=100_000_000)] = 1000
    """The run fails with a clear error when there are more; at most 10,000 inline."""
    max_concurrency: Annotated[int, Field(ge=0, le=10_000)] = 0
    """How many items (or batches) run at a time; 0 means as many as Step Functions allows: 40 inline, 10,000 distributed."""
    batch: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Distributed: hand the operations up to so many items at once, as a list; fewer where their input would pass 256 KiB."""
    tolerate: Annotated[
        Any,
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "integer", "minimum": 0},
                    {"type": "string", "pattern": r"^(?:100|[0-9]{1,2})(?:\.[0-9]+)?%$"},
                ],
                "examples": ["2%", 5],
            }
        ),
    ] = None
    """How many items may fail before the job fails: a number, or a percentage."""


class PollEntry(Described):
    """Repeats the operation until its result is the one that is waited for. The operation's timeout and retries hold for each
    question."""

    every: Duration = "30s"
    """Time between an answer and the next question."""
    backoff: Annotated[float, Field(ge=1, le=100)] = 1.0
    """What each time between is multiplied with to give the next."""
    max_delay: Duration | None = None
    """The longest time between, when there is a backoff."""
    timeout: Duration = "1h"
    """How long it asks: the last question comes when the time is up, then the operation fails (Bunsui.PollTimedOut)."""
    until: Annotated[str, condition("$result.status = 'SUCCEEDED'")] | None = None
    """Over $result, the answer to the latest question: true ends the poll, and the answer is the operation's result. May be
    left out where the type has a condition of its own, as `s3` has with `action: exists`."""
    fail_if: Annotated[str, condition("$result.status in ['FAILED', 'CANCELLED']")] | None = None
    """Over $result: true fails the operation at once (Bunsui.PollFailed). Looked at before `until`."""


class PermissionEntry(Described):
    """Something that the state machine's role may do, beside what its operations are known to need."""

    actions: Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9-]+:[A-Za-z0-9]*\*?$")]], Field(min_length=1)]
    """IAM actions, such as `kms:Decrypt`."""
    resources: Annotated[list[str], Field(min_length=1)]
    """ARNs that they are allowed on."""
    condition: dict[str, dict[str, Anything]] = {}
    """When they are allowed: keys and values by operator, as in an IAM policy."""


class OperationEntry(Described):
    """One step of a job, run by one service. The keys of its type stand beside these."""

    id: Id | None = None
    """Names the operation in the job; made from the type when it is left out."""
    type: str
    """Which service and call."""
    timeout: Duration | None = None
    """How long it may take; every operation has a timeout."""
    heartbeat: Duration | None = None
    """How long it may stay silent, for work that reports."""
    retry: Retries | None = None
    """Retries, laid over the defaults; a number alone says how often it is tried in all."""
    idempotent: bool = False
    """True when running it twice does no harm: then a timeout is retried too, where `errors` does not say otherwise."""
    poll: PollEntry | None = None
    """Repeat it until its result says that something is done."""
    permissions: list[PermissionEntry] = []
    """What the machine's role must be allowed for it beside what is derived: a key that encrypts what it writes to."""


class JobEntry(Described):
    """The unit that is scheduled: operations in sequence, after the jobs it depends on."""

    description: str = ""
    """What the job does."""
    depends_on: Annotated[
        Any,
        WithJsonSchema(
            {"anyOf": [{"type": "array", "items": {"type": "string"}, "uniqueItems": True}, {"type": "string", "minLength": 1}]}
        ),
    ] = []
    """Names of the jobs that come before; one name needs no list."""
    when: Annotated[str, condition("$session.weekday = 'Monday'")] | None = None
    """The job is skipped unless this is true."""
    run_if: RunIfName = "all_succeeded"
    """When it may start, by the outcomes of the jobs it depends on: all_succeeded, none_failed (skipped ones are fine),
    none_failed_min_one_success, all_done (always) or any_failed. Spellings of other tools that mean the same are understood."""
    handles: bool = False
    """With run_if any_failed or all_done: when this job succeeds, the failures that it looks at no longer fail the session."""
    isolate: bool = False
    """Catch the job's failure, so that its siblings go on; the session still fails."""
    foreach: ForeachEntry | ExpressionText | list[Any] | None = None
    """Run the operations once for each item of a list: the list, an expression that gives it, or more about it."""
    operations: Annotated[list[OperationEntry], Field(min_length=1, max_length=50)]
    """What it does, in order. With one operation its keys may stand in the job itself."""
    outputs: dict[Id, OutputValue] | Annotated[list[Id], Field(json_schema_extra={"uniqueItems": True})] = {}
    """What later jobs may read as $jobs.NAME.OUTPUT: a value that must be there, or {value, default, type}. A list of
    names stands for the fields of $result with these names."""
    recover: Recovery | None = None
    """What `bunsui recover` does when the session fails in this job; the pipeline's `recover` when it is left out."""


ClosingJobs: TypeAlias = Annotated[list[OperationEntry], Field(min_length=1)] | OperationEntry | dict[Id, JobEntry]
"""Jobs that run after all others."""


Role: TypeAlias = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", examples=["arn:aws:iam::111111111111:role/pipelines"])
]


class RolesEntry(Described):
    """Roles that somebody else makes. What is left out, bunsui makes, with no more permissions than the operations need."""

    machine: Role | None = None
    """ARN of the role that the state machine takes on."""
    function: Role | None = None
    """ARN of the role that functions made from `code` take on."""
    scheduler: Role | None = None
    """ARN of the role with which EventBridge Scheduler starts the machine."""


class AcceptEntry(Described):
    """A finding about this pipeline that is lived with, and why."""

    code: Annotated[str, Field(pattern=r"^BS[0-9]{3}$", examples=["BS210"])]
    """The finding's code; an error cannot be accepted."""
    reason: Annotated[str, Field(min_length=1)]
    """Why: shown with the finding wherever a plan is read."""
    until: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2027-01-31"])] | None = None
    """The last day on which it is accepted; for ever when it is left out."""


class MovedEntry(Described):
    """A pipeline that had other names."""

    from_: Annotated[
        Any,
        Field(alias="from"),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "pattern": ID_PATTERN},
                    {"type": "array", "items": {"type": "string", "pattern": ID_PATTERN}, "minItems": 1, "uniqueItems": True},
                ]
            }
        ),
    ]
    """The name, or names, that it had before: what exists under them is retired once this pipeline is in service."""


class PipelineFile(Described):
    """A data pipeline: jobs with dependencies, or a raw state machine definition."""

    model_config = ConfigDict(
        title="bunsui pipeline",
        json_schema_extra={"oneOf": [{"required": ["jobs"]}, {"required": ["definition"]}]},
    )

    version: Literal[1]
    """The version of this language: 1."""
    name: Id
    """Names the pipeline in commands and in AWS; unique in the project."""
    title: str = ""
    """For people, in any script."""
    description: str = ""
    """What the pipeline does."""
    owner: str = ""
    """Who is asked when it fails."""
    runbook: str = ""
    """Where it says what to do then: a path or a URL."""
    timezone: TimeZone | None = None
    """An IANA name, for dates and schedules; the project's when it is left out."""
    slot: SlotEntry | None = None
    """Shifts the business time of schedules without their own `slot`, and of a run by hand without `--slot`."""
    enabled: bool = True
    """`false` keeps its schedules switched off, and refuses a run by hand."""
    tags: dict[Annotated[str, Field(min_length=1, max_length=128)], Annotated[str, Field(max_length=256)]] = {}
    """AWS tags of everything that the pipeline makes."""
    parameters: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")], ParameterEntry] = {}
    """Inputs by name, read as $params.NAME."""
    schedules: list[ScheduleEntry] = []
    """When it starts by itself."""
    concurrency: ConcurrencyEntry | None = None
    """How many of its sessions run at a time; as many as are started when it is left out."""
    timeout: Duration | None = None
    """How long a session may take."""
    type: Literal["standard"] = "standard"
    """The workflow type of Step Functions."""
    defaults: DefaultsEntry | None = None
    """What holds for every operation that does not say otherwise."""
    functions: dict[Id, Anything] = {}
    """Lambda functions by name, each made once however many operations invoke it with `code: NAME`."""
    jobs: Annotated[dict[Id, JobEntry], Field(min_length=1, max_length=1000)] | None = None
    """The jobs by name."""
    on_failure: ClosingJobs | None = None
    """Runs when any job failed, after all of them: an operation, a list of operations, or jobs by name. The session stays
    failed. Not after a stop, nor when the pipeline's timeout ends the session."""
    finally_: Annotated[ClosingJobs | None, Field(alias="finally")] = None
    """Runs last, whatever happened before: in the forms of `on_failure`, and not where that does not run either."""
    recover: Recovery | None = None
    """What `bunsui recover` does when a session fails: a rule, or rules in their order. For jobs without their own."""
    alerts: list[AlertEntry] | None = None
    """Who is told of what happens to its sessions; the project's `alerts` when it is left out, nobody with `[]`."""
    definition: str | None = None
    """A state machine definition in JSON or YAML, relative to this file, that is managed as it is."""
    substitutions: dict[str, Anything] | Literal["none"] = {}
    """Which `${name}` placeholders of the definition are replaced, and by what. Each has to be; `$${` is a literal `${`. With
    `none` the definition is taken as it stands: `${` is text."""
    resource_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}$")] | None = None
    """The state machine's name in AWS, to keep one that exists."""
    logging: LoggingEntry | None = None
    """Step Functions' own execution log."""
    tracing: bool = False
    """Send traces to X-Ray."""
    roles: RolesEntry | None = None
    """Roles that somebody else makes, instead of the environment's or of those that bunsui makes."""
    permissions: list[PermissionEntry] = []
    """What the machine's role must be allowed beside what is derived from operations, or from a raw definition."""
    accept: list[AcceptEntry] = []
    """Findings that are lived with, each with its reason."""
    lifecycle: LifecycleEntry | None = None
    """What may happen to what exists."""
    verify: VerifyEntry | None = None
    """A run that proves what an apply deployed, and rolls it back when it fails."""
    observed: Annotated[str, Field(min_length=1, examples=["CloudFormation stack etl"])] | None = None
    """Who owns the state machine as yet: it is compared and watched, and no apply writes it. `bunsui import --handover` takes
    the key away when that owner has let go."""
    protect: bool = False
    """`true` asks whoever applies a change that others notice for this pipeline's name."""
    moved: MovedEntry | None = None
    """Where the pipeline comes from when its name changed."""
    tests: list[PipelineTestEntry] = []
    """Runs on a virtual clock with mocks, and what is expected of them: `bunsui test`."""
