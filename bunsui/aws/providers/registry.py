"""All providers of a connection, by kind.

A new kind is one file here, one file of the same name in `bunsui.kinds`, and a line in each registry.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bunsui.aws.connect import Connection
from bunsui.aws.identity import StsIdentity
from bunsui.aws.providers.lambda_function import LambdaFunctionProvider
from bunsui.aws.providers.log_group import LogGroupProvider
from bunsui.aws.providers.role import RoleProvider
from bunsui.aws.providers.schedule import ScheduleProvider
from bunsui.aws.providers.schedule_group import ScheduleGroupProvider
from bunsui.aws.providers.state_machine import StateMachineProvider
from bunsui.ports.cloud import Provider
from bunsui.ports.hints import Surveyor
from bunsui.ports.packaging import Packager


class SurveyingProvider(Surveyor, Provider, Protocol):
    """Reads whole, or only what is suspected, and writes."""


def providers(connection: Connection, *, identity: StsIdentity, packager: Packager) -> Mapping[str, SurveyingProvider]:
    """Give the provider of every kind that bunsui manages."""
    every: tuple[SurveyingProvider, ...] = (
        RoleProvider(connection),
        LogGroupProvider(connection, identity),
        LambdaFunctionProvider(connection, packager),
        StateMachineProvider(connection, identity),
        ScheduleGroupProvider(connection),
        ScheduleProvider(connection),
    )
    return {provider.kind: provider for provider in every}
