"""The services that the work of a task asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bunsui.aws.service_calls import ServiceAnswer
from bunsui.model.json import Json


class Services(Protocol):
    """The services of the embedded AWS."""

    def call(
        self,
        service: str,
        action: str,
        arguments: Mapping[str, Json],
        *,
        account: str,
        region: str,
        role_arn: str = "",
        keep_names: bool = False,
    ) -> ServiceAnswer:
        """Call an action; see `bunsui.aws.service_calls.ServiceCalls`."""
        ...
