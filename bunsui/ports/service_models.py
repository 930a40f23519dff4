"""What AWS's services can be asked, in the names that Step Functions has: services, calls, members, answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceShape:
    """One kind of value in the requests and answers of a service. Shapes name each other, since some hold themselves."""

    kind: str
    """`structure`, `list`, `map`, `string`, `number`, `integer`, `boolean`, or `other` for what is not looked into."""
    members: Mapping[str, str] = field(default_factory=dict)
    """structure: the shape's name by that of the member, such as `JobName`."""
    required: frozenset[str] = frozenset()
    """structure: members that must be there, apart from tokens that the SDK makes by itself."""
    entries: str = ""
    """list, map: the shape of what is in it."""
    values: tuple[str, ...] = ()
    """string: the only ones there are; empty when there are others."""
    minimum: float | None = None
    """The least number; of texts, lists and maps the least length."""
    maximum: float | None = None
    pattern: str = ""
    """string: a regular expression that the whole text matches; empty when none is published that Python reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCallModel:
    """One call of a service."""

    takes: str
    """The name of the shape of its arguments; empty when it takes none."""
    gives: str
    """The name of the shape of its answer; empty when it gives none."""
    is_stream: bool = False
    """True when what it takes or gives is a stream of events."""


class ServiceModels(Protocol):
    """The published models of AWS's services, read when they are asked for."""

    def calls(self, service: str) -> Mapping[str, ServiceCallModel]:
        """Return the calls of a service by their names, such as `startJobRun`. KeyError when there is no such service."""
        ...

    def shape(self, service: str, name: str) -> ServiceShape:
        """Return a shape of a service by its name."""
        ...

    def services(self) -> Collection[str]:
        """Return the names of all services, such as `cloudwatchlogs`."""
        ...

    def renamed(self, service: str) -> str:
        """Return what Step Functions calls a service that the AWS CLI calls `service`; empty when it calls none so."""
        ...
