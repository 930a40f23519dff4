"""Runs bunsui's command line against an endpoint as if it were AWS: `python -m benchmarks.as_aws URL ACCOUNT ARGUMENT...`.

Reads are paced and repeated, writes are not, and nothing is spared that an emulator of one's own would be spared. That is no
option of bunsui: an endpoint that poses as AWS is of use to a benchmark only.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from benchmarks.keys import credentials_at
from bunsui import system_clock
from bunsui.aws.connect import Connection
from bunsui.cli.entry import run as bunsui
from bunsui.composition import workspace
from bunsui.composition.asked import Asked
from bunsui.composition.settings import Settings

HOURS_AHEAD = "BENCHMARK_HOURS_AHEAD"
"""Names the environment variable for `Ahead`."""


class AsAws(Connection):
    """A connection to an endpoint of this machine that is treated as AWS's."""

    @property
    def is_local(self) -> bool:
        """False, whatever the endpoint."""
        return False


class Ahead(system_clock.SystemClock):
    """A clock that is some hours ahead, for who would have to wait for them."""

    __slots__ = ()

    def now(self) -> datetime:
        """Return the instant some hours from now."""
        return super().now() + timedelta(hours=float(os.environ.get(HOURS_AHEAD, "0")))


def put_in(module: ModuleType, name: str, value: object) -> None:
    """Put a value in the place of one that the module has, and in no place that nobody looks at any more."""
    getattr(module, name)
    setattr(module, name, value)


def run(url: str, account: str, arguments: list[str]) -> None:
    """Run the command; ends the process."""
    keys = credentials_at(url, account)

    def session() -> Any:
        from botocore.session import Session

        core = Session()
        core.set_credentials(keys.access_key, keys.secret_key, keys.token)
        return core

    def account_of(settings: Settings, asked: Asked) -> Connection:
        return AsAws(region=settings.project.environment.region, session=session, endpoint_url=url)

    put_in(workspace, "connect_account", account_of)
    put_in(system_clock, "SystemClock", Ahead)
    sys.argv = ["bunsui", *arguments]
    bunsui()


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], sys.argv[3:])
