"""The interface of a kind's file in this folder: what it offers, and what it is made with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bunsui.aws.connect import Connection
from bunsui.aws.grants import Grant
from bunsui.aws.identity import StsIdentity
from bunsui.ports.cloud import Provider
from bunsui.ports.hints import Surveyor
from bunsui.ports.packaging import Packager


class SurveyingProvider(Surveyor, Provider, Protocol):
    """Reads whole, or only what is suspected, and writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderParts:
    """What providers are made with; each takes what it needs."""

    connection: Connection
    identity: StsIdentity
    packager: Packager


class ProviderModule(Protocol):
    """A kind's file."""

    @property
    def GRANTS(self) -> tuple[Grant, ...]:  # noqa: N802 - a constant of a module
        """What the caller must be allowed on the kind."""
        ...

    @property
    def provider(self) -> ProviderMaker:
        """Make the kind's provider."""
        ...


class ProviderMaker(Protocol):
    """Makes a provider."""

    def __call__(self, parts: ProviderParts, /) -> SurveyingProvider:
        """Return the provider on these parts."""
        ...
