"""The environment that the embedded AWS starts with: a short list of what it needs, and nothing confidential.

Functions run as its children and may print their whole environment, so what is not named here does not exist for them.
"""

from __future__ import annotations

import os
import site
import sys
from collections.abc import Mapping
from pathlib import Path

import bunsui
from bunsui.emulator.launcher.folder import DataFolder
from bunsui.performance import PLAIN_VARIABLE
from bunsui.process_environment import inherited_environment, utf8_locale


def child_environment(host: Mapping[str, str], folder: DataFolder) -> dict[str, str]:
    """Build the child's environment: what programs need to run at all, a locale and a time zone that are the same on every
    machine, as in Lambda, and folders inside the data folder. Never `AWS_*`, tokens, proxies or the host's `PYTHON*`."""
    environment = inherited_environment(host, (PLAIN_VARIABLE,)) | utf8_locale()
    scratch, home = str(folder.scratch), str(folder.home)
    environment |= {
        "HOME": home,
        "USERPROFILE": home,
        "TMPDIR": scratch,
        "TEMP": scratch,
        "TMP": scratch,
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        # The checkout or site-packages that holds this bunsui; the child forgets it before it starts any function.
        "PYTHONPATH": str(Path(bunsui.__file__).parent.parent),
    }
    if site.ENABLE_USER_SITE:
        # Found through HOME otherwise, which is another one for the child.
        environment["PYTHONUSERBASE"] = site.getuserbase()
    return environment


def emulator_settings(folder: DataFolder, *, port: int) -> dict[str, str]:
    """Return the emulator's own switches: persistence inside the folder, and no listener, container or script beside it."""
    return {
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "BIND_HOST": "127.0.0.1",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder.state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder.objects),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        # No docker: without a socket it neither looks for containers nor removes any.
        "DOCKER_HOST": f"unix://{folder.scratch / 'no-docker'}",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def settle(folder: DataFolder, *, port: int) -> None:
    """Apply the emulator's switches to this process. Before the emulator is imported: it reads them as it loads."""
    os.environ.pop("PYTHONPATH", None)
    os.environ.update(emulator_settings(folder, port=port))


EMULATOR_SETTINGS = frozenset(emulator_settings(DataFolder(Path()), port=0)) - {"AWS_EC2_METADATA_DISABLED"}
"""Names that mean something to the emulator only: functions must not see them, or `LOG_LEVEL` would set theirs."""


def command(folder: DataFolder, *, idle_minutes: float, ecs: str, iam: str) -> list[str]:
    """Return the child's command line. `-P` keeps the current folder off the import path: it holds the project's own code."""
    return [sys.executable, "-P", "-m", "bunsui.emulator.server.main", str(folder.root), str(idle_minutes), ecs, iam]
