"""Make botocore's sessions: for an endpoint of this machine or for AWS, and for a role that is assumed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bunsui.aws.answers.instants import instant, instant_in_any_form
from bunsui.aws.answers.parsers import check_answers
from bunsui.aws.descriptions import descriptions
from bunsui.aws.endpoints import leave_out_configured_endpoints, without_configuration
from bunsui.aws.errors import translate_errors
from bunsui.performance import Shortcut, uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Keys given by hand, as for the embedded AWS; else boto3's own chain is used."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def core_session(
    profile: str | None, credentials: Credentials | None, endpoint_url: str | None, notice: Callable[[str], None]
) -> Any:
    """Return a session for an endpoint of this machine, or for AWS itself; `notice` is told of a configured endpoint."""
    from botocore.session import Session  # heavy, and needed only when an account is

    if endpoint_url is None:
        core = Session(profile=profile)
        leave_out_configured_endpoints(core, notice)
        _keep_signed_in(core)
    else:
        core = Session(session_vars=without_configuration(Session.SESSION_VARIABLES))
    if credentials is not None:
        core.set_credentials(credentials.access_key, credentials.secret_key, credentials.token)
    return _share_descriptions(core, is_local=endpoint_url is not None)


def sign_in(core: Any) -> None:
    """Have the session's profile ask for the code of a second factor now, while there is a terminal to ask at. Nothing is asked
    where none is needed, or what one gave is still good. AccessDenied for a code that is not taken."""
    if asks_for_code(core):
        with translate_errors("sts", "AssumeRole"):
            found = core.get_credentials()
            if found is not None:
                found.get_frozen_credentials()


def asks_for_code(core: Any) -> bool:
    """Tell whether the session's profile asks for the code of a second factor."""
    from botocore.exceptions import ProfileNotFound

    try:
        return "mfa_serial" in core.get_scoped_config()
    except ProfileNotFound:
        return False  # whoever asks for credentials is told


def _keep_signed_in(core: Any) -> None:
    """Keep what a role gave for a code of a second factor where the AWS CLI keeps it (`~/.aws/cli/cache`), in its form: the
    code is asked for once in the life of a session, by whichever of the two, not by every command."""
    from botocore.credentials import JSONFileCache

    if asks_for_code(core):
        provider = core.get_component("credential_provider").get_provider("assume-role")
        provider.cache = JSONFileCache(str(Path("~/.aws/cli/cache").expanduser()))


def configured_region(profile: str | None) -> str:
    """Return the region that the machine's AWS configuration names, by variable or profile; empty when it names none."""
    from botocore.session import Session

    return Session(profile=profile).get_config_variable("region") or ""


def _share_descriptions(core: Any, *, is_local: bool) -> Any:
    """Have the session use the descriptions that others of this process have read: reading takes longer than most calls. And
    have it read instants fast, and tell answers that are not AWS's apart."""
    timestamps = instant if uses(Shortcut.ISO_TIMESTAMPS) else instant_in_any_form
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=timestamps)
    check_answers(core, is_local=is_local)
    if uses(Shortcut.SHARED_SERVICE_MODELS):
        core.lazy_register_component("data_loader", lambda: descriptions(core.get_config_variable("data_path")))
    return core


def role_session_name(environment: Mapping[str, str]) -> str:
    """Return what CloudTrail calls a session with a role that bunsui assumes: by whom, as far as this machine knows."""
    user = next((found for name in _USER_VARIABLES if (found := environment.get(name))), "")
    return f"bunsui-{re.sub(r'[^A-Za-z0-9_=,.@-]', '-', user)}"[:64] if user else "bunsui"


_USER_VARIABLES = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME")


def assumed_session(source: Any, role_arn: str, region: str, *, is_local: bool) -> Any:
    """Return a session whose credentials are those of the role, refreshed before they expire."""
    from botocore.credentials import CredentialProvider, DeferredRefreshableCredentials, create_assume_role_refresher
    from botocore.session import Session

    request = {"RoleArn": role_arn, "RoleSessionName": role_session_name(os.environ)}
    refresh = create_assume_role_refresher(source.create_client("sts", region_name=region), request)

    class AssumedRole(CredentialProvider):  # type: ignore[misc]  # botocore publishes no types
        METHOD = "bunsui-assume-role"
        CANONICAL_NAME = "bunsui-assume-role"

        def load(self) -> Any:
            return DeferredRefreshableCredentials(refresh_using=refresh, method=self.METHOD)

    # The profile says more than who somebody is: certificates, FIPS endpoints, how often a call is sent.
    core = _share_descriptions(Session() if is_local else Session(profile=source.profile), is_local=is_local)
    chain = core.get_component("credential_provider")
    chain.insert_before(chain.providers[0].METHOD, AssumedRole())
    return core
