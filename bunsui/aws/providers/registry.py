"""All providers of a connection, by kind.

A new kind is one file here, one file of the same name in `bunsui.kinds`, and a line in each registry.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.aws.connect import Connection
from bunsui.aws.grants import Grant
from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers import (
    alert_rule,
    alert_topic,
    bucket,
    lambda_function,
    log_group,
    role,
    schedule,
    schedule_group,
    state_machine,
)
from bunsui.aws.providers.parts import ProviderModule, ProviderParts, SurveyingProvider
from bunsui.ports.packaging import Packager

_EVERY: tuple[ProviderModule, ...] = (
    role,
    log_group,
    lambda_function,
    state_machine,
    schedule_group,
    schedule,
    bucket,
    alert_topic,
    alert_rule,
)


def providers(connection: Connection, *, identity: StsIdentity, packager: Packager) -> Mapping[str, SurveyingProvider]:
    """Return the provider of every kind that bunsui manages."""
    parts = ProviderParts(connection=connection, identity=identity, packager=packager)
    every = [module.provider(parts) for module in _EVERY]
    return {provider.kind: provider for provider in every}


def kind_grants() -> tuple[Grant, ...]:
    """Return what the caller must be allowed on the kinds."""
    return tuple(grant for module in _EVERY for grant in module.GRANTS)
