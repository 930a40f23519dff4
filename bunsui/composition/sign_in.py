"""Signs in before the terminal belongs to the terminal UI: a code could not be asked for on its screen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from bunsui.composition.asked import Asked
from bunsui.composition.settings import load_settings
from bunsui.errors import BunsuiError


def sign_in_first(asked: Asked) -> None:
    """Ask for the code of a second factor where the profile of the environment has one. AccessDenied for one that is not taken:
    the screen could only ask again where nobody can answer."""
    if not _is_configured(os.environ):
        return
    try:
        settings = load_settings(asked.directory, environment=asked.environment, environ=os.environ)
    except BunsuiError:
        environment_profile = None
    else:
        if settings.project.environment.is_local:
            return
        environment_profile = settings.project.environment.profile
    from bunsui.aws.botocore_session import core_session, sign_in  # heavy, and needed only where an account is

    sign_in(core_session(asked.profile or environment_profile, None, None, asked.notice))


def _is_configured(environ: Mapping[str, str]) -> bool:
    """Tell whether any profile of this machine has a second factor: a look at two small files, so that nobody else waits."""
    files = (environ.get("AWS_CONFIG_FILE", "~/.aws/config"), environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
    for file in files:
        try:
            if "mfa_serial" in Path(file).expanduser().read_text(encoding="utf-8", errors="replace"):
                return True
        except (OSError, RuntimeError):
            continue
    return False
