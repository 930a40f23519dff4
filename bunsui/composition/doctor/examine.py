"""Look at everything that bunsui stands on, once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from bunsui import __version__
from bunsui.composition.asked import Asked
from bunsui.composition.doctor.embedded import embedded_facts
from bunsui.composition.doctor.machine import machine_facts
from bunsui.composition.doctor.project import (
    ReadProject,
    ci_facts,
    folder_of,
    meant_account,
    project_facts,
    read_project_settings,
)
from bunsui.composition.settings import Settings
from bunsui.composition.workspace import scope_of
from bunsui.model.resource import Scope
from bunsui.ports.cloud import Caller
from bunsui.ports.diagnosis import AccountProbe
from bunsui.services.doctor.account import MeantAccount, account_checks
from bunsui.services.doctor.checks import Area, Check, Diagnosis, skip
from bunsui.services.doctor.embedded import embedded_checks
from bunsui.services.doctor.machine import TerminalFacts, machine_checks
from bunsui.services.doctor.project import ci_checks, project_checks
from bunsui.system_clock import SystemClock

_ANY_REGION = "us-east-1"
"""Where to ask when no region is named: who somebody is, is the same everywhere."""


def examine(asked: Asked, *, terminal: TerminalFacts, can_ask: bool) -> Diagnosis:
    """Return all checks; nothing that fails keeps another check from being made."""
    environ = os.environ
    read = read_project_settings(asked, environ)
    project = project_facts(read, asked, environ, has_terminal=terminal.is_terminal)
    return Diagnosis(
        version=__version__,
        environment=project.environment,
        checks=(
            *machine_checks(machine_facts(asked.directory, environ, terminal=terminal)),
            *project_checks(project),
            *_account(read, asked, environ, can_ask=can_ask),
            *embedded_checks(embedded_facts(folder_of(read.settings)), version=__version__, is_meant=project.is_local),
            *ci_checks(ci_facts(environ)),
        ),
    )


def _account(read: ReadProject, asked: Asked, environ: Mapping[str, str], *, can_ask: bool) -> Iterator[Check]:
    if read.settings is not None and read.settings.project.environment.is_local:
        why = "the environment is `local`, which needs no AWS; name another with -e"
        yield from (skip(area, "AWS", why) for area in (Area.NETWORK, Area.CREDENTIALS, Area.STATE))
        return
    meant = meant_account(read.settings, asked, environ)
    yield from account_checks(meant, probe_of(meant, read.settings, asked, can_ask=can_ask), SystemClock().now)


def probe_of(meant: MeantAccount, settings: Settings | None, asked: Asked, *, can_ask: bool) -> AccountProbe:
    """Return what asks the account that is meant."""
    from bunsui.aws.botocore_session import assumed_session, core_session
    from bunsui.aws.connect import Connection, Timeouts
    from bunsui.aws.probes.account import AwsAccountProbe

    environment = settings.project.environment if settings is not None else None
    profile = asked.profile or (environment.profile if environment is not None else None)
    region = meant.region or _ANY_REGION

    def session() -> Any:
        core = core_session(profile, None, None, lambda _: None)
        return assumed_session(core, meant.role_arn, region, is_local=False) if meant.role_arn else core

    def scope(caller: Caller) -> Scope:
        assert settings is not None
        return scope_of(settings, asked, account=caller)

    connection = Connection(
        region=region, session=session, profile=meant.profile or None, timeouts=Timeouts(connect_seconds=4, read_seconds=8)
    )
    asked.connected(lambda: connection.traffic)
    return AwsAccountProbe(
        connection, session=session, profile=profile, can_ask=can_ask, scope=scope if settings is not None else None
    )
