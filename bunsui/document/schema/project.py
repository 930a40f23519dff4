"""The shape of `bunsui.yaml`, from which `schemas/project-v1.json` is made.

A key stands here when the feature behind it works.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ConfigDict, Field, WithJsonSchema

from bunsui.document.project import ACCOUNT_PATTERN, PROJECT_ID_PATTERN, REGION_PATTERN, ROLE_ARN_PATTERN
from bunsui.document.schema.alerts import AlertEntry, AlertRouteEntry
from bunsui.document.schema.channels import ChannelEntry
from bunsui.document.schema.pipeline import DefaultsEntry, Described, RolesEntry
from bunsui.document.schema.tests import CALL_ANSWERS
from bunsui.document.schema.values import Anything, Duration, Id, TimeZone
from bunsui.model.bucket import BUCKET_PATTERN, KMS_KEY_PATTERN
from bunsui.model.environment.freeze import FREEZE_PATTERN


class FreezeEntry(Described):
    """Days on which nothing is applied without `--break-glass`."""

    from_: Annotated[str, Field(alias="from", pattern=FREEZE_PATTERN, examples=["12-25", "2026-12-25"])]
    """The first day, in the project's time zone: `MM-DD` for every year, `YYYY-MM-DD` for one."""
    to: Annotated[str, Field(pattern=FREEZE_PATTERN, examples=["01-05", "2027-01-05"])]
    """The last day, in the same form."""
    reason: Annotated[str, Field(max_length=200)] = ""
    """Why, for whoever is refused."""


class EnvironmentEntry(Described):
    """An account and region with its own values."""

    account: Annotated[str, Field(pattern=ACCOUNT_PATTERN, examples=["111111111111"])] | None = None
    """The AWS account, twelve digits in quotes; checked against the credentials before any write."""
    region: Annotated[str, Field(pattern=REGION_PATTERN, examples=["ap-northeast-1"])] | None = None
    """The AWS region."""
    profile: str | None = None
    """The profile of the AWS configuration that gives the credentials."""
    role_arn: Annotated[str, Field(pattern=ROLE_ARN_PATTERN)] | None = None
    """A role to assume."""
    variables: dict[str, Any] = Field(default_factory=dict)
    """Values for `${var.NAME}`, laid over the project's."""
    schedules: Literal["enabled", "disabled"] = "enabled"
    """`disabled` keeps all schedules switched off here."""
    channels: dict[Id, ChannelEntry] = Field(default_factory=dict)
    """Where people are told of alerts here, laid over the project's channels."""
    alerts: Literal["enabled", "disabled"] = "enabled"
    """`disabled` tells nobody of anything here, and makes no topics."""
    protected: bool = False
    """`true` refuses destroy, and asks for the environment's name before anything is taken away."""
    drift: Literal["ask", "overwrite"] = "ask"
    """`ask`: in CI, where nobody looks, what was changed outside bunsui is undone only with `--accept-drift` or
    `--accept-drift-of PIPELINE`. `overwrite` accepts all of it here."""
    freeze: list[FreezeEntry] = Field(default_factory=list)
    """Days on which nothing is applied."""
    retire_for: Duration = "14d"
    """How long a machine that is no longer wanted is kept for the sessions that may be redriven on it; `0s` deletes it with the
    next apply after nothing runs."""
    retention: Duration | None = None
    """How long sessions that have ended are kept, at least `1d`; for ever when it is left out. Step Functions itself forgets an
    execution 90 days after its end."""
    permissions_boundary: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+$")] | None = None
    """The IAM policy that bounds every role made here."""
    state_encryption: Literal["aws_owned", "aws_managed"] = "aws_owned"
    """Whose key encrypts the state's table, said when it is made: `aws_owned` costs nothing; `aws_managed` is the account's
    `aws/dynamodb`, whose uses CloudTrail records and KMS charges for. A table that is there keeps its key."""
    bucket: Annotated[str, Field(pattern=BUCKET_PATTERN, examples=["managed", "acme-data"])] | None = None
    """Where that lies which is too large for an execution: `managed` is a bucket that bunsui makes for this environment, closed
    to the public, with objects that expire; a name is one of this account that somebody else makes."""
    bucket_kms_key: Annotated[str, Field(pattern=KMS_KEY_PATTERN)] | None = None
    """The ARN of the KMS key that encrypts the objects of `bucket`. A managed bucket is encrypted with it, and machines may use
    it for what they read there. Its own policy must let IAM decide. S3's own keys and `aws/s3` need none."""
    roles: RolesEntry | None = None
    """Roles that somebody else makes, for all pipelines here that do not name their own."""
    resident: bool = False
    """`true` makes a small Lambda function here that keeps the rows of sessions up to date when nobody looks: called when an
    execution ends, and every five minutes."""


Level: TypeAlias = Literal["error", "warning", "info", "accept"]


class RuleEntry(Described):
    """What becomes of a finding, why, for how long and where."""

    level: Level
    """`error`, `warning` or `info` change how much it matters; `accept` folds it away, and needs a reason."""
    reason: str = ""
    """Why: shown with the finding wherever a plan is read."""
    until: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2027-01-31"])] | None = None
    """The last day on which it holds."""
    pipelines: Annotated[list[Id], Field(min_length=1)] | None = None
    """The pipelines that it is about; all when it is left out."""


class LocalEntry(Described):
    """What the embedded AWS may do on this machine."""

    ecs: Literal["process", "none"] = "none"
    """`process` runs the commands of `ecs_task` containers as child processes: as you, without a container around them.
    The environment variable BUNSUI_LOCAL_ECS, `process` or `none`, counts before this."""
    iam: Literal["enforce", "warn"] = "enforce"
    """`enforce` refuses, as AWS does, what the role of a function, a task, a schedule or a rule does not permit; `warn` does it
    all the same, and writes the refusal to `bunsui local logs`."""
    lag: Duration | None = None
    """How late the embedded AWS is where AWS is, at most `20s`; left out, never. So long after a write no role that was
    made can be assumed, no changed policy takes effect, lists and eventually consistent reads tell how things were, a
    function is `Pending`, executions begin with the definition before. S3 and consistent reads of DynamoDB are never late."""
    answers: dict[
        Annotated[str, Field(pattern=r"^[a-z0-9-]+:[a-z][A-Za-z0-9]*$", examples=["glue:startJobRun"])],
        Annotated[Any, WithJsonSchema(CALL_ANSWERS)],
    ] = Field(default_factory=dict)
    """What is answered to calls of tasks that the embedded AWS does not serve, by service and call (`glue:startJobRun`; where
    a job is waited for, its description): an answer as a test's mock has it, or a list, one call after the other. Without one
    such a call fails, naming itself. The machine's role must permit the call, and `bunsui show` counts it as not judged."""


class IgnoreEntry(Described):
    """What others change of everything here, and bunsui never."""

    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=128)]], Field(min_length=1)]
    """Names of tags that others give, with a star for any characters: no drift, never reset or removed, on all resources. What
    AWS itself gives (`aws:…`) is left alone in any case."""


class ProjectFile(Described):
    """A project: which pipelines there are, and into which environments they go."""

    model_config = ConfigDict(title="bunsui project")

    version: Literal[1]
    """The version of this file's language: 1."""
    project: Annotated[Id, Field(max_length=32)]
    """Names the project in AWS."""
    id: Annotated[str, Field(pattern=PROJECT_ID_PATTERN)]
    """Made by `bunsui init` and committed, so that two repositories can never own one state."""
    timezone: TimeZone = "UTC"
    """An IANA name: how times are shown, and what a date means."""
    pipelines: Annotated[list[str], Field(min_length=1)] = Field(default=["pipelines/**/*.yaml", "pipelines/**/*.yml"])
    """Globs of pipeline files, relative to this file."""
    default_environment: str | None = None
    """The environment when none is asked for; `local` when it is left out."""
    variables: dict[str, Any] = Field(default_factory=dict)
    """Values for `${var.NAME}`."""
    rules: dict[
        Annotated[str, Field(pattern=r"^BS[0-9]{3}$")], Level | RuleEntry | Annotated[list[RuleEntry], Field(min_length=1)]
    ] = Field(default_factory=dict)
    """Raises, lowers or accepts findings by their code; of a list, the first entry that is about the pipeline counts."""
    ignore: IgnoreEntry | None = None
    """What others change of everything here: no drift, and never reset."""
    defaults: DefaultsEntry | None = None
    """Laid under every pipeline's own `defaults`."""
    channels: dict[Id, ChannelEntry] = Field(default_factory=dict)
    """Where people are told of alerts, by name."""
    alerts: list[AlertEntry] = Field(default_factory=list)
    """Who is told of what happens to the sessions of pipelines without `alerts` of their own."""
    alert_routes: list[AlertRouteEntry] = Field(default_factory=list)
    """Which channels are told by alerts that name none, by the pipeline's owner and tags."""
    functions: dict[Id, Anything] = Field(default_factory=dict)
    """Lambda functions by name, for `code: NAME` in any pipeline; each pipeline that names one has its own."""
    local: LocalEntry = Field(default_factory=LocalEntry)
    """The embedded AWS; other environments are not concerned."""
    environments: dict[Id, EnvironmentEntry] = Field(default_factory=dict)
    """The environments by name; `local`, the embedded AWS, exists without being declared."""
