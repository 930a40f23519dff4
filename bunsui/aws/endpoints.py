"""Which endpoint is meant: AWS's own for an environment of the project, one of this machine for the embedded AWS, and no other.

`AWS_ENDPOINT_URL` in a shell, or `endpoint_url` in a profile, would have a plan of `prod` read an emulator.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from bunsui.errors import InvalidInput

_VARIABLE: Final = "AWS_ENDPOINT_URL"


def check_loopback(endpoint_url: str) -> None:
    """Raise InvalidInput for an endpoint that is not on this machine."""
    host = urlsplit(endpoint_url).hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise InvalidInput(
            "endpoint-not-local",
            "an endpoint may only be on this machine",
            hint="Leave the endpoint out to use AWS itself.",
            endpoint=endpoint_url,
        )


def configured_endpoints(environ: Mapping[str, str], *, apart_from: str = "") -> tuple[str, ...]:
    """Return the variables that name an endpoint, sorted; those that name `apart_from` left out."""
    named = (name for name in environ if name == _VARIABLE or name.startswith(f"{_VARIABLE}_"))
    return tuple(sorted(name for name in named if environ[name] not in ("", apart_from)))


def without_configuration(known: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """Return botocore's settings, each (key of the file, variables, default, conversion), without variables and files: a
    profile, FIPS endpoints or a bundle of certificates are meant for AWS, not for an endpoint of this machine."""
    deaf = {name: (None, None, *rest) for name, (_, _, *rest) in known.items()}
    return deaf | dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))


def leave_out_configured_endpoints(core: Any, notice: Callable[[str], None]) -> None:
    """Have each client of a botocore session reach AWS itself, those that fetch credentials included; tell what is not used."""
    core.set_config_variable("ignore_configured_endpoint_urls", True)
    unused = [*configured_endpoints(os.environ)]
    unused += [f"{key} of the AWS profile" for key in ("endpoint_url", "services") if key in core.get_scoped_config()]
    if unused:
        notice(f"{', '.join(unused)}: not used, since this environment is in AWS itself")
