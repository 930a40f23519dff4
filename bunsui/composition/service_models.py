"""The models of AWS's services, imported when a pipeline first calls one by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from bunsui.ports.service_models import ServiceCallModel, ServiceShape

if TYPE_CHECKING:
    from bunsui.ports.service_models import ServiceModels


class ModelsWhenAsked:
    """Implements `bunsui.ports.service_models.ServiceModels`: most projects call no service by name, and import nothing."""

    @cached_property
    def _models(self) -> ServiceModels:
        from bunsui.aws.offered_calls import BotocoreModels

        return BotocoreModels()

    def calls(self, service: str) -> Mapping[str, ServiceCallModel]:
        """Return the calls of a service by their names."""
        return self._models.calls(service)

    def shape(self, service: str, name: str) -> ServiceShape:
        """Return a shape of a service by its name."""
        return self._models.shape(service, name)

    def services(self) -> Collection[str]:
        """Return the names of all services."""
        return self._models.services()

    def renamed(self, service: str) -> str:
        """Return what Step Functions calls a service that the AWS CLI calls `service`."""
        return self._models.renamed(service)
