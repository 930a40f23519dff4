"""The connection to an environment's account on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bunsui.composition.asked import Asked
from bunsui.composition.settings import Settings

if TYPE_CHECKING:
    from bunsui.aws.connect import Connection


def connect_account(settings: Settings, asked: Asked) -> Connection:
    """Return it, with the credentials that the environment or the command line names."""
    from bunsui.aws.connect import connect

    environment = settings.project.environment
    connection = connect(
        region=asked.region or environment.region,
        profile=asked.profile or environment.profile,
        role_arn=environment.role_arn,
        notice=asked.notice,
    )
    asked.connected(lambda: connection.traffic)
    return connection
