"""How work fails, and whom it asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bunsui.aws.service_calls import ServiceAnswer
from bunsui.model.values import Json


class Refusal(Exception):
    """The work failed with an error name and a cause, as the execution's history tells them."""

    def __init__(self, error: str, cause: str, *, at: str = "") -> None:
        """Keep them; `at` is the event that tells it when it is not the usual one."""
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.at = at


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
        keep_names: bool = False,
    ) -> ServiceAnswer:
        """Call an action; see `bunsui.aws.service_calls.ServiceCalls`."""
        ...
