"""Pipelines as bunsui thinks of them: lowered from YAML, checked, references not yet compiled.

A pipeline is either a DAG of jobs (`jobs`) or a raw definition (`definition`), never both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bunsui.diagnostics import Position
from bunsui.model.admission.concurrency import Concurrency
from bunsui.model.alerts import Alert
from bunsui.model.deployments.smoke_run import SmokeRun
from bunsui.model.estimates.learnt_durations import JobDurations
from bunsui.model.json import Json
from bunsui.model.lifecycle import PipelineLifecycle
from bunsui.model.outcomes import ClosingPhase, RunIf
from bunsui.model.recovery import Policy
from bunsui.model.values import Expression, Value, leaves


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An input of a pipeline."""

    name: str
    type: str
    """string, integer, number, boolean, array or object."""
    schema: Mapping[str, Json]
    """A JSON Schema for the value: type, format, enum, minimum and so on."""
    default: Value = None
    required: bool = True
    """False when there is a default."""
    description: str = ""
    sensitive: bool = False
    """True when its values may only be references (`bunsui.model.references`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and when an operation is tried again."""

    attempts: int = 3
    """Counts the first try; 1 means no retry."""
    delay_seconds: int = 5
    backoff: float = 2.0
    max_delay_seconds: int | None = None
    jitter: bool = True
    errors: tuple[str, ...] = ("any",)
    """Classes (throttling, infrastructure, timeout, any) or error names as Step Functions spells them."""
    spared: tuple[str, ...] = ()
    """Classes or names that are not tried again although `errors` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Asks again and again, until the answer is the one that is waited for."""

    until: Expression
    """Over `$result`, the answer: true ends the poll well."""
    fail_if: Expression | None = None
    """Over `$result`: true fails the operation. Looked at before `until`."""
    every_seconds: int = 30
    """Between an answer and the next question."""
    backoff: float = 1.0
    """What each wait is multiplied with to give the next."""
    max_delay_seconds: int | None = None
    timeout_seconds: int = 3600
    """From the first question to the last, which is asked when the time is up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePermission:
    """Something that the machine's role may do, beside what its operations are known to need."""

    actions: tuple[str, ...]
    """IAM actions, such as `kms:Decrypt`."""
    resources: tuple[Value, ...]
    condition: Mapping[str, Json] = field(default_factory=dict)
    """As in an IAM policy: by operator, then by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step of a job, run by one service."""

    id: str
    """Unique in its job; made from the type when the YAML gives none."""
    type: str
    """The name of an operation type in the registry, such as `lambda`."""
    params: object
    """The type's own frozen dataclass (see `bunsui.operations`)."""
    timeout_seconds: int | None = None
    """None means the type's default."""
    heartbeat_seconds: int | None = None
    retry: Retry | None = None
    """None means no retry at all."""
    idempotent: bool = False
    poll: Poll | None = None
    """Repeats the operation; its timeout and retries then hold for each question."""
    permissions: tuple[RolePermission, ...] = ()
    """Of the machine's role, beside those that the type derives."""
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Items:
    """Items that stand in an object of S3, or that are objects of S3 themselves."""

    bucket: Value
    """A text that is known by the time of the apply."""
    key: Value
    """A text, or an expression that gives one; for objects, the beginning of their keys."""
    format: str
    """csv, json (a list), jsonl, manifest (of an S3 inventory), or objects (all whose keys begin so)."""
    headers: tuple[str, ...] = ()
    """The names of a CSV's columns; empty when its first row has them."""

    @property
    def is_listed(self) -> bool:
        """True when the items are objects, which are listed and not read."""
        return self.format == "objects"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreach:
    """Runs a job's operations once for each item: inside the session's execution, or in executions of their own."""

    items: Expression | tuple[Value, ...] = ()
    source: S3Items | None = None
    """Where the items are instead; distributed only."""
    is_distributed: bool = False
    batch: int | None = None
    """The most items that are handed to the operations at once, as a list; distributed only. None: one by one, as they are."""
    variable: str = "item"
    """The name that expressions use, without `$`; in batches it stands for the list."""
    label: Expression | None = None
    max_items: int = 1000
    max_concurrency: int = 0
    """0 means as many as Step Functions allows (40 inline, 10,000 distributed)."""
    tolerate_percent: float | None = None
    tolerate_count: int | None = None

    @property
    def most_items(self) -> int:
        """How many items there may be."""
        return self.max_items if self.known_items is None else len(self.known_items)

    @property
    def known_items(self) -> tuple[Value, ...] | None:
        """The items that stand in the file; None when only the run knows them."""
        return None if self.source is not None or isinstance(self.items, Expression) else self.items

    @property
    def is_recognized(self) -> bool:
        """True when no Map can be handed some of the items: Step Functions reads them itself, or groups them."""
        return self.source is not None or self.batch is not None

    @property
    def is_tolerant(self) -> bool:
        """True when items may fail."""
        return self.tolerate_count is not None or self.tolerate_percent is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRule:
    """What a job promises of one of its outputs, beyond that it is there."""

    type: str = ""
    """string, number, integer, boolean, array or object; empty when nothing is said. An array is a list for any number."""
    default: Value = None
    has_default: bool = False
    """True when the output may be absent: `default`, which may be null, then stands for it."""
    sensitive: bool = False
    """True when its value is shown nowhere, and is no part of the session's result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The unit that Step Functions schedules."""

    name: str
    operations: tuple[Operation, ...]
    depends_on: tuple[str, ...] = ()
    description: str = ""
    when: Expression | None = None
    run_if: RunIf = RunIf.ALL_SUCCEEDED
    isolate: bool = False
    """Catch this job's failure so that its siblings go on. Implied by `run_if` of a dependant; see `isolated_jobs`."""
    handles: bool = False
    """With a `run_if` that reacts: when the job succeeds, the failures that it looks at fail the session no more."""
    closing: ClosingPhase | None = None
    """Set for the jobs of `on_failure` and `finally`, which depend on all others and whose outputs are not the session's."""
    foreach: Foreach | None = None
    outputs: Mapping[str, Value] = field(default_factory=dict)
    """Declared outputs by name; expressions over `$result` and `$ops`."""
    output_rules: Mapping[str, OutputRule] = field(default_factory=dict)
    """For outputs of which more is said than their value."""
    recovery: Policy = ()
    """What is done about a session that fails in it; empty: what the pipeline says."""
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOffset:
    """What lies between the time of a start and the slot that it stands for."""

    days: int = 0
    """Of the calendar, in the time zone of the start; -1 is the same time of the day before."""
    seconds: int = 0
    """Added after the days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A time at which the pipeline starts."""

    id: str
    expression: str
    """EventBridge Scheduler's form: `cron(0 3 * * ? *)`, `rate(1 hour)` or `at(2026-01-31T03:00:00)`."""
    timezone: str
    input: Mapping[str, Json] = field(default_factory=dict)
    """Parameters."""
    slot: SlotOffset | None = None
    """Added to the scheduled time to give the slot; the pipeline's when None."""
    enabled: bool = True
    max_age_seconds: int | None = None
    """How late a start may come; EventBridge Scheduler's own limit when None."""
    dead_letter: str = ""
    """ARN of a queue for starts that were given up; empty for none."""
    position: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFolder:
    """The code of a Lambda function, identified by its content."""

    path: str
    """Folder relative to the project's root."""
    digest: str
    """`sha256:` and 64 hex digits over sorted paths, executable bits, bytes, lock digest, runtime and architecture."""
    reached: str = ""
    """The same of what the handler can reach; empty where nobody can tell."""
    requirements: str | None = None
    """Path of the lock file with hashes, relative to the project's root."""
    exclude: tuple[str, ...] = ()
    """Globs of what is not taken."""
    include: tuple[str, ...] = ()
    """Globs of what is taken although it is left out by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDefinition:
    """A whole state machine that bunsui manages and does not compile."""

    path: str
    document: Mapping[str, Json]
    """The definition with substitutions made; key order kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedFinding:
    """A finding that the pipeline's file accepts."""

    code: str
    reason: str
    until: date | None = None
    """The last day on which it is accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRoles:
    """ARNs of roles that somebody else makes; None where bunsui makes one."""

    machine: str | None = None
    """Taken on by the state machine."""
    function: str | None = None
    """Taken on by every function that comes from code."""
    scheduler: str | None = None
    """Taken on by EventBridge Scheduler to start the machine."""

    def over(self, others: GivenRoles) -> GivenRoles:
        """Return these, and the others' where these say nothing."""
        return GivenRoles(
            machine=self.machine or others.machine,
            function=self.function or others.function,
            scheduler=self.scheduler or others.scheduler,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a pipeline's file tells people: what it is, and whom to ask when it fails. Empty texts when unsaid."""

    title: str = ""
    description: str = ""
    owner: str = ""
    runbook: str = ""
    """A path or a URL, as it was written."""


NOTHING_SAID = About()
DEFAULT_LOG_LEVEL = "ERROR"
DEFAULT_LOG_RETENTION_DAYS = 30
NO_LOG_GROUP = "none"
"""Stands in place of a log group where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One YAML file under `pipelines/`, lowered."""

    name: str
    path: str
    """The YAML file, relative to the project's root, with `/`."""
    title: str = ""
    description: str = ""
    owner: str = ""
    runbook: str = ""
    timezone: str = "UTC"
    slot: SlotOffset = field(default_factory=SlotOffset)
    """Of starts by hand, and of schedules without their own."""
    enabled: bool = True
    """False: no schedule starts it, nor does a run by hand."""
    tags: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    concurrency: Concurrency | None = None
    """How many sessions run at a time; None for as many as are started."""
    timeout_seconds: int | None = None
    jobs: tuple[Job, ...] = ()
    """In the order of the file."""
    definition: RawDefinition | None = None
    resource_name: str | None = None
    log_retention_days: int = DEFAULT_LOG_RETENTION_DAYS
    log_level: str = DEFAULT_LOG_LEVEL
    """Step Functions' execution logging: OFF, ERROR, FATAL or ALL."""
    log_destination: str | None = None
    """The ARN of a log group that somebody else makes, or `NO_LOG_GROUP`; None where bunsui makes one."""
    log_execution_data: bool | None = None
    """Whether the log has the data of events; None where the level decides."""
    tracing: bool = False
    roles: GivenRoles = field(default_factory=GivenRoles)
    """Its own over the environment's."""
    permissions: tuple[RolePermission, ...] = ()
    """Of the machine's role, beside those that are derived."""
    accepted: tuple[AcceptedFinding, ...] = ()
    lifecycle: PipelineLifecycle = field(default_factory=PipelineLifecycle)
    alerts: tuple[Alert, ...] = ()
    recovery: Policy = ()
    """What is done about a session that fails, where the job in which it does says nothing."""
    verify: SmokeRun | None = None
    """What an apply runs after it deployed a version; None for nothing."""
    durations: JobDurations = field(default_factory=dict)
    """Of its jobs, as they were learnt (`bunsui.durations.yaml`): what the compiler arranges the jobs by, and no part of what
    they do. Empty where nothing was."""
    text: str = field(default="", repr=False, compare=False)
    """What the file says, in one form as JSON (`bunsui.document.author_text`); empty for raw pipelines."""

    @property
    def about(self) -> About:
        """What the file tells people."""
        return About(title=self.title, description=self.description, owner=self.owner, runbook=self.runbook)

    @property
    def is_raw(self) -> bool:
        """True when the pipeline is a definition of its own rather than a DAG of jobs."""
        return self.definition is not None

    @property
    def literal_defaults(self) -> dict[str, Value]:
        """Defaults of parameters by name, without those that are or hold expressions: the run alone can tell these."""
        return {
            parameter.name: parameter.default
            for parameter in self.parameters
            if parameter.default is not None and not any(isinstance(leaf, Expression) for leaf in leaves(parameter.default))
        }

    def job(self, name: str) -> Job:
        """Return the job of that name; KeyError when there is none."""
        for job in self.jobs:
            if job.name == name:
                return job
        raise KeyError(name)


def isolated_jobs(jobs: tuple[Job, ...]) -> frozenset[str]:
    """Return the names of the jobs whose failure is caught: those that say `isolate`, those that a job with `run_if: all_done`
    or `any_failed` depends on, and such a job itself: what it cleans up or tells must not hide what failed before."""
    implied = (name for job in jobs if job.run_if.reacts for name in (job.name, *job.depends_on))
    return frozenset(implied) | {job.name for job in jobs if job.isolate}


def leaf_jobs(jobs: tuple[Job, ...]) -> tuple[str, ...]:
    """Return the names of the jobs that nobody depends on, whose outputs are the session's, without the closing jobs."""
    needed = {name for job in jobs if job.closing is None for name in job.depends_on}
    return tuple(job.name for job in jobs if job.closing is None and job.name not in needed)
