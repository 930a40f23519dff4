"""What `bunsui.yaml` says, for one chosen environment, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.diagnostics import Position
from bunsui.document.rules import Rules
from bunsui.document.yaml.tree import Document
from bunsui.model.alerts import Alert, Channel
from bunsui.model.environment.alert_routes import AlertRoute
from bunsui.model.environment.freeze import FreezeWindow
from bunsui.model.json import Json
from bunsui.model.pipeline import GivenRoles

LOCAL = "local"
"""The environment that exists without being declared: the embedded AWS."""

PROJECT_ID_PATTERN = r"^[A-Za-z0-9-]{8,64}$"
ACCOUNT_PATTERN = r"^[0-9]{12}$"
REGION_PATTERN = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"
ROLE_ARN_PATTERN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$"

RETIRE_SECONDS = 14 * 86_400
"""How long a session can be redriven after its end."""


PATTERNS = ("pipelines/**/*.yaml", "pipelines/**/*.yml")
"""What `pipelines:` says where it is not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentDocument:
    """One environment of the project file, or the built-in `local`."""

    name: str
    account: str | None = None
    """Twelve digits; checked against STS before any write. None for local."""
    region: str = "us-east-1"
    profile: str | None = None
    role_arn: str | None = None
    variables: Mapping[str, Json] = field(default_factory=dict)
    schedules_enabled: bool = True
    protected: bool = False
    """Destroy is refused, and what takes something away needs the environment's name."""
    overwrites_drift: bool = False
    """In CI, too, what was changed outside is undone without a word."""
    retire_seconds: int = RETIRE_SECONDS
    """How long retired machines are kept."""
    retention_seconds: int | None = None
    """How long ended sessions are kept; None for ever."""
    freeze: tuple[FreezeWindow, ...] = ()
    """Days on which nothing is applied, in the project's time zone."""
    permissions_boundary: str | None = None
    state_key_is_managed: bool = False
    """True: a state table that is made here is encrypted with the account's key `aws/dynamodb`, else with one of AWS's own."""
    bucket: str = ""
    """`managed`, the name of one that somebody else makes, or nothing."""
    bucket_kms_key: str = ""
    """The ARN of the KMS key that encrypts its objects; empty for none."""
    roles: GivenRoles = field(default_factory=GivenRoles)
    """For pipelines that do not name their own."""
    alerts_enabled: bool = True
    """False: nobody is told of anything here."""
    resident: bool = False
    """True: a Lambda function looks at sessions when nobody else does."""

    @property
    def is_local(self) -> bool:
        """True for the embedded AWS."""
        return self.name == LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDocument:
    """The project file with one environment chosen."""

    name: str
    id: str
    environment: EnvironmentDocument
    timezone: str = "UTC"
    patterns: tuple[str, ...] = PATTERNS
    patterns_at: Position | None = None
    """Where the project file says them, or its beginning where it does not; None when there is no such file."""
    pattern_places: tuple[Position, ...] = ()
    """Where each of them stands; empty when none is written."""
    variables: Mapping[str, Json] = field(default_factory=dict)
    """The project's variables with the environment's laid over them."""
    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Laid under every pipeline's own `defaults`."""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    """By name: the project's with the environment's laid over them."""
    alerts: tuple[Alert, ...] = ()
    """Of pipelines without their own."""
    alert_routes: tuple[AlertRoute, ...] = ()
    """Which channels are told by alerts that name none."""
    alerts_text: tuple[Json, ...] = ()
    """The same as the project file has them."""
    document: Document | None = None
    """The project file, for defaults that findings point at; None where there is none."""
    rules: Rules = field(default_factory=Rules)
    """What the project says about findings."""
    ignored_tags: tuple[str, ...] = ()
    """Names of tags that others give, with a star for any characters."""
    local_ecs: str = "none"
    """`process`: the embedded AWS runs the commands of containers as child processes."""
    local_iam: str = "enforce"
    local_lag_seconds: float = 0
    """How many seconds late the embedded AWS is where AWS is."""
    local_answers: Mapping[str, Json] = field(default_factory=dict)
    """`warn`: the embedded AWS does what a role does not permit, and says so."""
    environments: tuple[str, ...] = ()
    """The names of all declared environments."""
