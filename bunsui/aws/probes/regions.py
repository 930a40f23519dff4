"""Read the region of the machine's AWS configuration; check it against those that botocore knows."""

from __future__ import annotations

from bunsui.aws.botocore_session import configured_region
from bunsui.aws.errors import translate_errors
from bunsui.aws.probes.endpoints import readable_configuration
from bunsui.errors import BunsuiError


def region_of(profile: str | None) -> str:
    """Return the region that variables or the profile name; empty for none, and where they cannot be read."""
    try:
        with translate_errors("sts", "connect", profile=profile), readable_configuration():
            return configured_region(profile)
    except BunsuiError:
        return ""


def known_region(region: str) -> bool:
    """Tell whether the installed botocore lists the region for Step Functions."""
    from botocore.session import Session  # heavy, and needed only when an account is

    core = Session()
    return any(
        region in core.get_available_regions("stepfunctions", partition_name=partition)
        for partition in core.get_available_partitions()
    )
