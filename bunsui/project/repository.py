"""The repository side that use cases are handed: files, and what they say for one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.document.project import ProjectDocument
from bunsui.model.environment.resident import ResidentCode
from bunsui.model.resource import Scope
from bunsui.notifications.contract import ChannelType
from bunsui.notifications.registry import builtin_channels
from bunsui.operations.contract import OperationType
from bunsui.operations.registry import builtin_registry
from bunsui.ports.cloud import ParameterStore
from bunsui.ports.history import CommitHistory
from bunsui.ports.service_models import ServiceModels
from bunsui.ports.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The repository side: files and what they say for one environment. Needs no account."""

    source: Source
    project: ProjectDocument
    """Name, id, time zone, patterns, and the chosen environment's variables."""
    scope: Scope
    """The account is `000000000000` as long as nobody asked STS."""
    commit: str = ""
    """The git commit, with `*` when the tree is dirty; empty outside git."""
    history: CommitHistory | None = None
    """The commits that lead to the checkout; None where nothing is applied from it."""
    left_out: tuple[str, ...] = ()
    """Files that git has and a sparse checkout leaves out."""
    is_local: bool = True
    """True when the environment is the embedded AWS."""
    parameters: ParameterStore | None = None
    """None offline: `${ssm:...}` then stands for an unknown text."""
    registry: Mapping[str, OperationType] = field(default_factory=builtin_registry)
    """Operation types by name, those of installed plugins included."""
    channel_types: Mapping[str, ChannelType] = field(default_factory=builtin_channels)
    """Channel types by name, those of installed plugins included."""
    services: ServiceModels | None = None
    """What AWS's services can be asked; None: calls of its API are not held against it."""
    resident: ResidentCode | None = None
    """What the environment's resident is made of; None where it has none."""
    allowed_locally: frozenset[str] = frozenset()
    """Settings with which the embedded AWS runs types that it does not run by itself, see `OperationType.local_setting`."""

    @property
    def reads_what_it_wrote(self) -> bool:
        """True for the embedded AWS, unless it is asked to be late."""
        return self.is_local and not self.project.local_lag_seconds
