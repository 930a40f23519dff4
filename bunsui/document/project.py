"""What `bunsui.yaml` says, for one chosen environment, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.diagnostics import Position
from bunsui.document.rules import Rules
from bunsui.model.freeze import FreezeWindow
from bunsui.model.pipeline import GivenRoles
from bunsui.model.values import Json

LOCAL = "local"
"""The environment that exists without being declared: the embedded AWS."""

RETIRE_SECONDS = 14 * 86_400
"""How long a session can be redriven after its end."""


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
    retire_seconds: int = RETIRE_SECONDS
    """How long retired machines are kept."""
    freeze: tuple[FreezeWindow, ...] = ()
    """Days on which nothing is applied, in the project's time zone."""
    permissions_boundary: str | None = None
    roles: GivenRoles = field(default_factory=GivenRoles)
    """For pipelines that do not name their own."""

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
    patterns: tuple[str, ...] = ("pipelines/**/*.yaml", "pipelines/**/*.yml")
    patterns_at: Position | None = None
    """Where the project file says them, or its beginning where it does not; None when there is no such file."""
    variables: Mapping[str, Json] = field(default_factory=dict)
    """The project's variables with the environment's laid over them."""
    defaults: Mapping[str, Json] = field(default_factory=dict)
    """Laid under every pipeline's own `defaults`."""
    rules: Rules = field(default_factory=Rules)
    """What the project says about findings."""
    local_ecs: str = "none"
    """`process`: the embedded AWS runs the commands of containers as child processes."""
    environments: tuple[str, ...] = ()
    """The names of all declared environments."""
